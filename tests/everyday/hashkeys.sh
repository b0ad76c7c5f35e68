# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# POWER10: each process has a key for hashst and hashchk, which the hypervisor switches with the vcpu (HASHKEYR). Four
# programs in each domain; the domains have more vcpus than the machine has cores.

start_services 1

# shellcheck disable=SC2016 # expanded by the shells that run it
four='for number in 1 2 3 4; do hash-check 20 >/tmp/hash.$number 2>&1 & done; wait; cat /tmp/hash.*'
in_domu 1 "$four" >/tmp/out.1 2>&1 &
sh -c "$four" >/tmp/out.0 2>&1
wait
for domain in 0 1; do
	is "domain $domain: programs without a wrong hash" 4 "$(grep -c '^ok - hashes that did not match' "/tmp/out.$domain")"
	is "domain $domain: programs that notice a wrong hash" 4 "$(grep -c '^ok - a wrong hash is noticed' "/tmp/out.$domain")"
	grep -v '^ok' "/tmp/out.$domain" | sed 's/^/# /'
done
finish
