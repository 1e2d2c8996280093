/* SPDX-License-Identifier: MIT */
/* Counts failures by their kind, and keeps a text of the first failure of each
 * kind. */
#include "bench.h"

#include <inttypes.h>

/* A second number, by which kinds of failure with the same error differ. */
static int32_t
detail_of(weft_err err, const struct weft_call_info *info,
          const struct wi_result *result)
{
    if (err == WEFT_ETHROWN)
        return result->which;
    if (info->business)
        return info->business;
    return weft_err_is_peer(err) ? info->app_type : 0;
}

static enum wt_code
code_of(weft_err err, const struct weft_call_info *info)
{
    if (!err)
        return WT_WRONG;
    if (err == WEFT_ETHROWN)
        return WT_THROWN;
    if (info->business)
        return WT_BUSINESS;
    if (weft_err_is_peer(err))
        return WT_PEER;
    return err == WEFT_ETIMEOUT   ? WT_TIMEOUT
           : err == WEFT_ECONNECT ? WT_CONNECT
                                  : WT_BROKEN;
}

static void
name_kind(struct wb_failure *f, const struct weft_method *m,
          const struct wi_result *result)
{
    const struct weft_field *field = wi_result_member(m, result);
    size_t size = sizeof f->kind;
    if (f->code == WT_WRONG)
        snprintf(f->kind, size, "wrong reply");
    else if (f->code == WT_THROWN && field)
        snprintf(f->kind, size, "threw %s", field->type->record->name);
    else if (f->code == WT_BUSINESS)
        snprintf(f->kind, size, "business status %" PRId32, f->detail);
    else if (f->code == WT_PEER)
        snprintf(f->kind, size, "application exception %" PRId32, f->detail);
    else
        snprintf(f->kind, size, "%s", weft_err_name(f->err));
}

/* Write the result as JSON, cut off if the room is too small. */
static void
put_result(char *room, size_t size, const struct weft_method *m,
           struct wi_result *result)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    const struct weft_field *field = wi_result_member(m, result);
    weft_writer_init(&w, &chain);
    if (field)
        weft_value_to_json(field->type, &w, wi_result_value(field, result), 0);
    else
        weft_write_bytes_slow(&w, "null", 4);
    size_t n = 0;
    if (weft_writer_fini(&w) == WEFT_OK)
        n = weft_chain_copy_out(&chain, 0, room, size - 1);
    room[n] = '\0';
    if (n == size - 1)
        memcpy(room + n - 3, "...", 3);
    weft_chain_clear(&chain);
}

static void
describe(struct wb_failure *f, const struct wb_target *t,
         const struct weft_call_info *info, struct wi_result *result)
{
    name_kind(f, t->method, result);
    if (f->code == WT_WRONG || f->code == WT_THROWN)
        put_result(f->first, sizeof f->first, t->method, result);
    else if (info->text.len > 0)
        snprintf(f->first, sizeof f->first, "%.*s", WEFT_FMT(info->text));
    else
        snprintf(f->first, sizeof f->first, "%s", weft_err_text(f->err));
}

void
wb_count_failure(struct wb_failures *failures, const struct wb_target *t,
                 weft_err err, const struct weft_call_info *info,
                 struct wi_result *result)
{
    int32_t detail = detail_of(err, info, result);
    struct wb_failure *f = failures->items;
    pthread_mutex_lock(&failures->lock); /* its holder never waits */
    struct wb_failure *last = failures->items + WB_MAX_KINDS - 1;
    while (f < failures->items + failures->n && f < last &&
           (f->err != err || f->detail != detail))
        f++;
    if (f == failures->items + failures->n) {
        failures->n++;
        *f = (struct wb_failure){
            .err = err, .detail = detail, .code = code_of(err, info)};
        describe(f, t, info, result);
        if (f == last)
            snprintf(f->kind, sizeof f->kind, "others");
    }
    f->calls++;
    pthread_mutex_unlock(&failures->lock);
}
