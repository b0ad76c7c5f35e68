# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2016 # what is quoted runs in the domain
# xenstored, its clients, and what xenppcd does when domains come and go.
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
refuse "exists, when it does not" '^$' xenstore-exists /t/z
refuse "read what is not there" "couldn't read path" xenstore-read /t/z
try "chmod" xenstore-chmod /t/a n0 r1
is "and what it did" '/t/a = "1"   (n0,r1)' "$(xenstore-ls -f -p /t | grep /a)"
xenstore-watch -n 3 /t/w >/tmp/watch &
watcher=$!
until_true 10 grep -q /t/w /tmp/watch || not_ok "a watch fires once when it is set"
xenstore-write /t/w/x 1
xenstore-rm /t/w
wait "$watcher"
is "watch" '/t/w /t/w/x /t/w' "$(tr '\n' ' ' </tmp/watch | sed 's/ $//')"
try "rm" xenstore-rm /t
refuse "and it is gone" '^$' xenstore-exists /t/b/c

# What a domain has, and may.
is "names" 'domU1 domU2' "$(xenstore-read $home/1/name) $(xenstore-read $home/2/name)"
is "a domain's number, asked there" 2 "$(u 2 'xenstore-read domid')"
is "its memory in KiB" "$(xenstore-read $home/1/memory/static-max)" "$(xenstore-read $home/1/memory/target)"
try "a domain writes below its data" u 1 'xenstore-write data/x 1'
refuse "but not another's" "EACCES|could not write" u 1 "xenstore-write $home/2/data/x 1 2>&1"
refuse "nor its own name" "EACCES|could not write" u 1 'xenstore-write name x 2>&1'
refuse "nor reads what is another's" "couldn't read" u 1 "xenstore-read $home/2/data/x 2>&1"
refuse "nor introduces what it likes" "EACCES|could not" u 1 "xenstore-write $home/9 x 2>&1"

# Quotas: nodes, their size, watches. The other domain goes on.
refuse "a domain with too many nodes" 'could not write path data/q|ENOSPC' \
	u 1 'i=0; while [ $i -lt 1100 ]; do xenstore-write data/q/$i $i 2>&1 || exit 1; i=$((i + 1)); done'
nodes=$(xenstore-list $home/1/data/q | wc -l)
is "it got some hundreds" yes "$([ "$nodes" -gt 500 ] && [ "$nodes" -lt 1000 ] && echo yes)"
refuse "a node that is too large" 'could not write|too long|E2BIG|ENOSPC' \
	u 1 'xenstore-rm data/q; xenstore-write data/big "$(head -c 3000 /dev/zero | tr "\000" x)" 2>&1'
refuse "too many watches" 'unable to add watch|ENOSPC|E2BIG|watch' \
	u 1 'set --; i=0; while [ $i -lt 200 ]; do set -- "$@" data/w$i; i=$((i + 1)); done; timeout 5 xenstore-watch -n 999 "$@" 2>&1 >/dev/null | grep -i watch && exit 1; exit 0'
is "the other domain writes still" 1 "$(u 2 'xenstore-write data/x 1 && xenstore-read data/x')"

# The ends of domains: their nodes go, and one that restarts is served again.
gone() { ! xenstore-exists "$home/$1"; }
alive() { domU-run -t 5 "$1" true; }
refuse "no such domain" 'no such domain: 7' xenppc-attach list 7
refuse "no domain of that name" 'no domain of the name "nobody"' xenppc-attach list nobody
u 2 'poweroff -f' >/dev/null 2>&1 &
try "after power-off a domain's nodes go" until_true 30 gone 2
refuse "and its /vm" '^$' xenstore-exists /vm/00000000-0000-0000-0000-000000000002
first=$(u 1 'cat /proc/sys/kernel/random/boot_id')
u 1 'reboot -f' >/dev/null 2>&1 &
again() { [ "$(domU-run -t 5 1 'cat /proc/sys/kernel/random/boot_id')" != "$first" ] && alive 1; }
try "after a reboot it is served again" until_true 60 again
first=$(u 1 'cat /proc/sys/kernel/random/boot_id')
u 1 'echo c >/proc/sysrq-trigger' >/dev/null 2>&1 &
try "after a crash its nodes go" until_true 30 gone 1
is "nothing is left of them" '' "$(xenstore-ls -f | grep -E 'domain/[1-9]|backend/|/vm/.*=')"
like "xenppcd says what it saw" 'domain 1 has ended' "$(cat /var/log/xen/xenppcd.log)"

# xenstored gone: the tools say so, and do not wait for it.
kill -9 "$(pidof xenstored)"
refuse "without xenstored" 'no answer from xenstored' timeout 20 xenppc-attach list
calm
end
