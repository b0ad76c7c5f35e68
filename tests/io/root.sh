# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A domU with a Debian root on a disk that dom0 serves, a second disk and a network interface. Run by tests/io/root.
#: --domu true --domu-mem 512M --domu-append root=/dev/xvda

images=/mnt
address_of_1=10.0.0.2
gone() {
	! xenstore-exists "$1"
}
load-module crc32c_generic ext4
mkdir -p "$images"
mount -t ext4 /dev/pmem0 "$images" || abandon "dom0's disk" ""
start_services

try "disk for the root" xenppc-attach vbd 1 --name xvda "$images/root.img"
# Wait for the agent of the domU's system before the other devices are attached.
in_domu 1 >/dev/null || abandon "the system on /dev/xvda" "$(xenppc-attach list)"
ok "domU runs $(in_domu 1 '. /etc/os-release; echo "$PRETTY_NAME on $(findmnt -n -o SOURCE,FSTYPE /)"')"
try "second disk" xenppc-attach vbd 1 --name xvdb "$images/data.img"
try "network interface on a bridge" xenppc-attach vif 1
try "address in the domU" in_domu 1 "ip link set eth0 up && ip addr add $address_of_1/24 dev eth0"

fio='fio --name=verify --filename=/dev/xvdb --rw=randwrite --bsrange=4k-256k --size=32m --direct=1'
fio="$fio --ioengine=libaio --iodepth=8 --verify=crc32c --do_verify=1 --output-format=terse"
try "fio --verify=crc32c on the second disk" in_domu 1 "$fio"

no_loss='[0-9]+ packets transmitted, [0-9]+ (packets )?received, 0% packet loss'
like "ping dom0 to domU without loss" "$no_loss" "$(ping -c 5 -i 0.2 "$address_of_1" 2>&1)"
like "ping domU to dom0 without loss" "$no_loss" "$(in_domu 1 "ping -c 5 -i 0.2 $address" 2>&1)"

head -c 16777216 /dev/urandom >/tmp/stream
sum=$(sha256sum </tmp/stream)
# connect PORT COMMANDS: in the domU, connect to dom0 with bash, as descriptor 3.
connect() {
	in_domu 1 "bash -c 'exec 3<>/dev/tcp/$address/$1; $2'" 2>&1
}
limited 60 nc -l -p 5001 </tmp/stream >/dev/null &
is "16 MiB over TCP, dom0 to domU, sha256" "$sum" "$(connect 5001 'tee /run/stream <&3 | sha256sum')"
limited 60 nc -l -p 5002 </dev/null >/tmp/back &
listener=$!
connect 5002 'cat /run/stream >&3'
wait "$listener"
is "the same back, domU to dom0, sha256" "$sum" "$(sha256sum </tmp/back)"

xenstore-write /local/domain/1/control/shutdown poweroff
try "domU shuts down when asked to" until_true 60 gone /local/domain/1
is "devices that are left" "" "$(xenppc-attach list)"
try "dom0's disk is unmounted" umount "$images"
finish
