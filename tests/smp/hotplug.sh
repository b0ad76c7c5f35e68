# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Take processors offline and online 200 times while the domain keeps all of them busy: by its own sysfs, and by dom0
# through xenstore.
OWN_ROUNDS=${ROUNDS:-190}
XENSTORE_ROUNDS=10

seconds=300
target=0
if [ -n "$domUs" ]; then
	out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
	target=1
	in_domu 1 true >/dev/null || abandon "the agent" "" 1
fi
number=${vcpus##* }
check_vcpus

# A load that runs in the background until /tmp/stop exists; the output of a failed round is kept in /tmp/bad.
in_domain $target '
rm -f /tmp/stop /tmp/bad
(while [ ! -e /tmp/stop ]; do stress-tasks -n 1 >/tmp/load.out 2>&1 || cp /tmp/load.out /tmp/bad; done; touch /tmp/stopped) >/dev/null 2>&1 &'
is "offline and online under load" "$OWN_ROUNDS" "$(in_domain $target '
n=0
cd /sys/devices/system/cpu || exit
while [ $n -lt '"$OWN_ROUNDS"' ]; do
	cpu=cpu$((1 + n % ('"$number"' - 1)))
	echo 0 >$cpu/online && [ "$(cat $cpu/online)" = 0 ] || break
	echo 1 >$cpu/online && [ "$(cat $cpu/online)" = 1 ] || break
	n=$((n + 1))
done
echo $n')"

# has COUNT: the domain has so many processors online.
has() {
	[ "$(in_domu 1 nproc)" = "$1" ]
}
rounds=0
while [ -n "$domUs" ] && [ $rounds -lt $XENSTORE_ROUNDS ]; do
	cpu=$((1 + rounds % (number - 1)))
	xenstore-write "/local/domain/1/cpu/$cpu/availability" offline
	until_true 20 has $((number - 1)) || break
	xenstore-write "/local/domain/1/cpu/$cpu/availability" online
	until_true 20 has "$number" || break
	rounds=$((rounds + 1))
done
[ -z "$domUs" ] || is "offline and online by xenstore" $XENSTORE_ROUNDS $rounds
in_domain $target 'touch /tmp/stop'
stopped() { in_domain $target '[ -e /tmp/stopped ]'; }
try "the load ends" until_true 60 stopped
is "failures of the load" "" "$(in_domain $target 'cat /tmp/bad 2>/dev/null; true')"
check_vcpus
commands_for() {
	[ "$1" != $target ] || echo 'stress-cpus 1'
}
run_in_all
# shellcheck disable=SC2086 # numbers
check_logs $domUs
finish
