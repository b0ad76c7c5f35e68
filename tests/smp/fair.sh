# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Four domains compete for one processor: 1 computes, 2 spins in user space, 3 spins with interrupts off, and 4 floods
# domain 1 with events. Each gets its share, and dom0 and domain 1 keep working.
#: --domu-mem 192M
LEAST_PERCENT=90
SAMPLE_S=10

seconds=120
out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
for domain in 1 2 3 4; do
	in_domu "$domain" true >/dev/null || abandon "the agent" "" "$domain"
done
in_domu 1 'insmod /lib/modules/xenpair.ko role=listen peer=4 samples=2000000000' || abandon "xenpair" "" 1
in_domu 1 'yes >/dev/null 2>&1 & echo $! >/tmp/yes.pid'
in_domu 2 '(sleep 1; while :; do :; done) >/dev/null 2>&1 &'
in_domu 3 '(sleep 1; insmod /lib/modules/wild.ko what=spin) >/dev/null 2>&1 &'
in_domu 4 '(sleep 1; insmod /lib/modules/xenpair.ko role=flood peer=1) >/dev/null 2>&1 &'
handled() { in_domu 1 'cat /sys/module/xenpair/parameters/handled'; }
flooded() { [ "$(handled)" -gt 10 ]; }
try "the flood has reached domain 1" until_true 60 flooded
sleep 3

# dom0 sleeps, so each of the four is due a quarter of the time that they ran together.
domains >/tmp/ran.before
sleep $SAMPLE_S
domains >/tmp/ran.after
total=0
for domain in 1 2 3 4; do total=$((total + $(run_time "$domain"))); done
for domain in 1 2 3 4; do
	percent=$(($(run_time "$domain") * 400 / total))
	echo "# domain $domain: $percent percent of its share"
	is "domain $domain: at least $LEAST_PERCENT percent of its share" yes "$([ "$percent" -ge $LEAST_PERCENT ] && echo yes)"
done
before=$(handled)
try "domain 1 completes its tasks" in_domu 1 'stress-tasks 1'
in_domu 1 'kill $(cat /tmp/yes.pid)'
in_domain 1 'clocks forward 100000; clocks sleep' >/tmp/clocks.out 2>&1
prefix_domain 1 </tmp/clocks.out
! grep -q '^not ok' /tmp/clocks.out || failed=1
is "the flood continues" yes "$([ "$(handled)" -gt "$before" ] && echo yes)"
try "dom0 completes its tasks" stress-tasks 1
check_logs 1
finish
