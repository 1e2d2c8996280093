/* SPDX-License-Identifier: MIT */
/*
 * The list of fibers. The reader holds a reference to a task, so that the task
 * stays the same fiber. The fields of the task may change while they are read,
 * so some values in the answer may be newer than others.
 */
#include "fiber/sched.h"

#include <string.h>

const char *
weft_wait_text(enum weft_wait wait)
{
    static const char *const texts[] = {
        [WEFT_WAIT_NONE] = "nothing",
        [WEFT_WAIT_MUTEX] = "mutex",
        [WEFT_WAIT_RWLOCK] = "read-write lock",
        [WEFT_WAIT_COND] = "condition",
        [WEFT_WAIT_SEM] = "semaphore",
        [WEFT_WAIT_SEND] = "room in a channel",
        [WEFT_WAIT_RECEIVE] = "item of a channel",
        [WEFT_WAIT_SELECT] = "one of several",
        [WEFT_WAIT_GROUP] = "wait group",
        [WEFT_WAIT_ONCE] = "once",
        [WEFT_WAIT_JOIN] = "end of a fiber",
        [WEFT_WAIT_SLEEP] = "time",
        [WEFT_WAIT_TIMER] = "time of a timer",
        [WEFT_WAIT_PAUSE] = "pause after a cancel",
        [WEFT_WAIT_FD] = "descriptor",
        [WEFT_WAIT_BLOCKING] = "blocking function",
        [WEFT_WAIT_READ] = "bytes of a connection",
        [WEFT_WAIT_WRITE] = "room in a connection",
        [WEFT_WAIT_ACCEPT] = "new connection",
        [WEFT_WAIT_REPLY] = "reply to a call",
        [WEFT_WAIT_CALLS] = "fewer calls in flight",
        [WEFT_WAIT_END] = "end of handlers or connections",
    };
    size_t i = (size_t)wait;
    return i < sizeof texts / sizeof texts[0] ? texts[i] : "unknown";
}

static bool
is_running(const struct wf_task *task)
{
    for (uint32_t i = 0; i < wf_n_workers; i++)
        if (wf_worker_task(wf_workers[i]) == task)
            return true;
    return false;
}

static enum weft_fiber_state
state_of(struct wf_task *task)
{
    wf_waitq_lock(&task->joiners);
    bool ended = task->ended;
    wf_waitq_unlock(&task->joiners);
    if (ended)
        return WEFT_FIBER_ENDED;
    /* acquire: info_of then reads what the task stored before it parked, not
     * what the task stored for an earlier wait */
    if (wf_load(&task->state, acquire) == WF_TASK_PARKED)
        return WEFT_FIBER_WAITING;
    return is_running(task) ? WEFT_FIBER_RUNNING : WEFT_FIBER_READY;
}

static struct weft_fiber_info
info_of(struct wf_task *task)
{
    struct weft_fiber_info info = {.fiber = {wf_slot_id(&task->slot)},
                                   .state = state_of(task),
                                   .deadline_ns = WEFT_NEVER};
    memcpy(info.name, task->name, sizeof info.name);
    if (info.state != WEFT_FIBER_WAITING)
        return info;
    uint64_t wait = wf_load(&task->wait, relaxed);
    info.waits_for = (enum weft_wait)(wait & WF_WAIT_WHY & ~WF_WAIT_TIMED);
    info.since_ns = wait & ~WF_WAIT_WHY;
    if (wait & WF_WAIT_TIMED)
        info.deadline_ns = wf_load(&task->wait_until_ns, relaxed);
    return info;
}

void
weft_fiber_list(void (*visit)(void *user, const struct weft_fiber_info *info),
                void *user)
{
    struct wf_task *task;
    uint32_t i = 0;
    while ((task = wf_task_next(&i)) != NULL) {
        struct weft_fiber_info info = {0};
        if (!task->is_thread && !wf_slot_failed(&task->slot))
            info = info_of(task);
        wf_task_unref(task);
        if (info.fiber.id)
            visit(user, &info);
    }
}
