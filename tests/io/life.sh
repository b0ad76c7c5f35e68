# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Devices that are attached and detached under load leave no resources behind, and devices in use survive the removal of
# the back end's module and the death of xenstored.
#: --mem 1G --domu domU-agent --domu-mem 512M
ROUNDS=${ROUNDS:-200}
WARM_UP=6

start_services 1
in_domu 1 'load-module grantstat' >/dev/null 2>&1 || abandon "grantstat" "" 1
for file in load cycled kept; do
	rm -f /tmp/$file
	truncate -s 64M /tmp/$file
done

# count: every resource that a device uses, on both sides. Nodes below data are left out: the agent's change all the time.
count() {
	echo "xenstore nodes: $(xenstore-ls -f | grep -vc '/data')"
	echo "dom0's event channels: $(grep -c xen /proc/interrupts)"
	in_domu 1 'echo "domU event channels: $(grep -c xen /proc/interrupts)"; echo "domU: $(cat /proc/grantstat)"'
	echo "frames: $(xenppc-list | cut -d' ' -f 1,3 | tr '\n' ' ')"
	echo "loop devices: $(losetup -a | wc -l)"
	echo "back ends: $(find /sys/bus/xen-backend/devices -type l | wc -l)"
	echo "interfaces: $(find /sys/class/net -type l | wc -l)"
}
# The queues of a disk keep the grants of requests that were in flight, for a minute after the last use, and each processor
# has its queue. Before resources are counted, send one request of the load's size through each queue, after the load
# has ended, so that the number of grants is the same each time.
every_queue() {
	in_domu 1 'for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
	busybox taskset -c "${cpu##*cpu}" blkpat write /dev/xvda 33554432 65536 || exit 1
done'
}
stopped() { in_domu 1 '! kill -0 $(cat /tmp/load.pid) 2>/dev/null'; }
counted=
same_count() {
	[ "$(count)" = "$counted" ]
}

# cycle NUMBER: attach, use and detach a disk (even numbers) or an interface (odd numbers).
cycle() {
	if [ $(($1 % 2)) = 0 ]; then
		xenppc-attach vbd 1 --name xvdc /tmp/cycled || return 1
		in_domu 1 'blkpat loop /dev/xvdc 0 8388608 >/dev/null 2>&1 &' || return 1
		xenppc-attach detach 1 xvdc || return 1
	else
		xenppc-attach vif 1 --name 1 || return 1
		in_domu 1 'ifconfig eth1 10.0.1.2 netmask 255.255.255.0 up; ping -f -c 20 -I eth1 10.0.1.9 >/dev/null 2>&1 &' || return 1
		xenppc-attach detach 1 vif1 || return 1
	fi
}

# A lasting load on a disk and an interface while others are attached and detached.
attach_disk 1 xvda /tmp/load
attach_vif 1 0 10.0.0.2
in_domu 1 'blkpat loop /dev/xvda 0 33554432 >/tmp/load.out 2>&1 & echo $! >/tmp/load.pid'
ping -i 0.2 10.0.0.2 >/tmp/ping.out 2>&1 &
pinger=$!
round=0
while [ "$round" -lt "$WARM_UP" ]; do
	cycle "$round" >/tmp/cycle.out 2>&1 || abandon "cycle $round" "$(cat /tmp/cycle.out)" 1
	round=$((round + 1))
done
in_domu 1 'kill -TERM $(cat /tmp/load.pid)'
until_true 60 stopped || abandon "the load ends" "" 1
out=$(every_queue 2>&1) || abandon "a request from every processor" "$out" 1
counted=$(count)
free=$(xenppc-list --free)
in_domu 1 'blkpat loop /dev/xvda 0 33554432 >/tmp/load.out 2>&1 & echo $! >/tmp/load.pid'
round=0
while [ "$round" -lt "$ROUNDS" ]; do
	cycle "$round" >/tmp/cycle.out 2>&1 || break
	round=$((round + 1))
