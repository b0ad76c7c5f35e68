# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Network interfaces: ping and verified data in both directions, with each offload on and off, jumbo frames, and several
# interfaces.
#: --mem 1G --domu domU-agent --domu domU-agent

start_services 1 2
PORT=5001
netload serve $PORT &
attach_vif 1 0 10.0.0.2
attach_vif 2 0 10.0.0.3

# lossless WHAT DOMAIN ADDRESS [PING ARGUMENTS]: ping the address from that domain; 0 is dom0.
lossless() {
	what=$1 domain=$2 to=$3
	shift 3
	if [ "$domain" = 0 ]; then out=$(ping -c 5 -A -W 5 "$@" "$to" 2>&1); else out=$(in_domu "$domain" "ping -c 5 -A -W 5 $* $to" 2>&1); fi
	like "$what: ping without loss" ' 0% packet loss' "$out"
}
lossless "domU to dom0" 1 10.0.0.1
lossless "dom0 to domU" 0 10.0.0.2
lossless "domU to domU" 1 10.0.0.3
lossless "packets of every fill" 1 10.0.0.1 -s 1

# count NAME: a counter of domain 1's interface eth0.
count() { in_domu 1 "cat /sys/class/net/eth0/statistics/$1"; }
# bulk WHAT: verified TCP data in both directions; sets tx_mean and rx_mean, the mean bytes of a packet by the counters of
# the front end.
bulk() {
	before="$(count tx_packets) $(count tx_bytes) $(count rx_packets) $(count rx_bytes)"
	like "$1: TCP from the domU, checked" 'wrong 0$' "$(in_domu 1 "netload check-send 10.0.0.1 $PORT 3000001 2" 2>&1)"
	# shellcheck disable=SC2086 # fields
	set -- "$1" $before
	tx_mean=$((($(count tx_bytes) - $3) / ($(count tx_packets) - $2)))
	before="$(count rx_packets) $(count rx_bytes)"
	like "$1: TCP to the domU, checked" 'wrong 0$' "$(in_domu 1 "netload check-receive 10.0.0.1 $PORT 3000001 2" 2>&1)"
	# shellcheck disable=SC2086
	set -- "$1" $before
	rx_mean=$((($(count rx_bytes) - $3) / ($(count rx_packets) - $2)))
}
larger() { is "$1: larger than $2" yes "$([ "$3" -gt "$2" ] && echo yes || echo "$3")"; }
at_most() { is "$1: at most $2" yes "$([ "$3" -le "$2" ] && echo yes || echo "$3")"; }
front() { in_domu 1 "ethfeature eth0 $*" || not_ok "eth0: $*"; }
back() { ethfeature vif1.0 "$@" || not_ok "vif1.0: $*"; }

# Packets that were dropped before the interface was up do not count.
dropped=$(count tx_dropped)
features=$(in_domu 1 'ethfeature eth0')
for feature in tx sg tso gso; do
	like "the front end has $feature" "^$feature on" "$features"
done
bulk "everything on"
larger "TCP segments leave the domU uncut, bytes a packet" 3000 "$tx_mean"
larger "TCP segments reach the domU uncut, bytes a packet" 3000 "$rx_mean"
front tso off
front gso off
bulk "segments cut in the domU"
at_most "bytes a packet" 1514 "$tx_mean"
front tx off
bulk "checksums made in the domU"
front sg off
bulk "packets in one piece"
is "sg is off" "sg off" "$(in_domu 1 'ethfeature eth0 | grep sg')"
# The linear data of a packet begins at a different offset in each connection; some packets cross a 4 KiB boundary.
is "40 connections without sg" "" "$(in_domu 1 "for i in \$(seq 40); do
	netload check-send 10.0.0.1 $PORT 3001 2 | grep -v 'wrong 0'; done" 2>&1)"
is "packets that the front end dropped" "$dropped" "$(count tx_dropped)"
front tx on sg on tso on gso on
back tso off gso off
bulk "segments cut in dom0"
at_most "bytes a packet to the domU" 1514 "$rx_mean"
back tx off sg off
bulk "checksums made in dom0"
back tx on sg on tso on gso on
front gro off
bulk "GRO off in the domU"
front gro on
is "errors counted by the front end" 0 "$(($(count rx_errors) + $(count tx_errors)))"

# Datagrams of many sizes, fragmented ones included.
wrong=
for size in 1 21 22 63 64 255 256 1023 1471 1472 1473 3000 4053 4096 8192 16000 60000; do
	out=$(in_domu 1 "netload udp-send 10.0.0.1 $PORT $size 5 1 && netload udp-receive 10.0.0.1 $PORT $size 5 1" 2>&1) ||
		wrong="$wrong $size: $out"
done
is "datagrams of 1 to 60000 bytes both ways" "" "$wrong"
xenppc-attach detach 1 vif0 || not_ok "detach vif0"

# Jumbo frames.
attach_vif 1 0 10.0.0.2 --mtu 9000
ifconfig "$bridge" mtu 9000 2>/dev/null || :
in_domu 1 'ifconfig eth0 mtu 9000' || not_ok "MTU 9000 in the domU"
is "MTU of the back end" 9000 "$(cat /sys/class/net/vif1.0/mtu)"
is "MTU of the front end" 9000 "$(count ../mtu)"
lossless "jumbo frames" 1 10.0.0.1 -s 8972
lossless "jumbo frames, and back" 0 10.0.0.2 -s 8972
front tso off gso off
back tso off gso off
bulk "MTU 9000"
larger "bytes a packet from the domU" 4000 "$tx_mean"
larger "bytes a packet to the domU" 4000 "$rx_mean"
at_most "bytes a packet from the domU" 9014 "$tx_mean"
front sg off
lossless "without sg, what fits" 1 10.0.0.1 -s 1400
front sg on
xenppc-attach detach 1 vif0 || not_ok "detach vif0"

# Four at once, each on a bridge of its own.
for n in 0 1 2 3; do
	try "bridge br$n" brctl addbr br$n
	ifconfig br$n 10.1.$n.1 netmask 255.255.255.0 up || not_ok "bridge br$n"
	attach_vif 1 $n 10.1.$n.2 --bridge br$n
done
try "four interfaces at once" in_domu 1 "
for n in 0 1 2 3; do netload check-send 10.1.\$n.1 $PORT 2000000 2 & pids=\"\$pids \$!\"; done
for n in 0 1 2 3; do netload check-receive 10.1.\$n.1 $PORT 2000000 2 & pids=\"\$pids \$!\"; done
for pid in \$pids; do wait \$pid || exit 1; done"
for n in 0 1 2 3; do
	lossless "interface $n" 1 10.1.$n.1
	is "interface $n carried its own data" yes \
		"$([ "$(cat /sys/class/net/vif1.$n/statistics/rx_bytes)" -gt 6000000 ] && echo yes)"
	xenppc-attach detach 1 vif$n || not_ok "detach vif$n"
done
is "interfaces of dom0 that are left" "" "$(find /sys/class/net -name 'vif1*')"

check_logs 1 2
finish
