# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Functions for the scenarios of this directory; tests/scenario puts this file behind tests/lib/scenario.sh.

boot_id() { domU-run -t 5 1 'cat /proc/sys/kernel/random/boot_id'; }
booted() { id=$(boot_id) && [ "$id" != "$before" ]; }
# reboot_domain SECONDS: domain 1 reboots and is served again within that time.
reboot_domain() {
	before=$(boot_id)
	in_domu 1 'reboot -f' >/dev/null 2>&1 &
	until_true "$1" booted
}
