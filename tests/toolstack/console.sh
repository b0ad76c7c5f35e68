# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# xenppc-console, with correct and with invalid console rings.
#: --domu domU-agent --domu domU-agent --domu domU-agent

start_services
# console DOMAIN FILE: start xenppc-console in the background with its output in FILE; sets attached to its process.
console() {
	xenppc-console "$1" </dev/null >"$2" 2>&1 &
	attached=$!
}
# shows DOMAIN FILE: a text that the domain writes to its console arrives in FILE.
shows() {
	in_domu "$1" 'echo attached >/dev/hvc0' && sleep 0.2 && grep -q attached "$2"
}
# serving DOMAIN FILE: xenppc-console serves the ring now. Until then the hypervisor does, which repairs wrong indices.
serving() {
	try "domain $1's console is here" until_true 20 shows "$1" "$2"
}
# talk TEXT: domain 1 writes TEXT to its console; the standard output of its commands goes to dom0 instead.
talk() {
	in_domu 1 "echo '$1' >/dev/hvc0"
}

refuse "no domain" 'one DOMAIN is wanted' xenppc-console
refuse "no such domain" 'no such domain: 9' xenppc-console 9
refuse "dom0's own" 'domain 0 is this one' xenppc-console 0

console 1 /tmp/console
serving 1 /tmp/console
talk first
try "output comes" until_true 10 grep -q first /tmp/console
refuse "a second one" 'another xenppc-console' xenppc-console 1 </dev/null
in_domu 1 'i=0; while [ $i -lt 300 ]; do echo "line $i of many that do not fit into the ring at once"; i=$((i + 1)); done >/dev/hvc0'
try "much output comes" until_true 20 grep -q 'line 299 ' /tmp/console
is "all of it" 300 "$(grep -c '^line [0-9]* of many' /tmp/console)"
kill "$attached"
wait "$attached"
is "SIGTERM ends it with status 0" 0 $?
talk second
console 1 /tmp/console2
serving 1 /tmp/console2
talk third
try "it can be attached again" until_true 10 grep -q third /tmp/console2
is "output while none was attached went to the hypervisor" 0 "$(grep -c second /tmp/console2)"
kill "$attached"
wait "$attached"

# Input reaches a shell on the domain's console.
in_domu 1 'setsid -c sh </dev/hvc0 >/dev/hvc0 2>&1 &'
# shellcheck disable=SC2094 # the reader of the file only waits for the text
(sleep 1; echo 'echo sum $((40 + 2))'; until_true 15 grep -q 'sum 42' /tmp/console3) |
	timeout $((20 * $(slowdown))) xenppc-console 1 >/tmp/console3 2>&1 &
attached=$!
try "input arrives" until_true 15 grep -q 'sum 42' /tmp/console3
kill "$attached" 2>/dev/null
wait "$attached" 2>/dev/null

# Rings with invalid indices.
console 2 /tmp/wild
serving 2 /tmp/wild
in_domu 2 'load-module wildring how=output-index' >/dev/null 2>&1 &
ended() { ! grep -q '^State:.[RSD]' "/proc/$attached/status" 2>/dev/null; }
try "a wrong output index ends xenppc-console" until_true 20 ended
kill "$attached" 2>/dev/null
wait "$attached"
is "its status" 1 $?
like "and its message" 'domain 2: wrong indices in its console ring' "$(cat /tmp/wild)"
console 3 /tmp/wild
serving 3 /tmp/wild
in_domu 3 'load-module wildring how=input-index' >/dev/null 2>&1 &
try "a wrong input index ends it, too" until_true 20 ended
kill "$attached" 2>/dev/null
wait "$attached"
like "with the same message" 'domain 3: wrong indices in its console ring' "$(cat /tmp/wild)"
try "the first domain's console works" in_domu 1 'echo fourth >/dev/hvc0'

# The end of the domain.
console 1 /tmp/console4
serving 1 /tmp/console4
in_domu 1 'poweroff -f' >/dev/null 2>&1 &
try "the end of the domain ends it" until_true 30 ended
wait "$attached"
is "its status" 0 $?
like "and its message" 'domain 1 has ended' "$(cat /tmp/console4)"
check_logs
finish
