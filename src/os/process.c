/* SPDX-License-Identifier: MIT */
/*
 * Starts programs and waits for their end. posix_spawn starts a program, on a
 * thread that may block, and returns the error of exec. The kernel reuses the
 * pid of a process only after somebody has waited for this process. So `pid` is
 * valid while `ended` is false; only the holder of the lock changes `ended`.
 */
#include "os/os.h"

#include <errno.h>
#include <string.h>

#define LOOK_MS 10 /* time between two checks of a process without a pidfd */

struct weft_process {
    pid_t pid;
    int pidfd;  /* becomes readable when the process ends; negative: none */
    int fds[3]; /* our ends of the pipes, or -1 */
    pthread_mutex_t lock;
    bool ended; /* the process was waited for; under the lock */
    /* -ECHILD: `end` is unknown. `lost` and `end` do not change once `ended` is
     * true. */
    weft_err lost;
    struct weft_exit end;
};

/* ---- start ---- */

/* Make a pipe. Both ends are close-on-exec, and neither is a standard
 * stream. */
static weft_err
make_pipe(int ends[2])
{
    weft_err err = wf_sys_pipe2(ends, O_CLOEXEC);
    for (int i = 0; i < 2 && !err; i++) {
        ends[i] = wf_off_standard(ends[i]);
        if (ends[i] >= 0)
            continue;
        err = wf_errno();
        (void)wf_sys_close(ends[!i]);
    }
    return err;
}

/* Add to `actions` what the child does with one of its standard streams. If the
 * stream is a pipe, *child receives the child's end. The caller closes this end
 * after the child has started. */
static weft_err
set_stream(struct weft_process *p, int stream, enum weft_stream how,
           posix_spawn_file_actions_t *actions, int *child)
{
    int ends[2];
    if (how == WEFT_STREAM_INHERIT)
        return WEFT_OK;
    if (how == WEFT_STREAM_NULL)
        return -posix_spawn_file_actions_addopen(actions, stream, "/dev/null",
                                                 O_RDWR, 0);
    if (how != WEFT_STREAM_PIPE)
        return -EINVAL;
    weft_err err = make_pipe(ends);
    if (err)
        return err;
    bool is_input = stream == STDIN_FILENO;
    *child = ends[!is_input];
    p->fds[stream] = ends[is_input];
    err = wf_sys_set_nonblocking(p->fds[stream]);
    return err ? err
               : -posix_spawn_file_actions_adddup2(actions, *child, stream);
}

static weft_err
spawn_with(struct weft_process *p, const struct weft_process_options *o,
           posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr)
{
    const char *const plain[] = {o->file, NULL};
    const enum weft_stream how[3] = {o->in, o->out, o->err};
    int child[3] = {-1, -1, -1};
    weft_err err = WEFT_OK;
    for (int i = 0; i < 3 && !err; i++)
        err = set_stream(p, i, how[i], actions, &child[i]);
    if (!err && o->cwd)
        err = -posix_spawn_file_actions_addchdir_np(actions, o->cwd);
    if (!err)
        err = -posix_spawn_file_actions_addclosefrom_np(actions, 3);
    if (!err)
        err = wf_sys_spawn(&p->pid, o->file, actions, attr,
                           o->argv ? o->argv : plain, o->envp);
    for (int i = 0; i < 3; i++)
        if (child[i] >= 0)
            (void)wf_sys_close(child[i]);
    return err;
}

/* Start a program in which no signal is blocked and no signal is ignored. */
static weft_err
spawn(struct weft_process *p, const struct weft_process_options *o)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    weft_err err = -posix_spawn_file_actions_init(&actions);
    if (err)
        return err;
    err = -posix_spawnattr_init(&attr);
    if (!err) {
        (void)posix_spawnattr_setsigmask(&attr, &none);
        (void)posix_spawnattr_setsigdefault(&attr, &all);
        (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
                                                  POSIX_SPAWN_SETSIGDEF);
        err = spawn_with(p, o, &actions, &attr);
        (void)posix_spawnattr_destroy(&attr);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return err;
}

struct start {
    struct weft_process *process;
    const struct weft_process_options *options;
    weft_err err;
};

