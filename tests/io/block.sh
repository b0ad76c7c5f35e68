# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Disks: data that the domU writes is what dom0 reads and the other way round, for every request size and feature.
#: --mem 1G --domu domU-agent --domu-mem 1G

start_services 1
M=1048576

# Request sizes in bytes: multiples of the page size and others, up to a megabyte.
sizes='512 1024 1536 4096 4608 8192 12288 28672 61440 65024 65536 66048 69632 131072 135168 200704 524288 1048064 1048576'

# sweep NAME IMAGE: write in the domU, check in dom0; write in dom0, check in the domU.
sweep() {
	script='' at=0 seed=1
	for size in $sizes; do
		script="$script blkpat -b $size -s $seed write /dev/$1 $at $((size * 3)) || echo bad $size;"
		at=$((at + 4 * M)) seed=$((seed + 1))
	done
	wrong=$(in_domu 1 "$script" 2>&1)
	at=0 seed=1
	for size in $sizes; do
		out=$(blkpat -b "$size" -s "$seed" check "$2" "$at" $((size * 3)) 2>&1) || wrong="$wrong $size: $out"
		at=$((at + 4 * M)) seed=$((seed + 1))
	done
	is "$1: every size written in the domU is right in dom0" "" "$wrong"

	detach 1 "$1"
	at=1536 seed=101
	for size in $sizes; do
		blkpat -s "$seed" write "$2" "$at" $((size * 3)) || exit 1
		at=$((at + 4 * M)) seed=$((seed + 1))
	done
	attach_disk 1 "$1" "$2"
	script='' at=1536 seed=101
	for size in $sizes; do
		script="$script blkpat -b $size -s $seed check /dev/$1 $at $((size * 3)) || echo bad $size;"
		at=$((at + 4 * M)) seed=$((seed + 1))
	done
	is "$1: every size written in dom0 is right in the domU" "" "$(in_domu 1 "$script" 2>&1)"
}

image() {
	rm -f "/tmp/$1"
	truncate -s "$2" "/tmp/$1"
}
sysfs() {
	in_domu 1 "cat /sys/block/$1"
}
used_kib() {
	du -k "$1" | cut -f 1
}

image a 128M
attach_disk 1 xvda /tmp/a
sweep xvda /tmp/a
like "indirect descriptors and persistent grants are in use by default" \
	'persistent grants: enabled; indirect descriptors: enabled' "$(in_domu 1 'dmesg | grep xvda: | tail -n 1')"
is "a request can be larger than what a ring slot holds" yes \
	"$([ "$(sysfs xvda/queue/max_sectors_kb)" -gt 44 ] && echo yes)"

# Flush requests.
like "the back end's disk has a cache to flush" 'flush diskcache: enabled' "$(in_domu 1 'dmesg | grep xvda: | tail -n 1')"
is "the front end has a write-back cache" "write back" "$(sysfs xvda/queue/write_cache)"
before=$(cat /sys/block/loop0/stat)
try "flush" in_domu 1 'blkpat -y write /dev/xvda 0 1048576 >/dev/null'
# shellcheck disable=SC2086 # fields
flushes() { set -- $1; echo "${16}"; }
is "each flush reached dom0's disk" yes \
	"$([ $(($(flushes "$(cat /sys/block/loop0/stat)") - $(flushes "$before"))) -ge 16 ] && echo yes)"

# Discard frees the discarded blocks of the sparse file, and no others.
try "fill 32 MiB" in_domu 1 'blkpat write /dev/xvda 0 33554432'
full=$(used_kib /tmp/a)
try "discard half of it" in_domu 1 'busybox blkdiscard -o 0 -l 16777216 /dev/xvda'
freed=$((full - $(used_kib /tmp/a)))
is "the file has that many blocks less" 16384 "$freed"
try "the other half is still there" blkpat check /tmp/a 16777216 16777216
is "the discarded half reads as zeros" 0 "$(in_domu 1 'head -c 16777216 /dev/xvda | tr -d "\000" | wc -c')"
detach 1 xvda

