# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# dom0 sets the time of day: a domain that runs follows, and one that is started afterwards has it from the beginning.
# shellcheck disable=SC2154,SC2016,SC2317 # lib.sh stands in front; text for other shells; functions that are arguments
seconds=60
out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
first=$(u 1 'cat /proc/sys/kernel/random/boot_id')
offsets /tmp/offsets.before
offsets /tmp/offsets.after
drift

# same_time DOMAIN: to a millisecond, against the timebase.
same_time() {
	difference=$(($(u "$1" 'clocks offset') - $(clocks offset)))
	[ "${difference#-}" -lt 1000000 ]
}
# A date that no clock had by itself; it goes on from there.
for date in 2033-03-03 2021-01-01; do
	try "dom0 sets its clock to $date" date -s "$date 12:00:00"
	try "domain 1 follows" until_true 30 same_time 1
	is "it has that date" "$date" "$(u 1 'date +%F')"
done
u 1 '(sleep 0.3; reboot -f) >/dev/null 2>&1 &'
again() {
	now=$(domU-run -t 5 1 'cat /proc/sys/kernel/random/boot_id') && [ -n "$now" ] && [ "$now" != "$first" ]
}
try "domain 1 starts again" until_true 60 again
try "with dom0's time" same_time 1
is "and its date" 2021-01-01 "$(u 1 'date +%F')"
calm 1
end
