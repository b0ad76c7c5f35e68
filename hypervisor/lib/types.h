/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The integer types and the small macros that every file of the hypervisor
 * uses. stdint.h, stddef.h and stdbool.h are the compiler's own: they exist
 * freestanding, and give the types that libfdt wants as well. u64 is
 * unsigned long on every target built here, so it prints with %lx and %lu.
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

/* The compiler moves no access to memory across. */
static inline void barrier(void)
{
	__asm__ __volatile__("" : : : "memory");
}

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/*
 * One access, whole and in this place: for memory that a guest or another
 * pCPU changes under us. Check only what was read into a local this way.
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

/* Do not compile unless a structure is what the ABI says. */
#define static_assert_size(type, n) \
	extern const char abi_size_check[sizeof(type) == (n) ? 1 : -1]
#define static_assert_at(type, member, n) \
	extern const char abi_offset_check[offsetof(type, member) == (n) ? 1 : -1]

#define PAGE_SHIFT		12
#define PAGE_SIZE		4096UL
#define PAGE_MASK		(PAGE_SIZE - 1)

#endif
