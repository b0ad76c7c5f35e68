# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Processors go and come back 200 times while the domain has work for all of them; by its own sysfs, and by dom0's word.
# shellcheck disable=SC2154,SC2016,SC2317 # lib.sh stands in front; text for other shells; functions that are arguments
OWN_ROUNDS=${ROUNDS:-190}
TOLD_ROUNDS=10

seconds=300
target=0
if [ -n "$domUs" ]; then
	out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
	target=1
	u 1 true >/dev/null || abandon "the agent" "" 1
fi
number=${vcpus##* }
all_up

# load: work without end in the background, and where its failures show.
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

# has COUNT: as many processors as that.
has() {
	[ "$(u 1 nproc)" = "$1" ]
}
told=0
while [ -n "$domUs" ] && [ $told -lt $TOLD_ROUNDS ]; do
	cpu=$((1 + told % (number - 1)))
	xenstore-write "/local/domain/1/cpu/$cpu/availability" offline
	until_true 20 has $((number - 1)) || break
	xenstore-write "/local/domain/1/cpu/$cpu/availability" online
	until_true 20 has "$number" || break
	told=$((told + 1))
done
[ -z "$domUs" ] || is "offline and online when dom0 says so" $TOLD_ROUNDS $told
in_domain $target 'touch /tmp/stop'
stopped() { in_domain $target '[ -e /tmp/stopped ]'; }
try "the load ends" until_true 60 stopped
is "the load said nothing wrong" "" "$(in_domain $target 'cat /tmp/bad 2>/dev/null; true')"
all_up
commands_for() {
	[ "$1" != $target ] || echo 'stress-cpus 1'
}
together
# shellcheck disable=SC2086 # numbers
calm $domUs
end
