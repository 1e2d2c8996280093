/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

typedef const char *(*name_fn)(void);

static WF_GLOBAL _Atomic(name_fn) name_fiber;

void
wf_check_names(const char *(*name)(void))
{
    wf_store(&name_fiber, name, release);
}

_Noreturn void
wf_check_failed(const char *what, const char *file, int line)
{
    name_fn find = wf_load(&name_fiber, acquire);
    const char *name = find ? find() : NULL;
    fprintf(stderr, "weft: check failed: %s (%s:%d)%s%s%s\n", what, file, line,
            name ? " in fiber `" : "", name ? name : "", name ? "`" : "");
    abort();
}
