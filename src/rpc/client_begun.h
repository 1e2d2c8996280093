/* SPDX-License-Identifier: MIT */
/*
 * The list of the calls that a task has begun and not ended
 * (weft_client_begin). Only this task can end these calls. So a task that frees
 * the client of such a call would wait for itself, and a task that ends leaves
 * the call without anybody who can end it. Both end the process with a
 * sentence.
 *
 * The list belongs to the task (wf_task_begun), and only the task changes it,
 * so no access is atomic. A call by weft_client_call is not listed: its task
 * does nothing else until the call has ended.
 */
#ifndef WEFT_RPC_CLIENT_BEGUN_H
#define WEFT_RPC_CLIENT_BEGUN_H

#include "rpc/client_call.h"

/* An entry of the list; a member of what weft_client_begin allocates. */
struct wf_begun {
    const struct wf_client_call *call;
    struct wf_begun *next, **at; /* `at` is what points to this entry */
};

/* Add the entry of a call to the list of call->task, which is the caller, and
 * remove it. */
void wf_begun_add(struct wf_begun *begun, const struct wf_client_call *call);
void wf_begun_remove(struct wf_begun *begun);

/* End the process if the calling task has begun a call of the client and not
 * ended it. In a function that a fiber has given to weft_blocking, the calls of
 * that fiber count, too. */
void wf_begun_refuse(const struct weft_client *client);

#endif
