# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# xenstored, its clients, and xenppcd when domains start and end.
#provokes: \(d1\)|\(XEN\) d1
#: --domu domU-agent --domu domU-agent

home=/local/domain

for tool in xenppc-init xenppcd xenppc-attach xenppc-console; do
	like "$tool --help" '^usage: ' "$("$tool" --help)"
	refuse "$tool: wrong option" 'unknown|--help' "$tool" --wrong
done
refuse "xenppc-attach before xenppc-init" 'no answer from xenstored' xenppc-attach list
try "xenppc-init" xenppc-init
pids=$(pidof xenstored) more=$(cat /run/xenppcd.pid)
try "xenppc-init again" xenppc-init
is "the same xenstored" "$pids" "$(pidof xenstored)"
is "the same xenppcd" "$more" "$(cat /run/xenppcd.pid)"

out=$(test-xenstore 2>&1)
is "Xen's own test program" 0 $?
printf '%s\n' "$out" | sed 's/^/# /'
is "all of its tests" 12 "$(printf '%s\n' "$out" | grep -c ' ns$')"

# The clients.
try "write" xenstore-write /t/a 1 /t/b/c 'two words'
is "read" 'two words' "$(xenstore-read /t/b/c)"
is "list" 'a b' "$(xenstore-list /t | sort | tr '\n' ' ' | sed 's/ $//')"
is "ls" '/t/a = "1"' "$(xenstore-ls -f /t | grep /a)"
try "exists" xenstore-exists /t/b
refuse "exists, of a missing node" '^$' xenstore-exists /t/z
refuse "read a missing node" "couldn't read path" xenstore-read /t/z
try "chmod" xenstore-chmod /t/a n0 r1
is "permissions after chmod" '/t/a = "1"   (n0,r1)' "$(xenstore-ls -f -p /t | grep /a)"
xenstore-watch -n 3 /t/w >/tmp/watch &
watcher=$!
until_true 10 grep -q /t/w /tmp/watch || not_ok "a watch fires once when it is set"
xenstore-write /t/w/x 1
xenstore-rm /t/w
wait "$watcher"
is "watch" '/t/w /t/w/x /t/w' "$(tr '\n' ' ' </tmp/watch | sed 's/ $//')"
try "rm" xenstore-rm /t
refuse "the node is gone" '^$' xenstore-exists /t/b/c

# The nodes and permissions of a domain.
is "names" 'domU1 domU2' "$(xenstore-read $home/1/name) $(xenstore-read $home/2/name)"
is "domid, read by the domain" 2 "$(in_domu 2 'xenstore-read domid')"
is "its memory in KiB" "$(xenstore-read $home/1/memory/static-max)" "$(xenstore-read $home/1/memory/target)"
try "a domain writes below its data" in_domu 1 'xenstore-write data/x 1'
refuse "but not below another domain's" "EACCES|could not write" in_domu 1 "xenstore-write $home/2/data/x 1 2>&1"
refuse "nor its own name" "EACCES|could not write" in_domu 1 'xenstore-write name x 2>&1'
refuse "nor reads another domain's nodes" "couldn't read" in_domu 1 "xenstore-read $home/2/data/x 2>&1"
refuse "nor creates a domain's directory" "EACCES|could not" in_domu 1 "xenstore-write $home/9 x 2>&1"

# What a domain may write reaches dom0's terminal without control characters.
xenstore-chmod $home/1/name n0 b1
try "a domain that may writes its name" in_domu 1 'xenstore-write name "$(printf "a\\033[2J\\233b")"'
like "xenppc-list shows it harmless" '^1 a\\x1b\[2J\\x9bb [0-9]' "$(xenppc-list 1)"
xenstore-write $home/1/name domU1
xenstore-chmod $home/1/name n0 r1

# Quotas: nodes, their size, watches. The other domain is not affected.
refuse "a domain with too many nodes" 'could not write path data/q|ENOSPC' \
	in_domu 1 'i=0; while [ $i -lt 1100 ]; do xenstore-write data/q/$i $i 2>&1 || exit 1; i=$((i + 1)); done'
nodes=$(xenstore-list $home/1/data/q | wc -l)
is "the quota is between 500 and 1000 nodes" yes "$([ "$nodes" -gt 500 ] && [ "$nodes" -lt 1000 ] && echo yes)"
refuse "a node that is too large" 'could not write|too long|E2BIG|ENOSPC' \
	in_domu 1 'xenstore-rm data/q; xenstore-write data/big "$(head -c 3000 /dev/zero | tr "\000" x)" 2>&1'
refuse "too many watches" 'unable to add watch|ENOSPC|E2BIG|watch' \
	in_domu 1 'set --; i=0; while [ $i -lt 200 ]; do set -- "$@" data/w$i; i=$((i + 1)); done; timeout 60 xenstore-watch -n 999 "$@" 2>&1 >/dev/null | grep -i watch && exit 1; exit 0'
is "the other domain can write" 1 "$(in_domu 2 'xenstore-write data/x 1 && xenstore-read data/x')"

# The nodes of a domain that ends are removed, and a domain that restarts is served again.
gone() { ! xenstore-exists "$home/$1"; }
alive() { domU-run -t 5 "$1" true; }
refuse "no such domain" 'no such domain: 7' xenppc-attach list 7
refuse "no domain of that name" 'no domain of the name "nobody"' xenppc-attach list nobody
vm=$(xenstore-read $home/2/vm)
try "a domain has a directory in /vm" xenstore-exists "$vm"
in_domu 2 'poweroff -f' >/dev/null 2>&1 &
try "after power-off a domain's nodes are removed" until_true 30 gone 2
refuse "and its $vm" '^$' xenstore-exists "$vm"
first=$(in_domu 1 'cat /proc/sys/kernel/random/boot_id')
in_domu 1 'reboot -f' >/dev/null 2>&1 &
again() { [ "$(domU-run -t 5 1 'cat /proc/sys/kernel/random/boot_id')" != "$first" ] && alive 1; }
try "after a reboot it is served again" until_true 60 again
first=$(in_domu 1 'cat /proc/sys/kernel/random/boot_id')
in_domu 1 'echo c >/proc/sysrq-trigger' >/dev/null 2>&1 &
try "after a crash its nodes are removed" until_true 30 gone 1
is "nodes that are left" '' "$(xenstore-ls -f | grep -E 'domain/[1-9]|backend/|/vm/.*=')"
like "xenppcd has logged the end" 'domain 1 has ended' "$(cat /var/log/xen/xenppcd.log)"

# A client whose request xenstored takes with it fails; it must not take the missing answer for "there is no such node".
kill -STOP "$(pidof xenstored)"
xenppc-attach list >/tmp/lost 2>&1 &
client=$!
# Inode 0: a connection that has not been accepted.
asks() { grep -q ' 0 /run/xenstored/socket' /proc/net/unix; }
try "xenppc-attach is connected and waits" until_true 20 asks
kill -9 "$(pidof xenstored)"
wait "$client"
is "status of a client when xenstored dies" 1 "$?"
like "and its message" 'no answer from xenstored' "$(cat /tmp/lost)"

# Without xenstored the tools fail with a message, and do not wait.
refuse "without xenstored" 'no answer from xenstored' limited 20 xenppc-attach list
check_logs
finish
