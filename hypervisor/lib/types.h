/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The integer types and small macros that every file of the hypervisor uses.
 * stdint.h, stddef.h and stdbool.h come with the compiler and define what libfdt
 * needs as well. u64 is unsigned long on every target, so %lx and %lu print it.
 */
#ifndef HV_LIB_TYPES_H
#define HV_LIB_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BIT(n)			(1UL << (n))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#ifndef __force_inline
#define __force_inline		__attribute__((__always_inline__))
#endif
#ifndef noinline
#define noinline		__attribute__((__noinline__))
#endif
#ifndef __noreturn
#define __noreturn		__attribute__((__noreturn__))
#endif
#ifndef __printf
#define __printf(f, a)		__attribute__((__format__(__printf__, f, a)))
#endif
#ifndef __maybe_unused
#define __maybe_unused		__attribute__((__unused__))
#endif
#ifndef __aligned
#define __aligned(n)		__attribute__((__aligned__(n)))
#endif
#ifndef __packed
#define __packed		__attribute__((__packed__))
#endif

#ifndef fallthrough
#define fallthrough		__attribute__((__fallthrough__))
#endif

/* The compiler moves no memory access across this; the processor may. */
static inline void barrier(void)
{
	__asm__ __volatile__("" : : : "memory");
}

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/*
 * One access, not torn, repeated or dropped by the compiler: for memory that a
 * guest or another pCPU may access at the same time. Check the local copy that
 * READ_ONCE() made, never the memory again.
 */
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

#define min(a, b) __extension__({ \
	__typeof__(a) min_a = (a); \
	__typeof__(b) min_b = (b); \
	min_a < min_b ? min_a : min_b; })
#define max(a, b) __extension__({ \
	__typeof__(a) max_a = (a); \
	__typeof__(b) max_b = (b); \
	max_a > max_b ? max_a : max_b; })

#define swap(a, b) do { \
	__typeof__(a) swap_a = (a); \
	(a) = (b); \
	(b) = swap_a; \
} while (0)

#define min_t(type, a, b)	min((type)(a), (type)(b))

/* Fail to compile if a structure differs from the ABI. */
#define static_assert_size(type, n) \
	extern const char abi_size_check[sizeof(type) == (n) ? 1 : -1]
#define static_assert_at(type, member, n) \
	extern const char abi_offset_check[offsetof(type, member) == (n) ? 1 : -1]

#define PAGE_SHIFT		12
#define PAGE_SIZE		4096UL
#define PAGE_MASK		(PAGE_SIZE - 1)

#endif
