/* SPDX-License-Identifier: MIT */
/*
 * The life of tasks. The task of a fiber is taken in weft_fiber_start, and is
 * free again when its last reference is given up. The task of a plain thread is
 * made at the first call that needs a task, and ends with the thread.
 *
 * One file, because only these functions use the slab of tasks and the number
 * of live fibers.
 */
#include "fiber/task.h"

#include "fiber/gauge.h"
#include "fiber/local.h"
#include "fiber/sched.h"
#include "fiber/stack.h"
#include "fiber/stealable.h"

#include <errno.h>
#include <string.h>

static void task_closed(struct wf_slot *slot);

/* The slab has twice as many slots as fibers may be alive, because plain
 * threads and idle tasks take slots, too. */
static WF_GLOBAL struct wf_slab tasks =
    WF_SLAB_INIT(struct wf_task, 2 * WF_TASKS_MAX, task_closed);

/* The number of fibers that have not ended. */
static WF_GLOBAL struct wf_gauge alive;
static WF_GLOBAL uint32_t alive_max;

/* How many of the fibers in `alive` are background fibers. */
static WF_GLOBAL _Atomic uint32_t in_background;

/* `awaited` is true while a thread is in wf_tasks_wait_none. This waiter sets
 * `awaited` before it reads the counts of fibers; a fiber that ends changes a
 * count before it reads `awaited`. All these accesses are seq_cst, so either
 * the last fiber sees the waiter, or the waiter sees that no fiber is left.
 * `changes` is the futex word of the waiter. */
static WF_GLOBAL _Atomic bool awaited;
static WF_GLOBAL _Atomic uint32_t changes;

/* The number of fibers that have ended and keep their result. */
static WF_GLOBAL _Atomic uint32_t kept;

void
wf_tasks_configure(uint32_t max, size_t stack_size, size_t guard_size)
{
    alive_max = max;
    wf_stack_configure(stack_size, guard_size);
}

weft_err
wf_tasks_begin(void)
{
    weft_err err = wf_gauge_init(&alive);
    wf_gauge_bound(&alive, alive_max);
    return err;
}

void
wf_tasks_end(void)
{
    wf_gauge_fini(&alive);
}

static struct wf_task *
task_of(struct wf_slot *slot)
{
    return WF_CONTAINER(slot, struct wf_task, slot);
}

static bool
give_stack(struct wf_task *task)
{
    if (task->has_stack && wf_stack_fits(&task->context))
        return true;
    if (task->has_stack)
        wf_stack_free(&task->context);
    task->has_stack = wf_stack_make(&task->context);
    return task->has_stack;
}

/* Give the task a stack of its own. If the task has a stack from the pool, that
 * stack is kept in `pooled`. */
static bool
give_own_stack(struct wf_task *task, size_t size)
{
    struct wf_context *c = &task->context;
    task->pooled = (struct wf_stack_place){c->low, c->size, c->guard};
    task->has_own_stack = wf_stack_make_own(c, wf_stack_pages(size));
    return task->has_own_stack;
}

static void
drop_own_stack(struct wf_task *task)
{
    struct wf_context *c = &task->context;
    wf_stack_free(c);
    c->low = task->pooled.low;
    c->size = task->pooled.size;
    c->guard = task->pooled.guard;
    task->has_own_stack = false;
}

/* Take a closed task. If `warm` is true, take it from the worker's idle_tasks
 * if possible; else take it from the slab. NULL: there is no closed task. */
static struct wf_task *
take(bool warm)
{
    struct wf_worker *w = wf_worker_self();
    if (warm && w && w->idle_tasks && !WF_MAYBE("no warm stack")) {
        struct wf_task *task = w->idle_tasks;
        w->idle_tasks = task->next;
        w->n_idle_tasks--;
        return task;
    }
    struct wf_slot *slot = wf_slab_get(&tasks);
    return slot ? task_of(slot) : NULL;
}

