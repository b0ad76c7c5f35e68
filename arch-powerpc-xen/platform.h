/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that the files of the Xen platform share, listed by the file that defines it. */
#ifndef _PLATFORMS_XEN_PLATFORM_H
#define _PLATFORMS_XEN_PLATFORM_H

#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/log2.h>
#include <linux/of.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include <asm/interrupt.h>
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

/* hcall_args.c */

/* The direction of a buffer, as the hypervisor sees it: it reads the buffer, or writes it. */
#define XEN_PPC_IN	1
#define XEN_PPC_OUT	2
#define XEN_PPC_INOUT	(XEN_PPC_IN | XEN_PPC_OUT)
/* The hypervisor keeps the address after the call, so the handle must be an inline one. */
#define XEN_PPC_KEPT	4

#define XEN_PPC_MAX_NESTED	3

/**
 * struct xen_ppc_nested - a handle inside an argument structure
 * @offset: offset of the handle, in bytes
 * @elem: size of one element of the buffer, in bytes; 0 if the elements are bits
 * @count: offset of the field with the number of elements, in bytes
 * @count_size: size of that field, in bytes; 0 if the buffer is one element
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
 * struct xen_ppc_hcall_op - the argument structure of one op of a hypercall
 * @cmd: number of the op
 * @size: size of the structure, in bytes; 0 if the op takes none
 * @dir: direction, as in &struct xen_ppc_nested
 * @nr_nested: number of handles in the structure
 * @trailing: the structure is followed by a buffer, whose length in bytes is the first
 *	32-bit word of the structure
 * @nested: the handles
 */
struct xen_ppc_hcall_op {
	u16 cmd;
	u16 size;
	u8 dir;
	u8 nr_nested;
	bool trailing;
	struct xen_ppc_nested nested[XEN_PPC_MAX_NESTED];
};

/* What the pointer argument of a hypercall points to. */
enum xen_ppc_arg_kind {
	XEN_PPC_ARG_STRUCT = 1,	/* one structure, a different one for each op */
	XEN_PPC_ARG_ARRAY,	/* an array of those; argument 2 is the number of elements */
	XEN_PPC_ARG_BUFFER,	/* bytes; argument 1 is their number */
	XEN_PPC_ARG_COMMAND,	/* one structure for all ops, which begins with the op */
};

/**
 * struct xen_ppc_hcall_args - the pointer argument of one hypercall
 * @ops: the ops of the hypercall
 * @nr_ops: number of @ops
 * @kind: what the pointer points to, an enum xen_ppc_arg_kind
 * @ptr: index of the pointer among the arguments; argument 0 is the op, except with
 *	XEN_PPC_ARG_COMMAND, where the op is the first word of the structure
 * @user: the hypercall may be made through privcmd, with pointers of the process
 */
struct xen_ppc_hcall_args {
	const struct xen_ppc_hcall_op *ops;
	u16 nr_ops;
	u8 kind;
	u8 ptr;
	bool user;
};

const struct xen_ppc_hcall_args *xen_ppc_find_hcall_args(unsigned int nr);
const struct xen_ppc_hcall_op *xen_ppc_find_hcall_op(const struct xen_ppc_hcall_args *args,
						     unsigned long cmd);

/* translate.c */

#define XEN_PPC_NR_ARGS	5

long xen_ppc_translated_call(unsigned int nr, const unsigned long *args, bool user);
int xen_ppc_kernel_call(unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3);

/* xencomm.c */

/* Number of page pointers in struct xencomm itself; more of them are allocated. */
#define XENCOMM_FEW_PAGES	4

struct xencomm_cache;

/**
 * struct xencomm - the mapping of one buffer for the hypervisor, on the caller's stack
 * @handle: the xencomm handle that the hypervisor gets
 * @desc: the descriptor, or NULL if @handle is an inline handle
 * @cache: the cache that @desc is a slot of, or NULL if @desc was allocated
 * @slot: index of @desc in @cache
 * @dirty: the hypervisor may have written to the pinned pages
 * @nr_pages: number of pinned user pages
 * @pages: the pinned user pages
 * @few: storage for @pages if there are at most XENCOMM_FEW_PAGES
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
 * log2 of a number of bytes from PAGE_OFFSET on that belong to the linear map with either
 * MMU, and before the MMU is on. The linear map may be larger; addresses above this limit
 * take the slow path, which handles them as well.
 */
#define XENCOMM_LINEAR_SHIFT	ilog2(H_KERN_VIRT_START - PAGE_OFFSET)

/**
 * xencomm_is_linear - check whether a kernel buffer is in the linear map
 * @p: the buffer
 *
 * Any context. True for static data, kmalloc() memory and, because PPC64 has no
 * VMAP_STACK, stacks.
 *
 * Return: true if the buffer is physically contiguous by its address alone.
 */
static __always_inline bool xencomm_is_linear(const void *p)
{
	return (unsigned long)p >> XENCOMM_LINEAR_SHIFT == PAGE_OFFSET >> XENCOMM_LINEAR_SHIFT;
}

/**
 * xencomm_inline - compute the inline handle of a buffer in the linear map
 * @p: the buffer; xencomm_is_linear(@p) is true
 *
 * Any context.
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
