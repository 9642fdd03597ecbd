/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * What vdxg adds to the /dev/dxg interface: the private driver data that says
 * what an allocation is, the commands that the engine executes, and calls that
 * the interface lacks.
 *
 * On Windows the private driver data of an allocation is a secret between the
 * two halves of one vendor's driver; it carries the size and everything else
 * the memory manager has to know.  This is ours.  Point each
 * d3dddi_allocationinfo2.priv_drv_data at one:
 *
 *	struct vdxg_allocation_data data;
 *
 *	vdxg_allocation_data_init(&data, 64 << 10);
 *	vdxg_allocation_data_segments(&data, VDXG_SEGMENT_SET_APERTURE);
 *
 * Fields this header does not define, and bits it does not name, must be zero;
 * otherwise CreateAllocation answers STATUS_INVALID_PARAMETER.
 *
 * ioctl numbers of our own start at VDXG_IOCTL_BASE: see the end.  Flags and
 * reserved fields they do not define must be zero, else the answer is
 * STATUS_INVALID_PARAMETER.
 */
#ifndef _UAPI_VDXG_H
#define _UAPI_VDXG_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VDXG_IOCTL_BASE			0x80

/* Handles or descriptions that one call may name; more is INVALID_PARAMETER. */
#define VDXG_MAX_LIST			65536U

/*
 * Segment ids, as segment sets, preferences and statistics count them.  0 is
 * system memory: nobody asks for it, it is where evicted content goes.
 */
#define VDXG_SEGMENT_LOCAL		1	/* the GPU's own memory */
#define VDXG_SEGMENT_APERTURE		2	/* system memory it can reach */

#define VDXG_SEGMENT_SET(id)		(1U << ((id) - 1))
#define VDXG_SEGMENT_SET_LOCAL		VDXG_SEGMENT_SET(VDXG_SEGMENT_LOCAL)
#define VDXG_SEGMENT_SET_APERTURE	VDXG_SEGMENT_SET(VDXG_SEGMENT_APERTURE)
#define VDXG_SEGMENT_SET_ALL \
	(VDXG_SEGMENT_SET_LOCAL | VDXG_SEGMENT_SET_APERTURE)

#define VDXG_ALLOCATION_MAGIC		0x41584456U	/* "VDXA" in memory */
#define VDXG_ALLOCATION_VERSION		1

/* vdxg_allocation_data.flags */
#define VDXG_ALLOC_CPU_VISIBLE		(1U << 0)	/* Lock2 may map it */
#define VDXG_ALLOC_CACHED		(1U << 1)	/* not write-combined */
#define VDXG_ALLOC_ACCESSED_PHYSICALLY	(1U << 2)	/* contiguous */
#define VDXG_ALLOC_FLAGS		0x7U

/**
 * struct vdxg_allocation_data - what an allocation is
 * @magic: VDXG_ALLOCATION_MAGIC
 * @version: VDXG_ALLOCATION_VERSION
 * @size: sizeof(struct vdxg_allocation_data)
 * @bytes: size; not 0, rounded up to whole pages
 * @alignment: in the segment, bytes, a power of two; 0 is a page
 * @flags: VDXG_ALLOC_*
 * @supported_segments: bit n is segment n + 1 (VDXG_SEGMENT_SET); 0 is all
 * @preferred_segments: up to five segment ids in six-bit slots, first choice
 *	in the lowest, as D3DDDI_SEGMENTPREFERENCE; 0 leaves it to the driver
 * @priority: of the 32-bit eviction scale; 0 is normal, 0x78000000
 * @reserved: 0
 *
 * Kept beside the allocation and handed back to whoever opens it.
 */
struct vdxg_allocation_data {
	__u32 magic;
	__u16 version;
	__u16 size;
	__aligned_u64 bytes;
	__u32 alignment;
	__u32 flags;
	__u32 supported_segments;
	__u32 preferred_segments;
	__u32 priority;
	__u32 reserved[3];
};

/**
 * vdxg_allocation_data_init - describe an ordinary allocation
 * @d: what to fill
 * @bytes: its size
 *
 * CPU visible and cached, any segment, page aligned, normal priority.
 */
