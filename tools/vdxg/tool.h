/* SPDX-License-Identifier: MIT */
/*
 * tool.h: what the parts of the vdxg command share
 *
 *	main.c		options, and errors a user can do something about
 *	adapter.c	finds adapters and asks them everything
 *	drm.c		describes the DRM device behind one
 *	info.c		vdxg info
 *	demo.c		vdxg demo
 *	trace.c		vdxg trace
 */
#ifndef VDXG_TOOL_H
#define VDXG_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <d3dkmthk.h>

#define NAME_SIZE 260

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/**
 * struct segment - a segment of an adapter
 * @limit: bytes it may hold
 * @committed: bytes promised in it
 * @resident: bytes it holds
 * @allocations: allocations it holds
 * @aperture: system memory the GPU reaches
 * @system: system memory
 */
struct segment {
	uint64_t limit;
	uint64_t committed;
	uint64_t resident;
	uint32_t allocations;
	bool aperture;
	bool system;
};

/**
 * struct adapter - an adapter, and what it answered
 * @index: its place in the enumeration, counted from 0
 * @handle: open until adapters_close()
 * @luid: names it while it is there
 * @name: for people
 * @driver: the DRM driver, "vdxg" for the software adapter
 * @node: the DRM node, such as "card0"; empty without one
 * @guid: its unique GUID
 * @software: no hardware behind it
 * @pci: the addresses and ids hold
 * @bus: PCI bus
 * @slot: PCI device on the bus
 * @function: PCI function
 * @vendor: PCI vendor
 * @device: PCI device
 * @wddm: WDDM version times 1000
 * @version: of the driver, in four parts of 16 bits
 * @dedicated_video: bytes of the GPU's own memory
 * @dedicated_system: bytes of system memory set aside for it
 * @shared_system: bytes of system memory it may use
 * @segments: its segments, by id
 * @num_segments: how many
 */
struct adapter {
	unsigned int index;
	D3DKMT_HANDLE handle;
	LUID luid;
	char name[NAME_SIZE];
	char driver[NAME_SIZE];
	char node[NAME_SIZE];
	char guid[40];
	bool software;
	bool pci;
	uint32_t bus;
	uint32_t slot;
	uint32_t function;
	uint32_t vendor;
	uint32_t device;
	uint32_t wddm;
	uint64_t version;
	uint64_t dedicated_video;
	uint64_t dedicated_system;
	uint64_t shared_system;
	struct segment segments[32];
	unsigned int num_segments;
};

/**
 * struct drm_description - a DRM device as libdrm sees it
 * @primary: path of its primary node
 * @render: path of its render node, or empty
 * @bus: "pci", "platform", "virtio", ...
 * @driver: name and version of its driver, or empty where there is no render node to ask
 */
struct drm_description {
	char primary[64];
	char render[64];
	const char *bus;
	char driver[128];
};

struct adapter *adapters_open(unsigned int *count);
void adapters_close(struct adapter *adapters, unsigned int count);
struct adapter *adapter_choose(struct adapter *adapters, unsigned int count, const char *which);
bool adapter_read_segments(struct adapter *adapter);
const char *segment_name(unsigned int id);
bool drm_describe(const char *node, struct drm_description *drm);
const char *status_name(NTSTATUS status);
char *size_text(uint64_t bytes, char *text, size_t size);

int info_command(struct adapter *adapters, unsigned int count, const char *which, bool json);
int demo_command(struct adapter *adapter, bool chosen);
int trace_command(void);

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

#endif
