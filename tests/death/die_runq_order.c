/* SPDX-License-Identifier: MIT */
/* expect: ThreadSanitizer: data race */
/* only with: -fsanitize=thread */
/* Without release in the run queue, TSan reports a race on the plain counter of
 * a task. tests/stress/stress_runq.c relies on this. */
#include "base/base.h"

#undef memory_order_release
#undef memory_order_acq_rel
#define memory_order_release memory_order_relaxed
#define memory_order_acq_rel memory_order_relaxed
#include "fiber/runq.c"

#include <sched.h>

static struct wf_runq from, to;
static struct wf_task task;

static void *
thief(void *arg)
{
    struct wf_task *stolen;
    while (!(stolen = wf_runq_steal(&from, &to)))
        sched_yield();
    stolen->runs++;
    return arg;
}

int
main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, thief, NULL))
        return 0;
    task.runs++;
    (void)wf_runq_push(&from, &task);
    return pthread_join(thread, NULL);
}