static inline void vdxg_allocation_data_init(struct vdxg_allocation_data *d,
					     __u64 bytes)
{
	d->magic = VDXG_ALLOCATION_MAGIC;
	d->version = VDXG_ALLOCATION_VERSION;
	d->size = sizeof(*d);
	d->bytes = bytes;
	d->alignment = 0;
	d->flags = VDXG_ALLOC_CPU_VISIBLE | VDXG_ALLOC_CACHED;
	d->supported_segments = 0;
	d->preferred_segments = 0;
	d->priority = 0;
	d->reserved[0] = 0;
	d->reserved[1] = 0;
	d->reserved[2] = 0;
}

/**
 * vdxg_allocation_data_flags - say how it is accessed
 * @d: an initialized description
 * @flags: VDXG_ALLOC_*, in place of those it has
 */
static inline void vdxg_allocation_data_flags(struct vdxg_allocation_data *d,
					      __u32 flags)
{
	d->flags = flags;
}

/**
 * vdxg_allocation_data_align - ask for an alignment
 * @d: an initialized description
 * @bytes: a power of two
 */
static inline void vdxg_allocation_data_align(struct vdxg_allocation_data *d,
					      __u32 bytes)
{
	d->alignment = bytes;
}

/**
 * vdxg_allocation_data_segments - restrict where it may live
 * @d: an initialized description
 * @set: VDXG_SEGMENT_SET_* or'ed together
 */
static inline void
vdxg_allocation_data_segments(struct vdxg_allocation_data *d, __u32 set)
{
	d->supported_segments = set;
}

/**
 * vdxg_allocation_data_prefer - name where it should rather live
 * @d: an initialized description
 * @first: segment id of the first choice
 * @second: of the second, or 0
 */
static inline void vdxg_allocation_data_prefer(struct vdxg_allocation_data *d,
					       __u32 first, __u32 second)
{
	d->preferred_segments = (first & 0x1f) | (second & 0x1f) << 6;
}

/**
 * vdxg_allocation_data_priority - set the eviction priority it starts with
 * @d: an initialized description
 * @priority: D3DDDI_ALLOCATIONPRIORITY_* or between; 0 is normal
 */
static inline void
vdxg_allocation_data_priority(struct vdxg_allocation_data *d, __u32 priority)
{
	d->priority = priority;
}

/* ---- command buffers ----------------------------------------------------- */

/*
 * What SubmitCommand's command buffer consists of: a header, then commands, one
 * after the other.  See Documentation/command-stream.rst.  Everything is
 * little endian and 8-byte aligned.  A buffer of length 0 is an empty one.
 */
#define VDXG_COMMANDS_MAGIC		0x43584456U	/* "VDXC" in memory */
#define VDXG_COMMANDS_VERSION		1

/* Length of a command buffer, at most. */
#define VDXG_MAX_COMMAND_BYTES		(16U << 20)
/* Length of one command, at most. */
#define VDXG_MAX_ONE_COMMAND		4096U

/**
 * struct vdxg_commands_header - what a command buffer begins with
 * @magic: VDXG_COMMANDS_MAGIC
 * @version: VDXG_COMMANDS_VERSION
 * @size: sizeof(struct vdxg_commands_header)
 * @bytes: of the header and all commands; the rest of the buffer is not read
 * @reserved: 0
 */
struct vdxg_commands_header {
	__u32 magic;
	__u16 version;
	__u16 size;
	__u32 bytes;
	__u32 reserved;
};

/* vdxg_command.opcode; 0 is none, so that zeroes are no command */
#define VDXG_COMMAND_END		1	/* the rest is not read */
#define VDXG_COMMAND_NOP		2	/* of any size */
#define VDXG_COMMAND_FILL		3
#define VDXG_COMMAND_COPY		4
#define VDXG_COMMAND_TIMESTAMP		5
#define VDXG_COMMAND_DELAY		6

/**
 * struct vdxg_command - what each command begins with
 * @opcode: VDXG_COMMAND_*
 * @size: of the command in bytes, a multiple of 8
 * @flags: 0
 */
struct vdxg_command {
	__u16 opcode;
	__u16 size;
	__u32 flags;
};

/**
 * struct vdxg_command_fill - write a pattern
 * @head: VDXG_COMMAND_FILL
 * @address: GPU virtual address, a multiple of 4
 * @bytes: how much, a multiple of 4
 * @value: the pattern
 * @reserved: 0
 */
