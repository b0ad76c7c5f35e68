/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 64-bit PowerPC ELF kernels.
 */
#ifndef HV_BOOT_ELF_H
#define HV_BOOT_ELF_H

#include "lib/types.h"

#define ELF_MAX_SEGMENTS 16

/* As in the file. */
struct elf64_ehdr {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf64_phdr {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_segment {
	u64 paddr;		/* guest physical */
	u64 memsz, filesz;
	const u8 *data;
};

struct elf_image {
	u64 entry;		/* guest physical */
	u64 end;		/* highest byte used + 1 */
	unsigned int nr;
	struct elf_segment seg[ELF_MAX_SEGMENTS];
};

int elf_parse(const u8 *file, size_t size, struct elf_image *img, const char **why);

#endif
