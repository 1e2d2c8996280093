/* SPDX-License-Identifier: MIT */
/* Destroys the values that a task has set by weft_local_set (local.c). */
#ifndef WEFT_FIBER_LOCAL_H
#define WEFT_FIBER_LOCAL_H

#include "fiber/task.h"

/* Destroy the values of a task that ends. Called by the task itself. */
void wf_locals_destroy(struct wf_task *task);

#endif
