# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What patches/6.12 mend in Linux's drivers: each of these failed before, on the pages or the byte order the patch is for.
# The second domU asks xenstore before there is one.
# shellcheck disable=SC2154 # lib.sh stands in front
# shellcheck disable=SC2016 # text for the domU
#: --mem 768M --domu domU-agent --domu xenstore-ls --domu-mem 512M
ROUNDS=10
RING_PAGES=256

# tap COMMAND...: a program that prints TAP itself.
tap() {
	"$@" || failed=1
}

# Both domUs are up before xenstored; the second one ends as soon as it has its answer.
sleep 5
start 1
gone() {
	! xenstore-exists /local/domain/2
}
if until_true 60 gone; then ok "a request from before xenstored was there is answered"
else not_ok "a request from before xenstored was there is answered"; fi

load-module xen-gntalloc xen-gntdev
echo "# grants, in dom0"
tap grants 0
echo "# grants, in the domU"
tap u 1 'load-module xen-gntalloc xen-gntdev && grants 1'
echo "# frames of the domU"
tap foreign 1

# A disk that may not be written, seen by the front end.
truncate -s 8M /tmp/disk
disk 1 xvda /tmp/disk --ro
is "a read-only disk is read-only in the domU" 1 "$(u 1 'cat /sys/block/xvda/ro')"
refuse "it cannot be written" 'Operation not permitted|Permission denied|Read-only' u 1 'blkpat write /dev/xvda 0 65536'
detach 1 xvda

# The pages of the receive ring come back, a moment later.
free_pages() {
	u 1 'echo 3 >/proc/sys/vm/drop_caches
	kib=$(sed -n "s/^MemFree: *//p" /proc/meminfo)
	echo $((${kib%% *} / ($(machine-info page) / 1024)))'
}
round() {
	out=$(xenppc-attach vif 1 --name 0 2>&1 && u 1 'ifconfig eth0 10.0.0.2 up' 2>&1) || abandon "attach vif0" "$out" 1
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
if until_true 30 kept; then ok "an interface that came and went $ROUNDS times kept no ring"
else not_ok "an interface that came and went $ROUNDS times kept $((before - after)) pages"; fi
calm 1
end