static void
reset(struct wf_task *task)
{
    wf_store(&task->state, WF_TASK_RUNNING, relaxed);
    wf_store(&task->cancelled, false, relaxed);
    wf_store(&task->stopped, false, relaxed);
    task->n_told = 0;
    task->shielded = 0;
    task->next = NULL;
    task->kept = NULL;
    task->begun = NULL;
    task->gather = (struct wf_gather){0};
    task->deadline_ns = WEFT_NEVER;
    task->work = NULL;
    task->keeps_result = task->ended = task->is_background = false;
    task->result = NULL;
    task->name[0] = '\0';
    wf_store(&task->work_name, NULL, relaxed);
    wf_store(&task->group, NULL, relaxed);
}

static void
check_begun(const struct wf_task *task)
{
    if (WEFT_UNLIKELY(task->begun))
        WF_MISUSED("a fiber or thread has ended before a call that it had "
                   "begun; it has to await the call");
}

void **
wf_task_begun(struct wf_task *task)
{
    return &task->begun;
}

struct wf_gather *
wf_task_gather(struct wf_task *task)
{
    return &task->gather;
}

/* Runs a fiber, from the first jump to its stack until its end. */
static void
fiber_main(void *arg, void *worker)
{
    struct wf_task *task = arg;
    wf_context_entered();
    wf_worker_arrive(worker, task);
    task->fn(task->arg);
    wf_stealable_end();
    if (task->locals)
        wf_locals_destroy(task);
    check_begun(task);
    wf_worker_leave(wf_worker_self(), WF_AFTER_END);
    WF_UNREACHABLE();
}

/* Called after `alive` or `in_background` has changed. If a thread is in
 * wf_tasks_wait_none, wake this thread, so that the thread reads both again. */
static void
tell_waiter(void)
{
    if (WEFT_LIKELY(!wf_load(&awaited, seq_cst)))
        return;
    wf_add(&changes, 1, seq_cst);
    if (!WF_MUTANT(last_fiber_untold))
        wf_sys_futex_wake(&changes, UINT32_MAX);
}

static void
count_end(void)
{
    wf_gauge_sub(&alive, 1);
    tell_waiter();
}

/* A background fiber was made. */
static void
count_background(void)
{
    wf_add(&in_background, 1, seq_cst);
    tell_waiter();
}

/* Take a task with a stack of `stack_size` bytes; 0: a stack from the pool.
 * NULL: no more fibers can be made. */
static struct wf_task *
take_with_stack(size_t stack_size)
{
    wf_gauge_add(&alive, 1);
    /* relaxed: `kept` is only compared with a limit */
    uint32_t n_kept = WF_MIN(wf_load(&kept, relaxed), alive_max);
    bool is_full = wf_gauge_is_above(&alive, alive_max - n_kept);
    struct wf_task *task = is_full ? NULL : take(stack_size == 0);
    if (task &&
        !(stack_size ? give_own_stack(task, stack_size) : give_stack(task))) {
        wf_slab_put(&tasks, &task->slot);
        task = NULL;
    }
    if (!task)
        count_end();
    return task;
}

struct wf_task *
wf_task_new_with(const struct weft_fiber_options *options,
                 void (*fn)(void *arg), void *arg)
{
    struct wf_task *task = take_with_stack(options ? options->stack_size : 0);
    if (!task)
        return NULL;
    reset(task);
    if (options) {
        task->keeps_result = options->keep_result;
        task->is_background = options->background;
        if (options->name) /* 31 bytes at most */
            strcpy(task->name, options->name);
    }
    task->is_thread = false;
    task->fn = fn;
    task->arg = arg;
    wf_context_make(&task->context, fiber_main, task);
    wf_slot_open(&task->slot);
    if (task->is_background)
        count_background();
    return task;
}

struct wf_task *
wf_task_new(void (*fn)(void *arg), void *arg)
{
    return wf_task_new_with(NULL, fn, arg);
}

/* End a fiber whose result is kept. The slot of the task stays live until
 * wf_task_take_result takes the result and gives up the fiber's reference. */
