// SPDX-License-Identifier: GPL-2.0
/*
 * Invalid hypercalls: each kind of bad xencomm handle with each op that takes one, hypercall
 * numbers and ops out of range, random arguments, and unknown PAPR calls. Each must return an
 * error, and the domain must work afterwards.
 *
 * Runs at load time and prints "rawcalls: ok - ..." or "rawcalls: not ok - ..." lines to the kernel
 * log.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include <asm/interrupt.h>
#include <asm/plpar_wrappers.h>

#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>
#include <xen/interface/xen.h>
#include <xen/page.h>
#include <xen/xen.h>

#define INLINE_FLAG BIT_ULL(63)
#define DESC_MAGIC 0x58434f4dU /* "XCOM" */
#define XEN_NUMBER(n) ((n) | ~0xffffUL)
#define H_FUNCTION_CODE (-2L)
#define GARBAGE_ROUNDS 16

struct desc {
	u32 magic;
	u32 nr;
	u64 address[];
};

static unsigned int failures;

static void __printf(2, 3) verdict(bool good, const char *fmt, ...)
{
	struct va_format text;
	va_list args;

	va_start(args, fmt);
	text.fmt = fmt;
	text.va = &args;
	pr_info("rawcalls: %sok - %pV\n", good ? "" : "not ", &text);
	va_end(args);
	failures += !good;
}

/* The trap with @number in r3, without XEN_MARK(), and the arguments in r4 to r8. */
static noinline long raw_trap(unsigned long number, unsigned long a1, unsigned long a2, unsigned long a3,
			      unsigned long a4, unsigned long a5)
{
	register unsigned long r3 asm("r3") = number;
	register unsigned long r4 asm("r4") = a1;
	register unsigned long r5 asm("r5") = a2;
	register unsigned long r6 asm("r6") = a3;
	register unsigned long r7 asm("r7") = a4;
	register unsigned long r8 asm("r8") = a5;

	asm volatile("sc 1"
		     : "+r" (r3), "+r" (r4), "+r" (r5), "+r" (r6), "+r" (r7), "+r" (r8)
		     :
		     : "r0", "r9", "r10", "r11", "r12", "lr", "ctr", "xer", "cr0", "cr1", "cr5", "cr6", "cr7",
		       "memory");
	srr_regs_clobbered();
	return r3;
}

static long xen_call(unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3)
{
	return raw_trap(XEN_NUMBER(nr), a1, a2, a3, 0, 0);
}

static bool is_error(long rc)
{
	return IS_ERR_VALUE(rc);
}

/* Checks that valid hypercalls still work. */
static bool alive(void)
{
	struct xen_feature_info info = { .submap_idx = 0 };
	long rc = xen_call(__HYPERVISOR_xen_version, XENVER_get_features, __pa(&info) | INLINE_FLAG, 0);

	return rc == 0 && info.submap && xen_call(__HYPERVISOR_xen_version, XENVER_version, 0, 0) > 0;
}

/*
 * Ops that access a structure of the guest, so that any bad handle must fail, and that cannot end
 * the domain. CONSOLEIO_read is not among them: without input it does not access its buffer.
 */
static const struct {
	const char *name;
	unsigned int nr, cmd;
	/* Index of the argument that is the handle. */
	unsigned int at;
} ops[] = {
	{ "xen_version extraversion", __HYPERVISOR_xen_version, XENVER_extraversion, 1 },
	{ "xen_version compile_info", __HYPERVISOR_xen_version, XENVER_compile_info, 1 },
	{ "xen_version capabilities", __HYPERVISOR_xen_version, XENVER_capabilities, 1 },
	{ "xen_version changeset", __HYPERVISOR_xen_version, XENVER_changeset, 1 },
	{ "xen_version platform_parameters", __HYPERVISOR_xen_version, XENVER_platform_parameters, 1 },
	{ "xen_version get_features", __HYPERVISOR_xen_version, XENVER_get_features, 1 },
	{ "xen_version guest_handle", __HYPERVISOR_xen_version, XENVER_guest_handle, 1 },
	{ "event_channel alloc_unbound", __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, 1 },
	{ "event_channel bind_interdomain", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, 1 },
	{ "event_channel bind_virq", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, 1 },
	{ "event_channel bind_ipi", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, 1 },
	{ "event_channel close", __HYPERVISOR_event_channel_op, EVTCHNOP_close, 1 },
	{ "event_channel send", __HYPERVISOR_event_channel_op, EVTCHNOP_send, 1 },
	{ "event_channel status", __HYPERVISOR_event_channel_op, EVTCHNOP_status, 1 },
	{ "event_channel bind_vcpu", __HYPERVISOR_event_channel_op, EVTCHNOP_bind_vcpu, 1 },
	{ "event_channel unmask", __HYPERVISOR_event_channel_op, EVTCHNOP_unmask, 1 },
	{ "event_channel reset", __HYPERVISOR_event_channel_op, EVTCHNOP_reset, 1 },
	{ "event_channel init_control", __HYPERVISOR_event_channel_op, EVTCHNOP_init_control, 1 },
	{ "event_channel expand_array", __HYPERVISOR_event_channel_op, EVTCHNOP_expand_array, 1 },
	{ "event_channel set_priority", __HYPERVISOR_event_channel_op, EVTCHNOP_set_priority, 1 },
	{ "memory increase_reservation", __HYPERVISOR_memory_op, XENMEM_increase_reservation, 1 },
	{ "memory decrease_reservation", __HYPERVISOR_memory_op, XENMEM_decrease_reservation, 1 },
	{ "memory populate_physmap", __HYPERVISOR_memory_op, XENMEM_populate_physmap, 1 },
	{ "memory current_reservation", __HYPERVISOR_memory_op, XENMEM_current_reservation, 1 },
	{ "memory maximum_reservation", __HYPERVISOR_memory_op, XENMEM_maximum_reservation, 1 },
	{ "memory add_to_physmap", __HYPERVISOR_memory_op, XENMEM_add_to_physmap, 1 },
	{ "memory add_to_physmap_range", __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range, 1 },
	{ "memory remove_from_physmap", __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, 1 },
	{ "hvm set_param", __HYPERVISOR_hvm_op, 0, 1 },
	{ "hvm get_param", __HYPERVISOR_hvm_op, 1, 1 },
	{ "sched shutdown", __HYPERVISOR_sched_op, SCHEDOP_shutdown, 1 },
	{ "sched poll", __HYPERVISOR_sched_op, SCHEDOP_poll, 1 },
	{ "sched remote_shutdown", __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, 1 },
	{ "vcpu initialise", __HYPERVISOR_vcpu_op, VCPUOP_initialise, 2 },
	{ "vcpu get_runstate_info", __HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 2 },
	{ "vcpu register_runstate_memory_area", __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 2 },
	{ "vcpu set_singleshot_timer", __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 2 },
	{ "vcpu register_vcpu_info", __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 2 },
	{ "console_io write", __HYPERVISOR_console_io, 0, 2 },
	{ "memory memory_map", __HYPERVISOR_memory_op, XENMEM_memory_map, 1 },
	{ "grant_table map_grant_ref", __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 1 },
	{ "grant_table unmap_grant_ref", __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, 1 },
	{ "grant_table setup_table", __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, 1 },
	{ "grant_table transfer", __HYPERVISOR_grant_table_op, GNTTABOP_transfer, 1 },
	{ "grant_table copy", __HYPERVISOR_grant_table_op, GNTTABOP_copy, 1 },
	{ "grant_table query_size", __HYPERVISOR_grant_table_op, GNTTABOP_query_size, 1 },
	{ "grant_table unmap_and_replace", __HYPERVISOR_grant_table_op, GNTTABOP_unmap_and_replace, 1 },
	{ "grant_table set_version", __HYPERVISOR_grant_table_op, GNTTABOP_set_version, 1 },
	{ "grant_table get_version", __HYPERVISOR_grant_table_op, GNTTABOP_get_version, 1 },
	{ "grant_table swap_grant_ref", __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, 1 },
	{ "grant_table cache_flush", __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, 1 },
	{ "sysctl", __HYPERVISOR_sysctl, 0, 0 },
	{ "domctl", __HYPERVISOR_domctl, 0, 0 },
};

/*
 * Makes call @i with a bad handle. The middle argument of vcpu_op is a vcpu, that of console_io a
 * length.
 */
static long call_with(unsigned int i, u64 handle)
{
	/* One element, because nothing is read from an array of none. */
	if (ops[i].at == 1)
		return xen_call(ops[i].nr, ops[i].cmd, handle, 1);
	if (ops[i].at == 0)
		return xen_call(ops[i].nr, handle, 0, 0);
	return xen_call(ops[i].nr, ops[i].cmd, ops[i].nr == __HYPERVISOR_console_io ? 64 : 0, handle);
}

static void try_handle(const char *what, u64 handle)
{
	unsigned int i, bad = 0;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		long rc = call_with(i, handle);

		if (is_error(rc))
			continue;
		pr_info("rawcalls: %s with a handle %s gives %ld\n", ops[i].name, what, rc);
		bad++;
	}
	verdict(!bad && alive(), "a handle %s fails with all of %zu ops", what, ARRAY_SIZE(ops));
}

static void try_inline_handles(void)
{
	u64 end = __pa(high_memory);

	try_handle("null", 0);
	try_handle("inline, beyond the domain's memory", INLINE_FLAG | (end + SZ_1G));
	try_handle("inline, just at the end of its memory", INLINE_FLAG | end);
	try_handle("inline, at the top of the address space", INLINE_FLAG | (BIT_ULL(60) - 8));
	try_handle("inline, unaligned and unmapped", INLINE_FLAG | (end + 3));
	try_handle("inline, from its last byte over the end of memory", INLINE_FLAG | (end - 1));
	try_handle("inline, reserved bit 62 set", INLINE_FLAG | BIT_ULL(62) | 0x10000);
	try_handle("inline, reserved bits 61 and 60 set", INLINE_FLAG | BIT_ULL(61) | BIT_ULL(60) | 0x10000);
	try_handle("all ones", ~0ULL);
	try_handle("that is a kernel virtual address", 0xc000000000010000ULL & ~INLINE_FLAG);
	try_handle("of a descriptor beyond memory", end + SZ_1G);
	try_handle("of a descriptor at the top of the address space", BIT_ULL(60) - 8);
	try_handle("with reserved bits, no inline flag", BIT_ULL(62) | BIT_ULL(60));
}

static void try_descriptors(void)
{
	u64 end = __pa(high_memory);
	struct desc *d = (void *)get_zeroed_page(GFP_KERNEL);
	struct page *two = alloc_pages(GFP_KERNEL | __GFP_ZERO, get_order(2 * XEN_PAGE_SIZE));
	u64 good;

	if (!d || !two) {
		verdict(false, "memory for descriptors");
		return;
	}
	good = page_to_phys(two);
	try_handle("of a descriptor without its magic", __pa(d));
	*d = (struct desc){ .magic = DESC_MAGIC, .nr = 0 };
	try_handle("of a descriptor with nr 0", __pa(d));
	*d = (struct desc){ .magic = DESC_MAGIC, .nr = ~0U };
	d->address[0] = good;
	try_handle("of a descriptor with nr 4294967295", __pa(d));
	*d = (struct desc){ .magic = DESC_MAGIC, .nr = 1 };
	d->address[0] = ~0ULL;
	try_handle("of a descriptor with an invalid entry", __pa(d));
	d->address[0] = end + SZ_1G;
	try_handle("of a descriptor with an entry beyond memory", __pa(d));
	d->address[0] = good | BIT_ULL(61);
	try_handle("of a descriptor with reserved bits in an entry", __pa(d));
	d->address[0] = good | INLINE_FLAG;
	try_handle("of a descriptor with the inline flag in an entry", __pa(d));
	d->address[0] = good + XEN_PAGE_SIZE - 1;
	try_handle("of a descriptor with one entry for data on two pages", __pa(d));
	d->nr = 2;
	d->address[1] = end + SZ_1G;
	try_handle("of a descriptor whose second entry is beyond memory", __pa(d));
	d->nr = 1;
	d->address[0] = good;
	try_handle("of a descriptor that is not aligned", __pa(d) + 4);
	/* The address entries are beyond the end of memory. */
	memset(d, 0, PAGE_SIZE);
	try_handle("of a descriptor in the last bytes of memory", end - 8);
	__free_pages(two, get_order(2 * XEN_PAGE_SIZE));
	free_page((unsigned long)d);
}

/* Unusual but valid handles: they work, and no byte outside of the buffer is written. */
static void try_good_handles(void)
{
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, get_order(4 * XEN_PAGE_SIZE));
	struct xen_feature_info *info;
	struct desc *d;
	u8 *base;
	long rc;

	if (!pages) {
		verdict(false, "memory for buffers");
		return;
	}
	base = page_address(pages);
	memset(base, 0x5a, 4 * XEN_PAGE_SIZE);
	rc = xen_call(__HYPERVISOR_xen_version, XENVER_extraversion, INLINE_FLAG | __pa(base + XEN_PAGE_SIZE - 5), 0);
	verdict(rc == 0 && base[XEN_PAGE_SIZE - 6] == 0x5a && base[XEN_PAGE_SIZE - 5 + 16] == 0x5a &&
		base[XEN_PAGE_SIZE - 5] != 0x5a, "an unaligned inline buffer over a page's end is written exactly");

	memset(base, 0x5a, 4 * XEN_PAGE_SIZE);
	d = (struct desc *)base;
	*d = (struct desc){ .magic = DESC_MAGIC, .nr = 2 };
	/* The second half of the buffer is at a lower address than the first. */
	d->address[0] = __pa(base + 3 * XEN_PAGE_SIZE) - 4;
	d->address[1] = __pa(base + XEN_PAGE_SIZE);
	info = (void *)(base + 3 * XEN_PAGE_SIZE - 4);
	info->submap_idx = 0;
	rc = xen_call(__HYPERVISOR_xen_version, XENVER_get_features, __pa(d), 0);
	verdict(rc == 0 && *(u32 *)(base + XEN_PAGE_SIZE) != 0x5a5a5a5a &&
		*(u32 *)(base + 3 * XEN_PAGE_SIZE) == 0x5a5a5a5a, "a descriptor of two scattered pages is followed");
	verdict(d->magic == DESC_MAGIC && d->nr == 2 && d->address[0] == __pa(base + 3 * XEN_PAGE_SIZE) - 4 &&
		d->address[1] == __pa(base + XEN_PAGE_SIZE), "the hypervisor does not modify the descriptor");
	__free_pages(pages, get_order(4 * XEN_PAGE_SIZE));
}

/* Both words hold bits of PAPR only. The firmware asks for something on each processor known. */
static bool papr_characteristics(void)
{
	struct h_cpu_char_result c = { ~0ULL, ~0ULL };
	long rc = plpar_get_cpu_characteristics(&c);

	pr_info("rawcalls: H_GET_CPU_CHARACTERISTICS gives %ld, %llx, %llx\n", rc, c.character, c.behaviour);
	return !rc && !(c.character & 0xffffffffffffULL) && c.behaviour && !(c.behaviour & 0xffffffffffffULL);
}

static void try_numbers(void)
{
	static const unsigned int far[] = { 64, 100, 255, 256, 4095, 4096, 0x7fff, 0x8000, 0xfffe, 0xffff };
	static const u64 bad_ops[] = { 1000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, ~0ULL };
	static const unsigned int with_ops[] = {
		__HYPERVISOR_xen_version, __HYPERVISOR_event_channel_op, __HYPERVISOR_memory_op, __HYPERVISOR_hvm_op,
		__HYPERVISOR_sched_op, __HYPERVISOR_vcpu_op, __HYPERVISOR_console_io, __HYPERVISOR_grant_table_op,
		__HYPERVISOR_vm_assist,
	};
	static const unsigned long papr[] = {
		0, 1, 2, 3, 5, 0x7c, 0x3fc, 0x1000, 0x5000, 0xf000, 0xfffc, 0xfffd, 0x10000
	};
	unsigned int i, k, bad = 0;

	for (i = 0; i < ARRAY_SIZE(far); i++)
		bad += xen_call(far[i], 0, 0, 0) != -ENOSYS;
	verdict(!bad && alive(), "hypercall numbers from 64 to 65535 give -ENOSYS");

	for (i = 0, bad = 0; i < ARRAY_SIZE(with_ops); i++) {
		for (k = 0; k < ARRAY_SIZE(bad_ops); k++) {
			long rc = xen_call(with_ops[i], bad_ops[k], 0, 0);

			if (is_error(rc))
				continue;
			pr_info("rawcalls: hypercall %u op %llx gives %ld\n", with_ops[i], bad_ops[k], rc);
			bad++;
		}
	}
	verdict(!bad && alive(), "op numbers out of range give an error");

	for (i = 0, bad = 0; i < ARRAY_SIZE(papr); i++) {
		long rc = raw_trap(papr[i], 0, 0, 0, 0, 0);

		if (rc == H_FUNCTION_CODE)
			continue;
		pr_info("rawcalls: PAPR call %lx gives %ld\n", papr[i], rc);
		bad++;
	}
	verdict(!bad && alive(), "PAPR calls that do not exist give H_FUNCTION");
	verdict(papr_characteristics() && alive(), "H_GET_CPU_CHARACTERISTICS gives both of its words");
	/* Neither a Xen call nor a PAPR call: only some of the upper bits are set. */
	bad = !is_error(raw_trap(0xffff000000000011UL, 0, 0, 0, 0, 0)) +
	      !is_error(raw_trap(0x8000000000000000UL, 0, 0, 0, 0, 0));
	verdict(!bad && alive(), "numbers with part of the mark give an error");
}

/* Random arguments, except for ops that may legitimately stop or end the domain. */
static void try_garbage(void)
{
	struct rnd_state rnd;
	unsigned int nr, round, bad = 0;

	prandom_seed_state(&rnd, 20);
	for (nr = 0; nr < 64; nr++) {
		for (round = 0; round < GARBAGE_ROUNDS; round++) {
			u64 a[5];
			unsigned int k;
			long rc;

			for (k = 0; k < ARRAY_SIZE(a); k++)
				a[k] = (u64)prandom_u32_state(&rnd) << 32 | prandom_u32_state(&rnd);
			/* Small op numbers in every other round: they are more often valid. */
			if ((round & 1) && nr != __HYPERVISOR_sched_op && nr != __HYPERVISOR_vcpu_op)
				a[0] &= 0x1f;
			rc = raw_trap(XEN_NUMBER(nr), a[0], a[1] & ~INLINE_FLAG, a[2] & ~INLINE_FLAG, a[3], a[4]);
			/* These ops may take a number instead of a handle and accept it. */
			if (is_error(rc) || nr == __HYPERVISOR_set_timer_op || nr == __HYPERVISOR_xen_version ||
			    nr == __HYPERVISOR_memory_op || nr == __HYPERVISOR_vm_assist)
				continue;
			pr_info("rawcalls: hypercall %u (%llx, %llx) gives %ld\n", nr, a[0], a[1], rc);
			bad++;
		}
	}
	verdict(!bad && alive(), "hypercalls 0 to 63 with garbage give an error");
	xen_call(__HYPERVISOR_set_timer_op, 0, 0, 0);
}

/* r14-r31 and CR2-CR4 are preserved. r14 points to the values that r15-r29 are loaded from. */
static void try_registers(void)
{
	register unsigned long r3 asm("r3") = XEN_NUMBER(__HYPERVISOR_xen_version);
	register unsigned long r4 asm("r4") = XENVER_version;
	register unsigned long at asm("r14");
	unsigned long cr;
	unsigned int i, bad = 0;
	static u64 regs[16];

	at = (unsigned long)regs;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i] = 0x1111111111111111ULL * i + i;
	asm volatile("mtcrf 0x38,%[set];"
		     "ld 15,8(14); ld 16,16(14); ld 17,24(14); ld 18,32(14); ld 19,40(14); ld 20,48(14); ld 21,56(14);"
		     "ld 22,64(14); ld 23,72(14); ld 24,80(14); ld 25,88(14); ld 26,96(14); ld 27,104(14);"
		     "ld 28,112(14); ld 29,120(14);"
		     "sc 1;"
		     "std 15,8(14); std 16,16(14); std 17,24(14); std 18,32(14); std 19,40(14); std 20,48(14);"
		     "std 21,56(14); std 22,64(14); std 23,72(14); std 24,80(14); std 25,88(14); std 26,96(14);"
		     "std 27,104(14); std 28,112(14); std 29,120(14);"
		     "mfcr %[cr]"
		     : "+r" (r3), "+r" (r4), [cr] "=r" (cr)
		     : "r" (at), [set] "r" (0x00a5a000UL)
		     : "r0", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r15", "r16", "r17", "r18", "r19",
		       "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "lr", "ctr", "xer", "cr0",
		       "cr1", "cr2", "cr3", "cr4", "cr5", "cr6", "cr7", "memory");
	srr_regs_clobbered();
	for (i = 1; i < ARRAY_SIZE(regs); i++)
		bad += regs[i] != 0x1111111111111111ULL * i + i;
	verdict(!bad, "r15 to r29 survive a hypercall");
	verdict((cr & 0x00fff000) == 0x00a5a000, "cr2 to cr4 survive a hypercall");
}

static int __init rawcalls_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	verdict(alive(), "a valid hypercall works");
	try_inline_handles();
	try_descriptors();
	try_good_handles();
	try_numbers();
	try_garbage();
	try_registers();
	verdict(alive(), "a valid hypercall still works at the end");
	pr_info("rawcalls: done, %u failed\n", failures);
	return 0;
}
module_init(rawcalls_init);

static void __exit rawcalls_exit(void)
{
}
module_exit(rawcalls_exit);

MODULE_DESCRIPTION("Tests of invalid hypercalls");
MODULE_LICENSE("GPL");
