# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# dom0 sets the time of day: a running domain follows, and a domain that starts afterwards has the new time.
seconds=60
out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
first=$(in_domu 1 'cat /proc/sys/kernel/random/boot_id')
save_offsets /tmp/offsets.before
save_offsets /tmp/offsets.after
check_drift

# same_time DOMAIN: its wall clock differs from dom0's by less than a millisecond; both are compared with the timebase.
same_time() {
	difference=$(($(in_domu "$1" 'clocks offset') - $(clocks offset)))
	[ "${difference#-}" -lt 1000000 ]
}
# Dates that no clock has by itself, one in the future and one in the past.
for date in 2033-03-03 2021-01-01; do
	try "dom0 sets its clock to $date" date -s "$date 12:00:00"
	try "domain 1 follows" until_true 30 same_time 1
	is "it has that date" "$date" "$(in_domu 1 'date +%F')"
done
in_domu 1 '(sleep 1; reboot -f) >/dev/null 2>&1 &'
again() {
	now=$(domU-run -t 5 1 'cat /proc/sys/kernel/random/boot_id') && [ -n "$now" ] && [ "$now" != "$first" ]
}
try "domain 1 starts again" until_true 60 again
try "with dom0's time" same_time 1
is "and its date" 2021-01-01 "$(in_domu 1 'date +%F')"
check_logs 1
finish
