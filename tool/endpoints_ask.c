/* SPDX-License-Identifier: MIT */
/*
 * Finds the servers of a target, and calls each of them.
 *
 * There are two clients. The finder is a client of the target, and is asked for
 * nothing but its list. The asker is a client of the same servers, all with one
 * weight and in turn. So the calls of a round go to all servers, whatever their
 * weights are. (A server is passed over while it is ejected, or for a short
 * time after a failed connect; then another one gets two calls.) This needs a
 * runtime with one worker, because each worker has a turn of its own.
 */
#include "endpoints_ask.h"

#include "rpc/rpc.h"

#include <errno.h>
#include <stdlib.h>

/* ---- the call ---- */

/* A server that stops says so, and refuses all other calls. */
static weft_err
ask(struct weft_client *client, struct weft_arena *arena,
    struct weft_call_info *info)
{
    static const uint8_t no_args[WF_HEALTH_ARGS];
    struct weft_call_options options = {.info = info};
    struct wf_health_result result;
    weft_err err = weft_client_call(client, &wf_health_method, arena, no_args,
                                    &result, &options);
    if (!err && weft_str_eq(result.success, WEFT_STR(WF_HEALTH_STOPPING)))
        return WEFT_ESTOPPING - WEFT_PEER;
    return err;
}

/* ---- how calls end ---- */

static int
compare(const void *a, const void *b)
{
    const struct end *x = a, *y = b;
    return strcmp(x->address, y->address);
}

/* NULL: there is none, or no memory. */
static struct end *
find_end(const struct we_watch *w, struct weft_str address,
         struct weft_arena *arena)
{
    struct weft_str text = weft_arena_printf(arena, "%.*s", WEFT_FMT(address));
    struct end key = {.address = (char *)text.ptr};
    return text.ptr && w->n > 0
               ? bsearch(&key, w->ends, w->n, sizeof key, compare)
               : NULL;
}

struct end *
we_end_of(const struct we_watch *w, struct weft_str address,
          struct weft_arena *arena)
{
    return w->n == 1 ? w->ends : find_end(w, address, arena);
}

/* Any answer will do, but not a refusal that a client counts as a failure. */
static weft_err
verdict(weft_err err)
{
    if (weft_err_is_peer(err) && !weft_err_is_retryable(err))
        return WEFT_OK;
    return err;
}

static void
note(struct end *end, const struct weft_call_attempt *attempt, weft_err how)
{
    weft_err err = verdict(how);
    if (end->is_asked && (end->err != 0) != (err != 0)) {
        end->has_changed = true;
        end->changed_ns = weft_now_ns();
    } else if (!end->is_asked && err) {
        end->changed_ns = weft_now_ns();
    }
    end->is_asked = true;
    end->err = err;
    /* The text begins with the address, which the row has, too. */
    struct weft_str text = attempt->text;
    size_t len = strlen(end->address);
    if (text.len > len + 2 && memcmp(text.ptr, end->address, len) == 0 &&
        memcmp(text.ptr + len, ": ", 2) == 0) {
        text.ptr += len + 2;
        text.len -= (uint32_t)len + 2;
    }
    if (text.len == 0)
        text = weft_str_of(weft_err_text(how));
    snprintf(end->text, sizeof end->text, "%.*s", WEFT_FMT(text));
}

static void
call_one(struct we_watch *w, struct weft_arena *arena)
{
    struct weft_call_info info = {.app_type = -1};
    weft_err err = ask(w->asker, arena, &info);
    if (info.attempts.len == 0 || weft_mutex_lock(&w->lock))
        return; /* the list has become empty, or the command ends */
    struct end *end = we_end_of(w, info.attempts.items[0].endpoint, arena);
    if (end)
        note(end, &info.attempts.items[0], err);
    weft_mutex_unlock(&w->lock);
    weft_arena_reset(arena);
}

static void
call_some(void *arg)
{
    struct we_watch *w = arg;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    while (!weft_fiber_cancelled() && atomic_fetch_add(&w->n_begun, 1) < w->n)
        call_one(w, &arena);
    weft_arena_fini(&arena);
    atomic_fetch_sub(&w->n_running, 1);
}

/* ---- the list ---- */

enum wt_code
we_no_memory(void)
{
    wt_error("there is no memory for the list of servers");
    return WT_BROKEN;
}

/* Read the list of the finder; if the target is an address, it is the list. */
static weft_err
read_list(const struct we_watch *w, struct weft_arena *arena,
          struct weft_endpoint_views *views)
{
    weft_err err = weft_client_get_endpoints(w->finder, arena, views);
    if (err != -EINVAL)
        return err;
    struct weft_endpoint_view *one = weft_push(arena, views, sizeof *one);
    if (!one)
        return WEFT_EBUDGET;
    *one = (struct weft_endpoint_view){.address = weft_str_of(w->o->address),
                                       .weight = 1};
    return WEFT_OK;
}

