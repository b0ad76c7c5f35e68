/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many times slower this machine runs than on an idle build machine.
 *
 * scripts/boot puts the value into the initramfs and sends a greater one over the console when the build machine gets
 * busier; run-framed takes it, and domU-run passes it on to the agent of its domU. They keep it in SLOWDOWN_FILE. Time
 * limits of the tests' programs are multiplied with it, each time that one seems to be over: the machine may have become
 * slower since it began.
 */
#ifndef SLOWDOWN_H
#define SLOWDOWN_H

#define SLOWDOWN_FILE "/run-slowdown"

int slowdown(void);
void slowdown_set(int value);

#endif
