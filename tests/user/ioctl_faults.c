// SPDX-License-Identifier: MIT
/*
 * ioctl_faults.c: argument structures in memory that cannot be read or written
 */
#include <sys/mman.h>

#include "raw.h"

#define KERNEL_ADDRESS ((void *)(sizeof(long) == 8 ? -0x780000000000L : -0x10000000L))

/*
 * One well-formed call of each kind; what makes it well-formed depends on the handles of @raw.
 * Those with
 * @writes put results into the structure itself.
 */
struct sample {
	const char *name;
	unsigned long request;
	bool writes;
	union {
		struct d3dkmt_openadapterfromluid open;
		struct d3dkmt_createdevice create_device;
		struct d3dkmt_createallocation create;
		struct d3dkmt_queryadapterinfo query;
		struct d3dkmt_getdevicestate state;
		struct d3dkmt_destroyallocation2 destroy;
		struct d3dkmt_enumadapters2 enum2;
		struct d3dkmt_enumadapters3 enum3;
		struct d3dkmt_closeadapter close;
		struct d3dkmt_destroydevice destroy_device;
		struct d3dkmt_invalidatecache invalidate;
		struct d3dkmt_lock2 lock;
		struct d3dkmt_unlock2 unlock;
		struct d3dkmt_setallocationpriority set;
		struct d3dkmt_getallocationpriority get;
		struct d3dkmt_queryallocationresidency residency;
		char bytes[256];
	};
};

static struct vdxg_allocation_data data;
static struct d3dddi_allocationinfo2 info;
static struct d3dkmt_adapterinfo adapters[34];
static __u32 word;

static size_t make_samples(const struct raw *raw, struct sample *s)
{
	struct sample *first = s;

	vdxg_allocation_data_init(&data, 4096);
	memset(&info, 0, sizeof(info));
	info.priv_drv_data = (uintptr_t)&data;
	info.priv_drv_data_size = sizeof(data);

#define SAMPLE(nr, does_write) (++s, memset(s - 1, 0, sizeof(*s)), s[-1].name = #nr, \
	s[-1].request = LX_DX##nr, s[-1].writes = (does_write), s - 1)
	*(&SAMPLE(OPENADAPTERFROMLUID, true)->open.adapter_luid) =
		(struct winluid){ test_adapter.luid_low, test_adapter.luid_high };
	SAMPLE(CREATEDEVICE, true)->create_device.adapter.v = raw->adapter;
	SAMPLE(CREATEALLOCATION, true)->create = (struct d3dkmt_createallocation){
		.device.v = raw->device, .alloc_count = 1, .allocation_info = (uintptr_t)&info,
		.flags = D3DKMT_CREATE_RESOURCE };
	SAMPLE(GETDEVICESTATE, true)->state = (struct d3dkmt_getdevicestate){
		.device.v = raw->device, .state_type = D3DKMT_DEVICESTATE_EXECUTION };
	SAMPLE(ENUMADAPTERS2, true)->enum2 = (struct d3dkmt_enumadapters2){
		.num_adapters = ARRAY_SIZE(adapters), .adapters = (uintptr_t)adapters };
	SAMPLE(ENUMADAPTERS3, true)->enum3 = (struct d3dkmt_enumadapters3){
		.filter = 3, .adapter_count = ARRAY_SIZE(adapters), .adapters = (uintptr_t)adapters
	};
	SAMPLE(LOCK2, true)->lock = (struct d3dkmt_lock2){
		.device.v = raw->device, .allocation.v = raw->alone };
	/* these only read their structure */
	SAMPLE(QUERYADAPTERINFO, false)->query = (struct d3dkmt_queryadapterinfo){
		.adapter.v = raw->adapter, .type = 15, .private_data = (uintptr_t)&word,
		.private_data_size = sizeof(word) };
	SAMPLE(INVALIDATECACHE, false)->invalidate = (struct d3dkmt_invalidatecache){
		.device.v = raw->device, .allocation.v = raw->alone, .length = 4096 };
	word = 0x78000000;
	SAMPLE(SETALLOCATIONPRIORITY, false)->set =
		(struct d3dkmt_setallocationpriority){ .device.v = raw->device,
						       .allocation_list = (uintptr_t)&raw->alone,
						       .allocation_count = 1,
						       .priorities = (uintptr_t)&word };
	SAMPLE(GETALLOCATIONPRIORITY, false)->get =
		(struct d3dkmt_getallocationpriority){ .device.v = raw->device,
						       .allocation_list = (uintptr_t)&raw->alone,
						       .allocation_count = 1,
						       .priorities = (uintptr_t)&word };
	SAMPLE(QUERYALLOCATIONRESIDENCY, false)->residency =
		(struct d3dkmt_queryallocationresidency){ .device.v = raw->device,
							  .allocations = (uintptr_t)&raw->alone,
							  .allocation_count = 1,
							  .residency_status = (uintptr_t)&word };
	SAMPLE(UNLOCK2, false)->unlock = (struct d3dkmt_unlock2){
		.device.v = raw->device, .allocation.v = raw->alone };
	SAMPLE(DESTROYALLOCATION2, false)->destroy = (struct d3dkmt_destroyallocation2){
		.device.v = raw->device, .allocations = (uintptr_t)&raw->alone, .alloc_count = 1 };
	SAMPLE(DESTROYDEVICE, false)->destroy_device.device.v = raw->device;
	SAMPLE(CLOSEADAPTER, false)->close.adapter_handle.v = raw->adapter;
#undef SAMPLE
	return s - first;
}

