# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Disks and interfaces for a domU until it refuses one: it says so, and works on with those that it has. When they have
# been detached, as many fit again: none keeps memory.
#: --mem 1G
MOST=50		# more than a domU of 768 MiB accepts
DISKS=10	# the first disks of 256 MiB have several rings of 2 MiB each, the last ones one
VIFS=3

start_services 1
export XENPPC_TIMEOUT=$((120 * $(slowdown)))

# grow KIND COMMAND...: run the command with a number until it fails. Sets $got, and adds the name that it prints first
# to $devices.
devices=
grow() {
	kind=$1
	shift
	got=0 refused=
	while [ "$got" -lt "$MOST" ]; do
		if ! out=$("$@" "$got" 2>&1); then
			refused=$out
			break
		fi
		devices="$devices ${out%% *}"
		got=$((got + 1))
		out=$(in_domu 1 'echo alive' 2>&1) || abandon "the domU lives with $got ${kind}s" "$out" 1
	done
	echo "# ${kind}s: $got"
	like "another $kind is refused by the domU, with the reason" 'no memory for another' "$refused"
}
add_disk() {
	truncate -s 8M "/tmp/disk$1"
	xenppc-attach vbd 1 "/tmp/disk$1"
}
add_vif() {
	xenppc-attach vif 1 && in_domu 1 "ifconfig eth$1 10.0.$1.2 netmask 255.255.255.0 up"
}
grow disk add_disk
disks=$got
is "at least $DISKS disks" yes "$([ "$disks" -ge $DISKS ] && echo yes)"
grow interface add_vif
vifs=$got
is "at least $VIFS interfaces" yes "$([ "$vifs" -ge $VIFS ] && echo yes)"
wrong=$(in_domu 1 "for disk in \$(cd /sys/block && ls -d xvd*); do
	blkpat -s 7 write /dev/\$disk 0 4194304 && blkpat -s 7 check /dev/\$disk 0 4194304 || echo \$disk
done" 2>&1)
is "all $disks disks work" "" "$wrong"

for device in $devices; do detach 1 "$device"; done
grow disk add_disk
is "disks that fit again" "$disks" "$got"
grow interface add_vif
is "interfaces that fit again" "$vifs" "$got"
check_logs 1
finish
