// SPDX-License-Identifier: MIT
/*
 * adapter_ask.c: EnumProcesses, IsFeatureEnabled, QueryClockCalibration, ShareObjectWithHost, and what
 * QueryAdapterInfo says besides what adapter_query.c tests
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kmt.h"

#define MAX_PIDS	4096
#define FEATURE_HWSCH	0	/* DXGK_FEATURE_HWSCH */

static NTSTATUS processes(UINT *pids, uint64_t *count)
{
	D3DKMT_ENUMPROCESSES args = {
		.AdapterLuid = {
			.LowPart = test_adapter.luid_low,
			.HighPart = test_adapter.luid_high,
		},
		.Buffer = pids,
		.BufferCount = *count,
	};
	NTSTATUS status = D3DKMTEnumProcesses(&args);

	*count = args.BufferCount;
	return status;
}

static bool listed(pid_t pid)
{
	static UINT pids[MAX_PIDS];
	uint64_t count = MAX_PIDS, i;

	REQUIRE_STATUS(processes(pids, &count), STATUS_SUCCESS);
	REQUIRE(count <= MAX_PIDS);
	for (i = 0; i < count; i++)
		if (pids[i] == (UINT)pid)
			return true;
	return false;
}

/* a child that runs @run, tells, and waits to be killed */
static pid_t need_child(void (*run)(void))
{
	int pipes[2];
	pid_t pid;
	char c;

	REQUIRE(!pipe(pipes));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		run();
		if (write(pipes[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	REQUIRE(read(pipes[0], &c, 1) == 1);
	close(pipes[0]);
	close(pipes[1]);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void open_it(void)
{
	need_adapter();
}

static void make_device_only(void)
{
	D3DKMT_HANDLE adapter = need_adapter();

	need_device_of(adapter);
	kmt_close_adapter(adapter);
}

static void who_uses_it(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	pid_t pid;

	EXPECT(listed(getpid()));
	EXPECT_STATUS(kmt_close_adapter(adapter), STATUS_SUCCESS);
	EXPECT(!listed(getpid()));
	pid = need_child(make_device_only);
	EXPECT(listed(pid));
	end_child(pid);
	EXPECT(!listed(pid));
}

/* a process of another pid namespace is not seen in it, and is seen from outside by its id here */
static void pid_namespace(void)
{
	static UINT pids[MAX_PIDS];
	uint64_t count;
	pid_t pid;
	int i, *inside = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(inside != MAP_FAILED);
	need_adapter();
	if (geteuid())
		test_skip("needs privileges");
	if (unshare(CLONE_NEWPID))
		test_skip("no pid namespaces here");
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		need_adapter();
		count = MAX_PIDS;
		*inside = processes(pids, &count) == STATUS_SUCCESS ? (int)count : -1;
		/* itself only, as number 1 */
		if (*inside == 1 && pids[0] != 1)
			*inside = -2;
		for (i = 0; i < 2; i++)
			pause();
		_exit(0);
	}
	for (i = 0; i < 1000 && !*(volatile int *)inside; i++)
		usleep(10000);
	EXPECT_EQ(*inside, 1);
	EXPECT(listed(pid));
	EXPECT(listed(getpid()));
	end_child(pid);
}

static void too_small(void)
{
	UINT pids[4] = { 77, 77, 77, 77 };
	uint64_t count = 0, all;
	pid_t pid;

	need_adapter();
	pid = need_child(open_it);
	EXPECT_STATUS(processes(NULL, &count), STATUS_SUCCESS);
	EXPECT(count >= 2);
	all = count;
	count = 1;
	EXPECT_STATUS(processes(pids, &count), STATUS_BUFFER_TOO_SMALL);
	EXPECT_EQ(count, all);
	EXPECT_EQ(pids[0], 77);
	count = 0;
	EXPECT_STATUS(processes(pids, &count), STATUS_BUFFER_TOO_SMALL);
	EXPECT_EQ(count, all);
	count = ~0ULL;
	EXPECT_STATUS(processes(test_unmapped(), &count), STATUS_INVALID_PARAMETER);
	end_child(pid);
}

static void no_such_adapter(void)
{
	D3DKMT_ENUMPROCESSES args = { .BufferCount = 0 };

	EXPECT_STATUS(D3DKMTEnumProcesses(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTEnumProcesses(NULL), STATUS_INVALID_PARAMETER);
}

static void features(void)
{
	D3DKMT_ISFEATUREENABLED args = { .hAdapter = need_adapter() };
	UINT id;

	for (id = 0; id < 64; id++) {
		args.FeatureId = id;
		args.Result.Version = 7;
		args.Result.Value = 0xffff;
		EXPECT_STATUS(D3DKMTIsFeatureEnabled(&args), STATUS_SUCCESS);
		EXPECT_EQ(args.Result.Version, id == FEATURE_HWSCH);
		/* enabled, known, supported by the driver and here */
		EXPECT_EQ(args.Result.Value, id == FEATURE_HWSCH ? 0xf : 0);
	}
	args.hAdapter = 0;
	EXPECT_STATUS(D3DKMTIsFeatureEnabled(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTIsFeatureEnabled(NULL), STATUS_INVALID_PARAMETER);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void clocks(void)
{
	D3DKMT_QUERYCLOCKCALIBRATION args = { .hAdapter = need_adapter() };
	uint64_t before = now(), after;

	EXPECT_STATUS(D3DKMTQueryClockCalibration(&args), STATUS_SUCCESS);
	after = now();
	EXPECT_EQ(args.ClockData.GpuFrequency, 1000000000);
	EXPECT_EQ(args.ClockData.GpuClockCounter, args.ClockData.CpuClockCounter);
	EXPECT(before <= args.ClockData.CpuClockCounter && args.ClockData.CpuClockCounter <= after);
	args.NodeOrdinal = 99;
	EXPECT_STATUS(D3DKMTQueryClockCalibration(&args), STATUS_INVALID_PARAMETER);
	args.NodeOrdinal = 0;
	args.PhysicalAdapterIndex = 1;
	EXPECT_STATUS(D3DKMTQueryClockCalibration(&args), STATUS_INVALID_PARAMETER);
	args.PhysicalAdapterIndex = 0;
	args.hAdapter ^= 0xc0000000;
	EXPECT_STATUS(D3DKMTQueryClockCalibration(&args), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(D3DKMTQueryClockCalibration(NULL), STATUS_INVALID_PARAMETER);
}

static void no_host(void)
{
	D3DKMT_HANDLE device = need_device();
	D3DKMT_SHAREOBJECTWITHHOST args = {
		.hDevice = device,
		.hObject = need_allocation(device, 4096),
	};

	EXPECT_STATUS(D3DKMTShareObjectWithHost(&args), STATUS_NOT_SUPPORTED);
	EXPECT_EQ(args.hVailProcessNtHandle, 0);
}

/* the sizes in the library: text is wchar_t there */
static void texts(void)
{
	static const struct {
		int type;
		uint32_t size;
		NTSTATUS status;
	} types[] = {
		{ KMTQAITYPE_UMDRIVERNAME, sizeof(D3DKMT_UMDFILENAMEINFO), STATUS_NOT_SUPPORTED },
		{ KMTQAITYPE_UMOPENGLINFO, sizeof(D3DKMT_OPENGLINFO), STATUS_NOT_SUPPORTED },
		{ KMTQAITYPE_ADAPTERREGISTRYINFO, sizeof(D3DKMT_ADAPTERREGISTRYINFO), 0 },
		{ KMTQAITYPE_ADAPTERREGISTRYINFO_RENDER, sizeof(D3DKMT_ADAPTERREGISTRYINFO), 0 },
		{ KMTQAITYPE_NODEMETADATA, sizeof(D3DKMT_NODEMETADATA), 0 },
		{ KMTQAITYPE_QUERY_ADAPTER_UNIQUE_GUID, sizeof(D3DKMT_QUERY_ADAPTER_UNIQUE_GUID), 0 },
		{ KMTQUITYPE_GPUVERSION, sizeof(D3DKMT_GPUVERSION), 0 },
		{ KMTQAITYPE_DRIVER_DESCRIPTION, sizeof(D3DKMT_DRIVER_DESCRIPTION), 0 },
		{ KMTQAITYPE_DRIVER_DESCRIPTION_RENDER, sizeof(D3DKMT_DRIVER_DESCRIPTION), 0 },
	};
	D3DKMT_HANDLE adapter = need_adapter();
	unsigned char *data;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		data = test_page_end(NULL, types[i].size);
		if (!EXPECT_STATUS(kmt_query_adapter(adapter, types[i].type, data, types[i].size),
				   types[i].status))
			test_note("type %d", types[i].type);
		EXPECT_STATUS(kmt_query_adapter(adapter, types[i].type, data, types[i].size - 1),
			      STATUS_INVALID_PARAMETER);
	}
}

/* nothing measures, so nothing is told */
static void performance(void)
{
	D3DKMT_HANDLE adapter = need_adapter();
	D3DKMT_NODE_PERFDATA node = { .NodeOrdinal = 0 }, bad_node = { .NodeOrdinal = 99 };
	D3DKMT_ADAPTER_PERFDATA data = { .PhysicalAdapterIndex = 0, .Temperature = 77 };
	D3DKMT_ADAPTER_PERFDATACAPS caps = { .PhysicalAdapterIndex = 0, .MaxFanRPM = 77 };

	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_NODEPERFDATA, &node, sizeof(node)),
		      STATUS_SUCCESS);
	EXPECT_EQ(node.Frequency + node.MaxFrequency + node.Voltage, 0);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_NODEPERFDATA, &bad_node,
					sizeof(bad_node)), STATUS_INVALID_PARAMETER);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERPERFDATA, &data, sizeof(data)),
		      STATUS_SUCCESS);
	EXPECT_EQ(data.Temperature, 0);
	EXPECT_STATUS(kmt_query_adapter(adapter, KMTQAITYPE_ADAPTERPERFDATA_CAPS, &caps,
					sizeof(caps)), STATUS_SUCCESS);
	EXPECT_EQ(caps.MaxFanRPM, 0);
}

static const struct test_case cases[] = {
	CASE(who_uses_it, "processes with the adapter open or a device on it are listed"),
	CASE(pid_namespace, "process ids are those of the caller's pid namespace"),
	CASE(too_small, "without room the number of processes is told, and nothing written"),
	CASE_ONCE(no_such_adapter, "an adapter that does not exist has no processes"),
	CASE(features, "hardware scheduling is on, no other feature is known"),
	CASE(clocks, "both clocks are the monotonic clock"),
	CASE(no_host, "there is no host to share with"),
	CASE(texts, "buffers with text have the library's sizes"),
	CASE(performance, "clocks, temperatures and fans are zero"),
};

TEST_MAIN(cases)
