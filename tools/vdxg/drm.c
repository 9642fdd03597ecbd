// SPDX-License-Identifier: MIT
/*
 * drm.c: the DRM device behind an adapter
 *
 * The primary node is never opened: who opens it first becomes DRM master, and a display
 * server that starts just then would not. The driver's name and version come from the
 * render node, where there is one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xf86drm.h>

#include "tool.h"

#define MAX_DEVICES 64

static const char *bus_name(int bus)
{
	switch (bus) {
	case DRM_BUS_PCI:
		return "pci";
	case DRM_BUS_USB:
		return "usb";
	case DRM_BUS_PLATFORM:
		return "platform";
	case DRM_BUS_HOST1X:
		return "host1x";
	default:
		return "unknown";
	}
}

static void describe_driver(struct drm_description *drm)
{
	drmVersionPtr version;
	int fd;

	fd = open(drm->render, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	version = drmGetVersion(fd);
	if (version) {
		snprintf(drm->driver, sizeof(drm->driver), "%s %d.%d.%d", version->name,
			 version->version_major, version->version_minor,
			 version->version_patchlevel);
		drmFreeVersion(version);
	}
	close(fd);
}

/**
 * drm_describe - find a DRM device and describe it
 * @node: its primary node without the directory, such as "card0"
 * @drm: is filled
 *
 * Return: whether there is such a device.
 */
bool drm_describe(const char *node, struct drm_description *drm)
{
	drmDevicePtr devices[MAX_DEVICES];
	bool found = false;
	int i, count;

	memset(drm, 0, sizeof(*drm));
	if (!node[0])
		return false;
	count = drmGetDevices2(0, devices, MAX_DEVICES);
	for (i = 0; i < count && !found; i++) {
		const char *slash;

		if (!(devices[i]->available_nodes & 1 << DRM_NODE_PRIMARY))
			continue;
		slash = strrchr(devices[i]->nodes[DRM_NODE_PRIMARY], '/');
		if (!slash || strcmp(slash + 1, node))
			continue;
		found = true;
		drm->bus = bus_name(devices[i]->bustype);
		snprintf(drm->primary, sizeof(drm->primary), "%s",
			 devices[i]->nodes[DRM_NODE_PRIMARY]);
		if (devices[i]->available_nodes & 1 << DRM_NODE_RENDER) {
			snprintf(drm->render, sizeof(drm->render), "%s",
				 devices[i]->nodes[DRM_NODE_RENDER]);
			describe_driver(drm);
		}
	}
	if (count > 0)
		drmFreeDevices(devices, count);
	return found;
}
