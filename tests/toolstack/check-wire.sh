# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Domains that put what is wrong into their xenstore ring: it is theirs alone to suffer.
#: --mem 768M --beside domU-agent --beside domU-agent --beside domU-agent --beside domU-agent --beside domU-agent --beside domU-agent --beside-mem 192M

start
pid=$(pidof xenstored)

# others DOMAIN WHAT: xenstored goes on, for dom0 and for the other domains.
others() {
	is "$2: xenstored lives" "$pid" "$(pidof xenstored)"
	is "$2: and serves dom0" "domU$1" "$(timeout 20 xenstore-read "/local/domain/$1/name")"
	is "$2: and another domain" 6 "$(u 6 'timeout 20 xenstore-read domid')"
}

# Requests that are answered with an error.
for how in type no-end no-arguments; do
	u 1 "load-module wildring how=$how; rmmod wildring" >/dev/null 2>&1
	others 1 "$how"
	is "$how: the domain itself goes on" 1 "$(u 1 'xenstore-read domid')"
done

# shows DOMAIN FILE: what the domain prints on its console comes to the file.
shows() {
	u "$1" 'echo attached >/dev/hvc0' && sleep 0.2 && grep -q attached "$2"
}

# What ends the domain's connection: xenstored says which error it was in the ring itself.
number=1
for case in too-long:3 huge:3 request-index:2 response-index:2 noise:[123]; do
	how=${case%:*} error=${case#*:}
	xenppc-console "$number" </dev/null >"/tmp/console$number" 2>&1 &
	console=$!
	try "$how: domain $number's console is here" until_true 20 shows "$number" "/tmp/console$number"
	# The agent has answered before the connection ends.
	u "$number" "(sleep 3; load-module wildring how=$how) >/dev/null 2>&1 &" >/dev/null 2>&1
	try "$how: xenstored gives up the connection" until_true 30 grep -qE "wildring: $how: error $error" "/tmp/console$number"
	kill "$console"
	wait "$console"
	others "$number" "$how"
	number=$((number + 1))
done

out=$(test-xenstore 2>&1)
is "Xen's own test program afterwards" 0 $?
[ -n "$out" ] || not_ok "it said something"
# The hostile ones can be ended, and nothing stays of them.
try "a domain that behaves gets through" u 6 'xenstore-write data/x 1'
calm 6

# Requests of any kind, and at the end, as what becomes of the domain's own nodes is its business.
xenppc-console 6 </dev/null >/tmp/console6 2>&1 &
try "anything: domain 6's console is here" until_true 20 shows 6 /tmp/console6
u 6 "(sleep 3; load-module wildring how=anything) >/dev/null 2>&1 &" >/dev/null 2>&1
try "anything: it has an end" until_true 60 grep -q "wildring: anything: error 0" /tmp/console6
is "anything: xenstored lives" "$pid" "$(pidof xenstored)"
is "anything: and serves dom0" domU2 "$(timeout 20 xenstore-read /local/domain/2/name)"
end
