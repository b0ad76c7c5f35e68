# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Front ends that violate the block and network protocols, invalid xenstore nodes, quotas, and disks that fail: the error
# is reported, both domains stay up, and other devices keep working.
#: --mem 1G --domu domU-agent --domu domU-agent --domu-mem 384M

start_services 1 2
for file in bystander victim; do
	rm -f /tmp/$file
	truncate -s 32M /tmp/$file
done
# Devices of domain 2, in use during the whole test.
attach_disk 2 xvda /tmp/bystander
attach_vif 2 0 10.0.0.3
in_domu 2 'blkpat loop /dev/xvda 0 16777216 >/tmp/loop 2>&1 & echo $! >/tmp/pid'
VBD=51712
front=/local/domain/1/device/vbd/$VBD
back=/local/domain/0/backend/vbd/1/$VBD
error=/local/domain/1/error/device/vbd/$VBD/error

# verdicts WHAT: print the results that the module wrote to the kernel log since the log was cleared.
verdicts() {
	out=$(in_domu 1 'dmesg -c | sed -n "s/^.*hostile: //p"')
	[ -n "$out" ] || not_ok "$1: the module reported nothing"
	printf '%s\n' "$out" | sed "s/^\(not \)*ok - /&$1: /"
	case $out in *'not ok'*) failed=1 ;; esac
}
back_state() { [ "$(xenstore-read "$back/state" 2>/dev/null)" = "$1" ]; }

# A hostile front end of a disk.
in_domu 1 'rmmod xen_blkfront xen_netfront; dmesg -c >/dev/null' || abandon "no front ends in domain 1" "" 1
try "a disk for it" xenppc-attach vbd 1 --no-wait --name xvda /tmp/victim
in_domu 1 "load-module hostile-blk id=$VBD"
verdicts "disk"
in_domu 1 'rmmod hostile_blk'
try "the disk is detached" xenppc-attach detach 1 xvda

# The front end revokes the grant of its ring before the back end maps it.
try "a disk for it" xenppc-attach vbd 1 --no-wait --name xvda /tmp/victim
in_domu 1 "load-module hostile-blk id=$VBD revoke_ring=1"
verdicts "ring"
named() { xenstore-read "/local/domain/0/error/backend/vbd/1/$VBD/error"; }
try "the back end reports the error" until_true 20 named
like "it is about mapping" 'mapping|ring-ref' "$(named)"
in_domu 1 'rmmod hostile_blk'
try "the disk is detached" xenppc-attach detach 1 xvda --force --timeout 10

# Front end nodes that are missing or invalid, without a driver behind them.
# wrong WHAT PATTERN NODE=VALUE...: the back end reports an error that matches the pattern.
wrong() {
	what=$1 pattern=$2
	shift 2
	xenppc-attach vbd 1 --no-wait --name xvda /tmp/victim >/dev/null || abandon "a disk" "" 1
	until_true 20 back_state 2 || not_ok "$what: the back end is not ready"
	for node; do
		xenstore-write "$front/${node%%=*}" "${node#*=}"
	done
	xenstore-write "$front/state" 3
	until_true 20 named || not_ok "$what: the back end reports no error"
	like "$what: $(named 2>&1)" "$pattern" "$(named 2>&1)"
	xenstore-write "$front/state" 6
	xenppc-attach detach 1 xvda --force --timeout 10 || not_ok "$what: detach"
}
wrong "no ring" 'ring-ref|event-channel'
wrong "a ring reference that is no number" 'ring-ref' ring-ref=nonsense event-channel=5
wrong "a ring reference that nobody granted" 'mapping|ring-ref' ring-ref=31000 event-channel=5
wrong "an event channel that does not exist" 'ring-ref|binding|mapping' ring-ref=8 event-channel=100000
wrong "an event channel that is no number" 'event-channel|ring-ref' ring-ref=8 event-channel=x
wrong "a protocol that does not exist" 'protocol' ring-ref=8 event-channel=5 protocol=morse
# The text is in the kernel's log as well, which goes to a terminal.
wrong "a protocol that clears the screen" 'protocol mo.*rse' ring-ref=8 event-channel=5 protocol="$(printf 'mo\033[2J\233rse')"
like "it is in dom0's log" 'protocol mo\\e\[2J\\233rse' "$(dmesg)"
is "lines of dom0's log with control characters" 0 "$(dmesg | tr '\233' '\033' | grep -c "$(printf '\033')")"
wrong "more queues than there are" 'queues' multi-queue-num-queues=10000
wrong "a ring of too many pages" 'ring' ring-page-order=30 event-channel=5

# Nothing of that is worth a warning of dom0's kernel: a domain could repeat it.
is "complaints in dom0's log after hostile disks" 0 "$(dmesg | grep -cE "$complaints")"

