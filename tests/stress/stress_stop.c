/* SPDX-License-Identifier: MIT */
/*
 * Calls weft_runtime_stop right after the last weft_blocking. The thread that
 * ran the blocking function has woken its fiber, but may still kick a worker.
 * So the stop must not free workers and poller before this thread is done.
 */
#include <weft/fiber.h>

#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static void
nap(void *unused)
{
    const struct timespec a_moment = {.tv_nsec = 1000000};
    nanosleep(&a_moment, NULL); /* all workers fall asleep in this time */
    (void)unused;
}

static void
block(void *failed)
{
    int fd = eventfd(0, EFD_CLOEXEC);
    if (fd < 0 || weft_fd_wait_until(fd, WEFT_FD_READ, 1) != WEFT_ETIMEOUT ||
        weft_blocking(nap, NULL)) /* the wait above starts the poller */
        *(bool *)failed = true;
    if (fd >= 0)
        close(fd);
}

int
main(void)
{
    const struct weft_runtime_options options = {.workers = 4};
    bool failed = false;
    for (int round = 0; round < 300 && !failed; round++) {
        if (weft_runtime_start(&options) ||
            weft_fiber_start(block, &failed, NULL))
            failed = true;
        weft_runtime_stop();
    }
    if (failed)
        puts("a start or a wait failed");
    return failed;
}
