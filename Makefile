# SPDX-License-Identifier: MIT
#
# vdxg: the commands of the project. "make help" lists them. Everything that is built
# goes below build/; kernels and downloads go to the XDG cache.

VERSION := 0.1

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
CC ?= gcc
CFLAGS ?= -O2 -g
BITS ?= 64

# build/ for 64 bits, build/32/ for the 32-bit library and tests
# and build/coverage/ for a library that counts its lines
B := build$(if $(COVERAGE),/coverage)$(if $(filter 32,$(BITS)),/32)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# ---------------------------------------------------------------------------
# Library, tool and test programs

WARNINGS := -Wall -Wextra -Werror
FLAGS := $(CFLAGS) $(WARNINGS) -std=gnu11 -m$(BITS) -pthread -I. -Ilib/include -MMD -MP \
	 -D_GNU_SOURCE -DVDXG_VERSION='"$(VERSION)"'
# ccache where it is; the directory of a clone does not matter to it
CCACHE := $(shell command -v ccache)
export CCACHE_NOHASHDIR := 1
DRM_CFLAGS = $(shell pkg-config --cflags libdrm)
DRM_LIBS = $(shell pkg-config --libs libdrm)
as-needed := -Wl,--as-needed
comma := ,

# what the vdxg command is linked with: VDXG_LIBS
include tools/vdxg/libs.mk

