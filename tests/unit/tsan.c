// SPDX-License-Identifier: GPL-2.0
/*
 * Teaches the thread sanitizer about READ_ONCE() and WRITE_ONCE(). The compiler
 * calls these functions for volatile accesses. They make a write a release and a
 * read an acquire, so that such accesses are no data race and order the plain
 * accesses around them.
 *
 * This is stronger than the real machine, where the ordering needs a barrier or an
 * address dependency, which the sanitizer does not model. The tests therefore find
 * plain accesses without any ordering, but no missing barriers.
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
