/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What OPAL tells of a hypervisor maintenance interrupt (skiboot, doc/opal-api). No register is read
 * or written here.
 */
#ifndef HV_ARCH_HMI_H
#define HV_ARCH_HMI_H

#include "lib/bitops.h"
#include "lib/byteorder.h"
#include "lib/types.h"

/* Flags of OPAL_HANDLE_HMI2 */
#define HMI_TB_RESYNC	BIT(0)	/* the timebase was stopped, and set anew */
#define HMI_DEC_LOST	BIT(1)
#define HMI_HDEC_LOST	BIT(2)
#define HMI_TB_FAIL	BIT(3)	/* the timebase stays stopped */
#define HMI_NEW_EVENT	BIT(63)	/* messages say more */

#define OPAL_MSG_HMI	4

struct opal_msg {
	be32 type, reserved;
	union {
		be64 params[8];
		struct {		/* of OPAL_MSG_HMI */
			u8 version, severity, type, disposition;
			u8 reserved[4];
			be64 hmer, tfmr;
		} hmi;
	};
};

const char *hmi_event_name(const struct opal_msg *msg);
bool hmi_event_fatal(const struct opal_msg *msg);

#endif
