/* SPDX-License-Identifier: MIT */
/* For tests that look for descriptors left open. */
#ifndef WEFT_TESTS_DESCRIPTORS_H
#define WEFT_TESTS_DESCRIPTORS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

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

#endif
