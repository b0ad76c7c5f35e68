# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# xenppc-attach with wrong input: the error message names the object, and nothing of the request is left behind.
#: --mem 768M --domu domU-agent --domu domU-agent

start_services 1
image() {
	rm -f "/tmp/$1"
	truncate -s "$2" "/tmp/$1"
}
image disk 8M
attach_disk 1 xvda /tmp/disk
detach 1 xvda

# state: everything that must be unchanged after an error.
state() {
	xenstore-ls -f | grep -vE '/data/|/control/'
	losetup -a
	ls /sys/bus/xen-backend/devices /sys/class/net
}
# harmless WHAT PATTERN COMMAND...: the command fails with that message and leaves nothing behind.
harmless() {
	before=$(state)
	refuse "$@"
	[ "$(state)" = "$before" ] || not_ok "$1: something is left of it" "$(state)"
}

harmless "no verb" 'no verb' xenppc-attach
harmless "unknown verb" 'unknown verb plug' xenppc-attach plug 1
harmless "no target" 'vbd wants DOMAIN and TARGET' xenppc-attach vbd 1
harmless "one argument too many" 'vif wants DOMAIN' xenppc-attach vif 1 2
harmless "option of another verb" '--mac is not an option of vbd' xenppc-attach vbd 1 --mac 00:16:3e:00:00:01 /tmp/disk
harmless "time-out that is no number" '--timeout soon' xenppc-attach vif 1 --timeout soon
harmless "no such domain" 'no such domain: 9' xenppc-attach vbd 9 /tmp/disk
harmless "number that no domain has" '70000 is not the number of a domain' xenppc-attach vbd 70000 /tmp/disk
harmless "no domain of that name" 'no domain of the name "me"' xenppc-attach vbd me /tmp/disk
harmless "dom0 itself" 'domain 0 is this one' xenppc-attach vbd 0 /tmp/disk

harmless "no such file" 'no such file: /tmp/none' xenppc-attach vbd 1 /tmp/none
harmless "a directory" '/tmp is neither a file nor a block device' xenppc-attach vbd 1 /tmp
harmless "a character device" '/dev/null is neither' xenppc-attach vbd 1 /dev/null
image empty 0
harmless "an empty file" '/tmp/empty is not a disk image: its size, 0,' xenppc-attach vbd 1 /tmp/empty
image cut 1000000
harmless "a truncated image" '/tmp/cut .*size, 1000000,.*truncated' xenppc-attach vbd 1 /tmp/cut
image locked 1M
chmod 444 /tmp/locked
harmless "a write-protected file" '/tmp/locked is write-protected \(mode 0444\): attach it with --ro' \
	xenppc-attach vbd 1 /tmp/locked
mkdir -p /tmp/ro
mount -t tmpfs ro /tmp/ro
truncate -s 1M /tmp/ro/disk
mount -o remount,ro /tmp/ro
harmless "a file that cannot be written" '/tmp/ro/disk cannot be written \(Read-only file system\)' \
	xenppc-attach vbd 1 /tmp/ro/disk
losetup -r /dev/loop7 /tmp/disk
harmless "a device that cannot be written" '/dev/loop7 is read-only: attach it with --ro' xenppc-attach vbd 1 /dev/loop7
losetup -d /dev/loop7
harmless "a name that is none" 'sda: not a disk' xenppc-attach vbd 1 --name sda /tmp/disk
harmless "a name beyond the last" 'zzzz' xenppc-attach vbd 1 --name xvdzzzz /tmp/disk

try "two disks of one read-only file" xenppc-attach vbd 1 --ro --name xvdc /tmp/locked
try "the second" xenppc-attach vbd 1 --ro --name xvdd /tmp/locked
harmless "a name in use" 'domain 1 has a disk xvdc already' xenppc-attach vbd 1 --name xvdc /tmp/disk
chmod 644 /tmp/locked
harmless "a file in use" '/tmp/locked is disk 51744 of domain 1 already: both with --ro, or --shared' \
	xenppc-attach vbd 1 /tmp/locked
like "list shows them" '^1 xvdc connected connected /tmp/locked r$' "$(xenppc-attach list)"
detach 1 xvdc
detach 1 xvdd