static void
free_ends(struct end *ends, uint32_t n)
{
    for (uint32_t i = 0; ends && i < n; i++) {
        free(ends[i].address);
        free(ends[i].tag);
    }
    free(ends);
}

static char *
copy_of(struct weft_str text)
{
    return strndup(text.ptr ? text.ptr : "", text.len);
}

/* Make the ends of the servers in the list; those that were in the old list
 * keep what is known of them. */
static bool
take_list(struct we_watch *w, struct weft_arena *arena,
          const struct weft_endpoint_views *views)
{
    struct end *ends = calloc(views->len + 1, sizeof *ends);
    if (!ends)
        return false;
    for (uint32_t i = 0; i < views->len; i++) {
        const struct weft_endpoint_view *view = &views->items[i];
        const struct end *old = find_end(w, view->address, arena);
        if (old)
            ends[i] = *old;
        ends[i].address = copy_of(view->address);
        ends[i].tag = copy_of(view->tag);
        if (!ends[i].address || !ends[i].tag) {
            free_ends(ends, i + 1);
            return false;
        }
        ends[i].weight = view->weight;
    }
    free_ends(w->ends, w->n);
    w->ends = ends;
    w->n = views->len;
    return true;
}

/* Give the list to the asker. */
static enum wt_code
give_list(struct we_watch *w)
{
    struct weft_endpoint *list = calloc(w->n + 1, sizeof *list);
    if (!list)
        return we_no_memory();
    for (uint32_t i = 0; i < w->n; i++)
        list[i].address = w->ends[i].address;
    weft_err err = weft_client_set_endpoints(w->asker, list, w->n);
    free(list);
    if (!err)
        return WT_OK;
    wt_error("the list of servers cannot be used: %s", weft_err_text(err));
    return WT_BROKEN;
}

static enum wt_code
update_list(struct we_watch *w)
{
    struct weft_arena arena;
    struct weft_endpoint_views views;
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    bool taken = !read_list(w, &arena, &views) && take_list(w, &arena, &views);
    weft_arena_fini(&arena);
    return taken ? give_list(w) : we_no_memory();
}

/* A list that is not in the target is looked up by the first call. If there is
 * a server, it does not matter here how the call ends. */
static enum wt_code
find_list(struct we_watch *w)
{
    struct weft_arena arena;
    struct weft_call_info info = {.app_type = -1};
    enum wt_code code = update_list(w);
    if (code || w->n > 0)
        return code;
    weft_arena_init(&arena, 0);
    weft_err err = ask(w->finder, &arena, &info);
    code = update_list(w);
    if (!code && w->n == 0)
        code = wt_report_call(w->o, NULL, err ? err : WEFT_ENOENDPOINT, &info);
    weft_arena_fini(&arena);
    return code;
}

/* ---- rounds ---- */

void
we_round_await(struct we_watch *w)
{
    for (uint32_t i = 0; i < w->n_fibers; i++)
        weft_fiber_join(w->fibers[i]);
    w->n_fibers = 0;
}

bool
we_round_is_over(struct we_watch *w)
{
    return atomic_load(&w->n_running) == 0;
}

enum wt_code
we_round_begin(struct we_watch *w)
{
    we_round_await(w);
    enum wt_code code = update_list(w);
    atomic_store(&w->n_begun, 0);
    while (!code && w->n_fibers < WE_CALLERS && w->n_fibers < w->n) {
        atomic_fetch_add(&w->n_running, 1);
        weft_err err = weft_fiber_start(call_some, w, &w->fibers[w->n_fibers]);
        if (!err) {
            w->n_fibers++;
            continue;
        }
        atomic_fetch_sub(&w->n_running, 1);
        wt_error("cannot start a fiber: %s", weft_err_text(err));
        code = WT_BROKEN;
    }
    return code;
}

/* ---- life ---- */

static enum wt_code
make_clients(struct we_watch *w)
{
    const struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                                   .max_attempts = 1,
                                                   .slow_start_ms = WEFT_NONE};
    enum wt_code code =
        wt_new_client_of(w->o, w->o->address, &upstream, &w->finder);
    if (!code)
        code = wt_new_client_of(w->o, "list:", &upstream, &w->asker);
    return code;
}

void
we_watch_free(struct we_watch *w)
{
    for (uint32_t i = 0; i < w->n_fibers; i++)
        weft_fiber_cancel(w->fibers[i]);
    we_round_await(w);
    weft_client_free(w->finder);
    weft_client_free(w->asker);
    free_ends(w->ends, w->n);
    free(w);
}

enum wt_code
we_watch_new(const struct wt_options *o, struct we_watch **watch)
{
    struct we_watch *w = calloc(1, sizeof *w);
    if (!w)
        return we_no_memory();
    w->o = o;
    enum wt_code code = make_clients(w);
    if (!code)
        code = find_list(w);
    *watch = w;
    if (code)
        we_watch_free(w);
    return code;
}
