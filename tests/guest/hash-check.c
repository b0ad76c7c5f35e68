// SPDX-License-Identifier: GPL-2.0
/*
 * Return-address protection (Power ISA v3.1 I 3.3.17): store hashes with hashst, and check them with hashchk after
 * other tasks and vcpus have run. The key belongs to the process, so run several of this program at once. Prints TAP.
 *
 * usage: hash-check ROUNDS
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "lib/tap.h"

#define SPIN 3000000

static volatile sig_atomic_t mismatches;

/* A hash that does not match is a trap (SIGTRAP) or an illegal operand (SIGILL). Count it, and go on behind hashchk. */
static void mismatch(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	(void)info;
	mismatches++;
	uc->uc_mcontext.regs->nip += 4;
}

/* The hash is stored in the doubleword at slots[0]; the instructions reach from -512 to -8 of their base. */
static void store_hash(uint64_t *slots, uint64_t value)
{
	asm volatile(".machine push; .machine power10; hashst %0,-8(%1); .machine pop"
		     : : "r"(value), "b"(slots + 1) : "memory");
}

static void check_hash(uint64_t *slots, uint64_t value)
{
	asm volatile(".machine push; .machine power10; hashchk %0,-8(%1); .machine pop"
		     : : "r"(value), "b"(slots + 1) : "memory");
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = mismatch, .sa_flags = SA_SIGINFO };
	long rounds = argc == 2 ? atol(argv[1]) : 0;
	uint64_t slots[2];

	if (rounds <= 0) {
		fprintf(stderr, "usage: hash-check ROUNDS\n");
		return 2;
	}
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGTRAP, &action, NULL);
	for (long i = 0; i < rounds; i++) {
		store_hash(slots, i);
		for (volatile long spin = 0; spin < SPIN; spin++)
			;
		sched_yield();
		check_hash(slots, i);
	}
	equal("hashes that did not match", 0, mismatches);
	/* And that the program would notice: a wrong value. */
	mismatches = 0;
	store_hash(slots, 1);
	check_hash(slots, 2);
	equal("a wrong hash is noticed", 1, mismatches);
	return failures != 0;
}
