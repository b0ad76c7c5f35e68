# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Disks and interfaces for a domU until it refuses one: it says so, and works on with those that it has.
#: --mem 1G
DISKS=12
VIFS=6

start_services 1
export XENPPC_TIMEOUT=$((120 * $(slowdown)))

# grow KIND MOST COMMAND...: run the command with a number until it fails, at most so many times. Sets $got.
grow() {
	kind=$1 most=$2
	shift 2
	got=0 refused=
	while [ "$got" -lt "$most" ]; do
		if ! out=$("$@" "$got" 2>&1); then
			refused=$out
			break
		fi
		got=$((got + 1))
		out=$(in_domu 1 'echo alive' 2>&1) || abandon "the domU lives with $got ${kind}s" "$out" 1
	done
	is "at least one $kind" yes "$([ "$got" -ge 1 ] && echo yes)"
	echo "# ${kind}s: $got${refused:+, then: $refused}"
	[ -z "$refused" ] || like "a $kind too many is refused by the domU, with the reason" 'no memory for another' "$refused"
}
add_disk() {
	truncate -s 8M "/tmp/disk$1"
	xenppc-attach vbd 1 "/tmp/disk$1"
}
add_vif() {
	xenppc-attach vif 1 && in_domu 1 "ifconfig eth$1 10.0.$1.2 netmask 255.255.255.0 up"
}
grow disk "$DISKS" add_disk
disks=$got
grow interface "$VIFS" add_vif
wrong=$(in_domu 1 "for disk in \$(cd /sys/block && ls -d xvd*); do
	blkpat -s 7 write /dev/\$disk 0 4194304 && blkpat -s 7 check /dev/\$disk 0 4194304 || echo \$disk
done" 2>&1)
is "all $disks disks work" "" "$wrong"
in_domu 1 'dmesg | grep -E "xvd.*persistent|memory"' | sed 's/^/# /'
check_logs 1
finish
