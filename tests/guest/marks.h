/* SPDX-License-Identifier: GPL-2.0 */
/*
 * No-ops that the instruction counter (tests/bench/count.c) takes note of. Each also keeps the compiler from moving
 * memory accesses across it.
 */
#ifndef MARKS_H
#define MARKS_H

#ifdef __powerpc__
#define MARK(n) asm volatile("ori " #n "," #n ",0" ::: "memory")
#else	/* a peer on the build machine, where nothing is counted */
#define MARK(n) ((void)0)
#endif

#define mark_start() MARK(20)
#define mark_end() MARK(21)
/* User space is up: the first program that the init runs says so. */
#define mark_user_space() MARK(24)

#endif
