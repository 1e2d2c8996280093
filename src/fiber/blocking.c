/* SPDX-License-Identifier: MIT */
/*
 * Runs blocking functions on the threads of a pool. A job lies on its caller's
 * stack. Either a thread takes the job off the queue, and the caller waits
 * until the job has run; or the caller takes the job off the queue, because the
 * caller is cancelled or the deadline has passed. The queue needs no bound of
 * its own: each job belongs to a fiber that waits, and the number of fibers is
 * bounded.
 *
 * A job may wait, in a call of weft, for a fiber that has a job of its own. A
 * waiting thread is not counted, so that this second job finds a thread: `max`
 * threads may run, and NESTED_MAX more threads may wait. park.c calls note_wait
 * when a thread of the pool begins to wait and when its wait ends. If fewer
 * than NESTED_MAX threads wait, some job of the queue gets a thread. If fewer
 * than `max` threads run, the caller that queues the job makes a thread.
 * Otherwise the first thread that begins to wait makes a thread, or a thread
 * that has run its job takes the next job. When waits end, more than `max`
 * threads may run; then threads end after their jobs, until only `max` threads
 * run.
 *
 * The job that a thread waits for was queued after the thread's own job. So the
 * threads beyond `max` take the newest job of the queue. If they take the
 * oldest job instead, all threads may get jobs that wait, and no thread runs
 * the jobs for which these jobs wait.
 *
 * If all threads wait for jobs of the queue, no thread takes these jobs. If no
 * thread can be made, all jobs of the queue are refused at once. If the pool
 * has its greatest number of threads, some waits may still end; so a job is
 * refused only if all threads wait, and during STALL_NS no job was taken and no
 * wait has begun or ended.
 */
#include "fiber/blocking.h"

#include "fiber/sched.h"

#include <errno.h>

#define IDLE_NS 10000000000u /* a thread ends after this idle time */
#define NESTED_MAX 256u      /* threads that may exist beyond `max` */
#define STALL_NS 1000000000u /* no move for this time: the pool is stalled */

struct job {
    struct wf_link link; /* in the queue until a thread takes the job */
    void (*fn)(void *arg);
    void *arg;
    struct wf_task *task;
    weft_err err; /* why the job was refused; read after `done` is set */
    _Atomic bool done;
};

/* The lock is a pthread lock, because plain threads take the lock, too. A fiber
 * holds the lock for a short time, and neither parks nor yields meanwhile. */
static WF_GLOBAL struct {
    pthread_mutex_t lock;
    pthread_cond_t work, quiet;
    struct wf_list jobs;
    uint32_t queued; /* jobs that no thread has taken */
    uint32_t max, threads;
    uint32_t idle;    /* threads that run no job, new ones included */
    uint32_t waiting; /* threads that wait in a call of weft */
    uint32_t ending;  /* threads that have run their last job */
    uint64_t moves;   /* number of taken jobs, begun waits and ended waits */
    bool ready, stopping;
    sigset_t mask; /* signals that the threads block; set at the start */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .quiet = PTHREAD_COND_INITIALIZER};

/* On a thread of the pool: the fiber whose job this thread runs. The fiber
 * waits until the job has run. */
static WF_THREAD_LOCAL struct wf_task *caller;

void
wf_blocking_configure(uint32_t max_threads)
{
    wf_sys_lock(&pool.lock);
    if (!pool.ready) {
        pthread_condattr_t attr;
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&pool.work, &attr);
        pthread_condattr_destroy(&attr);
        wf_list_init(&pool.jobs);
        pool.ready = true;
    }
    wf_sys_get_mask(&pool.mask);
    pool.max = max_threads;
    pool.stopping = false;
    wf_sys_unlock(&pool.lock);
}

static void note_wait(bool begins);

/* Take a job's link off the queue. Called with the lock held. NULL: the queue
 * is empty. */
static struct wf_link *
pop(void)
{
    bool is_beside = pool.threads - pool.ending > pool.max;
    return is_beside ? wf_list_pop_last(&pool.jobs) : wf_list_pop(&pool.jobs);
}

/* Wait for a job and take it off the queue. Called with the lock held. NULL:
 * the thread must end. With or without a job, the thread does not count as idle
 * after this call. */
