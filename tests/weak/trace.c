/* SPDX-License-Identifier: MIT */
/* Prints the steps of an execution, so that people see why it has failed. */
#include "inner.h"

#include <stdio.h>
#include <string.h>

static struct {
    const struct weak_place *place;
    const char *what;
    uint32_t thread;
    uint64_t value;
} trace[WEAK_STEPS];
static uint32_t n_trace;

void
weak_trace_begin(void)
{
    n_trace = 0;
}

void
weak_note(const struct weak_place *place, const char *what, uint64_t value)
{
    if (n_trace == WEAK_STEPS)
        return;
    trace[n_trace].place = place;
    trace[n_trace].what = what;
    trace[n_trace].thread = weak_self();
    trace[n_trace++].value = value;
}

void
weak_trace_print(void)
{
    for (uint32_t i = 0; i < n_trace; i++) {
        const struct weak_place *p = trace[i].place;
        printf("    thread %u %-9s %llx", trace[i].thread, trace[i].what,
               (unsigned long long)trace[i].value);
        if (p)
            printf("  %s:%d %s: %s", strrchr(p->file, '/') + 1, p->line, p->in,
                   p->what);
        printf("\n");
    }
}
