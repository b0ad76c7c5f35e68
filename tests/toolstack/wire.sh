# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Domains that put what is wrong into their xenstore ring: it is theirs alone to suffer.
#: --mem 768M --domu domU-agent --domu domU-agent --domu domU-agent --domu domU-agent --domu domU-agent --domu domU-agent --domu-mem 192M

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

# attack DOMAIN HOW SECONDS WHAT ERROR: the module's word about it, with that error, comes to the domain's console in time.
attack() {
	xenppc-console "$1" </dev/null >"/tmp/console$1" 2>&1 &
	console=$!
	try "$2: domain $1's console is here" until_true 20 shows "$1" "/tmp/console$1"
	# The agent has answered before the connection ends.
	u "$1" "(sleep 3; load-module wildring how=$2) >/dev/null 2>&1 &" >/dev/null 2>&1
	try "$2: $4" until_true "$3" grep -qE "wildring: $2: error $5" "/tmp/console$1"
	kill "$console"
	wait "$console"
}

# What ends the domain's connection: xenstored says which error it was in the ring itself.
number=1
for case in too-long:3 huge:3 request-index:2 response-index:2 noise:[123]; do
	how=${case%:*} error=${case#*:}
	attack "$number" "$how" 30 "xenstored gives up the connection" "$error"
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
attack 6 anything 60 "it has an end" 0
is "anything: xenstored lives" "$pid" "$(pidof xenstored)"
is "anything: and serves dom0" domU2 "$(timeout 20 xenstore-read /local/domain/2/name)"
end
