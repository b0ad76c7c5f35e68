# SPDX-License-Identifier: GPL-2.0
#
# What the hypervisor takes from the Linux source: libfdt, and the headers of
# the Xen interface. Also for the tests that compile the core.
#
# Input:  HV (this directory), LINUX_TAR or LINUX_SRC
# Output: LINUX (where the parts are), LINUX_DONE (depend on it, order only),
#         INTERFACE (compiler flags that find the headers)
#
# The patches of this tree change none of these headers, so that it does not
# matter whether the source has the port in it. include/ of this tree comes first.

.DEFAULT_GOAL := all
LINUX_TAR ?= /usr/src/linux-source-6.12.tar.xz
LINUX_SRC ?= $(abspath $(HV)/../build/linux-6.12)
LINUX	?= $(abspath $(HV)/../build/linux-parts)
LINUX_DONE := $(LINUX)/.done
INTERFACE := -I$(HV)/include -I$(HV)/../include -isystem $(LINUX)/include

# Several makes may do this at once: whoever renames first provides the parts.
$(LINUX_DONE):
	@new=$(LINUX).$$$$ && rm -rf $$new && mkdir -p $$new && \
	if [ -d $(LINUX_SRC)/scripts/dtc/libfdt ]; then \
		tar -c -C $(LINUX_SRC) scripts/dtc/libfdt include/xen/interface | tar -x -C $$new; \
	else \
		tar -xf $(LINUX_TAR) -C $$new --strip-components=1 --wildcards \
			'*/scripts/dtc/libfdt/*.[ch]' '*/include/xen/interface/*'; \
	fi && touch $$new/.done && { mv -T $$new $(LINUX) 2>/dev/null || rm -rf $$new; } && test -e $@