done
is "devices attached and detached under load" "$ROUNDS" "$round"
[ "$round" = "$ROUNDS" ] || sed 's/^/# /' /tmp/cycle.out
try "the load ends" in_domu 1 'kill -TERM $(cat /tmp/load.pid)'
try "and its process is gone" until_true 60 stopped
like "the load read back what it wrote" '^[0-9]+$|passes' "$(in_domu 1 'cat /tmp/load.out')"
is "and reported no error" 0 "$(in_domu 1 'grep -ciE "wrong|error|differ" /tmp/load.out; true')"
kill -INT "$pinger"
wait "$pinger"
like "no packet was lost" ', 0% packet loss' "$(grep loss /tmp/ping.out)"
try "a request from every processor" every_queue
# Grants in use are ended later, by a timer of the grant table driver.
tries=10
until same_count || [ "$tries" = 0 ]; do
	tries=$((tries - 1))
	sleep 2
done
if same_count; then
	ok "all counts have returned"
else
	not_ok "counts have not returned" "$(count)"
fi
printf '%s\n' "$counted" | sed 's/^/# /'
# The hypervisor keeps some page tables of grant mappings, but not one for each mapping.
lost=$((free - $(xenppc-list --free)))
is "free frames of the hypervisor, $lost less than before: at most 8" yes "$([ "$lost" -le 8 ] && echo yes)"

# unload MODULE KIND: devices hold a reference to their driver's module, so unbind them first; the devices stay. xen-blkback
# drops its last reference in a work item, after that.
unload() {
	for device in /sys/bus/xen-backend/drivers/"$2"/"$2"-*; do
		echo "${device##*/}" >"/sys/bus/xen-backend/drivers/$2/unbind" || return 1
	done
	until_true 60 rmmod "$1"
}

# Unload and reload the back end's module: acknowledged writes are on the disk, and the others are completed later.
# The writer runs in the background, since the agent runs one command at a time.
in_domu 1 '(blkpat -b 4096 -s 7 -y write /dev/xvda 0 67108864 >/tmp/acked 2>&1; echo $? >/tmp/acked.status) >/dev/null 2>&1 &'
progress() { [ "$(in_domu 1 'grep -c acked /tmp/acked')" -gt "$1" ]; }
try "writes are acknowledged" until_true 60 progress 20
for time in first second; do
	try "the block back end's module is unloaded under load ($time)" unload xen_blkback vbd
	at=$(in_domu 1 'grep -c acked /tmp/acked')
	is "before the end ($time)" yes "$([ "$at" -lt 16384 ] && echo yes)"
	sleep 1
	is "without it nothing is acknowledged" "$at" "$(in_domu 1 'grep -c acked /tmp/acked')"
	try "and is loaded again" load-module xen-blkback
	try "the domU's requests are completed" until_true 60 progress "$at"
done
all_done() { in_domu 1 'test -f /tmp/acked.status'; }
try "the writer ends" until_true 120 all_done
is "all of it was written" 0 "$(in_domu 1 'cat /tmp/acked.status')"
is "all of it was acknowledged" 16384 "$(in_domu 1 'grep -c acked /tmp/acked')"
try "the domU reads what it wrote" in_domu 1 'blkpat -s 7 check /dev/xvda 0 67108864'
try "dom0 reads the same" blkpat -s 7 check /tmp/load 0 67108864

answers() { ping -c 1 -W 1 "${1:-10.0.0.2}"; }
ping -i 0.2 10.0.0.2 >/dev/null 2>&1 &
pinger=$!
try "the network back end's module is unloaded under load" unload xen_netback vif
try "and is loaded again" load-module xen-netback
try "its interface is on the bridge again and answers" until_true 60 answers
kill "$pinger"

# Without xenstored, devices in use keep working. The domU's commands are sent before, since the agent needs xenstore.
attach_disk 1 xvdb /tmp/kept
in_domu 1 'ping -c 1 10.0.0.1 >/dev/null; (sleep 4; blkpat -s 9 write /dev/xvdb 0 16777216; blkpat flush /dev/xvdb) >/dev/null 2>&1 &'
counted=$(pidof xenstored)
kill -9 "$counted"
written() { blkpat -s 9 check /tmp/kept 0 16777216; }
try "xenstored killed: the interface works" answers
try "xenstored killed: the disk works" until_true 60 written
check_logs
finish
