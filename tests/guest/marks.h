/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks: no-ops that the instruction counter (tests/bench/count.c) detects. Each is also a compiler barrier for memory
 * accesses.
 */
#ifndef MARKS_H
#define MARKS_H

#ifdef __powerpc__
#define MARK(n) asm volatile("ori " #n "," #n ",0" ::: "memory")
#else	/* on the build machine nothing is counted */
#define MARK(n) ((void)0)
#endif

#define mark_start() MARK(20)
#define mark_end() MARK(21)
/* User space is up. Executed by the first program that the init runs. */
#define mark_user_space() MARK(24)

#endif