static struct job *
next_job(void)
{
    uint64_t until = wf_sys_now_ns() + IDLE_NS;
    int err = 0;
    struct wf_link *link;
    while (!(link = pop()) && !pool.stopping && err != -ETIMEDOUT)
        err = wf_sys_cond_wait(&pool.work, &pool.lock, until);
    pool.idle--;
    if (!link || (WF_MUTANT(idle_thread_drops_job) && err == -ETIMEDOUT))
        return NULL;
    pool.queued--;
    pool.moves++;
    return WF_CONTAINER(link, struct job, link);
}

/* Returns how many threads run a job or will take the next job. Called with the
 * lock held. */
static uint32_t
at_work(void)
{
    return pool.threads - pool.waiting - pool.ending;
}

/* Decide after a job whether the calling thread stays. true: the thread counts
 * as idle again; false: the thread must end, because more than `max` threads
 * run. Called with the lock held. */
static bool
goes_on(void)
{
    bool excess = at_work() > pool.max;
    pool.ending += excess;
    pool.idle += !excess;
    return !excess;
}

static void
run_job(struct job *job, bool *more)
{
    struct wf_task *task = job->task;
    caller = task;
    job->fn(job->arg);
    caller = NULL;
    /* Count the thread as idle before the caller goes on: the caller's next job
     * then needs no new thread. */
    wf_sys_lock(&pool.lock);
    *more = goes_on();
    /* The caller may free the job as soon as `done` is true. */
    wf_store(&job->done, true, release);
    wf_sys_unlock(&pool.lock);
    if (!WF_MUTANT(job_end_wakes_none))
        wf_wake(task);
}

static void *
run_jobs(void *arg)
{
    (void)arg;
    struct job *job;
    bool more = true;
    wf_sys_set_mask(&pool.mask); /* the mask is fixed while threads exist */
    wf_park_tell(note_wait);
    wf_sys_lock(&pool.lock);
    while (more && (job = next_job()) != NULL) {
        wf_sys_unlock(&pool.lock);
        run_job(job, &more);
        wf_sys_lock(&pool.lock);
    }
    pool.ending -= !more;
    wf_park_tell(NULL); /* the waits of thread destructors do not count */
    if (--pool.threads == 0)
        wf_sys_cond_broadcast(&pool.quiet);
    wf_sys_unlock(&pool.lock);
    return NULL;
}

/* Called with the lock held. */
static bool
may_grow(void)
{
    return (at_work() < pool.max || WF_MUTANT(threads_without_bound)) &&
           pool.threads - pool.ending < (uint64_t)pool.max + NESTED_MAX;
}

/* Called with the lock held. */
static weft_err
add_thread(void)
{
    pthread_t thread;
    weft_err err = wf_sys_thread(&thread, run_jobs, NULL);
    if (err)
        return err;
    wf_sys_detach(thread);
    pool.threads++;
    pool.idle++;
    return WEFT_OK;
}

/* Refuse all jobs of the queue, because no thread will take them. Called with
 * the lock held. */
static void
refuse_all(void)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&pool.jobs)) != NULL) {
        struct job *job = WF_CONTAINER(link, struct job, link);
        struct wf_task *task = job->task;
        pool.queued--;
        job->err = -EAGAIN;
        /* The caller may free the job as soon as `done` is true. */
        wf_store(&job->done, true, release);
        wf_wake(task);
    }
}

/* A thread of the pool calls this function when it begins or ends a wait in a
 * call of weft. If a job of the queue then needs a thread, make a thread. */
static void
note_wait(bool begins)
{
    wf_sys_lock(&pool.lock);
    pool.moves++;
    if (!begins)
        pool.waiting--;
    else if (++pool.waiting && pool.queued > pool.idle &&
             !WF_MUTANT(waiting_thread_blocks_pool) && may_grow() &&
             add_thread() && at_work() == 0)
        refuse_all();
    wf_sys_unlock(&pool.lock);
}

/* Queue a job, and make sure that a thread will take it. */
static weft_err
submit(struct job *job)
{
    weft_err err = WEFT_OK;
    wf_sys_lock(&pool.lock);
    wf_list_push(&pool.jobs, &job->link);
    pool.queued++;
    if (pool.queued <= pool.idle) {
        if (!WF_MUTANT(job_not_signalled))
            wf_sys_cond_signal(&pool.work);
    } else if (may_grow() && add_thread() && at_work() == 0) {
        /* No thread is at work, so no thread takes this job later. */
        wf_list_remove(&job->link);
        pool.queued--;
        err = -EAGAIN;
    }
    wf_sys_unlock(&pool.lock);
    return err;
}

