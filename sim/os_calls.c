/* SPDX-License-Identifier: MIT */
/*
 * What a simulated host does not have: files that can be written, programs and
 * signals. Each call says so.
 */
#include "os_calls.h"

#include <errno.h>

static int
sim_spawn(pid_t *pid, const char *file,
          const posix_spawn_file_actions_t *actions,
          const posix_spawnattr_t *attr, const char *const *argv,
          const char *const *environment)
{
    (void)pid;
    (void)file;
    (void)actions;
    (void)attr;
    (void)argv;
    (void)environment;
    return -ENOSYS;
}

static int
sim_pidfd_open(pid_t pid)
{
    (void)pid;
    return -ENOSYS;
}

static int
sim_waitid(pid_t pid, siginfo_t *info)
{
    (void)pid;
    (void)info;
    return -ECHILD;
}

static int
sim_kill(pid_t pid, int number)
{
    (void)pid;
    (void)number;
    return -ESRCH;
}

static int
sim_signalfd(const sigset_t *set)
{
    (void)set;
    return -ENOSYS;
}

static int
sim_sigaction(int number, const struct sigaction *action, struct sigaction *was)
{
    (void)number;
    (void)action;
    (void)was;
    return -ENOSYS;
}

static int
sim_fstat(int fd, struct stat *st)
{
    (void)fd;
    (void)st;
    return -EBADF;
}

static ssize_t
sim_pread(int fd, void *buf, size_t n, off_t at)
{
    (void)fd;
    (void)buf;
    (void)n;
    (void)at;
    return -EBADF;
}

static ssize_t
sim_pwrite(int fd, const void *buf, size_t n, off_t at)
{
    (void)fd;
    (void)buf;
    (void)n;
    (void)at;
    return -EBADF;
}

static int
sim_fsync(int fd)
{
    (void)fd;
    return -EBADF;
}

/* Two cores, whatever runs the simulator: the same seed does the same. */
static int
sim_affinity(cpu_set_t *set)
{
    CPU_ZERO(set);
    CPU_SET(0, set);
    CPU_SET(1, set);
    return 0;
}

void
ws_os_install(void)
{
    wf_shim.spawn = sim_spawn;
    wf_shim.pidfd_open = sim_pidfd_open;
    wf_shim.waitid = sim_waitid;
    wf_shim.kill = sim_kill;
    wf_shim.signalfd = sim_signalfd;
    wf_shim.sigaction = sim_sigaction;
    wf_shim.fstat = sim_fstat;
    wf_shim.pread = sim_pread;
    wf_shim.pwrite = sim_pwrite;
    wf_shim.fsync = sim_fsync;
    wf_shim.affinity = sim_affinity;
}