struct vdxg_command_fill {
	struct vdxg_command head;
	__aligned_u64 address;
	__aligned_u64 bytes;
	__u32 value;
	__u32 reserved;
};

/**
 * struct vdxg_command_copy - copy
 * @head: VDXG_COMMAND_COPY
 * @to: GPU virtual address
 * @from: GPU virtual address; the ranges do not overlap
 * @bytes: how much
 *
 * Where both addresses lead to the same memory, through two mappings, the order in which bytes are copied is
 * undefined; still nothing but @to is written, and nothing but what @from had.
 */
struct vdxg_command_copy {
	struct vdxg_command head;
	__aligned_u64 to;
	__aligned_u64 from;
	__aligned_u64 bytes;
};

/**
 * struct vdxg_command_timestamp - write the time in nanoseconds, as 64 bits
 * @head: VDXG_COMMAND_TIMESTAMP
 * @address: GPU virtual address, a multiple of 8
 *
 * The clock is CLOCK_MONOTONIC.
 */
struct vdxg_command_timestamp {
	struct vdxg_command head;
	__aligned_u64 address;
};

/**
 * struct vdxg_command_delay - keep the engine busy
 * @head: VDXG_COMMAND_DELAY
 * @nanoseconds: for so long
 */
struct vdxg_command_delay {
	struct vdxg_command head;
	__aligned_u64 nanoseconds;
};

/**
 * struct vdxg_commands - somebody who writes a command buffer
 * @header: where it is; the CPU's address
 * @room: bytes it has
 * @bytes: bytes it needs; more than @room: what did not fit was not written
 */
struct vdxg_commands {
	struct vdxg_commands_header *header;
	__u32 room;
	__u32 bytes;
};

/**
 * vdxg_commands_begin - begin a command buffer
 * @c: who writes it
 * @buffer: where, 8-byte aligned
 * @room: bytes there
 *
 * Then come commands, then vdxg_commands_end().
 */
static inline void vdxg_commands_begin(struct vdxg_commands *c, void *buffer,
				       __u32 room)
{
	c->header = (struct vdxg_commands_header *)buffer;
	c->room = room;
	c->bytes = sizeof(*c->header);
	if (c->bytes > room)
		return;
	c->header->magic = VDXG_COMMANDS_MAGIC;
	c->header->version = VDXG_COMMANDS_VERSION;
	c->header->size = sizeof(*c->header);
	c->header->bytes = c->bytes;
	c->header->reserved = 0;
}

/* Room for one more command, with its head; 0 if there is none. */
static inline struct vdxg_command *
vdxg_commands_next(struct vdxg_commands *c, __u16 opcode, __u16 size)
{
	struct vdxg_command *command;

	command = (struct vdxg_command *)((char *)c->header + c->bytes);
	c->bytes += size;
	if (c->bytes > c->room)
		return 0;
	command->opcode = opcode;
	command->size = size;
	command->flags = 0;
	return command;
}

/**
 * vdxg_commands_fill - add a fill command
 * @c: who writes the buffer
 * @address: GPU virtual address, a multiple of 4
 * @bytes: how much, a multiple of 4
 * @value: the pattern
 */
static inline void vdxg_commands_fill(struct vdxg_commands *c, __u64 address,
				      __u64 bytes, __u32 value)
{
	struct vdxg_command_fill *fill = (struct vdxg_command_fill *)
		vdxg_commands_next(c, VDXG_COMMAND_FILL, sizeof(*fill));

	if (!fill)
		return;
	fill->address = address;
	fill->bytes = bytes;
	fill->value = value;
	fill->reserved = 0;
}

/**
 * vdxg_commands_copy - add a copy command
 * @c: who writes the buffer
 * @to: GPU virtual address
 * @from: GPU virtual address
 * @bytes: how much
 */
static inline void vdxg_commands_copy(struct vdxg_commands *c, __u64 to,
				      __u64 from, __u64 bytes)
{
	struct vdxg_command_copy *copy = (struct vdxg_command_copy *)
		vdxg_commands_next(c, VDXG_COMMAND_COPY, sizeof(*copy));

	if (!copy)
		return;
	copy->to = to;
	copy->from = from;
	copy->bytes = bytes;
}

/**
 * vdxg_commands_timestamp - add a timestamp command
 * @c: who writes the buffer
 * @address: GPU virtual address, a multiple of 8
 */
