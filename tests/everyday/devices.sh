# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Names of disks, and the MTU of an interface.
#: --mem 768M --domu domU-agent

start_services 1
for name in xvdz xvdaa xvdzz xvdaaa xvdamj; do
	truncate -s 1M "/tmp/$name"
	attach_disk 1 "$name" "/tmp/$name"
	is "$name: its name in the list" "$name" "$(xenppc-attach list 1 | cut -d ' ' -f 2)"
	is "$name: its name in the domU" "$name" "$(in_domu 1 'cd /sys/block && ls -d xvd*')"
	detach 1 "$name"
done
refuse "one letter more" 'beyond the limit of 1024 disks' xenppc-attach vbd 1 --name xvdamk /tmp/xvdz

attach_vif 1 0 10.0.0.2 --mtu 9000
is "--mtu: the back end" 9000 "$(cat /sys/class/net/vif1.0/mtu)"
is "--mtu: the domU's own is left to the domU" 1500 "$(in_domu 1 'cat /sys/class/net/eth0/mtu')"
is "--mtu: the node that tells it" 9000 "$(xenstore-read /local/domain/1/device/vif/0/mtu)"
try "--mtu: the domU can set it" in_domu 1 'ip link set eth0 mtu 9000'
try "--mtu: packets of that size" limited 30 ping -c 3 -s 8900 10.0.0.2
check_logs 1
finish
