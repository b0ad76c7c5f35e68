# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A domain with devices in use restarts, and later crashes: dom0 releases every resource that it held for the domain.
#provokes: \(d1\)|\(XEN\) d1
#: --mem 1G --domu domU-agent --domu domU-agent --domu-mem 384M

start_services 1 2
for file in one two; do
	rm -f /tmp/$file
	truncate -s 32M /tmp/$file
done

# count DOMAIN: the resources that dom0 holds for other domains.
count() {
	# One event channel of each domain belongs to xenstored.
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
	attach_disk 1 xvda /tmp/one
	attach_disk 1 xvdb --ro /tmp/two
	attach_vif 1 0 10.0.0.2
	in_domu 1 'blkpat loop /dev/xvda 0 16777216 >/dev/null 2>&1 & (while :; do cat /dev/xvdb; done) >/dev/null 2>&1 & ping -i 0.1 10.0.0.1 >/dev/null 2>&1 &'
	try "the domain's disks and interface are in use" ping -c 3 10.0.0.2
}
gone() { ! xenstore-exists /local/domain/1; }
unlisted() { ! xenppc-list | grep -q "^1 "; }
boot_id() { domU-run -t 5 1 'cat /proc/sys/kernel/random/boot_id'; }
restarted() { now=$(boot_id) && [ -n "$now" ] && [ "$now" != "$first" ]; }

# The devices of domain 2 stay as they are during the whole test.
attach_disk 2 xvda /tmp/two --ro
attach_vif 2 0 10.0.0.3
first=$(boot_id)
counted=$(count 1)

load
in_domu 1 'reboot -f' >/dev/null 2>&1 &
try "restart under load: the domain comes back with its number" until_true 90 restarted
try "dom0 has released its resources" until_true 30 same_count
[ "$(count 1)" = "$counted" ] || count 1 | sed 's/^/# /'
in_domu 1 'load-module xen-blkfront xen-netfront' || abandon "front ends" "" 1
load
try "the restarted domain writes" in_domu 1 'killall blkpat; while pidof blkpat >/dev/null; do sleep 0.1; done; blkpat -s 3 write /dev/xvda 0 16777216'
try "dom0 reads what it wrote" blkpat -s 3 check /tmp/one 0 16777216

in_domu 1 'blkpat loop /dev/xvda 0 16777216 >/dev/null 2>&1 & echo c >/proc/sysrq-trigger' >/dev/null 2>&1 &
try "crash under load: the xenstore nodes are removed" until_true 60 gone
try "the hypervisor no longer lists the domain" until_true 30 unlisted
try "dom0 has released its resources" until_true 30 same_count
[ "$(count 1)" = "$counted" ] || count 1 | sed 's/^/# /'
try "the other domain's disk works" in_domu 2 'dd if=/dev/xvda of=/dev/null bs=1M count=8 iflag=direct 2>/dev/null'
try "the other domain's interface works" ping -c 3 10.0.0.3
check_logs 2
finish
