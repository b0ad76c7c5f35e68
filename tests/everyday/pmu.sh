# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The performance monitor of a domain counts its own instructions only: dom0 beside a domU that runs all the time, and both
# counting at once.
#: --domu domU-agent

start_services 1

# own WHAT COUNTS: every count is between 100 and 110 percent.
own() {
	bad=$(echo "$2" | awk '$1 < 100 || $1 > 110' | tr '\n' ' ')
	is "$1: counts of other instructions" "" "$bad"
	echo "# $1, percent: $(echo "$2" | tr '\n' ' ')"
	is "$1: rounds" 8 "$(echo "$2" | wc -l)"
}
own "dom0 beside an idle domU" "$(count-instructions 8 2>&1)"
in_domu 1 'while :; do :; done >/dev/null 2>&1 </dev/null & echo $! >/tmp/busy'
own "dom0 beside a busy domU" "$(count-instructions 8 2>&1)"
# shellcheck disable=SC2016 # expanded in the domU
in_domu 1 'kill $(cat /tmp/busy)'
in_domu 1 'count-instructions 8 2>&1' >/tmp/domU &
counts=$(count-instructions 8 2>&1)
wait
own "dom0 while the domU counts" "$counts"
own "the domU while dom0 counts" "$(cat /tmp/domU)"
check_logs 1
finish
