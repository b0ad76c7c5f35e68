/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tools of dom0's user space share. All of them are one program that
 * goes by several names; a function that fails says why on standard error,
 * with the name of what is wrong, and returns -1, if not said otherwise.
 */
#ifndef TOOLSTACK_TOOLS_H
#define TOOLSTACK_TOOLS_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <xenstore.h>

#define MAX_PATH_LEN	256	/* of a node; xenstore's own limit is higher, nothing here comes near */
#define BACKEND_DOMID	0	/* back ends and what they need are set up in the domain of the tools */

enum xenbus_state {
	XENBUS_UNKNOWN,
	XENBUS_INITIALISING,
	XENBUS_INIT_WAIT,
	XENBUS_INITIALISED,
	XENBUS_CONNECTED,
	XENBUS_CLOSING,
	XENBUS_CLOSED,
};

extern const char *tool;	/* the name that the program was called by */

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
/* The arguments are as of printf(): the format is parameter fmt, what it formats starts with parameter first. */
#define __printf(fmt, first)	__attribute__((__format__(printf, fmt, first)))

/* attach.c, console.c, daemon.c, list.c */
int attach_main(int argc, char **argv);
int console_main(int argc, char **argv);
int daemon_main(int argc, char **argv);
int list_main(int argc, char **argv);

/* say.c */
int complain(const char *format, ...) __printf(1, 2);
int bad_usage(const char *format, ...) __printf(1, 2);
bool parse_number(const char *text, unsigned long max, unsigned long *value);
int64_t now_ms(void);

/* store.c */
struct batch;

/* Who may do what with a node: the first is its owner, whom the rest need not name. */
enum node_access {
	ACCESS_DOM0,		/* dom0 alone */
	ACCESS_READ,		/* dom0's, the domain reads it */
	ACCESS_OWN,		/* the domain's */
};

struct xs_handle *store_open(void);
char *store_read(struct xs_handle *xs, xs_transaction_t xbt, const char *format, ...) __printf(3, 4);
unsigned long store_number(struct xs_handle *xs, unsigned long otherwise, const char *format, ...) __printf(3, 4);
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
int module_load(const char *name, const char *shows_as);

/* device.c */
struct device {
	const char *kind;	/* "vbd", "vif" */
	unsigned int domid;	/* of the front end */
	unsigned long id;
	char front[MAX_PATH_LEN];
	char back[MAX_PATH_LEN];
};

void device_set(struct device *dev, const char *kind, unsigned int domid, unsigned long id);
void device_back(struct batch *batch, const struct device *dev, const char *key, const char *value);
void device_front(struct batch *batch, const struct device *dev, const char *key, const char *value);
void device_forget_errors(struct xs_handle *xs, const struct device *dev);
bool device_failed(struct xs_handle *xs, const struct device *dev);
void device_release(struct xs_handle *xs, const struct device *dev);
int device_wait_connected(struct xs_handle *xs, const struct device *dev, unsigned int seconds);
int device_close(struct xs_handle *xs, const struct device *dev, unsigned int seconds, bool force);
bool device_backend_gone(const struct device *dev);
unsigned int device_state(struct xs_handle *xs, const char *dir);
const char *state_name(unsigned int state);

/* loop.c */
int loop_attach(const char *file, bool read_only, char *node, size_t size);
void loop_detach(const char *node);
int loop_refresh(const char *node);

/* vbd.c, vif.c */
#define MAX_EXTRAS	32

struct attach_options {
	struct xs_handle *xs;
	unsigned int domid;
	const char *target;		/* vbd: file or device */
	const char *name;		/* vbd: as xvda; vif: its number */
	const char *mac;
	const char *bridge;		/* NULL: none */
	unsigned long mtu;		/* 0: leave it */
	bool read_only, shared, no_wait;
	unsigned int seconds;
	struct extra {
		bool front;
		const char *text;	/* KEY=VALUE: another node; KEY: leave this one out */
	} extra[MAX_EXTRAS];
	unsigned int extras;
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
