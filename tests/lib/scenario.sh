# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Functions for scenarios; tests/scenario puts this file in front of the scenario's own script. It runs in dom0.
# The variable vcpus lists the virtual CPUs of each domain, dom0 first, and machine is the machine of scripts/boot.
# shellcheck disable=SC2034 # some variables are read by the scenarios only
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

# try WHAT COMMAND...: the command must succeed.
try() {
	what=$1
	shift
	scale_timeout
	if out=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "status $?: $out"; fi
}

# refuse WHAT PATTERN COMMAND...: the command must fail, with output that matches the pattern (grep -E).
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

# like WHAT PATTERN FOUND: the pattern is one of grep -E.
like() {
	if printf '%s\n' "$3" | grep -qE -- "$2"; then ok "$1"; else not_ok "$1: not \"$2\"" "$3"; fi
}

# slowdown: how many times slower the machine runs than on an idle build machine. scripts/boot keeps the file up to date.
slowdown() {
	cat /run-slowdown 2>/dev/null || echo 1
}

uptime_seconds() {
	cut -d . -f 1 /proc/uptime
}

# until_true SECONDS COMMAND...: repeat the command until it succeeds; status 1 if it has not after SECONDS, multiplied
# with the slowdown at that time.
until_true() {
	began=$(uptime_seconds) allowed=$1
	shift
	until "$@" >/dev/null 2>&1; do
		passed=$(($(uptime_seconds) - began))
		[ "$passed" -le "$allowed" ] || [ "$passed" -le $((allowed * $(slowdown))) ] || return 1
		sleep 0.1
	done
}

# scale_timeout: multiply the default time limit of xenppc-attach with the slowdown.
scale_timeout() {
	export XENPPC_TIMEOUT=$((60 * $(slowdown)))
}

# limited SECONDS COMMAND...: end the command after SECONDS, multiplied with the slowdown.
limited() {
	limit=$(($1 * $(slowdown)))
	shift
	timeout "$limit" "$@"
}

# in_domu DOMAIN COMMANDS: run shell commands in a domU that runs domU-agent. $seconds is their time limit.
in_domu() {
	domU-run -t "${seconds:-60}" "$@"
}

# abandon WHAT OUTPUT [DOMAIN]: fail, show the kernel log of dom0 and of that domain, and end the scenario.
abandon() {
	not_ok "$1" "$2"
	dmesg | tail -n 8 | sed 's/^/# dom0: /'
	[ -z "${3:-}" ] || in_domu "$3" 'dmesg | tail -n 12; free' 2>&1 | sed "s/^/# domain $3: /"
	exit 1
}

bridge=xenbr0
address=10.0.0.1
# start_services [DOMAIN...]: xenstored, a bridge and the back ends in dom0, and the front ends in those domains.
start_services() {
	out=$(xenppc-init --bridge "$bridge=$address/24" 2>&1) || abandon "xenppc-init" "$out"
	load-module loop xen-blkback xen-netback || abandon "the back ends' modules" ""
	for domain; do
		out=$(in_domu "$domain" 'load-module xen-blkfront xen-netfront' 2>&1) ||
			abandon "front ends in domain $domain" "$out" "$domain"
	done
}

# attach_disk DOMAIN NAME TARGET [OPTIONS]: or end the scenario.
attach_disk() {
	domain=$1 name=$2 target=$3
	shift 3
	scale_timeout
	out=$(xenppc-attach vbd "$domain" --name "$name" "$@" "$target" 2>&1) ||
		abandon "attach $name to domain $domain" "$out" "$domain"
}

# attach_vif DOMAIN NUMBER ADDRESS [OPTIONS]: attach an interface and set its address in the domain, or end the scenario.
attach_vif() {
	domain=$1 number=$2 vif_address=$3
	shift 3
	scale_timeout
	out=$(xenppc-attach vif "$domain" --name "$number" "$@" 2>&1 &&
		in_domu "$domain" "ifconfig eth$number $vif_address netmask 255.255.255.0 up" 2>&1) ||
		abandon "attach vif $number to domain $domain" "$out" "$domain"
}

# detach DOMAIN DEVICE
detach() {
	scale_timeout
	out=$(xenppc-attach detach "$1" "$2" 2>&1) || not_ok "detach $2 from domain $1" "$out"
}

complaints='WARNING: CPU|BUG:|Oops|Call Trace|Unable to handle|rcu: INFO|blocked for more than'

# Prints whether lockdep still checks locks (after its first complaint it no longer does); nothing in kernels without it.
lockdep_checks='[ ! -e /proc/lockdep_stats ] || sed -n "s/^ debug_locks: *//p" /proc/lockdep_stats'

# check_logs [DOMAIN...]: no complaint in the kernel log of dom0 and of those domains.
check_logs() {
	is "complaints in dom0's log" 0 "$(dmesg | grep -cE "$complaints")"
	dmesg | grep -E -B 2 -A 60 "$complaints" | sed 's/^/# /'
	checks=$(eval "$lockdep_checks")
	[ -z "$checks" ] || is "lockdep checks in dom0 to the end" 1 "$checks"
	for domain; do
		is "complaints in domain $domain's log" 0 "$(in_domu "$domain" "dmesg | grep -cE '$complaints'; true")"
		in_domu "$domain" "dmesg | grep -E -B 2 -A 60 '$complaints'; true" | sed 's/^/# /'
		checks=$(in_domu "$domain" "$lockdep_checks")
		[ -z "$checks" ] || is "lockdep checks in domain $domain to the end" 1 "$checks"
	done
}

# finish: the last line of every scenario. A script that ended before it has no such result.
finish() {
	ok "the test ran to its end"
	exit "$failed"
}
