# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# All domains at once run tasks, interprocessor interrupts, timers and events on all their vcpus: no event is lost, nothing
# hangs, no clock goes back. Then all domains are idle.
ROUNDS=300

seconds=300
if [ -n "$domUs" ]; then
	out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
fi
for domain in $domUs; do
	in_domu "$domain" true >/dev/null || abandon "the agent" "" "$domain"
done
check_vcpus
save_offsets /tmp/offsets.before

# Each domU exchanges events with dom0, and the vcpus of a domain with each other, while the other loads run.
for domain in $domUs; do
	stress-events listen "$domain" 2 $ROUNDS >"/tmp/listen.$domain" &
	listeners="${listeners:-} $!"
	listening() { grep -q ^ports "/tmp/listen.$domain"; }
	until_true 30 listening || abandon "stress-events listens" "$(cat "/tmp/listen.$domain")"
done
commands_for() {
	echo 'bad=0'
	[ "$machine" != dom0 ] || echo "stress-events self 2 $ROUNDS & jobs=\$!"
	[ "$1" = 0 ] || echo "stress-events send 0 $ROUNDS $(sed -n 's/^ports//p' "/tmp/listen.$1") & jobs=\"\$jobs \$!\""
	echo 'stress-tasks 1 || bad=1
stress-cpus 1 || bad=1
stress-timers 1000 3 || bad=1
insmod /lib/modules/ipistorm.ko rounds=50
dmesg | sed -n "s/^\[[^]]*\] ipistorm: //p" | grep "ok - "
rmmod ipistorm
clocks forward 1000000 || bad=1
for job in $jobs; do wait $job || bad=1; done
exit $bad'
}
run_in_all
for domain in $domUs; do
	grep -v ^ports "/tmp/listen.$domain" | sed "s/ok - /&domain 0, from domain $domain: /"
	! grep -q '^not ok' "/tmp/listen.$domain" || failed=1
done
# shellcheck disable=SC2086 # numbers
[ -z "${listeners:-}" ] || wait $listeners

# The interrupt of the xenstore channel is delivered to the vcpu that its affinity names, and to no other.
for domain in $domUs; do
	[ "$(in_domu "$domain" nproc)" -gt 1 ] || continue
	is "domain $domain: interrupts of an event channel where they are sent" "all all all" "$(in_domu "$domain" '
irq=$(sed -n "s/^ *\([0-9]*\):.*xenbus$/\1/p" /proc/interrupts)
count() { awk -v irq="$irq:" -v column="$1" "\$1 == irq { print \$column }" /proc/interrupts; }
for cpu in 1 0 1; do
	echo $((1 << cpu)) >/proc/irq/$irq/smp_affinity
	there=$(count $((2 + cpu))) elsewhere=$(count $((3 - cpu)))
	for round in 1 2 3 4 5 6 7 8 9 10; do xenstore-read domid >/dev/null; done
	[ $(($(count $((2 + cpu))) - there)) -ge 10 ] && [ "$(count $((3 - cpu)))" = "$elsewhere" ] && echo all || echo some
done | xargs')"
done

check_idle 5
commands_for() {
	echo 'clocks sleep'
}
run_in_all
save_offsets /tmp/offsets.after
check_drift
# shellcheck disable=SC2086 # numbers
check_logs $domUs
finish