lib_objects := $(patsubst %.c,$(B)/obj/%.o,$(wildcard lib/*.c))
dxcore_objects := $(B)/obj/lib/dxcore/stubs.o
tool_objects := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tools/vdxg/*.c))

libraries := $(B)/lib/libd3dkmt.so $(B)/lib/libdxcore.so

# A test source that has a main is a program; the others are parts of each of them.
# libdrm exists here for 64 bits only, so programs that use it, and the
# benchmarks, are built for those only.
test_sources := $(wildcard $(foreach d,user bench fuzz witness,tests/$(d)/*.c))
test_programs := $(shell grep -lE '^(TEST_MAIN|int main)\b' $(test_sources) /dev/null)
drm_sources := $(shell grep -lE '<(xf86drm|xf86drmMode)\.h>' \
		 $(test_sources) $(wildcard tools/vdxg/*.c) /dev/null)
test_parts := $(filter-out $(test_programs),$(test_sources))
ifeq ($(BITS),32)
test_programs := $(filter-out $(drm_sources) tests/bench/%,$(test_programs))
endif
test_binaries := $(patsubst %.c,$(B)/%,$(test_programs))
test_archive := $(B)/obj/tests/parts.a

# tests/abi is compiled as C for both sizes and as C++; the library's header also beside DirectX-Headers
abi_sources := $(wildcard tests/abi/*.c)
abi_binaries := $(patsubst tests/abi/%.c,build/tests/abi/%-c64,$(abi_sources)) \
		$(patsubst tests/abi/%.c,build/tests/abi/%-cxx,$(abi_sources)) \
		$(patsubst tests/abi/%.c,build/32/tests/abi/%-c32,$(abi_sources)) \
		build/tests/abi/windows-directx-c64 build/tests/abi/windows-directx-cxx

.PHONY: all module lib tools tests abi-programs user32
all: module lib tools

lib: $(libraries)
tools: $(if $(tool_objects),$(B)/bin/vdxg)
tests: $(test_binaries)
abi-programs: $(abi_binaries)
user32:
	@$(MAKE) --no-print-directory BITS=32 lib tests

$(B)/obj/%.o: %.c | toolchain
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CCACHE) $(CC) $(FLAGS) $(if $(filter lib/%,$<),-fPIC -fvisibility=hidden) \
		$(if $(filter $<,$(drm_sources)),$(DRM_CFLAGS)) \
		$(if $(COVERAGE),$(if $(filter lib/%,$<),--coverage)) -c -o $@ $<

# $(call link-library,NAME,LIBS): one shared library with its soname and its plain name
define link-library
	@echo "  LD      $@"
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(if $(COVERAGE),--coverage) -m$(BITS) -pthread -shared -Wl,-soname,$(1).so.1 -Wl,-z,defs \
		$(addprefix -Wl$(comma)--version-script=,$(filter %.map,$^)) \
		-o $(@D)/$(1).so.1 $(filter %.o,$^) $(2)
	@ln -sf $(1).so.1 $@
endef

$(B)/lib/libd3dkmt.so: $(lib_objects) $(wildcard lib/libd3dkmt.map)
	$(call link-library,libd3dkmt)

# libdxcore has the names of libd3dkmt, whose functions are used: see lib/dxcore/stubs.sh
$(B)/obj/lib/dxcore/stubs.c: lib/dxcore/stubs.sh $(B)/lib/libd3dkmt.so
	@mkdir -p $(@D)
	@$^ >$@

$(dxcore_objects): %.o: %.c
	@$(CC) $(FLAGS) -fPIC -c -o $@ $<

$(B)/lib/libdxcore.so: $(dxcore_objects) $(B)/lib/libd3dkmt.so
	$(call link-library,libdxcore,-Wl$(comma)-F$(comma)libd3dkmt.so.1 -L$(B)/lib -ld3dkmt)

$(B)/bin/vdxg: $(tool_objects) $(B)/lib/libd3dkmt.so
	@echo "  LD      $@"
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -m$(BITS) -pthread -o $@ $(tool_objects) -L$(B)/lib -ld3dkmt \
		$$(pkg-config --libs $(VDXG_LIBS))

$(test_archive): $(patsubst %.c,$(B)/obj/%.o,$(test_parts))
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcsP $@ $^

# In the coverage build the library is part of each program: the counters of a shared one could not be written by
# a program that ends in the middle, as most cases do.
test_library := $(if $(COVERAGE),$(lib_objects) --coverage -Wl$(comma)-u$(comma)__gcov_dump,-L$(B)/lib -ld3dkmt)

$(test_binaries): $(B)/tests/%: $(B)/obj/tests/%.o $(test_archive) $(libraries)
	@echo "  LD      $@"
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -m$(BITS) -pthread -o $@ $< $(test_archive) $(test_library) \
		$(as-needed) $(if $(filter 64,$(BITS)),$(DRM_LIBS))

abi-flags := -O1 $(WARNINGS) -I. -Ilib/include
directx-flags = -DVDXG_USE_WINADAPTER $(shell pkg-config --cflags DirectX-Headers)
build/tests/abi/%-c64: tests/abi/%.c $(wildcard tests/abi/* uapi/*.h lib/include/*.h) | toolchain
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@gcc -std=gnu11 -m64 $(abi-flags) -o $@ $<

build/32/tests/abi/%-c32: tests/abi/%.c $(wildcard tests/abi/* uapi/*.h lib/include/*.h) | toolchain
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@gcc -std=gnu11 -m32 $(abi-flags) -o $@ $<

build/tests/abi/%-cxx: tests/abi/%.c $(wildcard tests/abi/* uapi/*.h lib/include/*.h) | toolchain
	@echo "  CXX     $@"
	@mkdir -p $(@D)
	@g++ -std=gnu++17 -m64 $(abi-flags) -x c++ -o $@ $<

build/tests/abi/%-directx-c64: tests/abi/%.c $(wildcard tests/abi/* uapi/*.h lib/include/*.h) | toolchain
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@gcc -std=gnu11 -m64 $(abi-flags) $(directx-flags) -o $@ $<

build/tests/abi/%-directx-cxx: tests/abi/%.c $(wildcard tests/abi/* uapi/*.h lib/include/*.h) | toolchain
	@echo "  CXX     $@"
	@mkdir -p $(@D)
	@g++ -std=gnu++17 -m64 $(abi-flags) $(directx-flags) -x c++ -o $@ $<

.PHONY: toolchain
toolchain:
	@command -v $(CC) pkg-config >/dev/null && pkg-config --exists libdrm || \
		{ echo "missing: $(CC), pkg-config or libdrm (tools/deps.sh installs them)" >&2; exit 1; }

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# ---------------------------------------------------------------------------
# The module. KDIR: the newest installed headers, else Debian's 6.12, fetched.

KDIR ?= $(shell ls -d /lib/modules/*/build /usr/src/linux-headers-*-amd64 2>/dev/null | \
	  sort -V | tail -n 1)

module:
	@echo "  MODULE  $(or $(KERNEL),$(KDIR),6.12)"
	@tools/kbuild.sh $(or $(KERNEL),$(KDIR),6.12) >/dev/null

# ---------------------------------------------------------------------------
# Running and testing, in a virtual machine. Each suite says how long it took.

KERNEL ?=
GPU ?= virtio
SECONDS ?= 60
SEED ?=
REPRO ?=

.PHONY: deps run check check-long kunit vmtest abi sparse checkpatch planted witness fuzz coverage bench bench-threads shell
deps:
	@tools/deps.sh

run: deps
	@echo "run: building, then the demonstration on Debian's kernel $(or $(KERNEL),6.12) in QEMU (1 minute)"
	@$(MAKE) --no-print-directory KERNEL=$(or $(KERNEL),6.12) all
	@tools/vm/run --kernel $(or $(KERNEL),6.12) --gpu $(GPU) --name run -- vdxg demo

check: deps
	@tools/check

check-long: deps
	@tools/check long

kunit vmtest abi sparse checkpatch planted witness: deps
	@tools/check $(if $(and $(KERNEL),$(filter vmtest,$@)),$@-$(KERNEL),$@)

fuzz: deps
	@tools/check fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(REPRO),--repro $(REPRO))

