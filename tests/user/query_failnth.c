// SPDX-License-Identifier: MIT
/*
 * query_failnth.c: every allocation and every copy of the calls that only ask fails once
 *
 * As failnth.c. Nothing changes in any case: what is looked at is the answer, and in the end the machine for leaks.
 *
 * vm-when: kernel=debug
 */
#include <unistd.h>

#include "failnth.h"

static D3DKMT_HANDLE adapter, device;

/* the adapter under test */
static LUID luid(void)
{
	return (LUID) { .LowPart = test_adapter.luid_low, .HighPart = test_adapter.luid_high };
}

static NTSTATUS end(NTSTATUS status)
{
	failnth_disarm();
	return status;
}

static NTSTATUS enum_processes(void)
{
	UINT pids[64] = { 0 };
	D3DKMT_ENUMPROCESSES args = { .AdapterLuid = luid(), .Buffer = pids, .BufferCount = ARRAY_SIZE(pids) };
	NTSTATUS status = end(D3DKMTEnumProcesses(&args));
	uint64_t i;

	if (status != STATUS_SUCCESS)
		return status;
	for (i = 0; i < args.BufferCount && pids[i] != (UINT)getpid(); i++)
		;
	EXPECT(i < args.BufferCount);
	return status;
}

/* without a buffer the answer is how many there are */
static NTSTATUS count_processes(void)
{
	D3DKMT_ENUMPROCESSES args = { .AdapterLuid = luid() };
	NTSTATUS status = end(D3DKMTEnumProcesses(&args));

	EXPECT_EQ(args.BufferCount > 0, status == STATUS_SUCCESS);
	return status;
}

static NTSTATUS enum_adapters3(void)
{
	static D3DKMT_ADAPTERINFO info[34];
	D3DKMT_ENUMADAPTERS3 list = { .NumAdapters = ARRAY_SIZE(info), .pAdapters = info };
	uint64_t filter = 3;
	NTSTATUS status;
	ULONG i;

	memcpy(&list.Filter, &filter, sizeof(filter));
	status = end(D3DKMTEnumAdapters3(&list));
	for (i = 0; status == STATUS_SUCCESS && i < list.NumAdapters; i++)
		EXPECT_STATUS(kmt_close_adapter(info[i].hAdapter), STATUS_SUCCESS);
	return status;
}

static NTSTATUS feature(void)
{
	D3DKMT_ISFEATUREENABLED args = { .hAdapter = adapter };
	NTSTATUS status = end(D3DKMTIsFeatureEnabled(&args));

	EXPECT_EQ(args.Result.Version, status == STATUS_SUCCESS);
	return status;
}

static NTSTATUS clocks(void)
{
	D3DKMT_QUERYCLOCKCALIBRATION args = { .hAdapter = adapter };
	NTSTATUS status = end(D3DKMTQueryClockCalibration(&args));

	EXPECT_EQ(args.ClockData.GpuFrequency, status == STATUS_SUCCESS ? 1000000000 : 0);
	return status;
}

/* the name of the driver: longer than a word, and behind what describes it */
static NTSTATUS registry(void)
{
	static struct {
		D3DDDI_QUERYREGISTRY_INFO info;
		char more[256];
	} query;

	memset(&query, 0, sizeof(query));
	query.info.QueryType = D3DDDI_QUERYREGISTRY_DRIVERSTOREPATH;
	return end(kmt_query_adapter(adapter, KMTQAITYPE_QUERYREGISTRY, &query, sizeof(query)));
}

static NTSTATUS page_fault(void)
{
	D3DKMT_GETDEVICESTATE state = { .hDevice = device, .StateType = D3DKMT_DEVICESTATE_PAGE_FAULT };

	return end(D3DKMTGetDeviceState(&state));
}

static NTSTATUS statistics(int type)
{
	static D3DKMT_QUERYSTATISTICS query;

	memset(&query, 0, sizeof(query));
	query.Type = type;
	query.AdapterLuid = luid();
	return end(D3DKMTQueryStatistics(&query));
}

static NTSTATUS adapter_statistics(void)
{
	return statistics(D3DKMT_QUERYSTATISTICS_ADAPTER);
}

static NTSTATUS segment_statistics(void)
{
	return statistics(D3DKMT_QUERYSTATISTICS_SEGMENT);
}

static NTSTATUS node_statistics(void)
{
	return statistics(D3DKMT_QUERYSTATISTICS_NODE);
}

static NTSTATUS process_statistics(void)
{
	return statistics(D3DKMT_QUERYSTATISTICS_PROCESS_ADAPTER);
}

static void calls(void)
{
	struct live before;

	failnth_start();
	adapter = need_adapter();
	device = need_device_of(adapter);
	before = count_live(device);
	failnth_sweep("EnumProcesses", enum_processes);
	failnth_sweep("EnumProcesses, the number", count_processes);
	failnth_sweep("EnumAdapters3", enum_adapters3);
	failnth_sweep("IsFeatureEnabled", feature);
	failnth_sweep("QueryClockCalibration", clocks);
	failnth_sweep("QueryAdapterInfo, registry", registry);
	failnth_sweep("GetDeviceState, page fault", page_fault);
	failnth_sweep("QueryStatistics, adapter", adapter_statistics);
	failnth_sweep("QueryStatistics, segment", segment_statistics);
	failnth_sweep("QueryStatistics, node", node_statistics);
	failnth_sweep("QueryStatistics, process", process_statistics);
	EXPECT_SAME_LIVE(count_live(device), before);
}

static const struct test_case cases[] = {
	CASE(calls, "calls that ask fail whole"),
};

TEST_MAIN(cases)
