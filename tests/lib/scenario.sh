# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What the tests of this directory share. It runs in dom0, in front of the test (tests/io/run).
# shellcheck disable=SC2034 # variables are for the test
set -u

failed=0
ok() {
	echo "ok - $*"
}

# not_ok WHAT [OUTPUT]
not_ok() {
	echo "not ok - $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
	failed=1
}

# try WHAT COMMAND...: it must succeed.
try() {
	what=$1
	shift
	if out=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "status $?: $out"; fi
}

# refuse WHAT PATTERN COMMAND...: it must fail, and say what the pattern (grep -E) describes.
refuse() {
	what=$1 pattern=$2
	shift 2
	if out=$("$@" 2>&1); then
		not_ok "$what: it succeeded" "$out"
	elif printf '%s\n' "$out" | grep -qE -- "$pattern"; then
		ok "$what: $(printf '%s\n' "$out" | grep -E -- "$pattern" | tail -n 1)"
	else
		not_ok "$what: not \"$pattern\"" "$out"
	fi
}

# is WHAT EXPECTED FOUND
is() {
	if [ "$2" = "$3" ]; then ok "$1: $3"; else not_ok "$1: $3, expected $2"; fi
}

# like WHAT PATTERN FOUND: a pattern of grep -E.
like() {
	if printf '%s\n' "$3" | grep -qE -- "$2"; then ok "$1"; else not_ok "$1: not \"$2\"" "$3"; fi
}

# until_true SECONDS COMMAND...: wait for a state; status 1 if it does not come.
until_true() {
	limit=$(($(cut -d . -f 1 /proc/uptime) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(cut -d . -f 1 /proc/uptime)" -le "$limit" ] || return 1
		sleep 0.1
	done
}

u() {
	domU-run -t "${seconds:-60}" "$@"
}

# abandon WHAT OUTPUT [DOMAIN]: what follows makes no sense without it.
abandon() {
	not_ok "$1" "$2"
	dmesg | tail -n 8 | sed 's/^/# dom0: /'
	[ -z "${3:-}" ] || u "$3" 'dmesg | tail -n 12; free' 2>&1 | sed "s/^/# domain $3: /"
	exit 1
}

bridge=xenbr0
address=10.0.0.1
# start [DOMAIN...]: all of dom0's side, and the front ends' modules in those domains.
start() {
	out=$(xenppc-init --bridge "$bridge=$address/24" 2>&1) || abandon "xenppc-init" "$out"
	load-module loop xen-blkback xen-netback || abandon "the back ends' modules" ""
	for domain; do
		out=$(u "$domain" 'load-module xen-blkfront xen-netfront' 2>&1) ||
			abandon "front ends in domain $domain" "$out" "$domain"
	done
}

# disk DOMAIN NAME TARGET [OPTIONS]: attach, or the test is over.
disk() {
	domain=$1 name=$2 target=$3
	shift 3
	out=$(xenppc-attach vbd "$domain" --name "$name" "$@" "$target" 2>&1) ||
		abandon "attach $name to domain $domain" "$out" "$domain"
}

# vif DOMAIN NUMBER ADDRESS [OPTIONS]: attach an interface and give it an address in the domain.
vif() {
	domain=$1 number=$2 vif_address=$3
	shift 3
	out=$(xenppc-attach vif "$domain" --name "$number" "$@" 2>&1 &&
		u "$domain" "ifconfig eth$number $vif_address netmask 255.255.255.0 up" 2>&1) ||
		abandon "attach vif $number to domain $domain" "$out" "$domain"
}

# detach DOMAIN DEVICE
detach() {
	out=$(xenppc-attach detach "$1" "$2" 2>&1) || not_ok "detach $2 from domain $1" "$out"
}

complaints='WARNING: CPU|BUG:|Oops|Call Trace|Unable to handle|rcu: INFO|blocked for more than'

# calm [DOMAIN...]: nothing in the kernels' logs that a sane kernel does not say.
calm() {
	is "complaints in dom0's log" 0 "$(dmesg | grep -cE "$complaints")"
	dmesg | grep -E -A 15 "$complaints" | sed 's/^/# /'
	for domain; do
		is "complaints in domain $domain's log" 0 "$(u "$domain" "dmesg | grep -cE '$complaints'; true")"
		u "$domain" "dmesg | grep -E -A 15 '$complaints'; true" | sed 's/^/# /'
	done
}

end() {
	ok "the test ran to its end"
	exit "$failed"
}