/* Take a job off the queue. false: a thread has taken the job, or the job was
 * refused. */
static bool
withdraw(struct job *job)
{
    wf_sys_lock(&pool.lock);
    bool queued = wf_link_queued(&job->link);
    if (queued) {
        wf_list_remove(&job->link);
        pool.queued -= !WF_MUTANT(withdrawn_job_counted);
    }
    wf_sys_unlock(&pool.lock);
    return queued;
}

/* True if the job is queued, all threads wait, and the number of moves is still
 * *seen. *seen receives the number of moves. */
static bool
is_stalled(struct job *job, uint64_t *seen)
{
    wf_sys_lock(&pool.lock);
    bool stalled =
        wf_link_queued(&job->link) && at_work() == 0 && pool.moves == *seen;
    *seen = pool.moves;
    wf_sys_unlock(&pool.lock);
    return stalled;
}

static weft_err
refused(void)
{
    wf_log_limited(WEFT_LOG_WARN,
                   "weft_blocking: all threads wait in calls of weft: "
                   "a function is refused");
    return -EAGAIN;
}

static weft_err
wait_for(struct job *job, uint64_t deadline_ns)
{
    /* `mine` is true while the caller may withdraw the job */
    bool mine = true, late = false, stalled = false;
    uint64_t seen = UINT64_MAX;
    while (!wf_load(&job->done, acquire)) {
        bool cancelled = wf_task_cancelled(job->task);
        if (mine && (cancelled || late || stalled)) {
            mine = false;
            if (withdraw(job) || WF_MUTANT(job_left_running))
                return cancelled ? wf_cancel_error()
                       : late    ? WEFT_ETIMEOUT
                                 : refused();
        }
        uint64_t look = wf_sys_now_ns() + STALL_NS;
        uint64_t until = mine ? WF_MIN(deadline_ns, look) : WEFT_NEVER;
        bool woken = wf_park_until(until, WEFT_WAIT_BLOCKING);
        late = !woken && deadline_ns <= until;
        stalled = !woken && !late && is_stalled(job, &seen);
    }
    return job->err;
}

weft_err
weft_blocking_until(void (*fn)(void *arg), void *arg, uint64_t deadline_ns)
{
    struct wf_worker *w = wf_worker_self();
    if (w && wf_task_cancelled(wf_worker_task(w)))
        return wf_cancel_error();
    if (deadline_ns != WEFT_NEVER && deadline_ns <= wf_sys_now_ns())
        return WEFT_ETIMEOUT;
    if (!w) {
        fn(arg);
        return WEFT_OK;
    }
    struct job job = {.fn = fn, .arg = arg, .task = wf_worker_task(w)};
    weft_err err = submit(&job);
    return err ? err : wait_for(&job, deadline_ns);
}

weft_err
weft_blocking(void (*fn)(void *arg), void *arg)
{
    return weft_blocking_until(fn, arg, WEFT_NEVER);
}

__attribute__((noinline)) struct wf_task *
wf_task_blocked(void)
{
    return caller;
}

void *
wf_task_blocks_for(void)
{
    const struct wf_task *task = wf_task_blocked();
    return task ? task->work : NULL;
}

uint32_t
wf_blocking_queued(void)
{
    wf_sys_lock(&pool.lock);
    uint32_t n = pool.queued;
    wf_sys_unlock(&pool.lock);
    return n;
}

uint32_t
wf_blocking_waiting(void)
{
    wf_sys_lock(&pool.lock);
    uint32_t n = pool.waiting;
    wf_sys_unlock(&pool.lock);
    return n;
}

void
wf_blocking_stop(void)
{
    wf_sys_lock(&pool.lock);
    pool.stopping = true;
    wf_sys_cond_broadcast(&pool.work);
    while (pool.threads > 0)
        (void)wf_sys_cond_wait(&pool.quiet, &pool.lock, WEFT_NEVER);
    wf_sys_unlock(&pool.lock);
}
