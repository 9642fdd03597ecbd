/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client.h: the account of a process with an adapter's memory manager
 *
 * One for each adapter the process has had a device on. It lives until the process is gone and so is the
 * memory it created, which others may still have open.
 */
#ifndef VDXG_CLIENT_H
#define VDXG_CLIENT_H

struct vdxg_adapter;
struct vdxg_process;
struct vidmm_client;

struct vidmm_client *vdxg_client_of(struct vdxg_process *process, struct vdxg_adapter *adapter);
struct vidmm_client *vdxg_client_find(struct vdxg_process *process, struct vdxg_adapter *adapter);
void vdxg_clients_leave(struct vdxg_process *process);

#endif
