/* SPDX-License-Identifier: MIT */
/* Replaces src/base/sys.c in tests that set wf_shim or need none of its
 * calls. */
#include "weak.h"

#include "base/base.h"

#include <errno.h>

_Atomic uint8_t wf_memory;

void *
wf_malloc_slow(size_t n)
{
    (void)n;
    return NULL;
}

void
wf_free_slow(void *p)
{
    (void)p;
}

weft_err
wf_errno(void)
{
    return -EIO;
}

int
wf_move_descriptor(int fd)
{
    return fd;
}

void
wf_spin_rest(int i)
{
    (void)i;
    weak_spin();
}
