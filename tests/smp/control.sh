# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# dom0 changes weight, cap and affinity of domains that compute, and what they then run follows. Domain 1 has one vcpu and
# domain 2 two; the machine has processors 0 and 1.
# shellcheck disable=SC2154,SC2016,SC2317 # lib.sh stands in front; text for other shells; functions that are arguments
#: --cores 2 --domu-mem 192M
SAMPLE_S=5
MOVES=200
FIRST=1 SECOND=2 BOTH=3	# masks

seconds=120
out=$(xenppc-init 2>&1) || abandon "xenppc-init" "$out"
for domain in 1 2; do
	u "$domain" true >/dev/null || abandon "the agent" "" "$domain"
	is "domain $domain: weight and cap to begin with" "256 0" "$(sched-ctl "$domain")"
	is "domain $domain: it may run anywhere" ffffffffffffffff "$(sched-ctl "$domain" 0 | cut -d' ' -f4)"
done
sched-ctl 1 wrong >/tmp/wrong.out 2>&1 || failed=1
sed 's/ok - /&wrong requests: /' /tmp/wrong.out
refuse "weight 0" "not a weight" sched-ctl 1 weight 0
refuse "weight 65536" "not a weight" sched-ctl 1 weight 65536
refuse "cap 6401" "cap: Invalid argument" sched-ctl 1 cap 6401
refuse "no processor" "affinity: Invalid argument" sched-ctl 1 0 0
refuse "a processor that there is not" "affinity: Invalid argument" sched-ctl 1 0 4
refuse "a vcpu that there is not" "vcpu: Invalid argument" sched-ctl 2 2
refuse "a domain that there is not" "No such process" sched-ctl 9 weight 100
refuse "a domU has no say" "Operation not permitted" u 1 'sched-ctl 1 weight 100 2>&1'

u 1 '(while :; do :; done) >/dev/null 2>&1 &'
u 2 'for task in 1 2; do (while :; do :; done) >/dev/null 2>&1 & done'

# sample: what part of a processor each has run meanwhile, in percent: one, two (both vcpus), two_0, two_1.
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

# All on one processor: the domains, not the vcpus, have equal shares.
is "domain 1 is told where to run" $SECOND "$(sched-ctl 1 0 $SECOND)"
for vcpu in 0 1; do is "domain 2's vcpu $vcpu, too" $SECOND "$(sched-ctl 2 $vcpu $SECOND)"; done
sleep 1
sample
is "all are there" "1 1 1" "$(where)"
is "and may run nowhere else" "$SECOND $SECOND $SECOND" "$(cut -d' ' -f4 /tmp/look.after | xargs)"
between "one processor is what they have" 85 103 $all
between "equal weights, domain 1's share" 42 58 $((one * 100 / all))

try "four times the weight" sched-ctl 1 weight 1024
is "is read back" "1024 0" "$(sched-ctl 1)"
sample
between "four times the weight, domain 1's share" 72 88 $((one * 100 / all))

try "a cap" sched-ctl 1 cap 20
is "is read back, and the weight is as it was" "1024 20" "$(sched-ctl 1)"
sample
between "a cap of 20, percent of a processor" 12 25 "$one"
between "domain 2 has the rest" 65 88 "$two"

try "no cap" sched-ctl 1 cap 0
try "the old weight" sched-ctl 1 weight 256
is "are read back" "256 0" "$(sched-ctl 1)"
sample
between "equal weights again, domain 1's share" 42 58 $((one * 100 / all))

# One vcpu to the other processor, where it has nearly all for itself; dom0 is there, too.
is "domain 2's vcpu 1 is told to go" $FIRST "$(sched-ctl 2 1 $FIRST)"
sample
is "it went" "1 1 0" "$(where)"
between "it has a processor" 70 103 "$two_1"
between "the others share one" 85 103 $((one + two_0))
is "more processors than there are: what there is of them" $BOTH "$(sched-ctl 1 0 f)"
is "what was asked for is kept" f "$(sched-ctl 1 0 | cut -d' ' -f4)"

# To and fro while they have all to do, too.
for domain in 1 2; do
	u "$domain" 'stress-tasks 1' >"/tmp/out.$domain" 2>&1 &
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
	named $domain <"/tmp/out.$domain"
	domain=$((domain + 1))
done
! grep -q '^not ok' /tmp/out.1 /tmp/out.2 || failed=1
echo "# $moves moves"
is "moves refused" 0 $refused
calm 1 2
u 2 'poweroff -f >/dev/null 2>&1 &' >/dev/null 2>&1
gone() { ! sched-ctl 2; }
try "domain 2 ends" until_true 60 gone
refuse "it has no weight any more" "No such process" sched-ctl 2 weight 100
end
