// SPDX-License-Identifier: GPL-2.0
/*
 * The udbg console until hvc0 takes over: output to and input from the hypervisor's console.
 * The hypervisor prints the output of dom0 as it is, and puts the domain id in front of
 * each line of a domU.
 *
 * Works from the first C line on. Output is buffered by line, because several domains share
 * that console, and lines that were written character by character would be mixed up.
 */
#include <linux/init.h>

#include <asm/udbg.h>
#include <asm/xen/hypercall.h>

#include <xen/interface/xen.h>

#include "platform.h"

static char udbg_line[128];
static unsigned int udbg_line_len;

static void xen_ppc_udbg_flush(void)
{
	unsigned int len = udbg_line_len;

	if (!len)
		return;
	udbg_line_len = 0;
	HYPERVISOR_console_io(CONSOLEIO_write, len, udbg_line);
}

static void xen_ppc_udbg_putc(char c)
{
	/* The callers of udbg send LF only, a serial terminal needs CR LF. */
	if (c == '\n')
		xen_ppc_udbg_putc('\r');
	if (udbg_line_len < sizeof(udbg_line))
		udbg_line[udbg_line_len++] = c;
	if (c == '\n' || udbg_line_len == sizeof(udbg_line))
		xen_ppc_udbg_flush();
}

/* Only dom0 gets input. In a domU the call fails, which counts as no input. */
static int xen_ppc_udbg_getc_poll(void)
{
	char c;

	return HYPERVISOR_console_io(CONSOLEIO_read, 1, &c) == 1 ? c : -1;
}

static int xen_ppc_udbg_getc(void)
{
	int c;

	do
		c = xen_ppc_udbg_getc_poll();
	while (c < 0);
	return c;
}

/**
 * xen_ppc_udbg_init - use the hypervisor's console for udbg
 *
 * Boot cpu, at any time during boot, in a Xen domain only.
 */
void __init xen_ppc_udbg_init(void)
{
	udbg_putc = xen_ppc_udbg_putc;
	udbg_flush = xen_ppc_udbg_flush;
	udbg_getc = xen_ppc_udbg_getc;
	udbg_getc_poll = xen_ppc_udbg_getc_poll;
}

#ifdef CONFIG_PPC_EARLY_DEBUG_XEN
/**
 * udbg_init_xen - use the hypervisor's console for udbg before Xen is detected
 *
 * Boot cpu, at the start of early_setup(). A kernel with CONFIG_PPC_EARLY_DEBUG_XEN runs
 * only as a Xen domain.
 */
void __init udbg_init_xen(void)
{
	xen_ppc_udbg_init();
}
#endif
