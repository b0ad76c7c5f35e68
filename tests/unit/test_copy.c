// SPDX-License-Identifier: GPL-2.0
/*
 * GNTTABOP_copy between grants and the caller's own memory, and its errors.
 */
#include "grants.h"

static struct domain *d0, *d1, *d2;
static struct vcpu *v0;

#define BOTH	(GNTCOPY_source_gref | GNTCOPY_dest_gref)

static struct gnttab_copy from_grant(u16 dom, u32 ref, u16 at, u64 gmfn, u16 to, u16 len)
{
	struct gnttab_copy op = { .len = len, .flags = GNTCOPY_source_gref };

	op.source.u.ref = ref;
	op.source.domid = dom;
	op.source.offset = at;
	op.dest.u.gmfn = gmfn;
	op.dest.domid = DOMID_SELF;
	op.dest.offset = to;
	return op;
}

static struct gnttab_copy to_grant(u64 gmfn, u16 at, u16 dom, u32 ref, u16 to, u16 len)
{
	struct gnttab_copy op = { .len = len, .flags = GNTCOPY_dest_gref };

	op.source.u.gmfn = gmfn;
	op.source.domid = DOMID_SELF;
	op.source.offset = at;
	op.dest.u.ref = ref;
	op.dest.domid = dom;
	op.dest.offset = to;
	return op;
}

static char *page(struct domain *d, u64 gfn)
{
	return guest_ptr(d, gfn * PAGE_SIZE);
}

static void copying(void)
{
	struct gnttab_copy op;
	bool same = true;

	for (int i = 0; i < 4096; i++)
		page(d1, 20)[i] = i * 7;
	memset(page(d0, 30), 0, PAGE_SIZE);
	grant(d1, 8, 0, 20, GTF_readonly);
	grant(d1, 9, 0, 21, 0);
	grant(d2, 8, 0, 22, 0);
	eq(copy(v0, from_grant(1, 8, 0, 30, 0, 4096)), GNTST_okay,
	   "copy from a grant: a whole page");
	ok(!memcmp(page(d0, 30), page(d1, 20), 4096),
	   "copy from a grant: the page has the contents");
	eq(grant_flags(d1, 8), GTF_permit_access | GTF_readonly,
	   "copy from a grant: the grant is not in use afterwards");
	memset(page(d0, 31), 0, PAGE_SIZE);
	eq(copy(v0, from_grant(1, 8, 13, 31, 101, 1001)), GNTST_okay,
	   "copy from a grant: part of a page");
	ok(!memcmp(page(d0, 31) + 101, page(d1, 20) + 13, 1001),
	   "copy from a grant: the part has the contents");
	for (int i = 0; i < 4096; i++)
		if (i < 101 || i >= 101 + 1001)
			same &= !page(d0, 31)[i];
	ok(same, "copy from a grant: nothing else is written");
	eq(copy(v0, to_grant(30, 0, 1, 9, 96, 4000)), GNTST_okay, "copy to a grant: succeeds");
	ok(!memcmp(page(d1, 21) + 96, page(d0, 30), 4000),
	   "copy to a grant: the granted page has the contents");
	op = from_grant(1, 8, 0, 0, 0, 4096);
	op.flags = BOTH;
	op.dest.u.gmfn = 0;
	op.dest.u.ref = 8;
	op.dest.domid = 2;
	eq(copy(v0, op), GNTST_okay, "copy from a grant to a grant of another domain: succeeds");
	ok(!memcmp(page(d2, 22), page(d1, 20), 4096),
	   "copy from a grant to a grant of another domain: the page has the contents");
	op = from_grant(0, 0, 0, 31, 0, 64);
	op.flags = 0;
	op.source.u.gmfn = 30;
	op.source.domid = DOMID_SELF;
	eq(copy(v0, op), GNTST_okay, "copy between own frames: succeeds");
	op.dest.u.gmfn = 30;
	op.dest.offset = 8;
	op.source.domid = 0;
	eq(copy(v0, op), GNTST_okay,
	   "copy within a page: succeeds with overlap and with the caller's own domid");
	ok(!memcmp(page(d0, 30) + 8, page(d1, 20), 64),
	   "copy within a page: the result is that of memmove");
	eq(copy(v0, from_grant(1, 8, 4096, 30, 4096, 0)), GNTST_okay,
	   "copy: 0 bytes at the end of a page succeeds");
}

