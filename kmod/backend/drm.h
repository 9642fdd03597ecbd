/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drm.h: between drm.c, which finds DRM devices, and drm_memory.c, which takes memory from one
 */
#ifndef VDXG_DRM_H
#define VDXG_DRM_H

#include "backend.h"

struct drm_client_dev;

struct vdxg_backend *vdxg_drm_memory_create(struct drm_client_dev *client, unsigned long limit);
void vdxg_drm_memory_detach(struct vdxg_backend *be);

#endif
