# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The back end of an interface hangs, with packets of the domU mapped, while the interface is removed: other devices of the
# domU go on working, and what the back end has mapped is not used for anything else until it lets go.
#: --mem 768M --domu domU-agent --domu-mem 384M

start_services 1
rm -f /tmp/disk
truncate -s 32M /tmp/disk
load-module xen-gntdev
try "the domU counts its grants" in_domu 1 'load-module grantstat'
stat() { in_domu 1 "sed 's/.*$1 \\([0-9]*\\).*/\\1/' /proc/grantstat"; }
grants=$(stat grants)

# dom0's side is written by hand, below a path that no driver watches, and a program that never answers has the ring.
front=/local/domain/1/device/vif/0
back=/local/domain/0/nobody/vif/1/0
xenstore-write $back/frontend $front $back/frontend-id 1 $back/online 1 $back/state 1 \
	$back/feature-rx-copy 1 $back/feature-sg 1
xenstore-write $front/backend $back $front/backend-id 0 $front/handle 0 $front/mac 00:16:3e:00:00:01
xenstore-chmod $front n1 r0
for node in backend backend-id handle mac; do xenstore-chmod $front/$node n1 r0; done
xenstore-chmod -r $back n0 r1
xenstore-write $front/state 1
xenstore-chmod $front/state n1 r0
xenstore-write $back/state 2
front_connected() { [ "$(xenstore-read $front/state)" = 4 ]; }
until_true 30 front_connected || abandon "the front end connects" "$(xenstore-read $front/state 2>&1)" 1
xenstore-write $back/state 4
in_domu 1 'ifconfig eth0 10.0.0.2 netmask 255.255.255.0 up' || abandon "the interface comes up" "" 1
in_domu 1 'ping -c 20 10.0.0.9 >/dev/null 2>&1 </dev/null &'
hung-netback 1 "$(xenstore-read $front/tx-ring-ref)" >/tmp/hung 2>&1 &
hung=$!
holds() { grep -q holds /tmp/hung; }
until_true 60 holds || abandon "the back end has mapped packets" "$(cat /tmp/hung)" 1
ok "the back end has mapped packets: $(cat /tmp/hung)"

# xenbus of the domU removes the device in the thread in which it handles all others.
xenstore-rm $front
attach_disk 1 xvda /tmp/disk
ok "a disk can be attached meanwhile"
try "the disk works" in_domu 1 'blkpat write /dev/xvda 0 1048576 && blkpat check /dev/xvda 0 1048576'
detach 1 xvda
gone() { in_domu 1 '[ ! -e /sys/class/net/eth0 ]'; }
try "the interface is gone" until_true 60 gone
log=$(in_domu 1 dmesg)
like "the domU says that the back end does not close" 'vif-0: the back end does not close' "$log"
like "and that it keeps the packets" 'vif-0: the back end has [0-9]* slots of packets mapped' "$log"
like "they are still granted" '^[1-9]' "$(stat mapped)"

# The back end comes back, and ends.
kill $hung
wait $hung 2>/dev/null
xenstore-rm $back
all_ended() { [ "$(stat mapped)" = 0 ] && [ "$(stat grants)" = "$grants" ]; }
try "the domU ends all grants once the back end has let go" until_true 90 all_ended
in_domu 1 'cat /proc/grantstat' | sed 's/^/# /'
attach_vif 1 0 10.0.0.2
like "another interface works" ' 0% packet loss' "$(in_domu 1 'ping -c 3 -A -W 5 10.0.0.1')"
detach 1 vif0
try "the front end can be unloaded" in_domu 1 'rmmod xen_netfront'
check_logs 1
finish
