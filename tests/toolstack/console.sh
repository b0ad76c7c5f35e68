# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2016 # what is quoted runs in the domain
# xenppc-console, also of domains whose ring is not what it should be.
#: --domu domU-agent --domu domU-agent --domu domU-agent

start
# console DOMAIN FILE: its output goes there until it ends.
console() {
	xenppc-console "$1" </dev/null >"$2" 2>&1 &
	attached=$!
}
# serving DOMAIN FILE: what the domain prints there comes here, not to the hypervisor, which would mend a wrong ring.
shows() {
	u "$1" 'echo attached >/dev/hvc0' && sleep 0.2 && grep -q attached "$2"
}
serving() {
	try "domain $1's console is here" until_true 20 shows "$1" "$2"
}
# The agent sends what the command prints to dom0, so this goes to the domain's own console.
talk() {
	u 1 "echo '$1' >/dev/hvc0"
}

refuse "no domain" 'one DOMAIN is wanted' xenppc-console
refuse "no such domain" 'no such domain: 9' xenppc-console 9
refuse "dom0's own" 'domain 0 is this one' xenppc-console 0

console 1 /tmp/console
sleep 1
talk first
try "output comes" until_true 10 grep -q first /tmp/console
refuse "a second one" 'another xenppc-console' xenppc-console 1 </dev/null
u 1 'i=0; while [ $i -lt 300 ]; do echo "line $i of many that do not fit into the ring at once"; i=$((i + 1)); done >/dev/hvc0'
try "much output comes" until_true 20 grep -q 'line 299 ' /tmp/console
is "all of it" 300 "$(grep -c '^line [0-9]* of many' /tmp/console)"
kill "$attached"
wait "$attached"
is "it ends when it is told to" 0 $?
talk second
console 1 /tmp/console2
sleep 1
talk third
try "it can be attached again" until_true 10 grep -q third /tmp/console2
is "what was written meanwhile went to the hypervisor" 0 "$(grep -c second /tmp/console2)"
kill "$attached"
wait "$attached"

# Input: a shell on the domain's console answers.
u 1 'setsid -c sh </dev/hvc0 >/dev/hvc0 2>&1 &'
(sleep 1; echo 'echo sum $((40 + 2))'; sleep 3) | timeout 20 xenppc-console 1 >/tmp/console3 2>&1 &
attached=$!
try "input goes there" until_true 15 grep -q 'sum 42' /tmp/console3
kill "$attached" 2>/dev/null
wait "$attached" 2>/dev/null

# Hostile rings.
console 2 /tmp/wild
serving 2 /tmp/wild
u 2 'load-module wildring how=output-index' >/dev/null 2>&1 &
ended() { ! grep -q '^State:.[RSD]' "/proc/$attached/status" 2>/dev/null; }
try "wrong indices of output end it" until_true 20 ended
kill "$attached" 2>/dev/null
wait "$attached"
is "with status 1" 1 $?
like "and are named" 'domain 2: wrong indices in its console ring' "$(cat /tmp/wild)"
console 3 /tmp/wild
serving 3 /tmp/wild
u 3 'load-module wildring how=input-index' >/dev/null 2>&1 &
try "those of input, too" until_true 20 ended
kill "$attached" 2>/dev/null
wait "$attached"
like "named as well" 'domain 3: wrong indices in its console ring' "$(cat /tmp/wild)"
try "the first domain's console works" u 1 'echo fourth >/dev/hvc0'

# The end of the domain.
console 1 /tmp/console4
sleep 1
u 1 'poweroff -f' >/dev/null 2>&1 &
try "the domain's end ends it" until_true 30 ended
wait "$attached"
is "with status 0" 0 $?
like "and it says so" 'domain 1 has ended' "$(cat /tmp/console4)"
calm
end
