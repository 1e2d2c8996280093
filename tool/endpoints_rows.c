/* SPDX-License-Identifier: MIT */
/* What is known of each server, from the client and from its last call. */
#include "endpoints_ask.h"

static void
set_state(struct endpoints_Endpoint *row, const struct end *end,
          const struct weft_endpoint_view *view, struct weft_arena *arena)
{
    uint64_t changed_ns = view->changed_ns;
    row->state = endpoints_State_usable;
    row->reason = view->reason;
    if (view->state == WEFT_ENDPOINT_EJECTED) {
        row->state = endpoints_State_ejected;
    } else if (!end->is_asked) {
        row->state = endpoints_State_unknown;
    } else if (end->err) {
        row->state = endpoints_State_failing;
        row->reason = weft_arena_str(arena, end->text, strlen(end->text));
        changed_ns = end->changed_ns;
    } else if (end->has_changed) {
        row->reason = WEFT_STR("it answers again");
        changed_ns = end->changed_ns;
    }
    uint64_t now = weft_now_ns();
    row->has.reason = row->reason.ptr != NULL;
    row->has.since_s = changed_ns > 0;
    if (changed_ns > 0 && changed_ns < now)
        row->since_s = (double)(now - changed_ns) / 1e9;
}

static enum wt_code
add_row(struct we_watch *w, const struct weft_endpoint_view *view,
        struct weft_arena *arena, struct we_rows *rows)
{
    struct endpoints_Endpoint *row = weft_push(arena, rows, sizeof *row);
    const struct end *end = we_end_of(w, view->address, arena);
    if (!row || !end)
        return we_no_memory();
    endpoints_Endpoint_init(row);
    row->address = weft_arena_str(arena, end->address, strlen(end->address));
    row->weight = end->weight;
    row->tag = weft_arena_str(arena, end->tag, strlen(end->tag));
    row->has.tag = row->tag.len > 0;
    row->in_flight = view->in_flight;
    /* a failure counts as a long latency, which is no measured one */
    row->has.latency_ns = view->latency_ns > 0 &&
                          view->attempts > view->failures + view->in_flight;
    row->latency_ns = (int64_t)view->latency_ns;
    row->attempts = (int64_t)view->attempts;
    row->failures = (int64_t)view->failures;
    row->ejections = view->ejections;
    set_state(row, end, view, arena);
    return WT_OK;
}

enum wt_code
we_rows_get(struct we_watch *w, struct weft_arena *arena, struct we_rows *rows)
{
    struct weft_endpoint_views views;
    enum wt_code code = WT_OK;
    *rows = (struct we_rows){NULL, 0, 0};
    if (weft_client_get_endpoints(w->asker, arena, &views) ||
        weft_mutex_lock(&w->lock))
        return we_no_memory();
    for (uint32_t i = 0; i < views.len && !code; i++)
        code = add_row(w, &views.items[i], arena, rows);
    weft_mutex_unlock(&w->lock);
    return code;
}

static enum wt_code
code_of(weft_err err)
{
    if (!err)
        return WT_OK;
    if (weft_err_is_peer(err))
        return WT_PEER;
    return err == WEFT_ECONNECT   ? WT_CONNECT
           : err == WEFT_ETIMEOUT ? WT_TIMEOUT
                                  : WT_BROKEN;
}

enum wt_code
we_worst(struct we_watch *w)
{
    enum wt_code worst = WT_OK;
    for (uint32_t i = 0; i < w->n; i++)
        if (code_of(w->ends[i].err) > worst)
            worst = code_of(w->ends[i].err);
    return worst;
}
