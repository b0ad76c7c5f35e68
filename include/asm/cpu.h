/* SPDX-License-Identifier: GPL-2.0 */
/* drivers/xen/cpu_hotplug.c includes this file, which other architectures have. */
#include <linux/cpu.h>
