/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What domU-agent (in a domU) and domU-run (in dom0) agree on. Below data/agent of the domU's part of xenstore:
 *
 *	ready		boot id of the domU's kernel; the agent runs
 *	text/0, 1, ...	the command, in pieces; written by domU-run before
 *	start		"ID PIECES"; the agent removes it, then runs the command
 *	out		"ID SEQ o TEXT" the next bytes of output, or "ID SEQ s STATUS" the end; by the agent
 *	ack		"ID SEQ": domU-run has taken that one; only then comes the next
 *	cancel		"ID": the command is to be killed
 *
 * ID is a number that domU-run makes up.
 */
#ifndef AGENT_H
#define AGENT_H

#define AGENT_BASE "data/agent/"
#define AGENT_PIECE 1000
#define AGENT_COMMAND_MAX 65536

#endif
