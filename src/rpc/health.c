/* SPDX-License-Identifier: MIT */
#include "rpc/health.h"

#include "rpc/call.h"

#include <stddef.h>
#include <string.h>

#define NAME "weft.health"

/* ---- descriptors, in the form that weftc generates ---- */

static const struct weft_type text_type = {.wire = WEFT_STRING,
                                           .size = sizeof(struct weft_str)};

static const struct weft_field result_fields[] = {
    {.name = "success",
     .type = &text_type,
     .offset = offsetof(struct wf_health_result, success),
     .id = 0,
     .requiredness = WEFT_OPTIONAL},
};

static void
init_result(void *record)
{
    struct wf_health_result *r = record;
    *r = (struct wf_health_result){.which = WEFT_RESULT_NONE};
}

static const struct weft_struct args_desc = {.name = "weft_health_args",
                                             .size = WF_HEALTH_ARGS};
static const struct weft_struct result_desc = {
    .name = "weft_health_result",
    .fields = result_fields,
    .n_fields = 1,
    .size = sizeof(struct wf_health_result),
    .has_offset = offsetof(struct wf_health_result, which),
    .kind = WEFT_RECORD_UNION,
    .is_result = true,
    .init = init_result,
};

/* ---- the method ---- */

static weft_err
tell(const void *table, struct weft_call *call, const void *args, void *record)
{
    struct wf_health_result *result = record;
    (void)table;
    (void)args;
    result->which = 0;
    /* relaxed: the stop may begin just after the answer */
    bool stops = wf_load(&call->server->stopping, relaxed) ||
                 wf_load(&call->server->leaving, relaxed);
    result->success =
        stops ? WEFT_STR(WF_HEALTH_STOPPING) : WEFT_STR(WF_HEALTH_SERVING);
    return WEFT_OK;
}

const struct weft_method wf_health_method = {
    .name = NAME,
    .name_len = sizeof NAME - 1,
    .args = &args_desc,
    .result = &result_desc,
    .invoke = tell,
};

static const struct weft_method *const methods[] = {&wf_health_method};

const struct weft_service wf_health_service = {
    .name = "weft", .methods = methods, .n_methods = 1};

bool
wf_health_is_named(struct weft_str name)
{
    uint32_t len = sizeof NAME - 1;
    if (name.len < len || memcmp(name.ptr + name.len - len, NAME, len) != 0)
        return false;
    return name.len == len || name.ptr[name.len - len - 1] == ':';
}