# A hostile front end of an interface.
for what in reference crossing chain extra gso overflow receive; do
	xenppc-attach vif 1 --no-wait --name 0 >/dev/null || not_ok "an interface for $what"
	is "$what: complaints in dom0's log so far" 0 "$(dmesg -c | grep -cE "$complaints")"
	in_domu 1 "load-module hostile-net id=0 what=$what"
	case $what in
	reference) verdicts "interface" ;;
	receive)
		ping -c 3 -W 1 10.0.0.77 >/dev/null 2>&1
		try "buffers never granted: dom0 goes on" ping -c 3 10.0.0.3
		;;
	*)
		disabled() { dmesg | grep -qE 'vif1.0.*(fatal error|disabled)|Impossible number of requests'; }
		try "$what: the back end disables the interface" until_true 20 disabled
		dmesg | grep -E 'fatal error|Impossible' | tail -n 2 | sed 's/^/# /'
		;;
	esac
	in_domu 1 'dmesg -c | grep "hostile: not"; rmmod hostile_net'
	xenppc-attach detach 1 vif0 --force --timeout 20 >/dev/null || not_ok "detach after $what"
done

# Correct front ends work afterwards.
in_domu 1 'load-module xen-blkfront xen-netfront' || abandon "front ends" "" 1
attach_disk 1 xvda /tmp/victim
try "a good front end works on the same disk" in_domu 1 'blkpat write /dev/xvda 0 8388608 && blkpat check /dev/xvda 0 8388608'
attach_vif 1 0 10.0.0.2
like "and on an interface" ' 0% packet loss' "$(in_domu 1 'ping -c 5 -A -W 5 10.0.0.1')"
xenppc-attach detach 1 vif0 || not_ok "detach vif0"

# The image file is truncated while the disk is in use.
truncate -s 4M /tmp/victim
refuse "reading beyond the new end" 'Input/output error' in_domu 1 'blkpat check /dev/xvda 16777216 65536'
try "the rest can still be read" in_domu 1 'blkpat check /dev/xvda 0 4194304'
truncate -s 32M /tmp/victim
detach 1 xvda

# Invalid back end nodes: dom0's side is written by hand, below a path that no driver watches.
back=/local/domain/0/nobody/vbd/1/$VBD
# fake WHAT PATTERN NODE=VALUE...: the front end reports an error that matches the pattern. VALUE - removes the node.
fake() {
	what=$1 pattern=$2
	shift 2
	in_domu 1 'dmesg -c >/dev/null'
	xenstore-rm "$error" 2>/dev/null
	xenstore-write "$back/frontend" $front "$back/frontend-id" 1 "$back/state" 1 "$back/online" 1
	xenstore-write $front/backend $back $front/backend-id 0 $front/virtual-device $VBD $front/device-type disk
	xenstore-chmod $front n1 r0
	for node in backend backend-id virtual-device device-type; do xenstore-chmod $front/$node n1 r0; done
	xenstore-chmod -r $back n0 r1
	xenstore-write $front/state 1
	xenstore-chmod $front/state n1 r0
	xenstore-write $back/state 2
	front_state() { [ "$(xenstore-read $front/state)" = "$1" ]; }
	until_true 20 front_state 3 || not_ok "$what: the front end does not initialise: $(xenstore-read $front/state)"
	for node in sectors=65536 sector-size=512 info=0 "$@"; do
		if [ "${node#*=}" = - ]; then
			xenstore-rm "$back/${node%%=*}"
		else
			xenstore-write "$back/${node%%=*}" "${node#*=}"
		fi
	done
	xenstore-chmod -r $back n0 r1
	xenstore-write $back/state 4
	front_ended() { xenstore-exists $error || ! front_state 3; }
	until_true 20 front_ended || not_ok "$what: the front end does nothing"
	like "$what: $(xenstore-read $error 2>&1)" "$pattern" "$(xenstore-read $error 2>&1)"
	xenstore-write $back/state 5
	front_closes() { front_state 5 || front_state 6; }
	until_true 20 front_closes || not_ok "$what: the front end does not close: $(xenstore-read $front/state)"
	xenstore-write $back/state 6
	xenstore-rm $front
	xenstore-rm $back
	until_true 20 in_domu 1 "[ ! -e /sys/bus/xen/devices/vbd-$VBD ]" || not_ok "$what: the domU keeps the device"
}
fake "no size" 'reading backend fields' sectors=-
fake "a size that is no number" 'reading backend fields' sectors=large
fake "no sector size" 'reading backend fields' sector-size=-
fake "a sector size that is none" 'xlvbd_add|reading' sector-size=513

# Quotas of xenstore.
out=$(in_domu 1 'i=0; while [ $i -lt 3000 ]; do xenstore-write data/many/$i x 2>/tmp/e || break; i=$((i + 1)); done; echo $i; cat /tmp/e' 2>&1)
like "a node beyond the quota is refused" 'could not write path data/many/' "$out"
is "nodes within the quota are not" yes "$(n=$(printf '%s\n' "$out" | head -n 1) && [ "$n" -gt 100 ] && [ "$n" -lt 3000 ] && echo yes)"
refuse "a node that is too large" 'could not write path' in_domu 1 'xenstore-write data/large $(head -c 3000 /dev/zero | tr "\000" x)'
in_domu 1 'xenstore-rm data/many' || not_ok "remove the nodes"
try "xenstore serves the other domain" in_domu 2 'xenstore-read domid'

# The devices of domain 2.
try "the other domain's disk has gone on" in_domu 2 'kill -TERM $(cat /tmp/pid); while kill -0 $(cat /tmp/pid) 2>/dev/null; do sleep 0.1; done; cat /tmp/loop; grep -qE "^[1-9]" /tmp/loop'
like "and its interface" ' 0% packet loss' "$(in_domu 2 'ping -c 5 -A -W 5 10.0.0.1')"
check_logs 1 2
finish
