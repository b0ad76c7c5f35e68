# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# One domain computes without end, one spins with interrupts off, one floods another with events: each gets its share and
# no more, and who is beside them goes on. Domain 1 is the one that is measured, and flooded.
# shellcheck disable=SC2154,SC2016,SC2317 # lib.sh stands in front; text for other shells; functions that are arguments
#: --domu-mem 192M
LEAST_PERCENT=90
SAMPLE_S=10

seconds=120
out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
for domain in 1 2 3 4; do
	u "$domain" true >/dev/null || abandon "the agent" "" "$domain"
done
u 1 'insmod /lib/modules/xenpair.ko role=listen peer=4 samples=2000000000' || abandon "xenpair" "" 1
u 1 'yes >/dev/null 2>&1 & echo $! >/tmp/yes.pid'
u 2 '(sleep 1; while :; do :; done) >/dev/null 2>&1 &'
u 3 '(sleep 1; insmod /lib/modules/wild.ko what=spin) >/dev/null 2>&1 &'
u 4 '(sleep 1; insmod /lib/modules/xenpair.ko role=flood peer=1) >/dev/null 2>&1 &'
handled() { u 1 'cat /sys/module/xenpair/parameters/handled'; }
flooded() { [ "$(handled)" -gt 10 ]; }
try "the flood has reached domain 1" until_true 60 flooded
sleep 3

# The four have the processor to themselves; each is owed a quarter of what they all ran.
domains >/tmp/ran.before
sleep $SAMPLE_S
domains >/tmp/ran.after
total=0
for domain in 1 2 3 4; do total=$((total + $(ran "$domain"))); done
for domain in 1 2 3 4; do
	percent=$(($(ran "$domain") * 400 / total))
	echo "# domain $domain: $percent percent of its share"
	is "domain $domain: at least $LEAST_PERCENT percent of its share" yes "$([ "$percent" -ge $LEAST_PERCENT ] && echo yes)"
done
before=$(handled)
try "domain 1 does its work beside them" u 1 'stress-tasks 1'
u 1 'kill $(cat /tmp/yes.pid)'
in_domain 1 'clocks forward 100000; clocks sleep' >/tmp/clocks.out 2>&1
named 1 </tmp/clocks.out
! grep -q '^not ok' /tmp/clocks.out || failed=1
is "the flood goes on" yes "$([ "$(handled)" -gt "$before" ] && echo yes)"
try "dom0 too does its work" stress-tasks 1
calm 1
end
