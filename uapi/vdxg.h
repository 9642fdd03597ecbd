/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * What vdxg adds to the /dev/dxg interface: the private driver data that says
 * what an allocation is.
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

#endif /* _UAPI_VDXG_H */
