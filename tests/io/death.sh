# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A domain with devices in use crashes, restarts and goes off: dom0 releases all that it had.
# shellcheck disable=SC2154 # lib.sh stands in front
# shellcheck disable=SC2016,SC2317 # text for the domU; functions that are arguments
#: --mem 1G --domu domU-agent --domu domU-agent --domu-mem 384M

start 1 2
for file in one two; do
	rm -f /tmp/$file
	truncate -s 32M /tmp/$file
done

# count: what dom0 has of other domains.
count() {
	# One of each domain that is served is for xenstored.
	echo "dom0's event channels: $(($(grep -c xen /proc/interrupts) - $(xenstore-list /local/domain | wc -l)))"
	echo "loop devices: $(losetup -a | wc -l)"
	echo "back ends: $(find /sys/bus/xen-backend/devices -type l | wc -l)"
	echo "interfaces: $(find /sys/class/net -type l | wc -l)"
	echo "nodes of back ends: $(xenstore-ls -f /local/domain/0 | grep -c "/$1/")"
}
same_count() {
	[ "$(count 1)" = "$counted" ]
}
load() {
	disk 1 xvda /tmp/one
	disk 1 xvdb --ro /tmp/two
	vif 1 0 10.0.0.2
	u 1 'blkpat loop /dev/xvda 0 16777216 >/dev/null 2>&1 & (while :; do cat /dev/xvdb; done) >/dev/null 2>&1 & ping -i 0.1 10.0.0.1 >/dev/null 2>&1 &'
	try "the domain's disks and interface are in use" ping -c 3 10.0.0.2
}
gone() { ! xenstore-exists /local/domain/1; }
unlisted() { ! xenppc-list | grep -q "^1 "; }
boot_id() { domU-run -t 5 1 'cat /proc/sys/kernel/random/boot_id'; }
restarted() { now=$(boot_id) && [ -n "$now" ] && [ "$now" != "$first" ]; }

# The second domain's devices stay as they are all the while.
disk 2 xvda /tmp/two --ro
vif 2 0 10.0.0.3
first=$(boot_id)
counted=$(count 1)

load
u 1 'reboot -f' >/dev/null 2>&1 &
try "restart under load: the domain comes back with its number" until_true 90 restarted
try "dom0 has released what it had" until_true 30 same_count
[ "$(count 1)" = "$counted" ] || count 1 | sed 's/^/# /'
u 1 'load-module xen-blkfront xen-netfront' || abandon "front ends" "" 1
load
try "what it writes now is right" u 1 'killall blkpat; sleep 1; blkpat -s 3 write /dev/xvda 0 16777216'
try "in dom0 too" blkpat -s 3 check /tmp/one 0 16777216

u 1 'blkpat loop /dev/xvda 0 16777216 >/dev/null 2>&1 & echo c >/proc/sysrq-trigger' >/dev/null 2>&1 &
try "crash under load: its nodes go" until_true 60 gone
try "the hypervisor has forgotten it" until_true 30 unlisted
try "dom0 has released what it had" until_true 30 same_count
[ "$(count 1)" = "$counted" ] || count 1 | sed 's/^/# /'
try "the other domain's disk is there" u 2 'dd if=/dev/xvda of=/dev/null bs=1M count=8 iflag=direct 2>/dev/null'
try "and its interface" ping -c 3 10.0.0.3
calm 2
end
