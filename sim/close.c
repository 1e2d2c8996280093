/* SPDX-License-Identifier: MIT */
/*
 * close(2) in the place of libc's: the code of a host ends a file of weft with
 * it, as weft/os.h says, and means its simulated host's descriptor.
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
