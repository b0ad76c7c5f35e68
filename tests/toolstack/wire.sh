# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Domains that write invalid requests to their xenstore ring: xenstored keeps serving dom0 and the other domains.
#: --mem 768M --domu domU-agent --domu domU-agent --domu domU-agent --domu domU-agent --domu domU-agent --domu domU-agent --domu-mem 192M

start_services
pid=$(pidof xenstored)

# others DOMAIN WHAT: after what DOMAIN did, xenstored still serves dom0 and domain 6.
others() {
	is "$2: xenstored runs" "$pid" "$(pidof xenstored)"
	is "$2: and serves dom0" "domU$1" "$(limited 60 xenstore-read "/local/domain/$1/name")"
	is "$2: and another domain" 6 "$(in_domu 6 'timeout 60 xenstore-read domid')"
}

# Requests that are answered with an error.
for how in type no-end no-arguments; do
	in_domu 1 "load-module wildring how=$how; rmmod wildring" >/dev/null 2>&1
	others 1 "$how"
	is "$how: the domain itself goes on" 1 "$(in_domu 1 'xenstore-read domid')"
done

# shows DOMAIN FILE: a text that the domain writes to its console arrives in FILE.
shows() {
	in_domu "$1" 'echo attached >/dev/hvc0' && sleep 0.2 && grep -q attached "$2"
}

# attack DOMAIN HOW SECONDS WHAT ERROR: the module wildring reports that error on the domain's console within SECONDS.
attack() {
	xenppc-console "$1" </dev/null >"/tmp/console$1" 2>&1 &
	console=$!
	try "$2: domain $1's console is here" until_true 20 shows "$1" "/tmp/console$1"
	# The delay lets the agent send its answer before the attack breaks the connection.
	in_domu "$1" "(sleep $((3 * $(slowdown))); load-module wildring how=$2) >/dev/null 2>&1 &" >/dev/null 2>&1
	try "$2: $4" until_true "$3" grep -qE "wildring: $2: error $5" "/tmp/console$1"
	kill "$console"
	wait "$console"
}

# Errors that make xenstored close the domain's connection; it writes the error to the ring.
number=1
for case in too-long:3 huge:3 request-index:2 response-index:2 noise:[123]; do
	how=${case%:*} error=${case#*:}
	attack "$number" "$how" 30 "xenstored closes the connection" "$error"
	others "$number" "$how"
	number=$((number + 1))
done

out=$(test-xenstore 2>&1)
is "Xen's own test program afterwards" 0 $?
[ -n "$out" ] || not_ok "it said something"
try "another domain can write" in_domu 6 'xenstore-write data/x 1'
check_logs 6

# Random requests. This comes last, since they change the domain's own nodes.
attack 6 anything 60 "the module has sent them all" 0
is "anything: xenstored runs" "$pid" "$(pidof xenstored)"
is "anything: and serves dom0" domU2 "$(limited 60 xenstore-read /local/domain/2/name)"
finish
