/* SPDX-License-Identifier: MIT */
/* Counts totals over all runs of a program, in memory that the processes of
 * these runs share. */
#include "sim.h"

#include <sys/mman.h>

static _Atomic uint64_t own[WS_TOTALS]; /* used by a single run */
static _Atomic uint64_t *totals = own;

void
ws_totals_share(void)
{
    totals = mmap(NULL, sizeof own, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (totals == MAP_FAILED)
        ws_die("no memory for totals");
}

void
ws_total_add(enum ws_total total, uint64_t n)
{
    totals[total] += n;
}

uint64_t
ws_total(enum ws_total total)
{
    return totals[total];
}
