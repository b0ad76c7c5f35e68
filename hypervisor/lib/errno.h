/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Error numbers, which hypercalls return negated in r3. The values are Xen's,
 * which are those of Linux's generic table. EISDIR, EROFS, ENOTEMPTY and EISCONN are
 * here because xen/interface/io/xs_wire.h names them.
 */
#ifndef HV_LIB_ERRNO_H
#define HV_LIB_ERRNO_H

#define EPERM		1
#define ENOENT		2
#define ESRCH		3
#define EIO		5
#define ENXIO		6
#define E2BIG		7
#define ENOEXEC		8
#define EAGAIN		11
#define ENOMEM		12
#define EACCES		13
#define EFAULT		14
#define EBUSY		16
#define EEXIST		17
#define ENODEV		19
#define EISDIR		21
#define EINVAL		22
#define ENFILE		23
#define ENOSPC		28
#define EROFS		30
#define ERANGE		34
#define ENOSYS		38
#define ENOTEMPTY	39
#define ENODATA		61
#define ETIME		62
#define EOPNOTSUPP	95
#define ENOBUFS		105
#define EISCONN		106

#endif
