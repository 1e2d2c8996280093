/* SPDX-License-Identifier: MIT */
/* Reads and writes descriptors that can be polled. */
#include "os/os.h"

#include <errno.h>

weft_err
weft_fd_read_until(int fd, void *buf, size_t n, uint64_t deadline_ns,
                   size_t *got)
{
    *got = 0;
    for (;;) {
        ssize_t done = wf_sys_read(fd, buf, n);
        if (done > 0)
            *got = (size_t)done;
        if (done >= 0)
            return done ? WEFT_OK : WEFT_EEOF;
        if (done != -EAGAIN && done != -EINTR)
            return (weft_err)done;
        int found = weft_fd_wait_until(fd, WEFT_FD_READ, deadline_ns);
        if (found < 0)
            return found;
    }
}

weft_err
weft_fd_read(int fd, void *buf, size_t n, size_t *got)
{
    return weft_fd_read_until(fd, buf, n, WEFT_NEVER, got);
}

weft_err
weft_fd_write_until(int fd, const void *ptr, size_t n, uint64_t deadline_ns,
                    size_t *put)
{
    size_t unasked, *total = put ? put : &unasked;
    *total = 0;
    while (*total < n) {
        const uint8_t *rest = (const uint8_t *)ptr + *total;
        ssize_t done = wf_sys_write_quietly(fd, rest, n - *total);
        if (done > 0)
            *total += (size_t)done;
        if (done > 0 || done == -EINTR)
            continue;
        if (done != -EAGAIN)
            return done ? (weft_err)done : -EIO;
        int found = weft_fd_wait_until(fd, WEFT_FD_WRITE, deadline_ns);
        if (found < 0)
            return found;
    }
    return WEFT_OK;
}

weft_err
weft_fd_write(int fd, const void *ptr, size_t n, size_t *put)
{
    return weft_fd_write_until(fd, ptr, n, WEFT_NEVER, put);
}
