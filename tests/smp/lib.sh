# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests of this directory share, behind tests/io/lib.sh. It runs in dom0, or in the only domain there is; vcpus
# is the list of how many each domain has, from this one on.
# shellcheck disable=SC2034,SC2154,SC2317 # variables are for the test, or from it; functions that are arguments
complaints="$complaints|[Ll]ockup|LOCKUP|rcu.*stall|hung_task"
domUs=
for number in ${vcpus#* }; do
	case $vcpus in *' '*) domUs="$domUs $(($(echo "$domUs" | wc -w) + 1))" ;; esac
done

# in_domain DOMAIN COMMANDS: 0 is this one.
in_domain() {
	if [ "$1" = 0 ]; then sh -c "$2"; else u "$@"; fi
}

# all_up: every vcpu that was ordered is there, as the domain sees it and as the hypervisor does.
all_up() {
	domain=0
	for number in $vcpus; do
		is "domain $domain: vcpus up" "$number" "$(in_domain "$domain" nproc)"
		[ "$machine" != dom0 ] ||
			is "domain $domain: vcpus up for the hypervisor" "$number" "$(xenppc-list "$domain" | cut -d' ' -f5)"
		domain=$((domain + 1))
	done
}

# named DOMAIN: TAP lines of a domain's own, with its number.
named() {
	sed -e "s/^ok - /ok - domain $1: /" -e "s/^not ok - /not ok - domain $1: /" -e "s/^# /# domain $1: /"
}

# together: what commands_for DOMAIN prints, in all domains at the same time; what each says becomes ours.
together() {
	for domain in 0 $domUs; do
		(
			in_domain "$domain" "$(commands_for "$domain")" >"/tmp/out.$domain" 2>&1
			echo $? >"/tmp/status.$domain"
		) &
	done
	wait
	for domain in 0 $domUs; do
		named "$domain" <"/tmp/out.$domain"
		is "domain $domain: status of its commands" 0 "$(cat "/tmp/status.$domain")"
		! grep -q '^not ok' "/tmp/out.$domain" || failed=1
	done
}

# offsets FILE: how far each domain's clock is ahead of the timebase.
offsets() {
	for domain in 0 $domUs; do in_domain "$domain" 'clocks offset'; done >"$1"
}

# drift: between those of before and those of after, against the first domain's; and whether domains agree on the time.
drift() {
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

# interrupts: of all processors and kinds, until now. Text for any domain.
interrupts='awk "NR > 1 { for (i = 2; i <= NF && \$i ~ /^[0-9]+\$/; i++) n += \$i } END { print n }" /proc/interrupts'

# idle SECONDS: nobody has anything to do, so nothing runs. Shares of one processor's time, and interrupts for each vcpu.
idle() {
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
		echo "# domain $domain, idle for $1 s: $count interrupts, $(ran "$domain") ns"
		is "domain $domain: idle: fewer interrupts than ticks" yes "$([ "$count" -lt $(($1 * number * 50 + 200)) ] && echo yes)"
		[ "$machine" != dom0 ] || is "domain $domain: idle: runs less than half of one processor" yes \
			"$([ "$(ran "$domain")" -lt $(($1 * 500000000)) ] && echo yes)"
		domain=$((domain + 1))
	done
}

# ran DOMAIN: nanoseconds, in that time.
ran() {
	[ "$machine" = dom0 ] || return 0
	echo $(($(sed -n "s/^$1 //p" /tmp/ran.after) - $(sed -n "s/^$1 //p" /tmp/ran.before)))
}
