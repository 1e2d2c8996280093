/* SPDX-License-Identifier: MIT */
/* For tests that look for descriptors left open. */
#ifndef WEFT_TESTS_DESCRIPTORS_H
#define WEFT_TESTS_DESCRIPTORS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How many descriptors the process has open. To be compared with an earlier
 * count: the one that counts is among them. */
static inline int
open_descriptors(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir) {
        perror("/proc/self/fd");
        abort();
    }
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/* Wait until as many descriptors are open as at an earlier count. A closed one
 * may linger, and no event says when it is gone. The caller sets an alarm. */
static inline void
await_descriptors(int usual)
{
    while (open_descriptors() != usual)
        usleep(1000);
}

#endif