harmless "no such bridge" 'the bridge nowhere does not exist' xenppc-attach vif 1 --bridge nowhere
harmless "not a bridge" 'lo is not a bridge' xenppc-attach vif 1 --bridge lo
harmless "a name too long for a bridge" 'not an interface' xenppc-attach vif 1 --bridge averyveryverylongname
harmless "not a MAC address" '00:16: not a MAC address' xenppc-attach vif 1 --mac 00:16
harmless "a multicast address" 'is a multicast address' xenppc-attach vif 1 --mac 01:00:5e:00:00:01
harmless "not a number" 'eth0: not the number of an interface' xenppc-attach vif 1 --name eth0
harmless "an MTU too small" '10: not an MTU' xenppc-attach vif 1 --mtu 10
try "an interface" xenppc-attach vif 1 --name 3
harmless "a number in use" 'domain 1 has an interface 3 already' xenppc-attach vif 1 --name 3
like "list shows it" '^1 vif1.3 connected connected 00:16:3e:00:01:03 xenbr0$' "$(xenppc-attach list 1)"
harmless "resize of an interface" 'vif3 is not a disk' xenppc-attach resize 1 vif3
detach 1 vif3
harmless "detach what is not there" 'domain 1 has no device xvdq' xenppc-attach detach 1 xvdq
harmless "nor this" 'domain 1 has no device vif1.5' xenppc-attach detach 1 vif1.5

# xenppc-attach shows errors that the back end reports.
harmless "a back end without mode" 'back end: .*reading mode' xenppc-attach vbd 1 --back mode /tmp/disk
harmless "a device that is none" 'back end: .*(creating vbd|physical-device)' \
	xenppc-attach vbd 1 --back physical-device=fff:ff /tmp/disk
harmless "a device that is no number" 'back end: .*physical-device' \
	xenppc-attach vbd 1 --back physical-device=disk /tmp/disk
harmless "an interface without handle" 'vif 0 of domain 1: back end: .*(reading handle|xenbus_dev_probe)' xenppc-attach vif 1 --back handle
harmless "an interface without script" 'vif 0 of domain 1: back end: .*(reading script|xenbus_dev_probe)' xenppc-attach vif 1 --back script
harmless "an interface without front end's MAC" 'front end: .*mac' xenppc-attach vif 1 --front mac
# Domain 2 has no front ends loaded.
harmless "a domain without front ends" 'is not connected after [0-9]+ s: front end initialising, back end waiting' \
	xenppc-attach vbd 2 --timeout $((2 * $(slowdown))) /tmp/disk
try "attach without waiting" xenppc-attach vbd 2 --no-wait --name xvda /tmp/disk
like "the device is listed" '^2 xvda initialising (initialising|waiting) /tmp/disk w$' "$(xenppc-attach list 2)"
try "and can be detached" xenppc-attach detach 2 xvda

# Modules of back ends are loaded when they are needed, and named if they are missing.
rmmod xen_netback
mv /lib/modules/xen-netback.ko /tmp
harmless "no back end in the kernel" 'no xen-netback, and there is no module of that name' xenppc-attach vif 1
mv /tmp/xen-netback.ko /lib/modules
try "xenppc-attach loads the module" xenppc-attach vif 1
detach 1 vif0

# Resize.
attach_disk 1 xvda /tmp/disk
in_domu 1 'dd if=/dev/xvda of=/dev/null bs=4096 count=1 2>/dev/null'
harmless "resize to something that is not a size" '12Q: not a size' xenppc-attach resize 1 xvda 12Q
harmless "resize to a fraction of a sector" '1000: not a size that is a multiple of 512' xenppc-attach resize 1 xvda 1000
try "resize" xenppc-attach resize 1 xvda 16M
larger() { in_domu 1 'dd if=/dev/xvda of=/dev/null bs=4096 count=1 skip=1 iflag=direct 2>/dev/null; cat /sys/block/xvda/size' | grep -x 32768; }
try "the domain sees it" until_true 20 larger
detach 1 xvda

# A disk in use is detached only with --force.
attach_disk 1 xvda /tmp/disk
in_domu 1 'rmmod xen_blkfront 2>/dev/null; sleep 1000 </dev/xvda >/dev/null 2>&1 &'
try "detach, while the domain has it open" xenppc-attach detach 1 xvda --force --timeout 5
is "no device is left" '' "$(xenppc-attach list)"
is "no loop device is left" '' "$(losetup -a)"
check_logs 1
finish
