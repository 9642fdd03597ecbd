/* SPDX-License-Identifier: MIT */
/*
 * unbind.h: takes the virtio-gpu away from its driver through sysfs, and gives it back, for the tests
 *
 *	find_gpu();
 *	use_adapter(hardware_luid());
 *	...
 *	write_driver("unbind");
 *	...
 *	rebind();
 */
#ifndef VDXG_TEST_UNBIND_H
#define VDXG_TEST_UNBIND_H

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "kmt.h"

static char driver_dir[256], device_name[64];

/* the first virtio-gpu: where its driver is and what it is called there */
static inline void find_gpu(void)
{
	static const char dir[] = "/sys/bus/virtio/drivers/virtio_gpu";
	struct dirent *entry;
	DIR *d = opendir(dir);

	if (!d)
		test_skip("needs a virtio-gpu");
	while ((entry = readdir(d)))
		if (!strncmp(entry->d_name, "virtio", 6))
			snprintf(device_name, sizeof(device_name), "%.60s", entry->d_name);
	closedir(d);
	if (!device_name[0])
		test_skip("needs a virtio-gpu");
	if (geteuid())
		test_skip("needs root");
	snprintf(driver_dir, sizeof(driver_dir), "%s", dir);
}

static inline void write_driver(const char *file)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", driver_dir, file);
	REQUIRE(test_write_file(path, device_name));
}

/* LUID of a hardware adapter; both parts 0 if there is none */
static inline LUID hardware_luid(void)
{
	D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS2 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	LUID luid = { 0 };
	ULONG i;

	REQUIRE_STATUS(D3DKMTEnumAdapters2(&list), STATUS_SUCCESS);
	for (i = 0; i < list.NumAdapters; i++) {
		uint32_t type = 0;

		/* it may go at any moment */
		kmt_query_adapter(info[i].hAdapter, KMTQAITYPE_ADAPTERTYPE, &type, sizeof(type));
		if (type && !(type & ADAPTERTYPE_SOFTWARE_DEVICE))
			luid = info[i].AdapterLuid;
		kmt_close_adapter(info[i].hAdapter);
	}
	return luid;
}

static inline void use_adapter(LUID luid)
{
	test_adapter.luid_low = luid.LowPart;
	test_adapter.luid_high = luid.HighPart;
}

/* bind again and wait until the adapter is there; a display driver may take its time */
static inline LUID rebind(void)
{
	struct timespec pause = { .tv_nsec = 20000000 };
	LUID luid = { 0 };
	int i;

	write_driver("bind");
	for (i = 0; i < 3000 && !luid.LowPart && !luid.HighPart; i++) {
		luid = hardware_luid();
		nanosleep(&pause, NULL);
	}
	REQUIRE(luid.LowPart || luid.HighPart);
	return luid;
}

#endif
