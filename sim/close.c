/* SPDX-License-Identifier: MIT */
/*
 * Replaces close(2) of libc. The code of a host calls close(2) to close a file
 * of weft, as weft/os.h says. So this function closes the descriptor of the
 * simulated host.
 */
#include "sim.h"

#include <errno.h>

int
close(int fd)
{
    if (!ws_fd(fd, NULL))
        return (int)syscall(SYS_close, fd);
    int err = wf_shim.close(fd);
    errno = -err;
    return err ? -1 : 0;
}