static inline void vdxg_commands_timestamp(struct vdxg_commands *c,
					   __u64 address)
{
	struct vdxg_command_timestamp *stamp = (struct vdxg_command_timestamp *)
		vdxg_commands_next(c, VDXG_COMMAND_TIMESTAMP, sizeof(*stamp));

	if (stamp)
		stamp->address = address;
}

/**
 * vdxg_commands_delay - add a delay command
 * @c: who writes the buffer
 * @nanoseconds: how long
 */
static inline void vdxg_commands_delay(struct vdxg_commands *c,
				       __u64 nanoseconds)
{
	struct vdxg_command_delay *delay = (struct vdxg_command_delay *)
		vdxg_commands_next(c, VDXG_COMMAND_DELAY, sizeof(*delay));

	if (delay)
		delay->nanoseconds = nanoseconds;
}

/**
 * vdxg_commands_nop - add a command that does nothing
 * @c: who writes the buffer
 * @bytes: its size, at least 8, a multiple of 8
 */
static inline void vdxg_commands_nop(struct vdxg_commands *c, __u16 bytes)
{
	vdxg_commands_next(c, VDXG_COMMAND_NOP, bytes);
}

/**
 * vdxg_commands_end - end a command buffer
 * @c: who writes it
 *
 * Returns its length, for CommandLength; 0 if it did not fit.
 */
static inline __u32 vdxg_commands_end(struct vdxg_commands *c)
{
	vdxg_commands_next(c, VDXG_COMMAND_END, sizeof(struct vdxg_command));
	if (c->bytes > c->room)
		return 0;
	c->header->bytes = c->bytes;
	return c->bytes;
}

/*
 * What a device in error stumbled over: the code in FaultErrorCode of
 * GetDeviceState(PAGE_FAULT), which is device specific.  For the last of them
 * FaultedVirtualAddress is that of the command.
 */
#define VDXG_FAULT_NO_MAPPING		1	/* nothing is mapped there */
#define VDXG_FAULT_NO_ACCESS		2	/* mapped, or reserved, as no access */
#define VDXG_FAULT_READ_ONLY		3	/* may not be written */
#define VDXG_FAULT_NOT_RESIDENT		4	/* not made resident on the device */
#define VDXG_FAULT_OFFERED		5	/* on offer, and not reclaimed */
#define VDXG_FAULT_MALFORMED		6	/* no such command */

/* ---- sharing ------------------------------------------------------------ */

/* What an NT handle may be used for: the rights in DesiredAccess. */
#define VDXG_ACCESS_WRITE		0x00000001U	/* a resource: write to it */
#define VDXG_ACCESS_WAIT		0x00000001U	/* a sync object */
#define VDXG_ACCESS_SIGNAL		0x00000002U
#define VDXG_ACCESS_READ		0x00020000U	/* STANDARD_RIGHTS_READ */
#define VDXG_ACCESS_MAXIMUM		0x02000000U
#define VDXG_ACCESS_GENERIC_ALL		0x10000000U
#define VDXG_ACCESS_GENERIC_EXECUTE	0x20000000U
#define VDXG_ACCESS_GENERIC_WRITE	0x40000000U
#define VDXG_ACCESS_GENERIC_READ	0x80000000U

/* UNICODE_STRING: UTF-16, whatever wchar_t is. */
struct vdxg_unicode_string {
	__u16 length;			/* bytes */
	__u16 maximum_length;
	__u32 reserved;
	__aligned_u64 buffer;		/* __u16[] */
};

#define VDXG_OBJ_INHERIT		0x00000002U	/* not O_CLOEXEC */

/* OBJECT_ATTRIBUTES; what object_attr of d3dkmt_shareobjects points to. */
struct vdxg_object_attributes {
	__u32 length;			/* sizeof(this) */
	__u32 reserved;
	__aligned_u64 root_directory;	/* none */
	__aligned_u64 object_name;	/* vdxg_unicode_string, or NULL */
	__u32 attributes;		/* VDXG_OBJ_INHERIT; others have no effect */
	__u32 reserved1;
	__aligned_u64 security_descriptor;	/* ignored */
	__aligned_u64 security_quality_of_service;	/* ignored */
};

