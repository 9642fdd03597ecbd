// SPDX-License-Identifier: MIT
/*
 * shape.c: converting structures by their shapes; see shape.h
 */
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "shape.h"

#define UTF16_SIZE	sizeof(uint16_t)
#define ABI_POINTER	sizeof(uint64_t)

struct member {
	char kind;
	unsigned int count;
	size_t native, abi;	/* offsets */
};

struct walk {
	const char *next;
	size_t native, abi;	/* offsets behind the last member */
	size_t pointer, wide;	/* their sizes in the program */
};

static size_t native_size(const struct walk *w, char kind)
{
	switch (kind) {
	case 'b':
		return 1;
	case 'u':
		return 4;
	case 'p':
		return w->pointer;
	case 'w':
		return w->wide;
	default:
		return 8;
	}
}

static size_t abi_size(char kind)
{
	switch (kind) {
	case 'b':
		return 1;
	case 'u':
		return 4;
	case 'w':
		return UTF16_SIZE;
	default:
		return ABI_POINTER;
	}
}

static size_t align(size_t offset, size_t to)
{
	return (offset + to - 1) / to * to;
}

static bool next_member(struct walk *w, struct member *m)
{
	size_t size;

	m->kind = *w->next;
	if (!m->kind)
		return false;
	w->next++;
	m->count = 0;
	while (*w->next >= '0' && *w->next <= '9')
		m->count = m->count * 10 + (*w->next++ - '0');
	if (!m->count)
		m->count = 1;

	size = native_size(w, m->kind);
	m->native = align(w->native, size);
	w->native = m->native + size * m->count;
	size = abi_size(m->kind);
	m->abi = align(w->abi, size);
	w->abi = m->abi + size * m->count;
	return true;
}

static struct walk begin(const char *shape)
{
	return (struct walk) { shape, 0, 0, sizeof(void *), sizeof(wchar_t) };
}

/* At most @count units are written, the rest is zeroed. */
static void narrow(const wchar_t *from, uint16_t *to, unsigned int count)
{
	unsigned int i, n = 0;

	for (i = 0; i < count && from[i]; i++) {
		uint32_t c = from[i];

		if (c < 0x10000) {
			if (n == count)
				break;
			to[n++] = c;
		} else if (c <= 0x10ffff) {
			if (n + 2 > count)
				break;
			to[n++] = 0xd800 + ((c - 0x10000) >> 10);
			to[n++] = 0xdc00 + ((c - 0x10000) & 0x3ff);
		} else {
			to[n++] = 0xfffd;
		}
	}
	memset(to + n, 0, (count - n) * UTF16_SIZE);
}

static void widen(const uint16_t *from, wchar_t *to, unsigned int count)
{
	unsigned int i, n = 0;

	for (i = 0; i < count && from[i]; i++) {
		uint32_t c = from[i];

		if (c >> 10 == 0x36 && i + 1 < count && from[i + 1] >> 10 == 0x37)
			c = 0x10000 + ((c & 0x3ff) << 10 | (from[++i] & 0x3ff));
		to[n++] = c;
	}
	memset(to + n, 0, (count - n) * sizeof(wchar_t));
}

static void member_to_abi(const struct member *m, const char *from, char *to)
{
	unsigned int i;
	uint64_t value;
	uintptr_t p;
	uint32_t u;

	switch (m->kind) {
	case 'p':
		for (i = 0; i < m->count; i++) {
			memcpy(&p, from + i * sizeof(p), sizeof(p));
			value = p;
			memcpy(to + i * sizeof(value), &value, sizeof(value));
		}
		return;
	case 'h':
		for (i = 0; i < m->count; i++) {
			memcpy(&u, from + i * sizeof(value), sizeof(u));
			value = u;
			memcpy(to + i * sizeof(value), &value, sizeof(value));
		}
		return;
	case 'w':
		narrow((const wchar_t *)from, (uint16_t *)to, m->count);
		return;
	default:
		memcpy(to, from, abi_size(m->kind) * m->count);
	}
}

static void member_from_abi(const struct member *m, const char *from, char *to)
{
	unsigned int i;
	uint64_t value;
	size_t size;
	uintptr_t p;

	switch (m->kind) {
	case 'p':
		for (i = 0; i < m->count; i++) {
			memcpy(&value, from + i * sizeof(value), sizeof(value));
			p = (uintptr_t)value;
			if (memcmp(to + i * sizeof(p), &p, sizeof(p)))
				memcpy(to + i * sizeof(p), &p, sizeof(p));
		}
		return;
	case 'w':
		widen((const uint16_t *)from, (wchar_t *)to, m->count);
		return;
	default:
		size = m->kind == 'h' ? 4 : abi_size(m->kind) * m->count;
		if (memcmp(to, from, size))
			memcpy(to, from, size);
	}
}

void vdxg_shape_to_abi(const char *shape, const void *native, void *abi)
{
	struct walk w = begin(shape);
	struct member m;

	while (next_member(&w, &m))
		member_to_abi(&m, (const char *)native + m.native,
			      (char *)abi + m.abi);
}

void vdxg_shape_from_abi(const char *shape, const void *abi, void *native)
{
	struct walk w = begin(shape);
	struct member m;

	while (next_member(&w, &m))
		member_from_abi(&m, (const char *)abi + m.abi,
				(char *)native + m.native);
}
