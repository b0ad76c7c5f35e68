# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Functions for scenarios with many vcpus, behind tests/lib/scenario.sh. They run in dom0, or in the only domain that there
# is; the variable vcpus lists the virtual CPUs of each domain, beginning with this one.
complaints="$complaints|[Ll]ockup|LOCKUP|rcu: INFO|detected stall|hung_task"
domUs=
for number in ${vcpus#* }; do
	case $vcpus in *' '*) domUs="$domUs $(($(echo "$domUs" | wc -w) + 1))" ;; esac
done

# in_domain DOMAIN COMMANDS: domain 0 is this one.
in_domain() {
	if [ "$1" = 0 ]; then sh -c "$2"; else in_domu "$@"; fi
}

# check_vcpus: all vcpus of all domains are up, as the domain sees it and as the hypervisor sees it.
check_vcpus() {
	domain=0
	for number in $vcpus; do
		is "domain $domain: vcpus up" "$number" "$(in_domain "$domain" nproc)"
		[ "$machine" != dom0 ] ||
			is "domain $domain: vcpus up for the hypervisor" "$number" "$(xenppc-list "$domain" | cut -d' ' -f5)"
		domain=$((domain + 1))
	done
}

# prefix_domain DOMAIN: copy a domain's TAP lines from standard input, with its number.
prefix_domain() {
	sed -e "s/^ok - /ok - domain $1: /" -e "s/^not ok - /not ok - domain $1: /" -e "s/^# /# domain $1: /"
}

# run_in_all: run what commands_for DOMAIN prints, in all domains at the same time, and copy their TAP lines.
run_in_all() {
	for domain in 0 $domUs; do
		(
			in_domain "$domain" "$(commands_for "$domain")" >"/tmp/out.$domain" 2>&1
			echo $? >"/tmp/status.$domain"
		) &
	done
	wait
	for domain in 0 $domUs; do
		prefix_domain "$domain" <"/tmp/out.$domain"
		is "domain $domain: status of its commands" 0 "$(cat "/tmp/status.$domain")"
		! grep -q '^not ok' "/tmp/out.$domain" || failed=1
	done
}

# save_offsets FILE: nanoseconds that the wall clock of each domain is ahead of the timebase, one domain a line.
save_offsets() {
	for domain in 0 $domUs; do in_domain "$domain" 'clocks offset'; done >"$1"
}

# check_drift: between /tmp/offsets.before and /tmp/offsets.after no clock has drifted against that of the first domain,
# and all domains agree on the time of day.
check_drift() {
	paste_offsets=$(awk 'NR == FNR { before[FNR] = $1; next } { print before[FNR], $1 }' /tmp/offsets.before /tmp/offsets.after)
	own=
	domain=0
	while read -r before after; do
		: "${own:=$((after - before))}" "${own_clock:=$after}"
		gone=$((after - before - own))
		ahead=$((after - own_clock))
		echo "# domain $domain: drift $gone ns, ahead of the first by $ahead ns"
		is "domain $domain: drift below 1 ms" yes "$([ "${gone#-}" -lt 1000000 ] && echo yes)"
		is "domain $domain: the same time of day to 1 ms" yes "$([ "${ahead#-}" -lt 1000000 ] && echo yes)"
		domain=$((domain + 1))
	done <<EOT
$paste_offsets
EOT
}

# Shell text for any domain: print the number of interrupts so far, of all kinds on all processors.
interrupts='awk "NR > 1 { for (i = 2; i <= NF && \$i ~ /^[0-9]+\$/; i++) n += \$i } END { print n }" /proc/interrupts'

# check_idle SECONDS: while all domains are idle, each has few interrupts and uses little of a processor.
check_idle() {
	for domain in 0 $domUs; do
		in_domain "$domain" "before=\$($interrupts); sleep $1; echo \$((\$($interrupts) - before))" >"/tmp/idle.$domain" &
		idlers="${idlers:-} $!"
	done
	[ "$machine" != dom0 ] || domains >/tmp/ran.before
	sleep "$1"
	[ "$machine" != dom0 ] || domains >/tmp/ran.after
	# shellcheck disable=SC2086 # numbers
	wait $idlers
	domain=0
	for number in $vcpus; do
		count=$(cat "/tmp/idle.$domain")
		echo "# domain $domain, idle for $1 s: $count interrupts, $(run_time "$domain") ns"
		is "domain $domain: idle: fewer interrupts than ticks" yes "$([ "$count" -lt $(($1 * number * 50 + 200)) ] && echo yes)"
		[ "$machine" != dom0 ] || is "domain $domain: idle: runs less than half of one processor" yes \
			"$([ "$(run_time "$domain")" -lt $(($1 * 500000000)) ] && echo yes)"
		domain=$((domain + 1))
	done
}

# run_time DOMAIN: nanoseconds that its vcpus ran between /tmp/ran.before and /tmp/ran.after.
run_time() {
	[ "$machine" = dom0 ] || return 0
	echo $(($(sed -n "s/^$1 //p" /tmp/ran.after) - $(sed -n "s/^$1 //p" /tmp/ran.before)))
}
