/* SPDX-License-Identifier: MIT */
/* Prints a candidate in the form that the shell reads. */
#include "complete.h"

bool
wt_begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

void
wt_offer(const char *before, const char *name, const char *behind,
         const char *wanted)
{
    if (wt_begins_with(name, wanted))
        printf("%s%s%s\n", before, name, behind);
}
