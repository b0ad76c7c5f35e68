/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations shared by the dom0 tools, which are one program installed under
 * several names (see main.c). Unless its description says otherwise, a function
 * that fails prints a message naming the offending object to standard error and
 * returns -1.
 */
#ifndef TOOLSTACK_TOOLS_H
#define TOOLSTACK_TOOLS_H

#include <stdio.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <xenstore.h>

#define MAX_PATH_LEN	256	/* longest xenstore path used here; XENSTORE_ABS_PATH_MAX is 3072 */
#define BACKEND_DOMID	0	/* the tools run in dom0 and create all back ends there */

enum xenbus_state {
	XENBUS_UNKNOWN,
	XENBUS_INITIALISING,
	XENBUS_INIT_WAIT,
	XENBUS_INITIALISED,
	XENBUS_CONNECTED,
	XENBUS_CLOSING,
	XENBUS_CLOSED,
};

extern const char *tool;	/* name under which the program was called, for messages */

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
/*
 * Let the compiler check a printf()-like call: the format is parameter fmt, its arguments start at
 * parameter first.
 */
#define __printf(fmt, first)	__attribute__((__format__(printf, fmt, first)))

/* attach.c, console.c, daemon.c, list.c */
int attach_main(int argc, char **argv);
int console_main(int argc, char **argv);
int daemon_main(int argc, char **argv);
int list_main(int argc, char **argv);

/* util.c */
int log_error(const char *format, ...) __printf(1, 2);
void print_text(FILE *out, const char *text);
void log_info(const char *format, ...) __printf(1, 2);
int usage_error(const char *format, ...) __printf(1, 2);
bool parse_number(const char *text, unsigned long max, unsigned long *value);
int64_t now_ms(void);

/* store.c */
struct batch;

/*
 * Xenstore permissions of a node. The owner, and dom0 as a privileged domain, can always read and
 * write it.
 */
enum node_access {
	ACCESS_DOM0,		/* owned by dom0, no access for other domains */
	ACCESS_READ,		/* owned by dom0, the domain may read it */
	ACCESS_OWN,		/* owned by the domain */
};

struct xs_handle *store_open(void);
int store_close(struct xs_handle *xs);
bool store_failed(void);
bool store_is_introduced(struct xs_handle *xs, unsigned int domid);
char *store_read(struct xs_handle *xs, xs_transaction_t xbt, const char *format, ...) __printf(3, 4);
unsigned long store_number(struct xs_handle *xs, unsigned long fallback, const char *format, ...) __printf(3, 4);
bool store_exists(struct xs_handle *xs, xs_transaction_t xbt, const char *path);
int store_write(struct xs_handle *xs, const char *path, const char *value);
void store_remove(struct xs_handle *xs, const char *format, ...) __printf(2, 3);
void store_prune(struct xs_handle *xs, const char *path, unsigned int levels);
char **store_list(struct xs_handle *xs, unsigned int *count, const char *format, ...) __printf(3, 4);

struct batch *batch_new(void);
void batch_free(struct batch *batch);
void batch_add(struct batch *batch, enum node_access access, unsigned int domid, const char *path,
	       const char *format, ...) __printf(5, 6);
void batch_clear(struct batch *batch, const char *path);
void batch_drop(struct batch *batch, const char *path);
int batch_commit(struct xs_handle *xs, struct batch *batch, const char *must_exist, const char *must_not_exist);

/* domain.c */
int domain_find(struct xs_handle *xs, const char *name, unsigned int *domid);

/* module.c */
int module_load(const char *name, const char *present_path);

/* device.c */
struct device {
	const char *kind;		/* "vbd" or "vif" */
	unsigned int domid;		/* domain of the front end */
	unsigned long id;		/* device number within kind and domain */
	char front[MAX_PATH_LEN];	/* xenstore directory of the front end */
	char back[MAX_PATH_LEN];	/* xenstore directory of the back end */
};

void device_set(struct device *dev, const char *kind, unsigned int domid, unsigned long id);
void device_add_back(struct batch *batch, const struct device *dev, const char *key, const char *value);
void device_add_front(struct batch *batch, const struct device *dev, const char *key, const char *value);
void device_clear_errors(struct xs_handle *xs, const struct device *dev);
bool device_failed(struct xs_handle *xs, const struct device *dev);
void device_release(struct xs_handle *xs, const struct device *dev);
int device_wait_connected(struct xs_handle *xs, const struct device *dev, unsigned int seconds);
int device_close(struct xs_handle *xs, const struct device *dev, unsigned int seconds, bool force);
bool device_backend_gone(const struct device *dev);
unsigned int device_state(struct xs_handle *xs, const char *dir);
const char *device_state_name(unsigned int state);

/* loop.c */
int loop_attach(const char *file, bool read_only, char *node, size_t size);
void loop_detach(const char *node);
int loop_refresh(const char *node);

/* vbd.c, vif.c */
#define MAX_EXTRAS	32

struct attach_options {
	struct xs_handle *xs;
	unsigned int domid;
	const char *target;		/* vbd: path of an image file or block device */
	const char *name;		/* vbd: "xvda" or number; vif: number; NULL: first free one */
	const char *mac;		/* vif: NULL: derive one from domain and device number */
	const char *bridge;		/* vif: NULL: no bridge */
	unsigned long mtu;		/* vif: bytes; 0: keep the default */
	bool read_only, shared, no_wait;
	unsigned int seconds;		/* how long to wait for the connection */
	struct extra {
		bool front;		/* applies to the front end, otherwise to the back end */
		const char *text;	/* KEY=VALUE: add this node; KEY: omit the standard node */
	} extra[MAX_EXTRAS];
	unsigned int extras;		/* used elements of extra[] */
};

int vbd_attach(const struct attach_options *opt);
int vbd_resize(struct xs_handle *xs, const struct device *dev, const char *size);
int vbd_number(const char *name, unsigned long *number);
void vbd_name(unsigned long number, char *name, size_t size);
int vif_attach(const struct attach_options *opt);
unsigned int vif_index(const struct device *dev);
int vif_hotplug(struct xs_handle *xs, const struct device *dev);

/* attach.c */
void batch_add_extras(struct batch *batch, const struct attach_options *opt, const struct device *dev);

#endif /* TOOLSTACK_TOOLS_H */