#define MAX_SAMPLES 32

/* handles below @limit that answer as an adapter, a device or an allocation */
static unsigned int live_handles(const struct raw *raw)
{
	unsigned int n = 0;
	__u32 index, unique, type;

	for (index = 0; index < 64; index++) {
		for (unique = 1; unique <= 3; unique++) {
			__u32 h = unique << 30 | index << 6;
			struct d3dkmt_queryadapterinfo query = {
				.adapter.v = h, .type = 15, .private_data = (uintptr_t)&type,
				.private_data_size = sizeof(type) };
			struct d3dkmt_getdevicestate state = {
				.device.v = h, .state_type = D3DKMT_DEVICESTATE_EXECUTION };
			struct d3dkmt_getallocationpriority get = {
				.device.v = raw->device, .allocation_list = (uintptr_t)&h,
				.allocation_count = 1, .priorities = (uintptr_t)&type };

			n += !raw_call(raw->fd, LX_DXQUERYADAPTERINFO, &query);
			n += !raw_call(raw->fd, LX_DXGETDEVICESTATE, &state);
			n += !raw_call(raw->fd, LX_DXGETALLOCATIONPRIORITY, &get);
		}
	}
	return n;
}

static void unreadable(void)
{
	struct raw raw = need_raw();
	struct sample samples[MAX_SAMPLES];
	size_t n = make_samples(&raw, samples), i, j;
	unsigned int before = live_handles(&raw);

	for (i = 0; i < n; i++) {
		size_t size = _IOC_SIZE(samples[i].request);
		void *const bad[] = {
			NULL,		(void *)1,	test_unmapped(), test_straddle(size),
			KERNEL_ADDRESS, (void *)-4096L, (void *)-1L
		};

		for (j = 0; j < ARRAY_SIZE(bad); j++)
			if (!EXPECT_STATUS(raw_call(raw.fd, samples[i].request, bad[j]), -EFAULT))
				test_note("%s at %p", samples[i].name, bad[j]);
	}
	EXPECT_EQ(live_handles(&raw), before);
}

static void exactly_its_size(void)
{
	struct raw raw = need_raw();
	struct sample samples[MAX_SAMPLES];
	size_t n = make_samples(&raw, samples), i;

	for (i = 0; i < n; i++) {
		void *end = test_page_end(samples[i].bytes, _IOC_SIZE(samples[i].request));

		if (!EXPECT_STATUS(raw_call(raw.fd, samples[i].request, end), 0))
			test_note("%s", samples[i].name);
	}
}

/* what cannot give its result to the caller must not have done anything */
static void results_cannot_be_written(void)
{
	struct raw raw = need_raw();
	struct sample samples[MAX_SAMPLES];
	size_t n = make_samples(&raw, samples), i;
	unsigned int before = live_handles(&raw);
	struct d3dkmt_unlock2 unlock = { .device.v = raw.device, .allocation.v = raw.alone };

	for (i = 0; i < n; i++) {
		if (!samples[i].writes)
			continue;
		if (!EXPECT_STATUS(raw_call(raw.fd, samples[i].request,
					    test_readonly(samples[i].bytes,
							  _IOC_SIZE(samples[i].request))),
				   -EFAULT))
			test_note("%s", samples[i].name);
	}
	EXPECT_EQ(live_handles(&raw), before);
	/* nor is it locked */
	EXPECT_STATUS(raw_call(raw.fd, LX_DXUNLOCK2, &unlock), -EINVAL);
}

