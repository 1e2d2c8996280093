/* SPDX-License-Identifier: MIT */
/* Work that a watcher may take from a stuck worker: it is done once, and the
 * thread that does it sees what its fiber prepared. */
#include "weak.h"

#include "fiber/stealable.c"

#include <string.h>

struct work {
    struct wf_stealable stealable;
    char data;
};

static struct wf_worker stuck;
static struct wf_task fiber, thief;
static struct work works[2];
static int done[2];

static void
run(struct wf_stealable *stealable)
{
    struct work *work = WF_CONTAINER(stealable, struct work, stealable);
    weak_write(&work->data, 1);
    WEAK_CHECK(done[work - works]++ == 0);
}

/* ---- what stealable.c calls ---- */

struct wf_worker *
wf_worker_self(void)
{
    return &stuck;
}

struct wf_task *
wf_task_new(void (*fn)(void *arg), void *arg)
{
    thief.fn = fn;
    thief.arg = arg;
    return &thief;
}

void
wf_task_discard(struct wf_task *task)
{
    WEAK_CHECK(task == &thief);
}

void
wf_sched_start(struct wf_task *task)
{
    task->fn(task->arg);
}

/* ---- tests ---- */

static void
begin(void)
{
    memset(&stuck, 0, sizeof stuck);
    memset(done, 0, sizeof done);
    wf_store(&stuck.current, &fiber, relaxed);
    for (int i = 0; i < 2; i++)
        works[i].stealable.run = run;
}

static void
publish(int i)
{
    weak_write(&works[i].data, 1);
    wf_stealable_publish(&works[i].stealable);
}

/* Publish and take back, twice. */
static void
work_twice(void)
{
    for (int i = 0; i < 2; i++) {
        publish(i);
        if (wf_stealable_reclaim(&works[i].stealable))
            run(&works[i].stealable);
    }
}

static void
publish_and_park(void)
{
    publish(0);
    wf_stealable_leave(&stuck);
    publish(1);
    wf_stealable_end();
}

static void
steal(void)
{
    wf_stealable_steal(&stuck);
}

static void
each_done(void)
{
    WEAK_CHECK(done[0] == 1 && done[1] == 1);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"take back", begin, {work_twice, steal}, each_done, 0},
        {"take back from two", begin, {work_twice, steal, steal}, each_done, 2},
        {"park and end", begin, {publish_and_park, steal}, each_done, 0},
        {0},
    };
    static const char *const files[] = {"stealable.c", NULL};
    static const struct weak_excuse excuses[] = {
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
