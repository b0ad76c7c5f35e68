// SPDX-License-Identifier: GPL-2.0
/*
 * OPAL's messages about hypervisor maintenance interrupts.
 */
#include "arch/hmi.h"

static const char *const names[] = {
	"malfunction alert, a unit is stopped",
	"processor recovery",
	"processor recovery, again",
	"processor recovery, masked",
	"timer facility",
	"parity of TFMR",
	"overflow warning",
	"XSCOM operation failed",
	"XSCOM operation done",
	"SCOM has set a fault bit",
	"debug trigger",
	"hypervisor resource",
	"CAPP recovery",
};

/**
 * hmi_event_name() - say what an event is
 * @msg: a message of type OPAL_MSG_HMI
 *
 * Return: text.
 */
const char *hmi_event_name(const struct opal_msg *msg)
{
	return msg->hmi.type < ARRAY_SIZE(names) ? names[msg->hmi.type] : "unknown event";
}

/**
 * hmi_event_fatal() - tell whether the machine cannot go on
 * @msg: a message of type OPAL_MSG_HMI
 *
 * Return: whether firmware says that it did not recover, however severe the event.
 */
bool hmi_event_fatal(const struct opal_msg *msg)
{
	return msg->hmi.disposition;
}
