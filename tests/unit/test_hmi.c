// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the firmware about hypervisor maintenance interrupts, as it stores them: big-endian.
 */
#include "test.h"
#include "arch/hmi.h"

/* Type 4: version 2, an error (2), timer facility (4), not recovered (1); HMER, TFMR. */
static const u8 timer_failed[] __aligned(8) = {
	0, 0, 0, 4, 0, 0, 0, 0,
	2, 2, 4, 1, 0, 0, 0, 0,
	0x08, 0, 0, 0, 0, 0, 0, 0,
	0x2e, 0x12, 0, 0x28, 0x70, 0xe1, 0x40, 0,
	[71] = 0,
};

int main(void)
{
	unsigned int named = 0;
	struct opal_msg msg;

	eq(sizeof(msg), 72, "a message has eight parameters");
	memcpy(&msg, timer_failed, sizeof(msg));
	eq(be32_to_cpu(msg.type), OPAL_MSG_HMI, "its type");
	eq(msg.hmi.severity, 2, "its severity");
	eq(be64_to_cpu(msg.hmi.hmer), 0x0800000000000000UL, "HMER");
	eq(be64_to_cpu(msg.hmi.tfmr), 0x2e12002870e14000UL, "TFMR");
	ok(!strcmp(hmi_event_name(&msg), "timer facility"), "its name");
	ok(hmi_event_fatal(&msg), "not recovered: the machine cannot go on");
	msg.hmi.severity = 3;
	msg.hmi.disposition = 0;
	ok(!hmi_event_fatal(&msg), "recovered: it can, however severe the error");
	for (unsigned int type = 0; type < 256; type++) {
		msg.hmi.type = type;
		named += strcmp(hmi_event_name(&msg), "unknown event") ? 1 : 0;
	}
	eq(named, 13, "firmware's thirteen types have names");
	return test_done();
}
