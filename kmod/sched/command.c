// SPDX-License-Identifier: GPL-2.0-only
/*
 * command.c: the commands of a command buffer, one after the other (see command.h)
 *
 * A command is copied before it is looked at, since the process may change it at any time; it is checked
 * completely before it is begun. A long one is done in pieces.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include <d3dkmthk.h>

#include "access.h"
#include "command.h"
#include "engine.h"

/* Memory of one piece: so long it is pinned. */
#define PIECE	(256U << 10)

/* Why an address cannot be used, in the words of the interface. */
static u32 missing(enum vidmm_va_result what)
{
	switch (what) {
	case VIDMM_VA_NO_ACCESS:
		return VDXG_FAULT_NO_ACCESS;
	case VIDMM_VA_READ_ONLY:
		return VDXG_FAULT_READ_ONLY;
	case VIDMM_VA_NOT_RESIDENT:
		return VDXG_FAULT_NOT_RESIDENT;
	default:
		return VDXG_FAULT_NO_MAPPING;
	}
}

static int malformed(struct vdxg_commander *c, const char *why)
{
	c->fault = (struct vdxg_fault) {
		.missing = VDXG_FAULT_MALFORMED,
		.address = c->address + c->offset,
		.buffer = c->address,
		.offset = c->offset,
		.doing = why,
	};
	return STATUS_UNSUCCESSFUL;
}

static const char *name_of(const struct vdxg_commander *c)
{
	static const char * const names[] = {
		[VDXG_COMMAND_FILL] = "fill",
		[VDXG_COMMAND_COPY] = "copy",
		[VDXG_COMMAND_TIMESTAMP] = "timestamp",
	};

	return c->current_read ? names[c->command.head.opcode] : "reading commands";
}

/* One of some addresses was a fault: say which. */
static int note_fault(struct vdxg_commander *c, const struct vdxg_side *sides, unsigned int count)
{
	const struct vdxg_side *side = sides;

	while (--count && !vidmm_va_faulted(side->what))
		side++;
	c->fault = (struct vdxg_fault) {
		.missing = side->offered ? VDXG_FAULT_OFFERED : missing(side->what),
		.address = side->address,
		.flags = side->access == VIDMM_VA_WRITE ? DXGK_PAGE_FAULT_WRITE : 0,
		.handle = side->run.handle,
		.buffer = c->address,
		.offset = c->offset,
		.doing = name_of(c),
	};
	return STATUS_UNSUCCESSFUL;
}

static int begin(struct vdxg_commander *c, struct vdxg_slice *slice, struct vdxg_side *sides,
		 unsigned int count, u64 *bytes)
{
	int status = vdxg_access_begin(c->timeline, sides, count, slice->here, bytes);

	return status == STATUS_UNSUCCESSFUL ? note_fault(c, sides, count) : status;
}

/* Read a little of the buffer. */
static int fetch(struct vdxg_commander *c, struct vdxg_slice *slice, u32 offset, void *to, u32 bytes)
{
	u64 done, n;
	int status;

	for (done = 0; done < bytes; done += n) {
		struct vdxg_side from = {
			.address = c->address + offset + done,
			.access = VIDMM_VA_EXECUTE,
		};

		n = bytes - done;
		status = begin(c, slice, &from, 1, &n);
		if (status)
			return status;
		vdxg_access_read(&from, to + done, n);
		vdxg_access_end(&from, 1, n);
	}
	return STATUS_SUCCESS;
}

static int read_header(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	struct vdxg_commands_header header;
	int status;

	if (c->bytes < sizeof(header))
		return malformed(c, "it is shorter than its header");
	status = fetch(c, slice, 0, &header, sizeof(header));
	if (status)
		return status;
	if (header.magic != VDXG_COMMANDS_MAGIC)
		return malformed(c, "no header");
	if (header.version != VDXG_COMMANDS_VERSION || header.size != sizeof(header))
		return malformed(c, "unknown version");
	if (header.reserved)
		return malformed(c, "a reserved field is not 0");
	if (header.bytes < sizeof(header) || header.bytes > c->bytes || header.bytes % 8)
		return malformed(c, "the header's length is not that of a command buffer");
	c->bytes = header.bytes;
	c->offset = sizeof(header);
	return STATUS_SUCCESS;
}

