/* SPDX-License-Identifier: MIT */
/*
 * Simulates the system calls of src/os for files. A simulated host has no
 * programs and no signals, so each call for programs or signals fails.
 */
#include "os_calls.h"

#include "disk.h"

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
sim_kill_self(int number)
{
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

/* ---- files ---- */

static int
sim_open(const char *path, int flags, mode_t mode)
{
    ws_step();
    if (ws_fault(WEFT_SIM_NO_DESCRIPTOR))
        return -EMFILE;
    if (ws_fault(WEFT_SIM_SHORT))
        return -EINTR;
    int fd = ws_open(path, flags, mode);
    ws_did("open", flags, fd);
    return fd;
}

static int
sim_stat(const char *path, struct stat *st)
{
    ws_step();
    return ws_stat(path, st);
}

static int
sim_unlink(const char *path)
{
    ws_step();
    int err = ws_unlink(path);
    ws_did("unlink", 0, err);
    return err;
}

static int
sim_fstat(int fd, struct stat *st)
{
    ws_step();
    return ws_fstat(fd, st);
}

static ssize_t
sim_pread(int fd, void *buf, size_t n, off_t at)
{
    ws_step();
    ssize_t got = ws_pread(fd, &(struct iovec){buf, n}, at);
    ws_did("pread", fd, got);
    return got;
}

static ssize_t
sim_pwrite(int fd, const void *buf, size_t n, off_t at)
{
    ws_step();
    ssize_t put = ws_pwrite(fd, &(struct iovec){(void *)(uintptr_t)buf, n}, at);
    ws_did("pwrite", fd, put);
    return put;
}

static int
sim_fsync(int fd)
{
    ws_step();
    int err = ws_fsync(fd);
    ws_did("fsync", fd, err);
    return err;
}

/* Report always two cores, so that a seed does the same on every machine. */
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
    wf_shim.kill_self = sim_kill_self;
    wf_shim.signalfd = sim_signalfd;
    wf_shim.sigaction = sim_sigaction;
    wf_shim.open = sim_open;
    wf_shim.stat = sim_stat;
    wf_shim.unlink = sim_unlink;
    wf_shim.fstat = sim_fstat;
    wf_shim.pread = sim_pread;
    wf_shim.pwrite = sim_pwrite;
    wf_shim.fsync = sim_fsync;
    wf_shim.affinity = sim_affinity;
}
