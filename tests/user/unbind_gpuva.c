// SPDX-License-Identifier: MIT
/*
 * unbind_gpuva.c: the GPU's driver is unbound while GPU virtual addresses are mapped and in use
 *
 * vm-when: gpu=virtio
 * vm-options: --module-params "local_mb=16 aperture_mb=16 drm_limit_mb=16"
 */
#include "engine.h"
#include "unbind.h"
#include "update.h"

#define FOR_EVER (1000ULL * 1000000000)

/**
 * struct user - a process that uses the GPU's addresses in every way
 * @gpu: the device
 * @memory: memory that the GPU has written
 * @t: changes of the reservation @t.at, where @memory is mapped too
 */
struct user {
	struct gpu gpu;
	struct memory memory;
	struct tiles t;
};

static struct user need_user(void)
{
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op;
	struct vdxg_commands c;
	struct user u;

	use_adapter(hardware_luid());
	u.gpu = need_gpu();
	u.memory = need_memory(&u.gpu, 16 * PAGE);
	u.t = (struct tiles) {
		.adapter = u.gpu.adapter,
		.device = u.gpu.device,
		.context = need_context(u.gpu.device),
		.allocation = u.memory.handle,
		.queue = u.gpu.paging,
		.at = need_reservation(u.gpu.adapter, UNIT, RESERVE_ZERO),
	};
	REQUIRE_STATUS(kmt_create_fence(u.gpu.device, 0, 0, &u.t.fence, &u.t.value),
		       STATUS_SUCCESS);
	op = map_op(&u.t, u.t.at, 4 * PAGE, PAGE, 0);
	need_update(&u.t, &op, 1);
	c = commands(&u.gpu);
	vdxg_commands_fill(&c, u.t.at + 3 * PAGE, 4, 77);
	REQUIRE(run(&u.gpu, &c) == ACTIVE);
	EXPECT_EQ(u.memory.cpu[0], 77);
	return u;
}

static void mappings_are_freed(void)
{
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op;
	struct user u;
	uint64_t at;

	find_gpu();
	u = need_user();
	op = map_op(&u.t, u.t.at, PAGE, 0, 0);
	write_driver("unbind");
	EXPECT(test_gone(u.memory.cpu));
	EXPECT_STATUS(kmt_map_va(u.gpu.paging.handle, u.memory.handle, 0, 1, 0, &at),
		      STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_reserve_va(u.gpu.adapter, 0, UNIT, RESERVE_ZERO, &at),
		      STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_update(&u.t, &op, 1, 1, UPDATE_DO_NOT_WAIT), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_submit_hw(&u.gpu.queue, 0, 0, 9), STATUS_DEVICE_REMOVED);
	/* they can be given back, and just once */
	EXPECT_STATUS(kmt_free_va(u.gpu.adapter, u.memory.gpu, 16 * PAGE), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(u.gpu.adapter, u.memory.gpu, 16 * PAGE),
		      STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_free_va(u.gpu.adapter, u.t.at, PAGE), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_one(u.gpu.device, u.memory.handle), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(u.gpu.adapter, u.t.at + PAGE, UNIT - PAGE), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(u.gpu.device), STATUS_SUCCESS);
	rebind();
}

/* what nobody frees goes with the allocation, the device, or the process */
static void mappings_go_with_their_owners(void)
{
	pid_t child;
	struct user u;
	int i;

	find_gpu();
	for (i = 0; i < 2; i++) {
		child = fork();
		REQUIRE(child >= 0);
		if (!child) {
			u = need_user();
			write_driver("unbind");
			if (i)
				EXPECT_STATUS(kmt_destroy_device(u.gpu.device), STATUS_SUCCESS);
			test_exit();
		}
		EXPECT_EQ(test_wait(child), 0);
		rebind();
	}
}

/* the new adapter has addresses of its own, and the old ones do not get in their way */
static void new_addresses_after_rebind(void)
{
	struct user before, after;

	find_gpu();
	before = need_user();
	write_driver("unbind");
	rebind();
	after = need_user();
	EXPECT_EQ(after.memory.gpu, before.memory.gpu);
	EXPECT_EQ(after.t.at, before.t.at);
	EXPECT_STATUS(kmt_free_va(before.gpu.adapter, before.memory.gpu, 16 * PAGE),
		      STATUS_SUCCESS);
	EXPECT_STATUS(kmt_free_va(after.gpu.adapter, after.memory.gpu, 16 * PAGE), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(before.gpu.device), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(after.gpu.device), STATUS_SUCCESS);
}

/* a buffer without end, what is behind it, and a change that waits: all are cancelled */
static void work_is_cancelled(void)
{
	D3DDDI_UPDATEGPUVIRTUALADDRESS_OPERATION op;
	D3DKMT_HANDLE context;
	struct vdxg_commands c;
	struct user u;

	find_gpu();
	u = need_user();
	context = need_context_flags(u.gpu.device, CONTEXT_DISABLE_GPU_TIMEOUT);
	c = commands(&u.gpu);
	vdxg_commands_delay(&c, FOR_EVER);
	REQUIRE_STATUS(kmt_submit(context, u.gpu.buffer.gpu, vdxg_commands_end(&c)),
		       STATUS_SUCCESS);
	REQUIRE_STATUS(kmt_submit(context, u.gpu.buffer.gpu, 8), STATUS_SUCCESS);
	op = map_op(&u.t, u.t.at, PAGE, 0, 0);
	REQUIRE_STATUS(kmt_update(&u.t, &op, 1, 99, 0), STATUS_SUCCESS);
	write_driver("unbind");
	EXPECT_STATUS(kmt_submit(context, 0, 0), STATUS_DEVICE_REMOVED);
	EXPECT_STATUS(kmt_destroy_context(context), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_destroy_device(u.gpu.device), STATUS_SUCCESS);
	rebind();
}

/* each changes the adapter of the rest, so none relies on the one it was started for */
static const struct test_case cases[] = {
	CASE_ONCE(mappings_are_freed, "addresses of a GPU that is gone can be freed, nothing mapped"),
	CASE_ONCE(mappings_go_with_their_owners, "a device or process goes with such addresses"),
	CASE_ONCE(new_addresses_after_rebind, "a GPU that comes back has a new address space"),
	CASE_ONCE(work_is_cancelled, "a GPU goes while it executes what has no end"),
};

TEST_MAIN(cases)
