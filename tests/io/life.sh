# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The life of devices: they come and go under load and leave nothing, and outlive their back ends' modules and xenstored.
# shellcheck disable=SC2154 # lib.sh stands in front
# shellcheck disable=SC2016,SC2317 # text for the domU; functions that are arguments
#: --mem 1G --domu domU-agent --domu-mem 512M
ROUNDS=${ROUNDS:-200}
WARM_UP=6

start 1
u 1 'load-module grantstat' >/dev/null 2>&1 || abandon "grantstat" "" 1
for file in load cycled kept; do
	rm -f /tmp/$file
	truncate -s 64M /tmp/$file
done

# count: everything that a device takes, on both sides; the agent's own nodes come and go.
count() {
	echo "xenstore nodes: $(xenstore-ls -f | grep -vc '/data')"
	echo "dom0's event channels: $(grep -c xen /proc/interrupts)"
	u 1 'echo "domU event channels: $(grep -c xen /proc/interrupts)"; echo "domU: $(cat /proc/grantstat)"'
	echo "frames: $(xenppc-list | cut -d' ' -f 1,3 | tr '\n' ' ')"
	echo "loop devices: $(losetup -a | wc -l)"
	echo "back ends: $(find /sys/bus/xen-backend/devices -type l | wc -l)"
	echo "interfaces: $(find /sys/class/net -type l | wc -l)"
}
# A disk's queue keeps the grants of what was under way in it at once, until it has not used them for a minute; which queue it
# is depends on the processor. So before all is counted each of them has just had one request of the load's size, and nothing
# besides: the load has ended.
every_queue() {
	u 1 'for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
	busybox taskset -c "${cpu##*cpu}" blkpat write /dev/xvda 33554432 65536 || exit 1
done'
}
stopped() { u 1 '! kill -0 $(cat /tmp/load.pid) 2>/dev/null'; }
counted=
same_count() {
	[ "$(count)" = "$counted" ]
}

# Attach and detach, one time a disk that is in use, the other time an interface.
cycle() {
	if [ $(($1 % 2)) = 0 ]; then
		xenppc-attach vbd 1 --name xvdc /tmp/cycled || return 1
		u 1 'blkpat loop /dev/xvdc 0 8388608 >/dev/null 2>&1 &' || return 1
		xenppc-attach detach 1 xvdc || return 1
	else
		xenppc-attach vif 1 --name 1 || return 1
		u 1 'ifconfig eth1 10.0.1.2 netmask 255.255.255.0 up; ping -f -c 20 -I eth1 10.0.1.9 >/dev/null 2>&1 &' || return 1
		xenppc-attach detach 1 vif1 || return 1
	fi
}

# Load that lasts: a disk that is written and read back, and packets, while others come and go.
disk 1 xvda /tmp/load
vif 1 0 10.0.0.2
u 1 'blkpat loop /dev/xvda 0 33554432 >/tmp/load.out 2>&1 & echo $! >/tmp/load.pid'
ping -i 0.2 10.0.0.2 >/tmp/ping.out 2>&1 &
pinger=$!
round=0
while [ "$round" -lt "$WARM_UP" ]; do
	cycle "$round" >/tmp/cycle.out 2>&1 || abandon "cycle $round" "$(cat /tmp/cycle.out)" 1
	round=$((round + 1))
done
u 1 'kill -TERM $(cat /tmp/load.pid)'
until_true 60 stopped || abandon "the load ends" "" 1
out=$(every_queue 2>&1) || abandon "a request from every processor" "$out" 1
counted=$(count)
free=$(xenppc-list --free)
u 1 'blkpat loop /dev/xvda 0 33554432 >/tmp/load.out 2>&1 & echo $! >/tmp/load.pid'
round=0
while [ "$round" -lt "$ROUNDS" ]; do
	cycle "$round" >/tmp/cycle.out 2>&1 || break
	round=$((round + 1))
done
is "devices attached and detached under load" "$ROUNDS" "$round"
[ "$round" = "$ROUNDS" ] || sed 's/^/# /' /tmp/cycle.out
try "the load ends" u 1 'kill -TERM $(cat /tmp/load.pid)'
try "when it is told to" until_true 60 stopped
like "what it wrote it found" '^[0-9]+$|passes' "$(u 1 'cat /tmp/load.out')"
is "and it said nothing else" 0 "$(u 1 'grep -ciE "wrong|error|differ" /tmp/load.out; true')"
kill -INT "$pinger"
wait "$pinger"
like "no packet was lost" ', 0% packet loss' "$(grep loss /tmp/ping.out)"
try "a request from every processor" every_queue
# Grants end deferred, some seconds later.
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
# Tables that translate the addresses of mappings stay, but not one for each mapping.
lost=$((free - $(xenppc-list --free)))
is "the hypervisor's free frames, but for $lost, too" yes "$([ "$lost" -le 8 ] && echo yes)"

# unload MODULE KIND: a back end's devices hold its module, so they are taken from it first; they stay where they are.
unload() {
	for device in /sys/bus/xen-backend/drivers/"$2"/"$2"-*; do
		echo "${device##*/}" >"/sys/bus/xen-backend/drivers/$2/unbind" || return 1
	done
	rmmod "$1"
}

# The back end's module goes and comes back: what was acknowledged is there, and the rest is done.
# The agent does one thing at a time, so this runs beside it.
u 1 '(blkpat -b 4096 -s 7 -y write /dev/xvda 0 67108864 >/tmp/acked 2>&1; echo $? >/tmp/acked.status) >/dev/null 2>&1 &'
progress() { [ "$(u 1 'grep -c acked /tmp/acked')" -gt "$1" ]; }
try "writes are acknowledged" until_true 60 progress 20
for time in first second; do
	try "the block back end's module goes under load ($time)" unload xen_blkback vbd
	at=$(u 1 'grep -c acked /tmp/acked')
	is "before the end ($time)" yes "$([ "$at" -lt 16384 ] && echo yes)"
	sleep 1
	is "nothing is acknowledged without it" "$at" "$(u 1 'grep -c acked /tmp/acked')"
	try "and comes back" load-module xen-blkback
	try "the domU's requests go on" until_true 60 progress "$at"
done
all_done() { u 1 'test -f /tmp/acked.status'; }
try "the writing ends" until_true 120 all_done
is "all of it was written" 0 "$(u 1 'cat /tmp/acked.status')"
is "and acknowledged" 16384 "$(u 1 'grep -c acked /tmp/acked')"
try "the domU finds what it wrote" u 1 'blkpat -s 7 check /dev/xvda 0 67108864'
try "dom0 too" blkpat -s 7 check /tmp/load 0 67108864

answers() { ping -c 1 -W 1 "${1:-10.0.0.2}"; }
ping -i 0.2 10.0.0.2 >/dev/null 2>&1 &
pinger=$!
try "the network back end's module goes under load" unload xen_netback vif
try "and comes back" load-module xen-netback
try "its interface is on the bridge again and answers" until_true 60 answers
kill "$pinger"

# xenstored is gone: devices in use go on. What the domU does now it was told before.
disk 1 xvdb /tmp/kept
u 1 'ping -c 1 10.0.0.1 >/dev/null; (sleep 4; blkpat -s 9 write /dev/xvdb 0 16777216; blkpat flush /dev/xvdb) >/dev/null 2>&1 &'
counted=$(pidof xenstored)
kill -9 "$counted"
written() { blkpat -s 9 check /tmp/kept 0 16777216; }
try "xenstored killed: packets go on" answers
try "and disks" until_true 60 written
calm
end
