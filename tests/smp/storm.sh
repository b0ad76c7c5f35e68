# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# All domains at once do what needs many vcpus: nothing is lost, nothing hangs, no clock goes back; then all are idle.
# shellcheck disable=SC2154,SC2016 # lib.sh stands in front; text for other shells
ROUNDS=300

seconds=300
if [ -n "$domUs" ]; then
	out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
fi
for domain in $domUs; do
	u "$domain" true >/dev/null || abandon "the agent" "" "$domain"
done
all_up
offsets /tmp/offsets.before

# Each domU sends events to dom0, and a domain's vcpus do to each other, while all have all else to do.
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
together
for domain in $domUs; do
	grep -v ^ports "/tmp/listen.$domain" | sed "s/ok - /&domain 0, from domain $domain: /"
	! grep -q '^not ok' "/tmp/listen.$domain" || failed=1
done
# shellcheck disable=SC2086 # numbers
[ -z "${listeners:-}" ] || wait $listeners

# The channel to xenstore: its interrupts come to whichever vcpu it is given to, and to no other.
for domain in $domUs; do
	[ "$(u "$domain" nproc)" -gt 1 ] || continue
	is "domain $domain: interrupts of an event channel where they are sent" "all all all" "$(u "$domain" '
irq=$(sed -n "s/^ *\([0-9]*\):.*xenbus$/\1/p" /proc/interrupts)
count() { awk -v irq="$irq:" -v column="$1" "\$1 == irq { print \$column }" /proc/interrupts; }
for cpu in 1 0 1; do
	echo $((1 << cpu)) >/proc/irq/$irq/smp_affinity
	there=$(count $((2 + cpu))) elsewhere=$(count $((3 - cpu)))
	for round in 1 2 3 4 5 6 7 8 9 10; do xenstore-read domid >/dev/null; done
	[ $(($(count $((2 + cpu))) - there)) -ge 10 ] && [ "$(count $((3 - cpu)))" = "$elsewhere" ] && echo all || echo some
done | xargs')"
done

idle 5
commands_for() {
	echo 'clocks sleep'
}
together
offsets /tmp/offsets.after
drift
# shellcheck disable=SC2086 # numbers
calm $domUs
end
