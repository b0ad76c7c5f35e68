/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The protocol between domU-agent (in a domU) and domU-run (in dom0). Nodes below data/agent of the domU's directory in
 * xenstore:
 *
 *	ready		boot id of the domU's kernel, as soon as the agent runs
 *	slowdown	slowdown of the machine (slowdown.h), by domU-run, before each command
 *	text/0, 1, ...	the command, in pieces; domU-run writes them before "start"
 *	start		"ID PIECES", by domU-run; the agent removes it and runs the command
 *	out		"ID SEQ o TEXT", the next bytes of output, or "ID SEQ s STATUS" at the end; by the agent
 *	ack		"ID SEQ", by domU-run, which has read that piece; the agent writes the next one after it
 *	cancel		"ID", by domU-run: kill the command
 *
 * ID is the process number of domU-run.
 */
#ifndef AGENT_H
#define AGENT_H

#define AGENT_BASE "data/agent/"
#define AGENT_PIECE 1000
#define AGENT_COMMAND_MAX 65536

#endif
