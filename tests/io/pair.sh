# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A short check of a disk and a network interface, to combine kernels: run with --image and --domu-image.
#: --mem 1G --domu domU-agent

start_services 1
echo "# pages of dom0: $(machine-info page), of the domU: $(in_domu 1 'machine-info page')"
truncate -s 64M /tmp/a
for parameters in '' 'feature_persistent=0'; do
	in_domu 1 "rmmod xen_blkfront; load-module xen-blkfront $parameters" || not_ok "front end with $parameters"
	attach_disk 1 xvda /tmp/a
	wrong='' at=0
	for size in 512 4096 12288 65024 66048 135168 1048576; do
		out=$(in_domu 1 "blkpat -b $size -s $size write /dev/xvda $at $((3 * size))" 2>&1) &&
			out=$(blkpat -s $size check /tmp/a $at $((3 * size)) 2>&1) || wrong="$wrong $size: $out"
		out=$(blkpat -s 7$size write /tmp/a $at $((3 * size)) 2>&1) &&
			out=$(in_domu 1 "blkpat -b $size -s 7$size check /dev/xvda $at $((3 * size))" 2>&1) || wrong="$wrong $size: $out"
		at=$((at + 4194304))
	done
	is "disk, front end ${parameters:-as it is}: requests of 512 bytes to 1 MiB" "" "$wrong"
	detach 1 xvda
done

netload serve 5001 &
attach_vif 1 0 10.0.0.2
like "ping without loss" ' 0% packet loss' "$(in_domu 1 'ping -c 5 -A -W 5 10.0.0.1')"
like "ping from dom0 without loss" ' 0% packet loss' "$(ping -c 5 -A -W 5 10.0.0.2)"
like "TCP from the domU, checked" 'wrong 0$' "$(in_domu 1 "netload check-send 10.0.0.1 5001 5000001 2" 2>&1)"
like "TCP to the domU, checked" 'wrong 0$' "$(in_domu 1 "netload check-receive 10.0.0.1 5001 5000001 2" 2>&1)"
try "datagrams both ways" in_domu 1 '
for size in 1 22 63 64 1472 1473 4096 60000; do
	netload udp-send 10.0.0.1 5001 $size 4 1 && netload udp-receive 10.0.0.1 5001 $size 4 1 || exit 1
done'
xenppc-attach detach 1 vif0 || not_ok "detach vif0"
check_logs 1
finish
