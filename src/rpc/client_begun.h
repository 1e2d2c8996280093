/* SPDX-License-Identifier: MIT */
/*
 * The list of the calls that a task has begun and not ended
 * (weft_client_begin). Only this task can end these calls. So a task that frees
 * the client of such a call would wait for itself. And if the task ended,
 * nobody could end the call. In both cases weft ends the process and says why.
 *
 * The list belongs to the task (wf_task_begun), and only the task changes it,
 * so no access is atomic. A call by weft_client_call is not listed: its task
 * does nothing else until the call has ended.
 */
#ifndef WEFT_RPC_CLIENT_BEGUN_H
#define WEFT_RPC_CLIENT_BEGUN_H

#include "rpc/client_call.h"

/* An entry of the list; weft_client_begin allocates it with the call. */
struct wf_begun {
    const struct wf_client_call *call;
    struct wf_begun *next, **at; /* *at points to this entry */
};

/* wf_begun_add adds an entry to the list of call->task; wf_begun_remove removes
 * the entry. Only this task may call these functions. */
void wf_begun_add(struct wf_begun *begun, const struct wf_client_call *call);
void wf_begun_remove(struct wf_begun *begun);

/* End the process if the calling task has begun a call of the client and not
 * ended it. In a function that a fiber has given to weft_blocking, the calls of
 * that fiber count, too. */
void wf_begun_refuse(const struct weft_client *client);

#endif
