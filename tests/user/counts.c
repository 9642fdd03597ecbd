// SPDX-License-Identifier: MIT
/*
 * counts.c: as many allocations in one call as a call takes
 *
 * The debug kernel would need minutes for them.
 *
 * vm-when: kernel=6.1|6.12
 */
#include "kmt.h"

static void create_65536(void)
{
	D3DKMT_HANDLE device = need_device(), resource = 0;
	D3DKMT_HANDLE *handles = calloc(MAX_HANDLES + 1, sizeof(*handles));
	struct vdxg_allocation_data data;
	uint32_t i;

	REQUIRE(handles);
	vdxg_allocation_data_init(&data, 4096);
	EXPECT_STATUS(kmt_create(device, NULL, 0, &data, 0, MAX_HANDLES + 1, handles),
		      STATUS_INVALID_PARAMETER);
	EXPECT_EQ(handles[0], 0);
	REQUIRE_STATUS(kmt_create(device, &resource, CREATE_RESOURCE, &data, 0, MAX_HANDLES,
				  handles),
		       STATUS_SUCCESS);
	for (i = 0; i < MAX_HANDLES; i++)
		if (!EXPECT_EQ(handles[i], resource + (i + 1) * HANDLE_STEP))
			break;
	EXPECT_STATUS(kmt_destroy_resource(device, resource), STATUS_SUCCESS);
}

static void destroy_65536(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_HANDLE *list = calloc(MAX_HANDLES + 1, sizeof(*list));

	REQUIRE(list);
	need_allocations(device, 4096, MAX_HANDLES, list);
	list[MAX_HANDLES] = need_allocation(device, 4096);
	EXPECT_STATUS(kmt_destroy_list(device, list, MAX_HANDLES + 1), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_get_priority(device, list[0], NULL), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_get_priority(device, list[MAX_HANDLES], NULL), STATUS_SUCCESS);
	/* the last of the list is bad: nobody goes */
	list[MAX_HANDLES - 1] ^= 0xc0000000;
	EXPECT_STATUS(kmt_destroy_list(device, list, MAX_HANDLES), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_get_priority(device, list[0], NULL), STATUS_SUCCESS);
	list[MAX_HANDLES - 1] ^= 0xc0000000;
	/* the last is the first again */
	list[MAX_HANDLES] = list[MAX_HANDLES - 1];
	list[MAX_HANDLES - 1] = list[0];
	EXPECT_STATUS(kmt_destroy_list(device, list, MAX_HANDLES), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_get_priority(device, list[0], NULL), STATUS_SUCCESS);
	list[MAX_HANDLES - 1] = list[MAX_HANDLES];
	EXPECT_STATUS(kmt_destroy_list(device, list, MAX_HANDLES), STATUS_SUCCESS);
	EXPECT_STATUS(kmt_get_priority(device, list[0], NULL), STATUS_INVALID_PARAMETER);
}

static const struct test_case cases[] = {
	CASE(create_65536, "65,536 allocations at once, numbered in sequence, and not one more"),
	CASE(destroy_65536, "65,536 handles at once, not one more, and still all or nothing"),
};

TEST_MAIN(cases)
