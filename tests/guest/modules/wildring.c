// SPDX-License-Identifier: GPL-2.0
/*
 * Writes invalid data or indices into the domain's own xenstore or console ring, notifies the
 * server in dom0, and reports the error field of the xenstore ring on the console.
 *
 * Usage: wildring.ko how=WHAT [seed=NUMBER], where WHAT is a name from the table at the end of this
 * file.
 */
#define pr_fmt(fmt) "wildring: " fmt

#include <linux/delay.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include <xen/events.h>
#include <xen/hvm.h>
#include <xen/interface/hvm/params.h>
#include <xen/interface/io/console.h>
#include <xen/interface/io/xs_wire.h>
#include <xen/interface/sched.h>
#include <xen/page.h>
#include <xen/xen.h>

#include <asm/xen/hypercall.h>

#define ROUNDS		200
#define WAIT_MS		5000
#define NAPS		5000	/* of 100 us or more, while waiting for the server to read a request */
#define YIELDS		100000	/* to dom0, while waiting for its answer with interrupts off */
#define UNKNOWN_TYPE	9999

static char *how = "";
module_param(how, charp, 0444);

static unsigned int seed = 20250711;	/* the same random data in every run */
module_param(seed, uint, 0444);

static struct xenstore_domain_interface *store;
static struct xencons_interface *console;
static u64 store_port, console_port;

static void wildring_notify(u64 port)
{
	mb(); /* the ring before the event */
	notify_remote_via_evtchn(port);
}

static void wildring_put(const void *data, unsigned int size)
{
	u32 prod = READ_ONCE(store->req_prod);
	const char *byte = data;
	unsigned int i;

	for (i = 0; i < size; i++)
		store->req[MASK_XENSTORE_IDX(prod + i)] = byte[i];
	wmb(); /* data before the index */
	WRITE_ONCE(store->req_prod, prod + size);
}

static void wildring_request(u32 type, u32 length, const char *data, unsigned int size)
{
	struct xsd_sockmsg head = { .type = type, .req_id = 0x77777777, .len = length };

	wildring_put(&head, sizeof(head));
	wildring_put(data, size);
	wildring_notify(store_port);
}

static void unknown_type(void)
{
	wildring_request(UNKNOWN_TYPE, 4, "abc", 4);
}

/*
 * The payload has no terminating 0. Each of these requests follows a successful XS_RM, so that an
 * error response cannot be a left-over of the request before.
 */
static void no_end(void)
{
	static const u32 types[] = { XS_READ, XS_DIRECTORY, XS_GET_PERMS, XS_MKDIR, XS_RM };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		wildring_request(XS_WRITE, 11, "data/wild\0x", 11);
		wildring_request(XS_RM, 10, "data/wild", 10);
		wildring_request(types[i], 4, "abcd", 4);
	}
}

static void no_arguments(void)
{
	wildring_request(XS_WRITE, 0, NULL, 0);
}

static void too_long(void)
{
	wildring_request(XS_READ, XENSTORE_PAYLOAD_MAX + 1, "abc", 4);
}

static void huge(void)
{
	wildring_request(XS_READ, U32_MAX, "abc", 4);
}

static void request_index(void)
{
	WRITE_ONCE(store->req_prod, READ_ONCE(store->req_cons) + 5 * XENSTORE_RING_SIZE);
	wildring_notify(store_port);
}

static void response_index(void)
{
	unsigned long flags;
	int i;

	/*
	 * With interrupts off, or this kernel would correct the index when it handles the response.
	 */
	local_irq_save(flags);
	WRITE_ONCE(store->rsp_cons, READ_ONCE(store->rsp_prod) + 5 * XENSTORE_RING_SIZE);
	wildring_request(XS_READ, 6, "domid", 6);
	for (i = 0; i < YIELDS && !READ_ONCE(store->error); i++)
		HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
	local_irq_restore(flags);
}

static void noise(void)
{
	struct rnd_state rnd;
	int round;

	prandom_seed_state(&rnd, seed);
	for (round = 0; round < ROUNDS; round++) {
		prandom_bytes_state(&rnd, store->req, sizeof(store->req));
		WRITE_ONCE(store->req_prod, prandom_u32_state(&rnd));
		WRITE_ONCE(store->rsp_cons, prandom_u32_state(&rnd));
		wildring_notify(store_port);
		usleep_range(500, 1000);
	}
}

/* Random requests of every type, with a valid header and a payload of random words. */
static void anything(void)
{
	static const char * const words[] = {
		"/", "data", "/local/domain/", "/local/domain/1", "@releaseDomain", "1", "T",
		"r0", "n1", "b", "-1", "4294967296", "data/wild", "//", "",
	};
	struct rnd_state rnd;
	unsigned int round, i;
	char data[64];

	prandom_seed_state(&rnd, seed);
	for (round = 0; round < 20 * ROUNDS; round++) {
		u32 length = 0, type = prandom_u32_state(&rnd) % (XS_TYPE_COUNT + 1);

		for (i = prandom_u32_state(&rnd) % 4; i; i--) {
			const char *word = words[prandom_u32_state(&rnd) % ARRAY_SIZE(words)];

			memcpy(data + length, word, strlen(word) + 1);
			length += strlen(word) + 1;
		}
		/* Sometimes without the last terminator, or with a byte behind it. */
		if (length && prandom_u32_state(&rnd) % 4 == 0)
			length--;
		else if (prandom_u32_state(&rnd) % 4 == 0)
			data[length++] = 'x';
		for (i = 0; i < NAPS && READ_ONCE(store->req_prod) != READ_ONCE(store->req_cons); i++)
			usleep_range(100, 200);
		wildring_request(type, length, data, length);
	}
}

static void output_index(void)
{
	WRITE_ONCE(console->out_prod, READ_ONCE(console->out_cons) + 5 * sizeof(console->out));
	wildring_notify(console_port);
}

static void input_index(void)
{
	WRITE_ONCE(console->in_cons, READ_ONCE(console->in_prod) + 5 * sizeof(console->in));
	wildring_notify(console_port);
}

static const struct {
	const char *name;
	void (*run)(void);
	bool ends;	/* xenstored must close the connection */
} table[] = {
	{ "type", unknown_type },
	{ "no-end", no_end },
	{ "no-arguments", no_arguments },
	{ "anything", anything },
	{ "too-long", too_long, true },
	{ "huge", huge, true },
	{ "request-index", request_index, true },
	{ "response-index", response_index, true },
	{ "noise", noise, true },
	{ "output-index", output_index },
	{ "input-index", input_index },
};

static int map_rings(void)
{
	u64 gfn, console_gfn;
	int err;

	err = hvm_get_parameter(HVM_PARAM_STORE_PFN, &gfn) ?: hvm_get_parameter(HVM_PARAM_STORE_EVTCHN, &store_port) ?:
	      hvm_get_parameter(HVM_PARAM_CONSOLE_PFN, &console_gfn) ?:
	      hvm_get_parameter(HVM_PARAM_CONSOLE_EVTCHN, &console_port);
	if (err)
		return err;
	store = memremap(gfn << XEN_PAGE_SHIFT, XEN_PAGE_SIZE, MEMREMAP_WB);
	console = memremap(console_gfn << XEN_PAGE_SHIFT, XEN_PAGE_SIZE, MEMREMAP_WB);
	return store && console ? 0 : -ENOMEM;
}

static int __init wildring_init(void)
{
	unsigned int waited = 0, i;
	int err;

	if (!xen_domain() || xen_initial_domain())
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(table) && strcmp(how, table[i].name); i++)
		;
	if (i == ARRAY_SIZE(table))
		return -EINVAL;
	err = map_rings();
	if (!err) {
		table[i].run();
		while (table[i].ends && !READ_ONCE(store->error) && waited < WAIT_MS) {
			msleep(20);
			waited += 20;
		}
		pr_emerg("%s: error %u\n", how, READ_ONCE(store->error));
	}
	if (store)
		memunmap(store);
	if (console)
		memunmap(console);
	return err;
}
module_init(wildring_init);

static void __exit wildring_exit(void)
{
}
module_exit(wildring_exit);

MODULE_DESCRIPTION("Invalid xenstore and console rings");
MODULE_LICENSE("GPL");