/* D3DKMTOpenNtHandleFromName, D3DKMTOpenSyncObjectNtHandleFromName */
#define VDXG_NAME_OF_SYNC_OBJECT	(1U << 0)	/* else of a resource */

struct vdxg_opennthandlefromname {
	__u32 desired_access;		/* VDXG_ACCESS_* */
	__u32 flags;			/* VDXG_NAME_* */
	__aligned_u64 object_attr;	/* vdxg_object_attributes */
	__aligned_u64 nt_handle;	/* out: a descriptor */
};

/* D3DKMTOpenSyncObjectFromNtHandle: not of a device */
struct vdxg_opensyncobjectfromnthandle {
	__aligned_u64 nt_handle;	/* a descriptor */
	__u32 sync_object;	/* out */
	__u32 reserved;
};

/* ---- keyed mutexes ------------------------------------------------------- */

#define VDXG_KEYED_MUTEX_NT_SECURITY_SHARING	(1U << 0)

/* D3DKMTCreateKeyedMutex, D3DKMTCreateKeyedMutex2 */
struct vdxg_createkeyedmutex {
	__aligned_u64 initial_value;	/* the key of the first to acquire it */
	__aligned_u64 private_data;
	__u32 private_data_size;
	__u32 flags;			/* VDXG_KEYED_MUTEX_* */
	__u32 shared_handle;	/* out */
	__u32 keyed_mutex;	/* out */
};

/* How an open looks at the private data. */
#define VDXG_KEYED_MUTEX_DATA		(1U << 0)	/* version 2: has to have room */
#define VDXG_KEYED_MUTEX_NT_HANDLE	(1U << 1)	/* by nt_handle */

/* D3DKMTOpenKeyedMutex, D3DKMTOpenKeyedMutex2, D3DKMTOpenKeyedMutexFromNtHandle */
struct vdxg_openkeyedmutex {
	__u32 shared_handle;
	__u32 flags;
	__aligned_u64 nt_handle;
	__aligned_u64 private_data;
	__u32 private_data_size;
	__u32 keyed_mutex;	/* out */
};

/* D3DKMTDestroyKeyedMutex */
struct vdxg_destroykeyedmutex {
	__u32 keyed_mutex;
};

/* Waits without end. */
#define VDXG_DEADLINE_NEVER		0x7fffffffffffffffULL

/* D3DKMTAcquireKeyedMutex, D3DKMTAcquireKeyedMutex2 */
struct vdxg_acquirekeyedmutex {
	__u32 keyed_mutex;
	__u32 private_data_size;
	__aligned_u64 key;
	__aligned_u64 deadline;		/* CLOCK_MONOTONIC, ns; 0: do not wait */
	__aligned_u64 private_data;	/* filled, if not NULL */
	__aligned_u64 fence_value;	/* out */
};

/* D3DKMTReleaseKeyedMutex, D3DKMTReleaseKeyedMutex2 */
struct vdxg_releasekeyedmutex {
	__u32 keyed_mutex;
	__u32 private_data_size;
	__aligned_u64 key;
	__aligned_u64 fence_value;
	__aligned_u64 private_data;	/* replaces what is stored, if not NULL */
};

/* ---- dma-bufs ------------------------------------------------------------ */

#define VDXG_DMA_BUF_INHERIT		(1U << 0)	/* export: not O_CLOEXEC */
#define VDXG_DMA_BUF_RESOURCE		(1U << 0)	/* import: in a resource of its own */

/* A descriptor with which other drivers use an allocation. */
struct vdxg_exportdmabuf {
	__u32 device;
	__u32 allocation;
	__u32 flags;			/* VDXG_DMA_BUF_INHERIT */
	__s32 fd;			/* out */
};

/* An allocation in the memory behind a descriptor. */
struct vdxg_importdmabuf {
	__u32 device;
	__u32 flags;			/* VDXG_DMA_BUF_RESOURCE */
	__s32 fd;
	__u32 resource;			/* out; 0 without the flag */
	__u32 allocation;		/* out */
	__u32 reserved;
	__aligned_u64 bytes;		/* out */
};

/* ---- the GPU timeline ----------------------------------------------------- */

/* D3DKMTWaitForIdle */
struct vdxg_waitforidle {
	__u32 device;
};

/* ---- trims, budgets and commitment ---------------------------------------- */

