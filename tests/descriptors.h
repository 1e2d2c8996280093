/* SPDX-License-Identifier: MIT */
/* For tests that search for leaked descriptors. */
#ifndef WEFT_TESTS_DESCRIPTORS_H
#define WEFT_TESTS_DESCRIPTORS_H

#include <weft/fiber.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Make weft open its pollers' descriptors before a first count. weft opens them
 * at the first wait, and an operation that is ready does not wait. */
static inline void
start_poller(void)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    if (weft_fd_wait_until(fd, WEFT_FD_READ, 0) != WEFT_ETIMEOUT) {
        fputs("the poller does not start\n", stderr);
        abort();
    }
    close(fd);
}

/* Counts the open descriptors of the process, only to compare with an earlier
 * count: the count includes `.`, `..` and its own descriptor. */
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
 * may stay for a while, and no event tells when it is gone. The caller sets an
 * alarm. */
static inline void
await_descriptors(int usual)
{
    while (open_descriptors() != usual)
        usleep(1000);
}

#endif