coverage: deps
	@tools/check coverage

bench: deps
	@$(MAKE) --no-print-directory KERNEL=6.12 all tests
	@tests/bench/run

bench-threads: deps
	@$(MAKE) --no-print-directory KERNEL=6.12 module build/tests/bench/threads
	@tools/vm/run --kernel 6.12 --gpu none --name bench-threads --quiet -- /tests/bench/threads

shell: deps
	@$(MAKE) --no-print-directory KERNEL=$(or $(KERNEL),6.12) all tests
	@echo "shell: type exit to leave"
	@tools/vm/run --kernel $(or $(KERNEL),6.12) --gpu $(GPU) --shell

# ---------------------------------------------------------------------------
# Installing on a real machine

source_dir := $(DESTDIR)/usr/src/vdxg-$(VERSION)
expand = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|'

# what programs for WSL take for the directory of the user-mode driver
driver_store := /usr/lib/wsl/drivers/vdxg
# WSL's own library has more than D3DKMT: ours must not be found in its place
wsl_dxcore := $(wildcard /usr/lib/wsl/lib/libdxcore.so)

.PHONY: install dkms
install: lib tools
	@echo "  INSTALL $(DESTDIR)$(PREFIX), $(source_dir)"
	@install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/bin \
		$(DESTDIR)$(PREFIX)/include/vdxg/uapi $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)/usr/lib/udev/rules.d $(DESTDIR)$(driver_store)
	@for l in libd3dkmt $(if $(wsl_dxcore),,libdxcore); do \
		install -m 755 $(B)/lib/$$l.so.1 $(DESTDIR)$(LIBDIR) && \
		ln -sf $$l.so.1 $(DESTDIR)$(LIBDIR)/$$l.so || exit 1; \
	done
	@install -m 755 $(B)/bin/vdxg $(DESTDIR)$(PREFIX)/bin
	@install -m 644 Documentation/vdxg.1 $(DESTDIR)$(PREFIX)/share/man/man1
	@install -m 644 lib/include/*.h $(DESTDIR)$(PREFIX)/include/vdxg
	@install -m 644 uapi/*.h $(DESTDIR)$(PREFIX)/include/vdxg/uapi
	@$(expand) packaging/libd3dkmt.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/libd3dkmt.pc
	@install -m 644 packaging/60-vdxg.rules $(DESTDIR)/usr/lib/udev/rules.d
	@rm -rf $(source_dir)
	@install -d $(source_dir)
	@cp -a Kbuild kmod uapi $(source_dir)
	@$(expand) packaging/dkms.conf.in >$(source_dir)/dkms.conf
	@[ -n "$(DESTDIR)" ] || ldconfig	# or the library is not found before the next package is installed

dkms:
	@command -v dkms >/dev/null || { echo "missing: dkms (apt-get install dkms)" >&2; exit 1; }
	@[ -e /usr/src/vdxg-$(VERSION)/dkms.conf ] || \
		{ echo "the sources are not installed: run make install first" >&2; exit 1; }
	dkms install vdxg/$(VERSION)

.PHONY: clean help
clean:
	rm -rf build

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make                  module for KDIR=, library, tools
## make run              installs what is missing, builds, runs the demonstration in QEMU
## make check            the same from nothing, then all tests
## make check-long       what does not fit there
## make kunit            the KUnit suites on the debug kernel
## make vmtest           the user tests in QEMU [KERNEL=6.1|6.12|debug]
## make abi              sizes, offsets and numbers of the interface
## make sparse checkpatch planted witness   the other parts of check
## make bench            instructions per operation
## make bench-threads    two processes that create and destroy against one, wall clock
## make fuzz             the fuzzer on the debug kernel [SECONDS=60] [SEED=n] [REPRO=file]
## make coverage         which lines of module and library all tests reach
## make shell            a shell in QEMU [KERNEL=6.12] [GPU=virtio|none]
## make install dkms     for a real machine [PREFIX=] [DESTDIR=]
## make clean
