// SPDX-License-Identifier: MIT
/*
 * info.c: vdxg info, the adapters and their memory
 */
#include <inttypes.h>
#include <stdio.h>

#include <json-c/json.h>

#include "tool.h"

static void luid_text(const struct adapter *adapter, char *text, size_t size)
{
	snprintf(text, size, "%08x:%08x", (unsigned int)adapter->luid.HighPart,
		 (unsigned int)adapter->luid.LowPart);
}

static void version_text(const struct adapter *adapter, char *text, size_t size)
{
	snprintf(text, size, "%u.%u.%u.%u", (unsigned int)(adapter->version >> 48 & 0xffff),
		 (unsigned int)(adapter->version >> 32 & 0xffff),
		 (unsigned int)(adapter->version >> 16 & 0xffff),
		 (unsigned int)(adapter->version & 0xffff));
}

static void print_drm(const struct adapter *adapter)
{
	struct drm_description drm;

	if (!adapter->node[0]) {
		printf("  DRM device  none: its memory is system memory\n");
		return;
	}
	printf("  DRM device  %s", adapter->node);
	if (drm_describe(adapter->node, &drm)) {
		printf(", %s, on the %s bus", drm.primary, drm.bus);
		if (drm.render[0])
			printf(", render node %s", drm.render);
		if (drm.driver[0])
			printf(", driver %s", drm.driver);
	}
	printf("\n");
}

static void print_segments(const struct adapter *adapter)
{
	char limit[32], committed[32], resident[32];
	unsigned int i;

	if (!adapter->num_segments)
		return;
	printf("  Segments    id  name      capacity    committed   resident    allocations\n");
	for (i = 0; i < adapter->num_segments; i++) {
		const struct segment *segment = &adapter->segments[i];

		printf("              %2u  %-8s  %-10s  %-10s  %-10s  %u\n", i, segment_name(i),
		       segment->limit ? size_text(segment->limit, limit, sizeof(limit)) : "-",
		       size_text(segment->committed, committed, sizeof(committed)),
		       size_text(segment->resident, resident, sizeof(resident)),
		       segment->allocations);
	}
}

static void print_adapter(const struct adapter *adapter)
{
	char video[32], system[32], shared[32], text[64];

	printf("Adapter %u: %s%s\n", adapter->index, adapter->name[0] ? adapter->name : "(no name)",
	       adapter->software ? " (software)" : "");
	luid_text(adapter, text, sizeof(text));
	printf("  LUID        %s\n", text);
	version_text(adapter, text, sizeof(text));
	printf("  Driver      %s, version %s, WDDM %u.%u\n",
	       adapter->driver[0] ? adapter->driver : "unknown", text, adapter->wddm / 1000,
	       adapter->wddm % 1000 / 100);
	if (adapter->pci)
		printf("  PCI         %02x:%02x.%x, id %04x:%04x\n", adapter->bus, adapter->slot,
		       adapter->function, adapter->vendor, adapter->device);
	print_drm(adapter);
	printf("  Memory      %s dedicated video, %s dedicated system, %s shared system\n",
	       size_text(adapter->dedicated_video, video, sizeof(video)),
	       size_text(adapter->dedicated_system, system, sizeof(system)),
	       size_text(adapter->shared_system, shared, sizeof(shared)));
	print_segments(adapter);
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static void add_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

static struct json_object *drm_json(const struct adapter *adapter)
{
	struct json_object *object = json_object_new_object();
	struct drm_description drm;

	add_text(object, "name", adapter->node);
	if (drm_describe(adapter->node, &drm)) {
		add_text(object, "primary_node", drm.primary);
		add_text(object, "bus", drm.bus);
		if (drm.render[0])
			add_text(object, "render_node", drm.render);
		if (drm.driver[0])
			add_text(object, "driver", drm.driver);
	}
	return object;
}

static struct json_object *pci_json(const struct adapter *adapter)
{
	struct json_object *object = json_object_new_object();

	add_number(object, "bus", adapter->bus);
	add_number(object, "device", adapter->slot);
	add_number(object, "function", adapter->function);
	add_number(object, "vendor_id", adapter->vendor);
	add_number(object, "device_id", adapter->device);
	return object;
}

static struct json_object *segments_json(const struct adapter *adapter)
{
	struct json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; i < adapter->num_segments; i++) {
		const struct segment *segment = &adapter->segments[i];
		struct json_object *object = json_object_new_object();

		add_number(object, "id", i);
		add_text(object, "name", segment_name(i));
		add_number(object, "capacity", segment->limit);
		add_number(object, "committed", segment->committed);
		add_number(object, "resident", segment->resident);
		add_number(object, "allocations", segment->allocations);
		json_object_object_add(object, "aperture",
				       json_object_new_boolean(segment->aperture));
		json_object_object_add(object, "system_memory",
				       json_object_new_boolean(segment->system));
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *adapter_json(const struct adapter *adapter)
{
	struct json_object *object = json_object_new_object();
	struct json_object *memory = json_object_new_object();
	char text[64];

	add_number(object, "index", adapter->index);
	add_text(object, "name", adapter->name);
	luid_text(adapter, text, sizeof(text));
	add_text(object, "luid", text);
	add_text(object, "guid", adapter->guid);
	add_text(object, "driver", adapter->driver);
	version_text(adapter, text, sizeof(text));
	add_text(object, "version", text);
	add_number(object, "wddm", adapter->wddm);
	json_object_object_add(object, "software", json_object_new_boolean(adapter->software));
	if (adapter->pci)
		json_object_object_add(object, "pci", pci_json(adapter));
	if (adapter->node[0])
		json_object_object_add(object, "drm", drm_json(adapter));
	add_number(memory, "dedicated_video", adapter->dedicated_video);
	add_number(memory, "dedicated_system", adapter->dedicated_system);
	add_number(memory, "shared_system", adapter->shared_system);
	json_object_object_add(object, "memory", memory);
	json_object_object_add(object, "segments", segments_json(adapter));
	return object;
}

/**
 * info_command - vdxg info
 * @adapters: all adapters
 * @count: how many
 * @which: only this one, or NULL
 * @json: for programs
 *
 * Return: the exit status.
 */
int info_command(struct adapter *adapters, unsigned int count, const char *which, bool json)
{
	struct adapter *only = which ? adapter_choose(adapters, count, which) : NULL;
	struct json_object *root = json_object_new_object();
	struct json_object *array = json_object_new_array();
	unsigned int i;

	json_object_object_add(root, "adapters", array);
	for (i = 0; i < count; i++) {
		if (only && only != &adapters[i])
			continue;
		if (json)
			json_object_array_add(array, adapter_json(&adapters[i]));
		else
			print_adapter(&adapters[i]);
	}
	if (json)
		printf("%s\n", json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY));
	else if (!count)
		printf("The driver is loaded and has no adapter.\n");
	json_object_put(root);
	return 0;
}
