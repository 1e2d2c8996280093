/* SPDX-License-Identifier: MIT */
#include "both.h"

#include <weft/sim.h>

#include <errno.h>
#include <string.h>

#define MOST 65536 /* bytes of a call, at most */

static int64_t
of(int64_t result)
{
    return result < 0 ? -errno : result;
}

struct both
both_open(const char *path, int flags)
{
    return both_made("open", of(open(path, flags | O_CLOEXEC, 0644)),
                     wf_sys_open(path, flags | O_CLOEXEC, 0644));
}

int64_t
both_pread(struct both fd, size_t n, int64_t at)
{
    static uint8_t real[MOST], sim[MOST];
    memset(real, 0, n);
    memset(sim, 0, n);
    int64_t result = of(pread(fd.real, real, n, at));
    int64_t other = wf_sys_pread(fd.sim, sim, n, at);
    if (result == other && memcmp(real, sim, n))
        weft_sim_fail("pread(%d): other bytes", fd.sim);
    return both_did("pread", fd.sim, result, other, result > 0);
}

int64_t
both_pwrite(struct both fd, const void *ptr, size_t n, int64_t at)
{
    return both_did("pwrite", fd.sim, of(pwrite(fd.real, ptr, n, at)),
                    wf_sys_pwrite(fd.sim, ptr, n, at), n > 0);
}

int64_t
both_fsync(struct both fd)
{
    return both_did("fsync", fd.sim, of(fsync(fd.real)), wf_sys_fsync(fd.sim),
                    true);
}

static void
compare(const char *what, const struct stat *real, const struct stat *sim)
{
    if ((real->st_mode & S_IFMT) != (sim->st_mode & S_IFMT) ||
        real->st_size != sim->st_size)
        weft_sim_fail("%s: type %o of %ld bytes, simulated %o of %ld", what,
                      real->st_mode & S_IFMT, (long)real->st_size,
                      sim->st_mode & S_IFMT, (long)sim->st_size);
}

int64_t
both_fstat(struct both fd)
{
    struct stat real, sim;
    int64_t result = of(fstat(fd.real, &real));
    int64_t other = wf_sys_fstat(fd.sim, &sim);
    if (!result && !other)
        compare("fstat", &real, &sim);
    return both_did("fstat", fd.sim, result, other, false);
}

int64_t
both_stat(const char *path)
{
    struct stat real, sim;
    int64_t result = of(stat(path, &real));
    int64_t other = wf_sys_stat(path, &sim);
    if (!result && !other)
        compare("stat", &real, &sim);
    return both_did("stat", 0, result, other, false);
}

int64_t
both_unlink(const char *path)
{
    return both_did("unlink", 0, of(unlink(path)), wf_sys_unlink(path), true);
}