static void
keep_result(struct wf_task *task)
{
    wf_add(&kept, 1, relaxed);
    wf_slot_more(&task->slot); /* keeps the task until this function ends */
    wf_waitq_lock(&task->joiners);
    task->ended = true;
    struct weft_waitnode *nodes = wf_waitq_pop_all(&task->joiners);
    wf_waitq_unlock(&task->joiners);
    if (!nodes) /* the join may come much later */
        wf_stack_release(&task->context);
    wf_waitq_grant_all(nodes);
    wf_slot_unref(&tasks, &task->slot);
}

bool
wf_task_ended(const struct wf_task *task)
{
    return task->ended || wf_slot_failed(&task->slot);
}

bool
wf_task_take_result(struct wf_task *task, void **result)
{
    if (!wf_slot_fail(&task->slot))
        return false;
    *result = task->result;
    wf_sub(&kept, 1, relaxed);
    wf_slot_unref(&tasks, &task->slot);
    return true;
}

void
wf_task_done(struct wf_task *task)
{
    if (task->is_background) /* count_end follows, and wakes the waiter */
        wf_sub(&in_background, 1, seq_cst);
    if (task->keeps_result) {
        keep_result(task);
    } else if (!wf_slot_end(&tasks,
                            &task->slot)) { /* somebody may be joining */
        wf_waitq_lock(&task->joiners);
        wf_slot_fail(&task->slot);
        struct weft_waitnode *nodes = wf_waitq_pop_all(&task->joiners);
        wf_waitq_unlock(&task->joiners);
        if (!WF_MUTANT(joiners_not_woken))
            wf_waitq_grant_all(nodes);
        wf_slot_unref(&tasks, &task->slot);
    }
    count_end();
}

void
wf_task_discard(struct wf_task *task)
{
    /* Nobody knows the task's id, so nobody joins the task. */
    wf_task_done(task);
}

/* Called after the last reference was given up: keep the stack warm, or give
 * its memory back. */
static void
task_closed(struct wf_slot *slot)
{
    struct wf_task *task = task_of(slot);
    struct wf_worker *w = wf_worker_self();
    if (!task->is_thread)
        wf_context_drop(&task->context);
    if (task->has_own_stack) {
        drop_own_stack(task);
        wf_slab_put(&tasks, slot);
        return;
    }
    if (w && !task->is_thread && w->n_idle_tasks < WF_IDLE_TASKS) {
        task->next = w->idle_tasks;
        w->idle_tasks = task;
        w->n_idle_tasks++;
        return;
    }
    if (task->has_stack)
        wf_stack_release(&task->context);
    wf_slab_put(&tasks, slot);
}

void
wf_tasks_trim(struct wf_worker *w, uint32_t keep, uint32_t most)
{
    for (uint32_t n = 0; n < most && w->n_idle_tasks > keep; n++) {
        struct wf_task *task = w->idle_tasks;
        w->idle_tasks = task->next;
        w->n_idle_tasks--;
        wf_stack_release(&task->context);
        wf_slab_put(&tasks, &task->slot);
    }
}

struct wf_task *
wf_task_ref(uint64_t id)
{
    struct wf_slot *slot = wf_slot_ref(&tasks, id);
    return slot ? task_of(slot) : NULL;
}

void
wf_task_unref(struct wf_task *task)
{
    wf_slot_unref(&tasks, &task->slot);
}

struct wf_task *
wf_task_next(uint32_t *i)
{
    struct wf_slot *slot;
    struct wf_task *task = NULL;
    while (!task && (slot = wf_slab_at(&tasks, *i)) != NULL)
        task = wf_task_ref(wf_slot_id_at(slot, (*i)++));
    return task;
}

void
wf_tasks_cancel(void *group)
{
    struct wf_task *task;
    uint32_t i = 0;
    /* The caller has stored the reason for the cancel. This fence stands
     * between that store and the loads of `group`; fiber.h has the proof. */
    wf_fence();
    while ((task = wf_task_next(&i)) != NULL) {
        if (wf_load(&task->group, relaxed) == group) {
            wf_store(&task->cancelled, true, release);
            if (!WF_MUTANT(group_cancel_unwoken))
                wf_wake(task);
        }
        wf_task_unref(task);
    }
}

