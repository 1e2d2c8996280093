/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void
wf_check_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "weft: check failed: %s (%s:%d)\n", what, file, line);
    abort();
}
