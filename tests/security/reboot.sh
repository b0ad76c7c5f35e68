# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A domain that reboots keeps what dom0 has set for it. One that reboots again and again is built more slowly each time,
# and leaves the others alone.
#provokes: \(XEN\) d1|\(d1\)
#: --domu domU-agent --domu domU-agent
REBOOTS=3

start_services
affinity() { sched-ctl 1 0 | cut -d' ' -f4; }
uuid() { in_domu 1 'cat /sys/hypervisor/uuid'; }
# The domain's time, less that of its only vcpu, in ms: the hypervisor's for building it again. The domain is idle.
rebuild_ms() {
	total=$(domains | sed -n 's/^1 //p')
	echo $(((total - $(sched-ctl 1 0 | cut -d' ' -f2)) / 1000000))
}

other=$(in_domu 2 'cat /proc/sys/kernel/random/boot_id')
try "dom0 sets the domain's weight" sched-ctl 1 weight 300
try "its cap" sched-ctl 1 cap 90
try "and its affinity" sched-ctl 1 0 1
uuid=$(uuid)
ms=$(rebuild_ms)
is "before it reboots its time is its vcpu's, $ms ms beside: at most 1" yes "$([ "$ms" -le 1 ] && echo yes)"
free=$(xenppc-list --free)
memory=$(xenppc-list 1 | cut -d' ' -f 3,4)
round=0
while [ "$round" -lt "$REBOOTS" ]; do
	round=$((round + 1))
	try "the domain reboots ($round)" reboot_domain 90
done
is "it has the weight and the cap that were set" "300 90" "$(sched-ctl 1)"
is "the affinity" 1 "$(affinity)"
is "its memory and its limit" "$memory" "$(xenppc-list 1 | cut -d' ' -f 3,4)"
is "its UUID" "$uuid" "$(uuid)"
ms=$(rebuild_ms)
is "it has paid for being built again, $ms ms: at least 10" yes "$([ "$ms" -ge 10 ] && echo yes)"
lost=$((free - $(xenppc-list --free)))
is "free frames of the hypervisor, $lost less than before: at most 8" yes "$([ "$lost" -le 8 ] && echo yes)"
is "the other domain has gone on" "$other" "$(in_domu 2 'cat /proc/sys/kernel/random/boot_id')"
check_logs 1 2
finish
