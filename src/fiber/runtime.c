/* SPDX-License-Identifier: MIT */
/* Starts and stops the workers. */
#include "fiber/blocking.h"
#include "fiber/cores.h"
#include "fiber/sched.h"
#include "fiber/stack.h"
#include "fiber/timed.h"

#include <errno.h>
#include <string.h>

#define MAX_FIBERS 1048576u
#define STACK_SIZE ((size_t)(WF_ASAN ? 512 : 128) << 10)
#define GUARD_SIZE ((size_t)64 << 10)
#define MAX_BLOCKING 64u

static WF_GLOBAL struct {
    pthread_mutex_t lock; /* held by start and stop, never by a fiber */
    _Atomic bool runs;
    /* fixed while the runtime runs: */
    enum weft_poller poller;
    bool pin_workers;
} runtime = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Returns the number of cores that both the affinity and the cgroup quota
 * allow. */
static uint32_t
usable_cores(void)
{
    uint32_t cores = wf_sys_cores();
    uint32_t quota = wf_cores_of_cgroups("");
    if (quota)
        cores = WF_MIN(cores, quota);
    return WF_MIN(cores, WF_WORKERS_MAX);
}

static enum weft_poller
poller_of(enum weft_poller asked)
{
    const char *said = wf_sys_getenv("WEFT_POLLER");
    if (asked != WEFT_POLLER_AUTO)
        return asked;
    if (said && strcmp(said, "uring") == 0)
        return WEFT_POLLER_URING;
    if (said && *said && strcmp(said, "epoll") != 0)
        wf_log(WEFT_LOG_WARN, "WEFT_POLLER is %s, not epoll or uring: epoll",
               said);
    return WEFT_POLLER_EPOLL;
}

static weft_err
configure(const struct weft_runtime_options *given)
{
    struct weft_runtime_options o =
        given ? *given : (struct weft_runtime_options){0};
    uint32_t workers = o.workers ? o.workers : usable_cores();
    uint32_t fibers = wf_option_count(o.max_fibers, MAX_FIBERS, WF_TASKS_MAX);
    if (o.stack_size > WF_STACK_LIMIT || o.guard_size > WF_STACK_LIMIT ||
        workers > WF_WORKERS_MAX || fibers > WF_TASKS_MAX ||
        (unsigned)o.poller > WEFT_POLLER_URING)
        return -EINVAL;
    size_t stack = wf_stack_pages(wf_option_size(o.stack_size, STACK_SIZE));
    size_t guard = wf_stack_pages(wf_option_size(o.guard_size, GUARD_SIZE));
    if (stack < WF_STACK_MIN)
        return -EINVAL;
    wf_n_workers = workers;
    runtime.poller = poller_of(o.poller);
    runtime.pin_workers = o.pin_workers;
    wf_tasks_configure(fibers, stack + guard, guard);
    wf_blocking_configure(wf_option(o.max_blocking, MAX_BLOCKING));
    return WEFT_OK;
}

static weft_err
make_worker(uint32_t index)
{
    void *memory;
    struct wf_worker *w = wf_sys_zalloc_line(sizeof *w, &memory);
    if (!w)
        return -ENOMEM;
    w->memory = memory;
    w->index = index;
    w->random = wf_sys_random();
    w->poll_ns = wf_sys_now_ns();
    wf_wheel_init(&w->wheel, w->poll_ns);
    wf_workers[index] = w;
    w->signal_stack =
        wf_sys_mmap(WF_SIGNAL_STACK, PROT_READ | PROT_WRITE, MAP_NORESERVE);
    return w->signal_stack ? WEFT_OK : -ENOMEM;
}

/* Join the first `n` workers and free all workers that were made. */
static void
end_workers(uint32_t n)
{
    wf_sleep_stop();
    for (uint32_t i = 0; i < n; i++)
        wf_sys_join(wf_workers[i]->thread);
    for (uint32_t i = 0; i < wf_n_workers; i++) {
        struct wf_worker *w = wf_workers[i];
        wf_workers[i] = NULL;
        if (w && w->signal_stack)
            (void)wf_sys_munmap(w->signal_stack, WF_SIGNAL_STACK);
        if (w)
            wf_sys_free(w->memory);
    }
    wf_n_workers = 0;
    wf_tasks_end();
    wf_sleep_reset();
}

static void
pin(uint32_t worker)
{
    weft_err err = wf_sys_pin(wf_workers[worker]->thread, worker);
    if (err)
        wf_log(WEFT_LOG_WARN, "worker %u is not pinned: %s", worker,
               weft_err_text(err));
}

static weft_err
start_locked(const struct weft_runtime_options *options)
{
    weft_err err = configure(options);
    if (err)
        return err;
    wf_check_names(wf_task_name);
    err = wf_tasks_begin();
    for (uint32_t i = 0; i < wf_n_workers && !err; i++)
        err = make_worker(i);
    uint32_t n = 0;
    for (; n < wf_n_workers && !err; n++) {
        err = wf_sys_thread(&wf_workers[n]->thread, wf_worker_main,
                            wf_workers[n]);
        if (err)
            break;
        if (runtime.pin_workers)
            pin(n);
    }
    if (err)
        end_workers(n);
    else
        wf_store(&runtime.runs, true, release);
    return err;
}

weft_err
weft_runtime_start(const struct weft_runtime_options *options)
{
    wf_sys_lock(&runtime.lock);
    weft_err err =
        wf_load(&runtime.runs, relaxed) ? -EALREADY : start_locked(options);
    wf_sys_unlock(&runtime.lock);
    return err;
}

weft_err
wf_runtime_ensure(void)
{
    if (WEFT_LIKELY(wf_load(&runtime.runs, acquire)))
        return WEFT_OK;
    weft_err err = weft_runtime_start(NULL);
    return err == -EALREADY ? WEFT_OK : err;
}

static weft_err
stop_locked(uint64_t deadline_ns)
{
    weft_err err = wf_tasks_wait_none(wf_timed_stop, deadline_ns);
    wf_timed_reset();
    if (err)
        return err;
    wf_store(&runtime.runs, false, relaxed);
    /* The threads of weft_blocking end first: they may wake workers. */
    wf_blocking_stop();
    end_workers(wf_n_workers);
    return WEFT_OK;
}

weft_err
weft_runtime_stop_until(uint64_t deadline_ns)
{
    if (wf_worker_self() || wf_task_blocked())
        return -EDEADLK;
    wf_sys_lock(&runtime.lock);
    weft_err err =
        wf_load(&runtime.runs, relaxed) ? stop_locked(deadline_ns) : WEFT_OK;
    wf_sys_unlock(&runtime.lock);
    return err;
}

weft_err
weft_runtime_stop(void)
{
    return weft_runtime_stop_until(WEFT_NEVER);
}

uint32_t
weft_runtime_workers(void)
{
    return wf_load(&runtime.runs, acquire) ? wf_n_workers : 0;
}

enum weft_poller
wf_runtime_poller(void)
{
    return runtime.poller;
}
