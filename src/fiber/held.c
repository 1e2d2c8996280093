/* SPDX-License-Identifier: MIT */
/*
 * Finds work that holds its worker, and measures for how long the work has held
 * the worker. A fiber says by wf_task_work what the fiber works on. A look
 * (watch.c) that finds a worker stuck notes the fiber that runs there and the
 * fiber's work. As long as later looks find the worker stuck in the same work,
 * the work counts as holding the worker since that first look. The name of the
 * work is copied during a look, and reported after the look.
 *
 * A look reads the progress counter, the fiber and its work one after the
 * other, not at one moment, so a look may see the work of a fiber that has just
 * left the worker. Such work is not reported, because the next look sees other
 * work. Reading a task is safe, because tasks are never unmapped. A name is
 * valid during the look: before the owner of a name frees the name, the owner
 * ends the work, and then waits for the look that is under way
 * (wf_held_settle). The next look takes the lock `busy` (watch.c) after
 * wf_held_settle, so the next look sees that the work has ended.
 */
#include "fiber/sched.h"

#include <stdio.h>
#include <string.h>

#define TELL_NS ((uint64_t)1000000000) /* pause between two reports */

static WF_GLOBAL _Atomic(wf_held_fn) tell;
static WF_GLOBAL uint64_t next_tell_ns;

static WF_GLOBAL struct seen {
    const struct wf_task *task;
    const char *name; /* NULL: not stuck, or the work has no name */
    uint64_t n_works;
    uint64_t since_ns; /* when a look first found this work */
    uint64_t ns;       /* how long the work has held the worker */
    uint64_t told_ns;  /* when this worker's work was reported last */
} seen[WF_WORKERS_MAX];

void
wf_set_held(wf_held_fn held)
{
    wf_store(&tell, held, release);
}

void
wf_held_settle(void)
{
    wf_watch_settle();
}

void
wf_held_look(struct wf_worker *stuck, uint64_t now_ns)
{
    struct seen *s = &seen[stuck->index];
    struct wf_task *task = wf_load(&stuck->current, acquire);
    if (!task) { /* the worker runs its scheduler */
        s->name = NULL;
        return;
    }
    uint64_t n_works = wf_load(&task->n_works, relaxed);
    const char *name = wf_load(&task->work_name, relaxed);
    if (name != s->name || task != s->task || n_works != s->n_works) {
        s->task = task;
        s->name = name;
        s->n_works = n_works;
        s->since_ns = now_ns;
    }
    s->ns = now_ns - s->since_ns;
}

void
wf_held_forget(uint32_t worker)
{
    seen[worker].name = NULL;
}

void
wf_held_take(uint64_t now_ns, struct wf_held *held)
{
    struct seen *longest_untold = NULL;
    held->name[0] = '\0';
    if (now_ns < next_tell_ns || !wf_load(&tell, relaxed))
        return;
    for (uint32_t i = 0; i < wf_n_workers; i++) {
        struct seen *s = &seen[i];
        if (s->name && s->ns >= WF_HELD_NS &&
            (!longest_untold || s->told_ns < longest_untold->told_ns))
            longest_untold = s;
    }
    if (!longest_untold)
        return;
    longest_untold->told_ns = now_ns;
    next_tell_ns = now_ns + TELL_NS;
    held->ns = longest_untold->ns;
    snprintf(held->name, sizeof held->name, "%s", longest_untold->name);
}

void
wf_held_tell(const struct wf_held *held)
{
    wf_held_fn fn = wf_load(&tell, acquire);
    if (held->name[0] && fn)
        fn(held->name, held->ns);
}

void
wf_held_reset(void)
{
    memset(seen, 0, sizeof seen);
    next_tell_ns = 0;
}