static void read_only_will_do(void)
{
	struct raw raw = need_raw();
	struct sample samples[MAX_SAMPLES];
	size_t n = make_samples(&raw, samples), i;
	struct d3dkmt_lock2 lock = { .device.v = raw.device, .allocation.v = raw.alone };

	REQUIRE_STATUS(raw_call(raw.fd, LX_DXLOCK2, &lock), 0);
	for (i = 0; i < n; i++) {
		if (samples[i].writes)
			continue;
		if (!EXPECT_STATUS(raw_call(raw.fd, samples[i].request,
					    test_readonly(samples[i].bytes,
							  _IOC_SIZE(samples[i].request))),
				   0))
			test_note("%s", samples[i].name);
	}
}

static void nested_kernel_addresses(void)
{
	struct raw raw = need_raw();
	struct d3dkmt_destroyallocation2 destroy = { .device.v = raw.device, .alloc_count = 1 };
	struct d3dkmt_createallocation create = { .device.v = raw.device, .alloc_count = 1 };
	struct d3dkmt_queryadapterinfo query = {
		.adapter.v = raw.adapter, .type = 15, .private_data_size = 4 };
	struct d3dkmt_enumadapters2 list = { .num_adapters = 34 };
	static const __u64 bad[] = {
		1,	  0xffff880000000000ULL, 0xffffffff81000000ULL, -1ULL,
		-4096ULL, 0x0000800000000000ULL, 0x8000000000000000ULL, 0x100000000ULL * 0x12345678
	};
	unsigned int before = live_handles(&raw);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		destroy.allocations = bad[i];
		EXPECT_STATUS(raw_call(raw.fd, LX_DXDESTROYALLOCATION2, &destroy), -EINVAL);
		create.allocation_info = bad[i];
		EXPECT_STATUS(raw_call(raw.fd, LX_DXCREATEALLOCATION, &create), -EINVAL);
		query.private_data = bad[i];
		EXPECT_STATUS(raw_call(raw.fd, LX_DXQUERYADAPTERINFO, &query), -EINVAL);
		list.adapters = bad[i];
		EXPECT_STATUS(raw_call(raw.fd, LX_DXENUMADAPTERS2, &list), -EINVAL);
	}
	EXPECT_EQ(live_handles(&raw), before);
}

static void outputs_untouched_on_failure(void)
{
	struct raw raw = need_raw();
	struct sample samples[MAX_SAMPLES], copy;
	size_t n = make_samples(&raw, samples), i, size;

	for (i = 0; i < n; i++) {
		if (!samples[i].writes || samples[i].request == LX_DXENUMADAPTERS2 ||
		    samples[i].request == LX_DXENUMADAPTERS3)
			continue;	/* the count is undefined after a failure */
		size = _IOC_SIZE(samples[i].request);
		/* no LUID, adapter, device or allocation is called so */
		memset(samples[i].bytes, 0xee, 8);
		copy = samples[i];
		EXPECT(raw_call(raw.fd, samples[i].request, samples[i].bytes) != 0);
		if (!EXPECT(!memcmp(copy.bytes, samples[i].bytes, size)))
			test_note("%s", samples[i].name);
	}
}

static const struct test_case cases[] = {
	CASE(unreadable,
	     "a NULL, unmapped, cut-off or kernel address is EFAULT, and nothing happens"),
	CASE(exactly_its_size, "no byte beyond the structure is read or written"),
	CASE(results_cannot_be_written,
	     "a read-only structure that gets results is EFAULT, and nothing happened"),
	CASE(read_only_will_do, "a read-only structure that gets none will do"),
	CASE(nested_kernel_addresses, "kernel addresses within a structure are INVALID_PARAMETER"),
	CASE(outputs_untouched_on_failure, "a failing call leaves the structure as it was"),
};

TEST_MAIN(cases)