void
wf_tasks_each_work(void (*fn)(const void *group, const char *name, void *arg),
                   void *arg)
{
    struct wf_task *task;
    uint32_t i = 0;
    while ((task = wf_task_next(&i)) != NULL) {
        /* relaxed: `fn` only compares `group` and `name`; see fiber.h */
        const char *name = wf_load(&task->work_name, relaxed);
        if (name)
            fn(wf_load(&task->group, relaxed), name, arg);
        wf_task_unref(task);
    }
}

uint32_t
wf_tasks_alive(void)
{
    return wf_gauge_sum(&alive);
}

/* Returns the number of live fibers that are no background fibers. *all
 * receives the number of all live fibers. If this function finds that a number
 * is 0, that number was 0 when `in_background` was loaded; see wf_gauge_ended
 * in gauge.h. */
static uint64_t
count_others(uint64_t *all)
{
    uint64_t ended = wf_gauge_ended(&alive);
    uint32_t n_background = wf_load(&in_background, seq_cst);
    *all = wf_gauge_begun(&alive) - ended;
    return *all - n_background;
}

/* If only background fibers are left, nothing but these can start another
 * fiber. So `only_background` ends them then. After that the loop waits for
 * the fibers that are left, and for fibers that these have started: each fiber
 * that ends wakes the waiter. The last store is relaxed: a fiber that still
 * sees `awaited` makes a futex call that wakes nobody. */
weft_err
wf_tasks_wait_none(void (*only_background)(void), uint64_t deadline_ns)
{
    int err = 0;
    wf_store(&awaited, true, seq_cst);
    while (err != -ETIMEDOUT) {
        uint32_t seen = wf_load(&changes, seq_cst);
        uint64_t all;
        if (count_others(&all) == 0) {
            if (all == 0)
                break;
            only_background();
        }
        err = wf_sys_futex_wait(&changes, seen, deadline_ns);
    }
    wf_store(&awaited, false, relaxed);
    return err == -ETIMEDOUT ? WEFT_ETIMEOUT : WEFT_OK;
}

/* ---- plain threads as tasks ---- */

static WF_THREAD_LOCAL struct wf_task *thread_task;
static WF_GLOBAL pthread_key_t thread_key;
static WF_GLOBAL pthread_once_t thread_once = PTHREAD_ONCE_INIT;

static void
thread_ends(void *arg)
{
    struct wf_task *task = arg;
    thread_task = NULL;
    if (task->locals)
        wf_locals_destroy(task);
    check_begun(task);
    wf_slot_fail(&task->slot);
    wf_slot_unref(&tasks, &task->slot);
}

static void
make_key(void)
{
    WF_CHECK(wf_sys_key_make(&thread_key, thread_ends) == 0);
}

static struct wf_task *
make_thread_task(void)
{
    pthread_once(&thread_once, make_key);
    struct wf_slot *slot = wf_slab_get(&tasks);
    if (!slot)
        return NULL;
    struct wf_task *task = task_of(slot);
    reset(task);
    task->is_thread = true;
    wf_slot_open(slot);
    if (wf_sys_key_set(thread_key, task) != 0) {
        wf_slot_fail(slot);
        wf_slot_unref(&tasks, slot);
        return NULL;
    }
    thread_task = task;
    return task;
}

__attribute__((noinline)) struct wf_task *
wf_task_self(void)
{
    struct wf_worker *w = wf_worker_self();
    if (w)
        return wf_worker_task(w);
    return thread_task ? thread_task : make_thread_task();
}

const char *
wf_task_name(void)
{
    const struct wf_task *task = wf_task_known();
    return task && task->name[0] ? task->name : NULL;
}

__attribute__((noinline)) struct wf_task *
wf_task_known(void)
{
    struct wf_worker *w = wf_worker_self();
    return w ? wf_worker_task(w) : thread_task;
}