/* What there is to be told. */
#define VDXG_NOTIFY_TRIM		(1U << 0)
#define VDXG_NOTIFY_BUDGET_LOCAL	(1U << 1)
#define VDXG_NOTIFY_BUDGET_NON_LOCAL	(1U << 2)
#define VDXG_NOTIFY_ALL			0x7U

/*
 * D3DKMTRegisterTrimNotification and the one about budgets: a descriptor to
 * poll() and read(), which returns records of struct vdxg_notification, as
 * many as fit.  What happens again before it is read is told once.  Nothing
 * comes after the device is destroyed, or its adapter is gone: read() returns
 * 0 then, and poll() POLLHUP.
 */
struct vdxg_registernotification {
	__u32 luid_low;			/* the adapter's LUID, or 0 and 0 */
	__s32 luid_high;
	__u32 device;
	__u32 events;			/* VDXG_NOTIFY_*, at least one */
	__u32 reserved;
	__s32 descriptor;		/* out */
};

/* What read() returns. */
struct vdxg_notification {
	__u32 event;			/* one of VDXG_NOTIFY_* */
	__u32 trim;			/* D3DDDI_TRIM_*, for VDXG_NOTIFY_TRIM */
	__aligned_u64 bytes;		/* to trim to the budget, or the budget */
};

/* D3DKMTQueryProcessOfferInfo: of all adapters */
struct vdxg_queryprocessofferinfo {
	__u32 size;			/* sizeof(this) */
	__aligned_u64 process;
	__aligned_u64 decommit_uniqueness;	/* out: changes with each decommit */
	__aligned_u64 decommittable_bytes;	/* out */
};

#define VDXG_TRIM_COMMITMENT_LAZY	(1U << 0)	/* not before it is needed */
#define VDXG_TRIM_COMMITMENT_REPURPOSED	(1U << 1)	/* only what is lost already */
#define VDXG_TRIM_COMMITMENT_ALL	0x3U

/* D3DKMTTrimProcessCommitment: of all adapters */
struct vdxg_trimprocesscommitment {
	__u32 size;			/* sizeof(this) */
	__aligned_u64 process;
	__u32 flags;			/* VDXG_TRIM_COMMITMENT_* */
	__aligned_u64 decommit_requested;
	__aligned_u64 num_bytes_decommitted;	/* out */
};

/* ---- the ioctls ----------------------------------------------------------- */

#define VDXG_IO(nr, type)	_IOWR(0x47, VDXG_IOCTL_BASE + (nr), type)

#define LX_VDXGOPENNTHANDLEFROMNAME \
	VDXG_IO(0x00, struct vdxg_opennthandlefromname)
#define LX_VDXGOPENSYNCOBJECTFROMNTHANDLE \
	VDXG_IO(0x01, struct vdxg_opensyncobjectfromnthandle)
#define LX_VDXGCREATEKEYEDMUTEX \
	VDXG_IO(0x02, struct vdxg_createkeyedmutex)
#define LX_VDXGOPENKEYEDMUTEX \
	VDXG_IO(0x03, struct vdxg_openkeyedmutex)
#define LX_VDXGDESTROYKEYEDMUTEX \
	VDXG_IO(0x04, struct vdxg_destroykeyedmutex)
#define LX_VDXGACQUIREKEYEDMUTEX \
	VDXG_IO(0x05, struct vdxg_acquirekeyedmutex)
#define LX_VDXGRELEASEKEYEDMUTEX \
	VDXG_IO(0x06, struct vdxg_releasekeyedmutex)
#define LX_VDXGEXPORTDMABUF \
	VDXG_IO(0x10, struct vdxg_exportdmabuf)
#define LX_VDXGIMPORTDMABUF \
	VDXG_IO(0x11, struct vdxg_importdmabuf)
#define LX_VDXGWAITFORIDLE \
	VDXG_IO(0x30, struct vdxg_waitforidle)
#define LX_VDXGREGISTERNOTIFICATION \
	VDXG_IO(0x20, struct vdxg_registernotification)
#define LX_VDXGQUERYPROCESSOFFERINFO \
	VDXG_IO(0x21, struct vdxg_queryprocessofferinfo)
#define LX_VDXGTRIMPROCESSCOMMITMENT \
	VDXG_IO(0x22, struct vdxg_trimprocesscommitment)

#endif /* _UAPI_VDXG_H */
