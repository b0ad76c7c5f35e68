# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# dom0 changes weight, cap and affinity of domains that compute, and their shares of the processors follow. Domain 1 has
# one vcpu, domain 2 two; the machine has processors 0 and 1.
#: --cores 2 --domu-mem 192M
SAMPLE_S=5
MOVES=200
FIRST=1 SECOND=2 BOTH=3	# masks

seconds=120
out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
for domain in 1 2; do
	in_domu "$domain" true >/dev/null || abandon "the agent" "" "$domain"
	is "domain $domain: weight and cap to begin with" "256 0" "$(sched-ctl "$domain")"
	is "domain $domain: affinity to begin with" ffffffffffffffff "$(sched-ctl "$domain" 0 | cut -d' ' -f4)"
done
sched-ctl 1 wrong >/tmp/wrong.out 2>&1 || failed=1
sed 's/ok - /&wrong requests: /' /tmp/wrong.out
refuse "weight 0" "not a weight" sched-ctl 1 weight 0
refuse "weight 65536" "not a weight" sched-ctl 1 weight 65536
refuse "cap 6401" "cap: Invalid argument" sched-ctl 1 cap 6401
refuse "no processor" "affinity: Invalid argument" sched-ctl 1 0 0
refuse "a processor that does not exist" "affinity: Invalid argument" sched-ctl 1 0 4
refuse "a vcpu that does not exist" "vcpu: Invalid argument" sched-ctl 2 2
refuse "a domain that does not exist" "No such process" sched-ctl 9 weight 100
refuse "a request of a domU" "Operation not permitted" in_domu 1 'sched-ctl 1 weight 100 2>&1'

in_domu 1 '(while :; do :; done) >/dev/null 2>&1 &'
in_domu 2 'for task in 1 2; do (while :; do :; done) >/dev/null 2>&1 & done'

# sample: measure for SAMPLE_S seconds. Sets one, two, two_0, two_1 and all: the percentage of a processor that domain 1,
# domain 2, its two vcpus and all of them used.
look() {
	for vcpu in '1 0' '2 0' '2 1'; do
		# shellcheck disable=SC2086 # two words
		sched-ctl $vcpu
	done
}
sample() {
	look >/tmp/look.before
	sleep $SAMPLE_S
	look >/tmp/look.after
	# shellcheck disable=SC2046 # numbers
	set -- $(paste_looks)
	one=$1 two_0=$2 two_1=$3
	two=$((two_0 + two_1)) all=$((one + two_0 + two_1))
	echo "# percent of a processor: domain 1: $one; domain 2: $two ($two_0 and $two_1)"
}
paste_looks() {
	awk 'NR == FNR { ran[FNR] = $2; clock[FNR] = $3; next }
	{ printf "%d\n", 100 * ($2 - ran[FNR]) / ($3 - clock[FNR]) + 0.5 }' /tmp/look.before /tmp/look.after
}
# between WHAT LEAST MOST FOUND
between() {
	is "$1: $4 is from $2 to $3" yes "$([ "$4" -ge "$2" ] && [ "$4" -le "$3" ] && echo yes)"
}
where() {
	cut -d' ' -f1 /tmp/look.after | xargs
}

# All vcpus on one processor: domains have equal shares, regardless of their number of vcpus.
is "affinity of domain 1" $SECOND "$(sched-ctl 1 0 $SECOND)"
for vcpu in 0 1; do is "affinity of domain 2's vcpu $vcpu" $SECOND "$(sched-ctl 2 $vcpu $SECOND)"; done
sleep 1
sample
is "all vcpus are on that processor" "1 1 1" "$(where)"
is "their affinity, as sched-ctl shows it" "$SECOND $SECOND $SECOND" "$(cut -d' ' -f4 /tmp/look.after | xargs)"
between "together they use one processor" 85 103 $all
between "equal weights, domain 1's share" 42 58 $((one * 100 / all))

try "set four times the weight" sched-ctl 1 weight 1024
is "weight and cap, read back" "1024 0" "$(sched-ctl 1)"
sample
between "four times the weight, domain 1's share" 72 88 $((one * 100 / all))

try "set a cap" sched-ctl 1 cap 20
is "weight and cap, read back" "1024 20" "$(sched-ctl 1)"
sample
between "a cap of 20, percent of a processor" 12 25 "$one"
between "domain 2 uses the rest" 65 88 "$two"

try "remove the cap" sched-ctl 1 cap 0
try "set the old weight" sched-ctl 1 weight 256
is "weight and cap, read back" "256 0" "$(sched-ctl 1)"
sample
between "equal weights again, domain 1's share" 42 58 $((one * 100 / all))

# Move one vcpu to the other processor, where only dom0 runs besides.
is "new affinity of domain 2's vcpu 1" $FIRST "$(sched-ctl 2 1 $FIRST)"
sample
is "vcpu 1 has moved" "1 1 0" "$(where)"
between "it uses that processor" 70 103 "$two_1"
between "the other vcpus share one" 85 103 $((one + two_0))
is "a mask with absent processors: the effective affinity" $BOTH "$(sched-ctl 1 0 f)"
is "the requested affinity is kept" f "$(sched-ctl 1 0 | cut -d' ' -f4)"

# Move vcpus to and fro while their domains also run stress-tasks.
for domain in 1 2; do
	in_domu "$domain" 'stress-tasks 1' >"/tmp/out.$domain" 2>&1 &
	jobs="${jobs:-} $!"
done
moves=0 refused=0
working() {
	for job in $jobs; do
		! kill -0 "$job" 2>/dev/null || return 0
	done
	return 1
}
while [ $moves -lt $MOVES ] || working; do
	mask=$((1 + moves % 2))
	sched-ctl 1 0 $mask >/dev/null && sched-ctl 2 0 $((3 - mask)) >/dev/null &&
		sched-ctl 2 1 $((1 + moves / 2 % 2)) >/dev/null || refused=$((refused + 1))
	moves=$((moves + 1))
done
domain=1
for job in $jobs; do
	wait "$job"
	is "domain $domain: status of its commands" 0 $?
	prefix_domain $domain <"/tmp/out.$domain"
	domain=$((domain + 1))
done
! grep -q '^not ok' /tmp/out.1 /tmp/out.2 || failed=1
echo "# $moves moves"
is "moves refused" 0 $refused
check_logs 1 2
in_domu 2 'poweroff -f >/dev/null 2>&1 &' >/dev/null 2>&1
gone() { ! sched-ctl 2; }
try "domain 2 ends" until_true 60 gone
refuse "it has no weight any more" "No such process" sched-ctl 2 weight 100
finish