/* Sizes of the commands by opcode; 0 is any. */
static bool size_is_right(const struct vdxg_command *head)
{
	static const u16 sizes[] = {
		[VDXG_COMMAND_END] = sizeof(struct vdxg_command),
		[VDXG_COMMAND_FILL] = sizeof(struct vdxg_command_fill),
		[VDXG_COMMAND_COPY] = sizeof(struct vdxg_command_copy),
		[VDXG_COMMAND_TIMESTAMP] = sizeof(struct vdxg_command_timestamp),
		[VDXG_COMMAND_DELAY] = sizeof(struct vdxg_command_delay),
	};

	return head->opcode == VDXG_COMMAND_NOP || sizes[head->opcode] == head->size;
}

static int check_head(struct vdxg_commander *c)
{
	const struct vdxg_command *head = &c->command.head;

	if (head->opcode < VDXG_COMMAND_END || head->opcode > VDXG_COMMAND_DELAY)
		return malformed(c, "unknown opcode");
	if (head->size < sizeof(*head) || head->size % 8 || head->size > VDXG_MAX_ONE_COMMAND ||
	    head->size > c->bytes - c->offset || !size_is_right(head))
		return malformed(c, "wrong size of a command");
	if (head->flags)
		return malformed(c, "unknown flags");
	return STATUS_SUCCESS;
}

static bool is_range(u64 address, u64 bytes)
{
	return address <= U64_MAX - bytes;
}

static int check_fill(struct vdxg_commander *c)
{
	const struct vdxg_command_fill *fill = &c->command.fill;

	if (fill->address % 4 || fill->bytes % 4)
		return malformed(c, "fill: not a multiple of 4");
	if (fill->reserved)
		return malformed(c, "fill: a reserved field is not 0");
	if (!is_range(fill->address, fill->bytes))
		return malformed(c, "fill: beyond the last address");
	return STATUS_SUCCESS;
}

static int check_copy(struct vdxg_commander *c)
{
	const struct vdxg_command_copy *copy = &c->command.copy;

	if (!is_range(copy->to, copy->bytes) || !is_range(copy->from, copy->bytes))
		return malformed(c, "copy: beyond the last address");
	if (copy->to < copy->from + copy->bytes && copy->from < copy->to + copy->bytes)
		return malformed(c, "copy: the ranges overlap");
	return STATUS_SUCCESS;
}

static int check_body(struct vdxg_commander *c)
{
	switch (c->command.head.opcode) {
	case VDXG_COMMAND_FILL:
		return check_fill(c);
	case VDXG_COMMAND_COPY:
		return check_copy(c);
	case VDXG_COMMAND_TIMESTAMP:
		return c->command.timestamp.address % 8 ?
			malformed(c, "timestamp: not a multiple of 8") : STATUS_SUCCESS;
	default:
		return STATUS_SUCCESS;
	}
}

static int read_command(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	u32 bytes = min_t(u32, sizeof(c->command), c->bytes - c->offset);
	int status;

	status = fetch(c, slice, c->offset, &c->command, bytes);
	if (!status)
		status = check_head(c);
	if (!status)
		status = check_body(c);
	c->current_read = !status;
	c->done = 0;
	return status;
}

static u64 left(const struct vdxg_slice *slice)
{
	return slice->budget > slice->used ? slice->budget - slice->used : 0;
}

/* Nothing is written where writes are discarded, but it must not take no time at all. */
static void charge(struct vdxg_slice *slice, const struct vdxg_side *side, u64 bytes)
{
	slice->used += side->what == VIDMM_VA_ZERO ? min_t(u64, bytes, VDXG_PACKET_WORK) : bytes;
}

static int do_fill(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	const struct vdxg_command_fill *fill = &c->command.fill;
	u64 bytes;
	int status;

	while (c->done < fill->bytes) {
		struct vdxg_side to = {
			.address = fill->address + c->done,
			.access = VIDMM_VA_WRITE,
		};

		if (!left(slice))
			return STATUS_PENDING;
		bytes = min3(fill->bytes - c->done, (u64)PIECE, round_up(left(slice), 4));
		status = begin(c, slice, &to, 1, &bytes);
		if (status)
			return status;
		vdxg_access_fill(&to, fill->value, bytes);
		charge(slice, &to, bytes);
		vdxg_access_end(&to, 1, bytes);
		c->done += bytes;
		cond_resched();
	}
	return STATUS_SUCCESS;
}

