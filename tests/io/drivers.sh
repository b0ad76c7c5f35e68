# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Regression tests for the patches to Linux's Xen drivers (patches/6.12): each step fails without its patch, with the page
# size or byte order that the patch is for. The second domU sends a request to xenstore before xenstored runs.
#: --mem 768M --domu domU-agent --domu xenstore-ls --domu-mem 512M
ROUNDS=10
RING_PAGES=256

# tap COMMAND...: run a program that prints TAP itself.
tap() {
	"$@" || failed=1
}

# Both domUs are up before xenstored starts; the second one ends as soon as its request is answered.
sleep $((5 * $(slowdown)))
start_services 1
gone() {
	! xenstore-exists /local/domain/2
}
try "a request from before xenstored ran is answered" until_true 60 gone

load-module xen-gntalloc xen-gntdev
echo "# grants, in dom0"
tap grants 0
echo "# grants, in the domU"
tap in_domu 1 'load-module xen-gntalloc xen-gntdev && grants 1'
echo "# frames of the domU"
tap foreign 1

# A read-only disk.
truncate -s 8M /tmp/disk
attach_disk 1 xvda /tmp/disk --ro
is "a read-only disk is read-only in the domU" 1 "$(in_domu 1 'cat /sys/block/xvda/ro')"
refuse "it cannot be written" 'Operation not permitted|Permission denied|Read-only' in_domu 1 'blkpat write /dev/xvda 0 65536'
detach 1 xvda

# The front end frees the pages of the receive ring, with a delay.
free_pages() {
	in_domu 1 'echo 3 >/proc/sys/vm/drop_caches
	kib=$(sed -n "s/^MemFree: *//p" /proc/meminfo)
	echo $((${kib%% *} / ($(machine-info page) / 1024)))'
}
round() {
	out=$(xenppc-attach vif 1 --name 0 2>&1 && in_domu 1 'ifconfig eth0 10.0.0.2 up' 2>&1) || abandon "attach vif0" "$out" 1
	detach 1 vif0
}
round
sleep 2
before=$(free_pages)
i=0
while [ $((i += 1)) -le "$ROUNDS" ]; do
	round
done
kept() {
	after=$(free_pages)
	[ $((before - after)) -lt $((ROUNDS * RING_PAGES / 2)) ]
}
if until_true 30 kept; then ok "an interface attached and detached $ROUNDS times leaves no ring behind"
else not_ok "an interface attached and detached $ROUNDS times leaves $((before - after)) pages behind"; fi
check_logs 1
finish