# Read-only.
blkpat write /tmp/a 0 $M
attach_disk 1 xvda /tmp/a --ro
is "a read-only disk is read-only in the domU" 1 "$(in_domu 1 'cat /sys/block/xvda/ro')"
refuse "writing to it" 'Read-only|not permitted|denied' in_domu 1 'blkpat write /dev/xvda 0 4096'
try "reading it" in_domu 1 'blkpat check /dev/xvda 0 1048576'
try "and nothing has changed" blkpat check /tmp/a 0 $M
detach 1 xvda

# Resize, while it is in use.
image b 16M
attach_disk 1 xvdb /tmp/b
is "size before" $((16 * 2048)) "$(sysfs xvdb/size)"
in_domu 1 'blkpat loop /dev/xvdb 0 8388608 >/tmp/loop 2>&1 & echo $! >/tmp/pid'
try "resize" xenppc-attach resize 1 xvdb 48M
grown() { [ "$(sysfs xvdb/size)" = $((48 * 2048)) ]; }
try "the domU sees the new size" until_true 20 grown
try "and writes there" in_domu 1 'blkpat write /dev/xvdb 41943040 8388608'
try "dom0 reads what it wrote there" blkpat check /tmp/b 41943040 8388608
try "the load kept running" in_domu 1 'kill -TERM $(cat /tmp/pid); while kill -0 $(cat /tmp/pid) 2>/dev/null; do sleep 0.1; done; cat /tmp/loop; grep -qE "^[1-9]" /tmp/loop'
detach 1 xvdb

# Four at once.
for n in a b c d; do
	image $n 32M
	attach_disk 1 "xvd$n" "/tmp/$n"
done
try "four disks at once" in_domu 1 '
for n in a b c d; do blkpat -s $(printf %d "'"'"'$n") write /dev/xvd$n 0 16777216 & done
wait
for n in a b c d; do blkpat -s $(printf %d "'"'"'$n") check /dev/xvd$n 0 16777216 || exit 1; done'
for n in a b c d; do
	try "xvd$n has its own data" blkpat -s "$(printf %d "'$n")" check "/tmp/$n" 0 16777216
	detach 1 "xvd$n"
done

# again WHAT BACK-PARAMETERS FRONT-PARAMETERS PATTERN: repeat the sweep with other module parameters of the drivers; the
# front end's message in the kernel log matches the pattern.
again() {
	# It drops its last reference in a work item, after a device is gone.
	until_true 60 rmmod xen_blkback || not_ok "rmmod xen-blkback"
	# shellcheck disable=SC2086 # lists of words
	load-module xen-blkback $2
	in_domu 1 "rmmod xen_blkfront && load-module xen-blkfront $3" || not_ok "load the front end with $3"
	image a 128M
	attach_disk 1 xvda /tmp/a
	like "$1" "$4" "$(in_domu 1 'dmesg | grep xvda: | tail -n 1')"
	sweep xvda /tmp/a
	detail=$(xenstore-ls -f /local/domain/0/backend/vbd/1 && xenstore-ls -f /local/domain/1/device/vbd)
	detach 1 xvda
}

again "persistent grants off at the back end" feature_persistent=0 '' 'persistent grants: disabled'
again "persistent grants off at the front end" '' feature_persistent=0 'persistent grants: disabled'
again "no indirect descriptors" '' max_indirect_segments=0 'indirect descriptors: disabled'
# With persistent grants the front end keeps one page for each grant of a full ring: for a ring of 16 pages that is a
# gigabyte with 64 KiB pages.
again "a ring of 16 pages" max_ring_page_order=4 'max_ring_page_order=4 feature_persistent=0' 'persistent grants: disabled'
like "both sides agreed on it" 'ring-page-order = "4"' "$detail"
like "its pages are granted one by one" 'ring-ref15 = ' "$detail"
again "a ring of 2 pages, with persistent grants" max_ring_page_order=4 max_ring_page_order=1 'persistent grants: enabled'
like "both sides use the smaller number" 'ring-page-order = "1"' "$detail"
again "four queues offered, as many used as the domU has vcpus" max_queues=4 max_queues=4 'persistent grants'
like "the back end offers them" 'multi-queue-max-queues = "4"' "$detail"

check_logs 1
finish
