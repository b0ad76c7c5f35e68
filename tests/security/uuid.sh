# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Each domain has a UUID of its own, by which programs such as cloud-init know it: that of its configuration, else a
# random one. It keeps it when it reboots, and dom0 can change it.
#provokes: \(XEN\) d1
#: --conf uuid=6ba7b810-9dad-41d1-80b4-00c04fd430c8 --domu domU-agent --domu domU-agent

start_services
home=/local/domain
uuid() { in_domu "$1" 'cat /sys/hypervisor/uuid'; }
vm() { xenstore-read "$home/$1/vm"; }

is "dom0 has the UUID of its configuration" 6ba7b810-9dad-41d1-80b4-00c04fd430c8 "$(cat /sys/hypervisor/uuid)"
first=$(uuid 1) second=$(uuid 2)
random='^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
like "domain 1 has a random one" "$random" "$first"
like "domain 2, too" "$random" "$second"
is "they differ" yes "$([ "$first" != "$second" ] && echo yes)"
is "xenstore has domain 1's" "/vm/$first" "$(vm 1)"
is "and domain 2's" "/vm/$second" "$(vm 2)"
is "the directory of that name is the domain's" "domU1 $first" "$(xenstore-read "/vm/$first/name" "/vm/$first/uuid" | xargs)"

try "domain 1 reboots" reboot_domain 60
is "it has the same UUID" "$first" "$(uuid 1)"
is "and in xenstore" "/vm/$first" "$(vm 1)"

# Another UUID.
new=01234567-89ab-4def-8123-456789abcdef
try "dom0 gives domain 1 another UUID" sched-ctl 1 uuid $new
is "the domain sees it" $new "$(uuid 1)"
is "the other domain has its own" "$second" "$(uuid 2)"
refuse "zeros are refused" 'Invalid argument' sched-ctl 1 uuid 00000000-0000-0000-0000-000000000000
refuse "a domain that does not exist" 'No such process' sched-ctl 7 uuid $new
try "domain 1 reboots again" reboot_domain 60
is "it has the UUID that was set" $new "$(uuid 1)"
is "xenstore has it now" "/vm/$new" "$(vm 1)"
refuse "and no longer the first one" '^$' xenstore-exists "/vm/$first"
check_logs 1 2
finish
