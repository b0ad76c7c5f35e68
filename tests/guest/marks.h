/* SPDX-License-Identifier: GPL-2.0 */
/*
 * No-ops that the instruction counter (tests/bench/count.c) takes note of. Each also keeps the compiler from moving
 * memory accesses across it.
 */
#ifndef MARKS_H
#define MARKS_H

#define MARK(n) asm volatile("ori " #n "," #n ",0" ::: "memory")

#define mark_start() MARK(20)
#define mark_end() MARK(21)
/* User space is up: the first program that the init runs says so. */
#define mark_user_space() MARK(24)

#endif
