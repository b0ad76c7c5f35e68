/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results as TAP lines.
 */
#ifndef GUEST_TAP_H
#define GUEST_TAP_H

extern int failures;

int verdict(int good, const char *what);
int equal(const char *what, long expected, long found);

#endif
