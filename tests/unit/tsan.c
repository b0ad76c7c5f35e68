// SPDX-License-Identifier: GPL-2.0
/*
 * What the thread sanitizer is told of READ_ONCE() and WRITE_ONCE(): they are
 * no race, and whoever reads what another wrote knows what that one did before.
 * It is less than it sounds: on the real machine it takes a barrier or the
 * dependency of an address, which this sanitizer does not see. So what it finds
 * is plain accesses that nothing orders at all.
 */
#include <stddef.h>

void __tsan_acquire(void *addr);
void __tsan_release(void *addr);

#define ACCESS(n)						\
	void __tsan_volatile_read##n(void *addr);		\
	void __tsan_volatile_write##n(void *addr);		\
	void __tsan_volatile_read##n(void *addr)		\
	{							\
		__tsan_acquire(addr);				\
	}							\
	void __tsan_volatile_write##n(void *addr)		\
	{							\
		__tsan_release(addr);				\
	}

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
