// SPDX-License-Identifier: MIT
/*
 * device.c: CreateDevice, DestroyDevice and GetDeviceState
 */
#include <signal.h>

#include "kmt.h"

static void outputs(void)
{
	D3DKMT_CREATEDEVICE create;

	memset(&create, 0xff, sizeof(create));
	create.hAdapter = need_adapter();
	SET_FLAGS(create.Flags, 0);
	REQUIRE_STATUS(D3DKMTCreateDevice(&create), STATUS_SUCCESS);
	EXPECT(is_local_handle(create.hDevice));
	EXPECT(!create.pCommandBuffer);
	EXPECT_EQ(create.CommandBufferSize, 0);
	EXPECT(!create.pAllocationList);
	EXPECT_EQ(create.AllocationListSize, 0);
	EXPECT(!create.pPatchLocationList);
	EXPECT_EQ(create.PatchLocationListSize, 0);
}

static void flags(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	struct live before;
	int bit;

	for (bit = 0; bit < 3; bit++) {
		D3DKMT_CREATEDEVICE create = { .hAdapter = adapter };

		SET_FLAGS(create.Flags, 1U << bit);
		EXPECT_STATUS(D3DKMTCreateDevice(&create), STATUS_SUCCESS);
	}
	before = count_live(0);
	for (; bit < 32; bit++) {
		D3DKMT_CREATEDEVICE create = { .hAdapter = adapter };

		SET_FLAGS(create.Flags, 1U << bit);
		EXPECT_STATUS(D3DKMTCreateDevice(&create), STATUS_INVALID_PARAMETER);
		EXPECT_EQ(create.hDevice, 0);
	}
	EXPECT_SAME_LIVE(count_live(0), before);
}

static void adapter_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter), out;
	const D3DKMT_HANDLE bad[] = { 0, 0xdeadbec0, device, adapter | 1, adapter ^ 0xc0000000 };
	struct live before = count_live(0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_STATUS(kmt_create_device(bad[i], &out), STATUS_INVALID_PARAMETER);
	EXPECT_SAME_LIVE(count_live(0), before);
}

static void null_argument(void)
{
	EXPECT_STATUS(D3DKMTCreateDevice(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTDestroyDevice(NULL), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTGetDeviceState(NULL), STATUS_INVALID_PARAMETER);
}

static void destroy_once(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	const D3DKMT_HANDLE bad[] = { 0, adapter, device | 1, 0xdeadbec0,
				      need_allocation(device, 4096) };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_STATUS(kmt_destroy_device(bad[i]), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_device_state(device, NULL), STATUS_INVALID_PARAMETER);
}

static void destroy_takes_everything(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter),
		      other = need_device_of(adapter);
	D3DKMT_HANDLE list[3], survivor = need_allocation(other, 4096);
	struct live empty = count_live(0);
	D3DKMT_HANDLE resource = need_resource(device, 4096, 3, list);
	D3DKMT_HANDLE alone = need_allocation(device, 4096);
	char *locked = need_lock(device, alone);

	*locked = 1;
	EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	EXPECT(test_gone(locked));
	EXPECT_STATUS(kmt_destroy_one(device, alone), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_one(other, alone), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_destroy_resource(other, resource), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_unlock(other, alone), STATUS_INVALID_PARAMETER);
	EXPECT_EQ(count_live(0).devices, empty.devices - 1);
	EXPECT_STATUS(kmt_destroy_one(other, survivor), STATUS_SUCCESS);
}

static void many(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device;
	int i;

	for (i = 0; i < 200; i++) {
		device = need_device_of(adapter);
		need_allocation(device, 65536);
		if (i % 2)
			EXPECT_STATUS(kmt_destroy_device(device), STATUS_SUCCESS);
	}
}

static void state_active(void)
{
	D3DKMT_HANDLE device = need_device();
	uint32_t execution = 0;

	EXPECT_STATUS(kmt_device_state(device, &execution), STATUS_SUCCESS);
	EXPECT_EQ(execution, 1);
}

static void state_bad(void)
{
	D3DKMT_HANDLE adapter = need_adapter(), device = need_device_of(adapter);
	const D3DKMT_HANDLE bad[] = { 0, adapter, device | 1, 0xdeadbec0 };
	static const uint32_t types[] = { 0, 99, 0x80000001, 0xffffffff };
	D3DKMT_GETDEVICESTATE state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_STATUS(kmt_device_state(bad[i], NULL), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		memset(&state, 0, sizeof(state));
		state.hDevice = device;
		state.StateType = types[i];
		EXPECT_STATUS(D3DKMTGetDeviceState(&state), STATUS_INVALID_PARAMETER);
	}
}

static const struct test_case cases[] = {
	CASE(outputs, "a device has a handle and none of the old buffers"),
	CASE(flags, "the three flags are accepted, reserved ones are not"),
	CASE(adapter_bad, "a bogus or wrong-typed adapter is refused"),
	CASE(null_argument, "NULL is refused"),
	CASE(destroy_once, "only a live device can be destroyed"),
	CASE(destroy_takes_everything,
	     "a device takes its allocations, resources and locks, nobody else's"),
	CASE(many, "many devices, half of them left to the end of the process"),
	CASE(state_active, "the execution state is ACTIVE"),
	CASE(state_bad, "a bad device or an unknown kind of state is refused"),
};

TEST_MAIN(cases)
