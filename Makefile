# SPDX-License-Identifier: GPL-2.0
# The project's verbs. Everything that is built goes to build/.

KDIR ?=
SECONDS ?= 60
BUILD := build
VARIANTS := 64k 4k noxen
START := $(shell date +%s)
STAGE := scripts/stage
TOOLSTACK = $(MAKE) -s -C toolstack O=$(CURDIR)/$(BUILD)/toolstack
HYPERVISOR = $(MAKE) -s -C hypervisor O=$(CURDIR)/$(BUILD)/hypervisor

help:
	@echo 'make demo               build everything and boot one image on the four machines (INTERACTIVE=1: then stay in dom0)'
	@echo 'make check              run every test; the last line is "N passed, N failed"'
	@echo '                        (TESTS="name ...": only those; JOBS=N: use N processors)'
	@echo 'make check-debian       build a kernel with the configuration of Debian 13, and boot it on the four machines'
	@echo 'make check-debug        build kernels that check their memory accesses, locks and data races, and run'
	@echo '                        the tests of devices and of many domains in them'
	@echo 'make fuzz SECONDS=60    run each fuzz target of the hypervisor for that long'
	@echo 'make coverage           print which lines of the hypervisor the unit tests execute'
	@echo 'make bench              measure, and print lines "name value unit"'
	@echo 'make lint               static checks: checkpatch, sparse, kernel-doc, layers, shellcheck, coccicheck'
	@echo 'make build              build the kernels, the initramfs, the user space and the hypervisor'
	@echo '                        (in parts: make kernel, make initramfs, make toolstack, make hypervisor)'
	@echo 'make graft KDIR=DIR     put the port into a Linux 6.12 tree, or bring it up to date'
	@echo 'make ungraft KDIR=DIR   take it out again'
	@echo 'make modules KDIR=DIR   build the modules of drivers-xen against a configured kernel tree'
	@echo 'make series             the port as a series for git am, in $(BUILD)/series'
	@echo 'make clean              remove $(BUILD)/'

deps:
	@scripts/deps

kernel: deps
	@scripts/kernel 64k

kernels: deps
	@scripts/kernel $(VARIANTS)

initramfs: deps
	@$(STAGE) initramfs -- scripts/initramfs

# Xen's own user space for dom0, from Debian's source package; and the tools of toolstack/.
toolstack: deps
	@$(STAGE) "Xen's user space: source" --megabytes $(BUILD)/toolstack -- $(TOOLSTACK) source
	@$(STAGE) "Xen's user space: build" --objects $(BUILD)/toolstack/obj -- $(TOOLSTACK)

# A Debian root for domUs, from Debian's packages, and dom0's disk, which holds it as a file.
images: initramfs toolstack
	@$(STAGE) 'disk images' --megabytes $(BUILD)/toolstack -- $(TOOLSTACK) images

# libfdt comes from the kernel's source tree.
hypervisor: deps
	@scripts/kernel --source
	@$(STAGE) 'hypervisor' --objects $(BUILD)/hypervisor -- $(HYPERVISOR)

big-endian: deps
	@scripts/kernel be
	@$(STAGE) 'big-endian: initramfs' --objects $(BUILD)/busybox-source -- scripts/initramfs --big-endian
	@$(STAGE) "big-endian: Xen's user space" --objects $(BUILD)/toolstack/obj-be -- $(TOOLSTACK) ENDIAN=be
	@$(STAGE) 'big-endian: hypervisor' --objects $(BUILD)/hypervisor/be -- $(HYPERVISOR) ENDIAN=be

build: kernels initramfs toolstack hypervisor

demo: kernel initramfs toolstack images hypervisor
	@scripts/demo --since $(START) $(if $(INTERACTIVE),--interactive)

check: deps
	@scripts/kernel 64k 4k lockdep
	@$(MAKE) -s images hypervisor big-endian
	@tests/run $(if $(JOBS),--jobs $(JOBS)) $(TESTS)

check-debian: initramfs toolstack hypervisor
	@scripts/kernel debian
	@tests/run $(if $(JOBS),--jobs $(JOBS)) --from tests/list.debian $(TESTS)

check-debug: deps
	@scripts/kernel lockdep kasan kcsan
	@$(MAKE) -s images hypervisor
	@tests/run $(if $(JOBS),--jobs $(JOBS)) --from tests/list.debug $(TESTS)

fuzz: deps
	@$(MAKE) -s -C tests/fuzz run SECONDS=$(SECONDS) O=$(CURDIR)/$(BUILD)/fuzz

coverage: deps
	@$(MAKE) -s -C tests/unit coverage

bench: build
	@tests/bench/run

lint: deps
	@scripts/lint

graft ungraft modules: need-kdir
need-kdir:
	@[ -n "$(KDIR)" ] || { echo 'say which kernel tree: KDIR=DIR' >&2; exit 2; }

graft:
	@scripts/graft $(KDIR)

ungraft:
	@scripts/graft --ungraft $(KDIR)

modules:
	@scripts/modules $(KDIR)

series:
	@scripts/series $(BUILD)/series

# Kbuild leaves the files of make modules beside the sources.
clean:
	rm -rf $(BUILD) Module.symvers modules.order .*.cmd
	find drivers-xen \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name modules.order -o -name built-in.a \) -delete

.PHONY: help deps kernel kernels initramfs toolstack images hypervisor big-endian build demo check check-debian check-debug fuzz coverage bench lint graft ungraft modules need-kdir series clean
.NOTPARALLEL:
