/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types of Xen's xenstore.h that toolstack/tools/tools.h names, so that files which call nothing
 * of that library compile without it.
 */
#ifndef FUZZ_XENSTORE_H
#define FUZZ_XENSTORE_H

#include <stdint.h>

struct xs_handle;
typedef uint32_t xs_transaction_t;

#endif
