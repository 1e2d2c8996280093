/* SPDX-License-Identifier: MIT */
#include "rpc/client_begun.h"

#include <stdio.h>

void
wf_begun_add(struct wf_begun *begun, const struct wf_client_call *call)
{
    void **list = wf_task_begun(call->task);
    *begun = (struct wf_begun){call, *list, (struct wf_begun **)list};
    if (begun->next)
        begun->next->at = &begun->next;
    *begun->at = begun;
}

void
wf_begun_remove(struct wf_begun *begun)
{
    if (begun->next)
        begun->next->at = begun->at;
    *begun->at = begun->next;
}

static void
refuse(struct wf_task *task, const struct weft_client *client)
{
    char text[256];
    const struct wf_begun *begun = task ? *wf_task_begun(task) : NULL;
    while (begun && begun->call->front != client)
        begun = begun->next;
    if (!begun)
        return;
    struct weft_str name = {begun->call->method->name,
                            begun->call->method->name_len};
    snprintf(text, sizeof text,
             "weft_client_free: the caller has begun a call of `%.*s`, and has "
             "not awaited it",
             WEFT_FMT(name));
    WF_MISUSED(text);
}

void
wf_begun_refuse(const struct weft_client *client)
{
    refuse(wf_task_known(), client);
    /* The fiber waits for the function that runs on this thread, so the
     * list of the fiber does not change now. */
    refuse(wf_task_blocked(), client);
}
