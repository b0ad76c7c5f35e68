# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Balloon a domain down to 64 MiB and up again, many times: no frame is lost.
#: --domu domU-agent
ROUNDS=100
LOW_KIB=65536

start_services
in_domu 1 true >/dev/null || abandon "the agent" "" 1
frames() {
	xenppc-list 1 | cut -d' ' -f3
}
# A kernel with 64 KiB pages fits into 64 MiB only without most programs of the initramfs.
in_domu 1 'rm -rf /lib/modules; for file in /bin/*; do
	case $file in */busybox | */domU-agent | */machine-info) ;; *) [ -L "$file" ] || rm "$file" ;; esac; done'
node=/local/domain/1/memory/target
full_kib=$(xenstore-read "$node")
full=$(frames)
free=$(xenppc-list --free)
low=$((full - (full_kib - LOW_KIB) / 4))

# The balloon driver works in pages of the kernel's size.
page_frames=$(in_domu 1 'echo $(($(machine-info page) / 4096))')
at_low() {
	now=$(frames)
	[ "$now" -le $((low + page_frames)) ] && [ "$now" -ge $((low - page_frames)) ]
}
at_full() {
	[ "$(frames)" = "$full" ]
}

round=0 stuck=
while [ "$round" -lt "$ROUNDS" ] && [ -z "$stuck" ]; do
	xenstore-write "$node" "$LOW_KIB"
	until_true 60 at_low || stuck="on the way down: $(frames) frames, expected $low"
	xenstore-write "$node" "$full_kib"
	until_true 60 at_full || stuck="on the way up: $(frames) frames, expected $full"
	round=$((round + 1))
done
is "rounds to $((LOW_KIB / 1024)) MiB and back" "$ROUNDS" "$round"
is "a round that did not reach its target" "" "$stuck"
is "the domain's frames" "$full" "$(frames)"
# Where frames replaced a large page, the hypervisor now needs page tables for them: at most two for each 2 MiB.
lost=$((free - $(xenppc-list --free)))
if [ "$lost" -le $((full / 512 + 4)) ]; then ok "frames of the hypervisor for translation tables: $lost"; else not_ok "frames lost: $lost"; fi
try "the memory works: filled and read back" in_domu 1 \
	'head -c 40000000 /dev/urandom >/tmp/f && sum=$(md5sum </tmp/f) && cp /tmp/f /tmp/g && rm /tmp/f && [ "$sum" = "$(md5sum </tmp/g)" ]'
check_logs 1
finish
