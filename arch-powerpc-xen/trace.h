/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints for every hypercall, in the directory events/xen_ppc of tracefs. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xen_ppc

#if !defined(_TRACE_XEN_PPC_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_XEN_PPC_H

#include <linux/tracepoint.h>

#include "platform.h"

/* Arguments that the hypercall does not have are 0. */
TRACE_EVENT_FN(xen_ppc_hcall_entry,
	       TP_PROTO(unsigned int nr, unsigned long a1, unsigned long a2,
			unsigned long a3, unsigned long a4, unsigned long a5),

	       TP_ARGS(nr, a1, a2, a3, a4, a5),

	       TP_STRUCT__entry(__field(unsigned int, nr)
				__array(unsigned long, arg, XEN_PPC_NR_ARGS)),

	       TP_fast_assign(__entry->nr = nr;
			      __entry->arg[0] = a1;
			      __entry->arg[1] = a2;
			      __entry->arg[2] = a3;
			      __entry->arg[3] = a4;
			      __entry->arg[4] = a5;),

	       TP_printk("nr=%u args=0x%lx 0x%lx 0x%lx 0x%lx 0x%lx",
			 __entry->nr, __entry->arg[0], __entry->arg[1],
			 __entry->arg[2], __entry->arg[3], __entry->arg[4]),

	       xen_ppc_trace_reg, xen_ppc_trace_unreg
);

TRACE_EVENT_FN(xen_ppc_hcall_exit,
	       TP_PROTO(unsigned int nr, long result),

	       TP_ARGS(nr, result),

	       TP_STRUCT__entry(__field(unsigned int, nr)
				__field(long, result)),

	       TP_fast_assign(__entry->nr = nr;
			      __entry->result = result;),

	       TP_printk("nr=%u result=%ld", __entry->nr, __entry->result),

	       xen_ppc_trace_reg, xen_ppc_trace_unreg
);

#endif /* _TRACE_XEN_PPC_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