static void refusing(void)
{
	struct gnttab_copy op;

	eq(copy(v0, from_grant(1, 8, 1, 30, 0, 4096)), GNTST_bad_copy_arg,
	   "copy: fails if the source crosses a page");
	eq(copy(v0, from_grant(1, 8, 0, 30, 1, 4096)), GNTST_bad_copy_arg,
	   "copy: fails if the destination crosses a page");
	eq(copy(v0, from_grant(1, 8, 0xffff, 30, 0, 0xffff)), GNTST_bad_copy_arg,
	   "copy: fails if offset and length wrap");
	op = from_grant(1, 8, 0, 30, 0, 16);
	op.flags |= 4;
	eq(copy(v0, op), GNTST_bad_copy_arg, "copy: fails for an unknown flag");
	eq(copy(v0, to_grant(30, 0, 1, 8, 0, 16)), GNTST_permission_denied,
	   "copy: fails to write to a read-only grant");
	eq(copy(v0, from_grant(1, 100, 0, 30, 0, 16)), GNTST_bad_gntref,
	   "copy: fails for an empty grant table entry");
	eq(copy(v0, from_grant(1, 5000, 0, 30, 0, 16)), GNTST_bad_gntref,
	   "copy: fails for a reference beyond the table");
	eq(copy(v0, from_grant(33, 8, 0, 30, 0, 16)), GNTST_bad_domain,
	   "copy: fails for a domain that does not exist");
	eq(copy(d2->vcpu[0], from_grant(1, 8, 0, 30, 0, 16)), GNTST_bad_gntref,
	   "copy: fails for a grant to another domain");
	eq(copy(v0, from_grant(1, 8, 0, GUEST_PAGES, 0, 16)), GNTST_bad_page,
	   "copy: fails for an own frame without RAM");
	eq(copy(v0, from_grant(1, 8, 0, ~0UL, 0, 16)), GNTST_bad_page,
	   "copy: fails for own frame -1");
	op = from_grant(1, 20, 0, 30, 0, 16);
	op.flags = 0;
	op.source.u.gmfn = 20;
	eq(copy(v0, op), GNTST_permission_denied,
	   "copy: fails for a source frame of another domain");
	op = to_grant(30, 0, 1, 20, 0, 16);
	op.flags = 0;
	op.dest.u.gmfn = 20;
	eq(copy(v0, op), GNTST_permission_denied,
	   "copy: fails for a destination frame of another domain");
	grant(d1, 10, 0, GUEST_PAGES, 0);
	eq(copy(v0, from_grant(1, 10, 0, 30, 0, 16)), GNTST_bad_page,
	   "copy: fails for a grant of a frame without RAM");
	ok(!d1->gt->pinned && !d2->gt->pinned, "copy: failures leave no grant in use");
}

/*
 * Many elements with the same page: the hypervisor pins each page only once, which must not leave a
 * use behind.
 */
static void pieces(void)
{
	static struct gnttab_copy op[200];
	u64 arg[5] = { GNTTABOP_copy, INLINE(LIST_GPA), 200 };
	unsigned int restarts = 0;
	bool good = true;
	s64 rc;

	for (int i = 0; i < 200; i++)
		op[i] = from_grant(1 + i / 100, i < 100 ? 8 : 8, i * 16, 40 + i / 50, i * 16, 16);
	op[77].source.u.ref = 4000;
	memcpy(guest_ptr(d0, LIST_GPA), op, sizeof(op));
	grant(d2, 8, 0, 22, 0);
	memset(page(d0, 40), 0, 4 * PAGE_SIZE);
	while ((rc = do_grant_table_op(v0, arg)) == HYPERCALL_RESTART)
		restarts++;
	ok(rc == 0 && restarts, "copy of 200 elements: succeeds with restarts");
	memcpy(op, guest_ptr(d0, LIST_GPA), sizeof(op));
	for (int i = 0; i < 200; i++) {
		good &= op[i].status == (i == 77 ? GNTST_bad_gntref : GNTST_okay);
		if (i != 77)
			good &= !memcmp(page(d0, 40 + i / 50) + i * 16,
					page(i < 100 ? d1 : d2, i < 100 ? 20 : 22) + i * 16, 16);
	}
	ok(good, "copy of 200 elements: each has its status and contents");
	ok(!d1->gt->pinned && !d2->gt->pinned,
	   "copy of 200 elements: no grant is in use afterwards");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_copy, 0, 1), -EFAULT,
	   "copy: fails for a null list");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_copy, INLINE(LIST_GPA), 0), 0,
	   "copy: succeeds for no elements");
}

/* If the status cannot be written back, the grants must be released all the same. */
static void read_only_list(void)
{
	struct gnttab_copy op = from_grant(1, 8, 0, 30, 0, 16);
	u64 mfn;
	bool w;

	memcpy(guest_ptr(d0, LIST_GPA), &op, sizeof(op));
	p2m_lookup(d0, LIST_GPA >> PAGE_SHIFT, &mfn, &w);
	p2m_map(d0, LIST_GPA >> PAGE_SHIFT, mfn, 0, P2M_RAM, false);
	d0->p2m_gen++;
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_copy, INLINE(LIST_GPA), 1), -EFAULT,
	   "copy: fails if the status cannot be written");
	ok(!d1->gt->pinned, "copy: no grant is in use if the status cannot be written");
	p2m_map(d0, LIST_GPA >> PAGE_SHIFT, mfn, 0, P2M_RAM, true);
	d0->p2m_gen++;
}

int main(void)
{
	host_init(16 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	d2 = guest_new(2, 1);
	v0 = d0->vcpu[0];
	copying();
	refusing();
	pieces();
	read_only_list();
	domain_discard(d2);
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