static int do_copy(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	const struct vdxg_command_copy *copy = &c->command.copy;
	u64 bytes;
	int status;

	while (c->done < copy->bytes) {
		struct vdxg_side sides[] = {
			{ .address = copy->to + c->done, .access = VIDMM_VA_WRITE },
			{ .address = copy->from + c->done, .access = VIDMM_VA_READ },
		};

		if (!left(slice))
			return STATUS_PENDING;
		bytes = min3(copy->bytes - c->done, (u64)PIECE, left(slice));
		status = begin(c, slice, sides, 2, &bytes);
		if (status)
			return status;
		vdxg_access_copy(&sides[0], &sides[1], bytes);
		charge(slice, &sides[0], bytes);
		vdxg_access_end(sides, 2, bytes);
		c->done += bytes;
		cond_resched();
	}
	return STATUS_SUCCESS;
}

static int do_timestamp(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	const struct vdxg_clock *clock = c->timeline->engine->clock;
	u64 bytes, now;
	int status;

	while (c->done < sizeof(now)) {
		struct vdxg_side to = {
			.address = c->command.timestamp.address + c->done,
			.access = VIDMM_VA_WRITE,
		};

		bytes = sizeof(now) - c->done;
		status = begin(c, slice, &to, 1, &bytes);
		if (status)
			return status;
		now = clock->now(clock);
		vdxg_access_write(&to, (char *)&now + c->done, bytes);
		vdxg_access_end(&to, 1, bytes);
		c->done += bytes;
	}
	return STATUS_SUCCESS;
}

static int do_delay(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	const struct vdxg_clock *clock = c->timeline->engine->clock;
	const struct vdxg_command_delay *delay = &c->command.delay;
	u64 before, ns;

	if (slice->here && delay->nanoseconds)
		return STATUS_PENDING;
	while (c->done < delay->nanoseconds) {
		ns = min(left(slice), delay->nanoseconds - c->done);
		if (!ns || vdxg_packet_cancelled(c->packet))
			return STATUS_PENDING;
		before = clock->now(clock);
		clock->sleep(clock, c->packet, ns);
		/* What it takes longer is nobody's work. */
		ns = clamp_t(u64, clock->now(clock) - before, 1, ns);
		slice->used += ns;
		c->done += ns;
	}
	return STATUS_SUCCESS;
}

static int do_command(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	switch (c->command.head.opcode) {
	case VDXG_COMMAND_FILL:
		return do_fill(c, slice);
	case VDXG_COMMAND_COPY:
		return do_copy(c, slice);
	case VDXG_COMMAND_TIMESTAMP:
		return do_timestamp(c, slice);
	case VDXG_COMMAND_DELAY:
		return do_delay(c, slice);
	case VDXG_COMMAND_END:
		c->bytes = c->offset + c->command.head.size;
		return STATUS_SUCCESS;
	default:
		return STATUS_SUCCESS;
	}
}

/**
 * vdxg_commands_run - go on with a command buffer
 * @c: where it is
 * @slice: how far; its @used grows
 *
 * Context: no locks; sleeps.
 * Return: STATUS_SUCCESS when the buffer has been executed; STATUS_PENDING when the slice has been used up,
 * or something is not for this caller; STATUS_UNSUCCESSFUL with @c->fault; STATUS_NO_MEMORY if what is
 * required cannot be brought back; STATUS_DEVICE_REMOVED.
 */
int vdxg_commands_run(struct vdxg_commander *c, struct vdxg_slice *slice)
{
	int status = STATUS_SUCCESS;

	if (!c->offset)
		status = read_header(c, slice);
	while (!status && c->offset < c->bytes) {
		if (!left(slice) || vdxg_packet_cancelled(c->packet))
			return STATUS_PENDING;
		if (!c->current_read)
			status = read_command(c, slice);
		if (!status)
			status = do_command(c, slice);
		if (status)
			break;
		c->offset += c->command.head.size;
		c->current_read = false;
		slice->used += VDXG_COMMAND_WORK;
		cond_resched();
	}
	return status;
}
