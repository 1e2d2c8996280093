/* SPDX-License-Identifier: MIT */
/*
 * Keeps values that belong to a task rather than to a thread (weft_local). The
 * values stay with a fiber when the fiber moves to another worker.
 */
#include "fiber/local.h"

#include "fiber/fiber.h"

#include <errno.h>

struct wf_locals {
    void *values[WEFT_LOCALS];
};

typedef void (*destroy_fn)(void *value);

/* Keys are never freed. */
static WF_GLOBAL _Atomic(destroy_fn) destroyers[WEFT_LOCALS];
static WF_GLOBAL _Atomic uint32_t n_keys;

weft_err
weft_local_new(void (*destroy)(void *value), weft_local *key)
{
    uint32_t n = wf_load(&n_keys, relaxed);
    do {
        if (n == WEFT_LOCALS)
            return WEFT_EFULL;
    } while (!wf_cas(&n_keys, &n, n + 1, acq_rel));
    /* release: pairs with the load in wf_locals_destroy */
    wf_store(&destroyers[n], destroy, release);
    key->index = n;
    return WEFT_OK;
}

void *
weft_local_get(weft_local key)
{
    struct wf_task *task = wf_task_known();
    WF_DCHECK(key.index < WEFT_LOCALS);
    return task && task->locals ? task->locals->values[key.index] : NULL;
}

weft_err
weft_local_set(weft_local key, void *value)
{
    struct wf_task *task = wf_task_self();
    WF_DCHECK(key.index < WEFT_LOCALS);
    if (!task)
        return -ENOMEM;
    if (!task->locals)
        task->locals = wf_sys_zalloc(sizeof *task->locals);
    if (!task->locals)
        return -ENOMEM;
    task->locals->values[key.index] = value;
    return WEFT_OK;
}

/* A destructor may set values again, so the destructors run in up to four
 * rounds. Values that are left after the last round are dropped. */
void
wf_locals_destroy(struct wf_task *task)
{
    bool again = true;
    for (int round = 0; again && round < 4; round++) {
        again = false;
        for (uint32_t i = 0; i < WEFT_LOCALS; i++) {
            void *value = task->locals->values[i];
            destroy_fn destroy = wf_load(&destroyers[i], acquire);
            task->locals->values[i] = NULL;
            if (value && destroy) {
                destroy(value);
                again = true;
            }
        }
    }
    wf_sys_free(task->locals);
    task->locals = NULL;
}