static void
start(void *arg)
{
    struct start *s = arg;
    s->err = spawn(s->process, s->options);
    if (!s->err)
        s->process->pidfd = wf_sys_pidfd_open(s->process->pid);
}

static void
release(struct weft_process *p)
{
    for (int i = 0; i < 3; i++)
        weft_process_close(p, i);
    if (p->pidfd >= 0)
        (void)wf_sys_close(p->pidfd);
    pthread_mutex_destroy(&p->lock);
    wf_sys_free(p);
}

weft_err
weft_process_start_until(const struct weft_process_options *options,
                         uint64_t deadline_ns, struct weft_process **out)
{
    *out = NULL;
    if (!options->file)
        return -EINVAL;
    struct weft_process *p = wf_sys_zalloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    pthread_mutex_init(&p->lock, NULL);
    p->pidfd = p->fds[0] = p->fds[1] = p->fds[2] = -1;
    struct start s = {.process = p, .options = options};
    weft_err err = weft_blocking_until(start, &s, deadline_ns);
    if (!err)
        err = s.err;
    if (err)
        release(p);
    else
        *out = p;
    return err;
}

weft_err
weft_process_start(const struct weft_process_options *options,
                   struct weft_process **process)
{
    return weft_process_start_until(options, WEFT_NEVER, process);
}

/* ---- streams ---- */

int
weft_process_fd(const struct weft_process *p, int stream)
{
    return stream >= 0 && stream < 3 ? p->fds[stream] : -1;
}

void
weft_process_close(struct weft_process *p, int stream)
{
    int fd = weft_process_fd(p, stream);
    if (fd < 0)
        return;
    p->fds[stream] = -1;
    (void)wf_sys_close(fd);
}

/* ---- the end ---- */

int32_t
weft_process_id(const struct weft_process *p)
{
    return p->pid;
}

/* True if the process has ended. Then *err receives WEFT_OK if *end is known,
 * else -ECHILD. */
static bool
has_ended(struct weft_process *p, struct weft_exit *end, weft_err *err)
{
    siginfo_t info = {.si_pid = 0};
    wf_sys_lock(&p->lock);
    if (!p->ended) {
        weft_err failed = wf_sys_waitid(p->pid, &info);
        p->lost = failed == -ECHILD ? failed : WEFT_OK;
        p->ended = p->lost || (!failed && info.si_pid != 0);
        if (info.si_code == CLD_EXITED)
            p->end.code = info.si_status;
        else
            p->end.signal = info.si_status;
    }
    bool ended = p->ended;
    *err = p->lost;
    *end = p->end;
    wf_sys_unlock(&p->lock);
    return ended;
}

static weft_err
pause_until(uint64_t deadline_ns)
{
    if (wf_sys_now_ns() >= deadline_ns)
        return WEFT_ETIMEOUT;
    return weft_sleep_until(WF_MIN(deadline_ns, weft_after_ms(LOOK_MS)));
}

weft_err
weft_process_wait_until(struct weft_process *p, uint64_t deadline_ns,
                        struct weft_exit *end)
{
    weft_err err;
    while (!has_ended(p, end, &err)) {
        int found = p->pidfd < 0 ? pause_until(deadline_ns)
                                 : weft_fd_wait_until(p->pidfd, WEFT_FD_READ,
                                                      deadline_ns);
        if (found < 0)
            return found;
    }
    return err;
}

weft_err
weft_process_wait(struct weft_process *process, struct weft_exit *end)
{
    return weft_process_wait_until(process, WEFT_NEVER, end);
}

weft_err
weft_process_kill(struct weft_process *p, int signal)
{
    wf_sys_lock(&p->lock);
    weft_err err = p->ended ? -ESRCH : wf_sys_kill(p->pid, signal);
    wf_sys_unlock(&p->lock);
    return err;
}

void
weft_process_free(struct weft_process *p)
{
    struct weft_exit end;
    if (!p)
        return;
    weft_shield_begin();
    (void)!weft_process_kill(p, SIGKILL);
    weft_err err = weft_process_wait(p, &end);
    /* The wait fails if there is no memory; then check again and again. */
    while (!has_ended(p, &end, &err))
        (void)weft_sleep_ms(LOOK_MS);
    weft_shield_end();
    release(p);
}
