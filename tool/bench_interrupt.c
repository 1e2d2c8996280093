/* SPDX-License-Identifier: MIT */
/* SIGINT ends a load early. The report then has the calls so far. */
#include "bench_load.h"

#include <signal.h>

static volatile sig_atomic_t interrupted;

static void
note_signal(int number)
{
    (void)number;
    interrupted = 1;
}

bool
wb_interrupted(void)
{
    return interrupted;
}

/* The second signal ends the process, as usual. */
void
wb_catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = note_signal,
                               .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL); /* cannot fail: the arguments are
                                               valid */
}
