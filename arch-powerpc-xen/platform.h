/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that crosses a file boundary inside the Xen platform, by the file that defines it. */
#ifndef _PLATFORMS_XEN_PLATFORM_H
#define _PLATFORMS_XEN_PLATFORM_H

#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/log2.h>
#include <linux/of.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include <asm/page.h>

#include <xen/interface/xen.h>

struct page;
struct rtc_time;

/**
 * xen_ppc_of_node - find the device tree node of the hypervisor
 *
 * Return: the node, with a reference for of_node_put().
 */
static inline struct device_node *xen_ppc_of_node(void)
{
	return of_find_node_by_path("/hypervisor");
}

/* setup.c */

void __noreturn xen_ppc_shutdown(unsigned int reason);

/* trap.c; the inline functions around the trap itself are in trap.h */

int xen_ppc_trace_reg(void);
void xen_ppc_trace_unreg(void);
long xen_ppc_traced_hypercall(unsigned int nr, unsigned long a1, unsigned long a2,
			      unsigned long a3, unsigned long a4, unsigned long a5);
long xen_ppc_hypercall(unsigned int nr, unsigned long a1, unsigned long a2,
		       unsigned long a3, unsigned long a4, unsigned long a5);

/* optable.c */

/* Who reads and writes a buffer: the hypervisor gets it in, or puts it out. */
#define XEN_PPC_IN	1
#define XEN_PPC_OUT	2
#define XEN_PPC_INOUT	(XEN_PPC_IN | XEN_PPC_OUT)
/* The hypervisor keeps the address after the call, so it must be an inline handle. */
#define XEN_PPC_KEPT	4

#define XEN_PPC_MAX_NESTED	3

/**
 * struct xen_ppc_nested - a handle inside an argument structure
 * @offset: where the handle is, in bytes
 * @elem: bytes of one element of the buffer; 0 if the elements are bits
 * @count: where the number of elements is, in bytes
 * @count_size: width of that number, in bytes; 0 if the buffer is one element
 * @dir: XEN_PPC_IN, _OUT or _INOUT, and XEN_PPC_KEPT
 */
struct xen_ppc_nested {
	u16 offset;
	u16 elem;
	u16 count;
	u8 count_size;
	u8 dir;
};

/**
 * struct xen_ppc_op - the argument of one op of a hypercall
 * @cmd: number of the op
 * @size: bytes of the structure; 0 if the op takes none
 * @dir: as in &struct xen_ppc_nested
 * @nr_nested: handles in the structure
 * @tail: behind the structure are as many bytes as its first 32-bit word says
 * @nested: the handles
 */
struct xen_ppc_op {
	u16 cmd;
	u16 size;
	u8 dir;
	u8 nr_nested;
	bool tail;
	struct xen_ppc_nested nested[XEN_PPC_MAX_NESTED];
};

enum xen_ppc_shape {
	XEN_PPC_STRUCT = 1,	/* one structure, chosen by the op */
	XEN_PPC_ARRAY,		/* as many of them as the third argument says */
	XEN_PPC_BUFFER,		/* as many bytes as the second argument says */
	XEN_PPC_COMMAND,	/* one structure that begins with the op, the same for all ops */
};

/**
 * struct xen_ppc_call - the pointer among the arguments of one hypercall
 * @ops: what the pointer means for each op
 * @nr_ops: number of @ops
 * @shape: what the pointer points to
 * @ptr: index of the pointer among the arguments; argument 0 is the op, except
 *	with XEN_PPC_COMMAND
 * @user: may be called through privcmd with pointers of the process
 */
struct xen_ppc_call {
	const struct xen_ppc_op *ops;
	u16 nr_ops;
	u8 shape;
	u8 ptr;
	bool user;
};

const struct xen_ppc_call *xen_ppc_find_call(unsigned int nr);
const struct xen_ppc_op *xen_ppc_find_op(const struct xen_ppc_call *call, unsigned long cmd);

/* translate.c */

#define XEN_PPC_NR_ARGS	5

long xen_ppc_translated_call(unsigned int nr, const unsigned long *args, bool user);
int xen_ppc_kernel_call(unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3);

/* xencomm.c */

/* Pages whose pointers fit beside the mapping, without an allocation. */
#define XENCOMM_FEW_PAGES	4

struct xencomm_cache;

/**
 * struct xencomm - one buffer named to the hypervisor, on the caller's stack
 * @handle: what the hypervisor gets
 * @desc: the descriptor, or NULL when @handle is inline
 * @cache: the cache @desc was taken from; NULL if it was allocated
 * @slot: which of the slots of @cache
 * @dirty: the pinned pages may have been written
 * @nr_pages: user pages pinned for the mapping
 * @pages: those pages
 * @few: room for a few of them
 */
struct xencomm {
	u64 handle;
	struct xencomm_desc *desc;
	struct xencomm_cache *cache;
	u16 slot;
	bool dirty;
	unsigned int nr_pages;
	struct page **pages;
	struct page *few[XENCOMM_FEW_PAGES];
};

u64 xencomm_one_page(const void *buf, size_t bytes);
int xencomm_map_kernel(struct xencomm *xc, const void *buf, size_t bytes);
int xencomm_map_user(struct xencomm *xc, void __user *buf, size_t bytes, unsigned int dir);
void xencomm_unmap(struct xencomm *xc);
size_t xencomm_kernel_max(const void *buf);
int xencomm_init(void);

/*
 * The first 2^this bytes from PAGE_OFFSET on are linear map, whichever MMU is in
 * use and also before the MMU is on. There may be more of it; what lies above
 * takes the long way and comes out right as well.
 */
#define XENCOMM_LINEAR_SHIFT	ilog2(H_KERN_VIRT_START - PAGE_OFFSET)

/**
 * xencomm_is_linear - whether a kernel buffer is contiguous by its address alone
 * @p: the buffer
 *
 * PPC64 has no VMAP_STACK, so stacks belong here, as do kmalloc and static data.
 */
static __always_inline bool xencomm_is_linear(const void *p)
{
	return (unsigned long)p >> XENCOMM_LINEAR_SHIFT == PAGE_OFFSET >> XENCOMM_LINEAR_SHIFT;
}

/**
 * xencomm_inline - the handle of a buffer in the linear map
 * @p: the buffer; xencomm_is_linear(@p) holds
 *
 * Return: __pa(@p) | XENCOMM_INLINE_FLAG, which is @p with one bit cleared.
 */
static __always_inline u64 xencomm_inline(const void *p)
{
	BUILD_BUG_ON(PAGE_OFFSET != 0xc000000000000000);
	return (u64)p & ~(PAGE_OFFSET ^ XENCOMM_INLINE_FLAG);
}

/* evtchn.c */

void __init xen_ppc_init_IRQ(void);
int xen_ppc_register_vcpu_info(unsigned int cpu);

/* smp.c */

void __init xen_ppc_smp_init(void);
void __noreturn xen_ppc_vcpu_down(void);

/* idle.c */

void xen_ppc_idle(void);

/* kexec.c */

void xen_ppc_kexec_cpu_down(int crash_shutdown, int secondary);

/* time.c */

void __init xen_ppc_time_init(void);
void xen_ppc_get_rtc_time(struct rtc_time *tm);
int xen_ppc_set_rtc_time(struct rtc_time *tm);

/* steal.c */

void __init xen_ppc_steal_init(void);
void xen_ppc_steal_start(int cpu);
void xen_ppc_steal_stop(int cpu);

/* udbg.c */

void __init xen_ppc_udbg_init(void);

#endif /* _PLATFORMS_XEN_PLATFORM_H */
