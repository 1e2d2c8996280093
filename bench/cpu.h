/* SPDX-License-Identifier: MIT */
/* The processor time of a server, which the loads report. */
#ifndef BENCH_CPU_H
#define BENCH_CPU_H

#include <stdio.h>
#include <unistd.h>

/* User and system time of a process so far, in seconds: fields 14 and 15 of
 * /proc/PID/stat. Returns 0 if pid is NULL or the process has ended. */
static inline double
seconds_of(const char *pid)
{
    char path[64];
    unsigned long user = 0, sys = 0;
    if (!pid)
        return 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    if (fscanf(f,
               "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
               "%lu %lu",
               &user, &sys) != 2)
        user = sys = 0;
    fclose(f);
    return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

#endif
