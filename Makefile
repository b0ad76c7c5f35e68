# SPDX-License-Identifier: GPL-2.0
# The project's verbs. Everything built goes under build/.

KDIR ?=
SECONDS ?= 60
BUILD := build
VARIANTS := 64k 4k noxen

help:
	@echo 'make demo               build all, boot one image on the four machines (INTERACTIVE=1: then stay in dom0)'
	@echo 'make check              every test; the last line is "N passed, N failed" (TESTS="name ...": only those)'
	@echo 'make fuzz SECONDS=60    each fuzz target of the hypervisor that long'
	@echo 'make bench              measured figures, lines "name value unit"'
	@echo 'make lint               checkpatch, sparse, kernel-doc, shellcheck, coccicheck'
	@echo 'make build              the kernels, the initramfs and the hypervisor (also: make kernel, make hypervisor)'
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
	@scripts/initramfs

# Xen's own user space, from Debian's source.
toolstack: deps
	@$(MAKE) -s -C toolstack O=$(CURDIR)/$(BUILD)/toolstack

# A Debian root for domUs, from Debian's packages, and dom0's disk that holds it.
images: initramfs toolstack
	@$(MAKE) -s -C toolstack O=$(CURDIR)/$(BUILD)/toolstack images

# The hypervisor takes libfdt from the kernel's source tree once that is there.
hypervisor: deps
	@scripts/kernel --source
	@$(MAKE) -s -C hypervisor O=$(CURDIR)/$(BUILD)/hypervisor

build: kernels initramfs toolstack hypervisor

demo: kernel initramfs toolstack images hypervisor
	@scripts/demo $(if $(INTERACTIVE),--interactive)

check: deps
	@scripts/kernel 64k 4k be
	@$(MAKE) -s images hypervisor
	@scripts/initramfs --big-endian
	@$(MAKE) -s -C toolstack O=$(CURDIR)/$(BUILD)/toolstack ENDIAN=be
	@$(MAKE) -s -C hypervisor O=$(CURDIR)/$(BUILD)/hypervisor ENDIAN=be
	@tests/run $(TESTS)

fuzz: deps
	@$(MAKE) -s -C tests/fuzz run SECONDS=$(SECONDS) O=$(CURDIR)/$(BUILD)/fuzz

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

.PHONY: help deps kernel kernels initramfs toolstack images hypervisor build demo check fuzz bench lint graft ungraft modules need-kdir series clean
.NOTPARALLEL:
