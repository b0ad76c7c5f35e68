// SPDX-License-Identifier: GPL-2.0
/*
 * The console until hvc0 takes over: udbg, on the hypervisor's own console. What
 * dom0 writes there appears as it is; what another domain writes appears in the
 * hypervisor's log, with the domain's number in front.
 *
 * Works from the first C line on. Lines are collected, because a hypercall for
 * each character would tear them apart in a log that several domains share.
 */
#include <linux/init.h>

#include <asm/udbg.h>
#include <asm/xen/hypercall.h>

#include <xen/interface/xen.h>

#include "platform.h"

static char line[128];
static unsigned int line_len;

static void flush(void)
{
	unsigned int len = line_len;

	if (!len)
		return;
	line_len = 0;
	HYPERVISOR_console_io(CONSOLEIO_write, len, line);
}

static void put(char c)
{
	/* A terminal on the other end needs both, and udbg's callers send one. */
	if (c == '\n')
		put('\r');
	if (line_len < sizeof(line))
		line[line_len++] = c;
	if (c == '\n' || line_len == sizeof(line))
		flush();
}

/* Only dom0 is given input; for the others the call fails, which is no input. */
static int get_poll(void)
{
	char c;

	return HYPERVISOR_console_io(CONSOLEIO_read, 1, &c) == 1 ? c : -1;
}

static int get(void)
{
	int c;

	do
		c = get_poll();
	while (c < 0);
	return c;
}

/**
 * xen_ppc_udbg_init - send udbg's output to the hypervisor
 *
 * Boot cpu, any time during boot; in a domain only.
 */
void __init xen_ppc_udbg_init(void)
{
	udbg_putc = put;
	udbg_flush = flush;
	udbg_getc = get;
	udbg_getc_poll = get_poll;
}

#ifdef CONFIG_PPC_EARLY_DEBUG_XEN
/**
 * udbg_init_xen - CONFIG_PPC_EARLY_DEBUG_XEN: output before a Xen was looked for
 *
 * Boot cpu, at the start of early_setup(). A kernel built with this runs nowhere else.
 */
void __init udbg_init_xen(void)
{
	xen_ppc_udbg_init();
}
#endif
