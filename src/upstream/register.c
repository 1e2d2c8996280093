/* SPDX-License-Identifier: MIT */
/*
 * The life of a server's entry in a registry. One fiber, the keeper, makes the
 * entry and renews it. A stop starts another one, the leaver, which ends the
 * keeper, deletes the entry, and waits until clients had time to learn of it.
 * So at any time one fiber at most uses the entry. The server serves until the
 * leaver has ended.
 */
#include "upstream/register.h"
#include "upstream/pause.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct registration {
    struct wf_register_options options;
    struct weft_arena arena; /* of the options */
    struct wf_entry entry;   /* the keeper's, then the leaver's */
    uint64_t until_ns;       /* when the leaver has to end */
    struct weft_mutex lock;  /* guards the fields below */
    weft_fiber keeper, leaver;
    struct weft_registration_view view; /* without its texts */
    char why[WF_REGISTRY_WHY];
};

weft_err
wf_entry_ask(struct wf_entry *entry, const char *registry,
             const struct weft_http_request *request, uint64_t deadline_ns,
             struct weft_arena *arena, struct weft_http_response *r)
{
    weft_err err =
        weft_http_call_until(entry->http, request, deadline_ns, arena, r);
    return err ? wf_registry_explain(entry->why, registry, err, r->text) : err;
}

struct weft_str
wf_entry_tags(const struct wf_entry *entry, struct weft_arena *arena)
{
    struct weft_str text = WEFT_STR("");
    for (uint32_t i = 0; i < entry->n_tags && text.ptr; i++)
        text = weft_arena_printf(arena, "%.*s%s\"%s\"", WEFT_FMT(text),
                                 i > 0 ? "," : "", entry->tags[i]);
    return text;
}

struct weft_str
wf_entry_value(const struct wf_entry *entry, struct weft_arena *arena)
{
    struct weft_str tags = wf_entry_tags(entry, arena);
    if (tags.len > 0)
        tags = weft_arena_printf(arena, ",\"tags\":[%.*s]", WEFT_FMT(tags));
    if (!tags.ptr)
        return tags;
    return weft_arena_printf(arena, "{\"address\":\"%s\",\"weight\":%u%.*s}",
                             entry->address, (unsigned)entry->weight,
                             WEFT_FMT(tags));
}

/* ---- the state ---- */

/* The lock is held. */
static void
set_state(struct registration *r, enum weft_registration_state state)
{
    if (r->view.state != state)
        r->view.changed_ns = wf_sys_now_ns();
    r->view.state = state;
}

static void
tell(const struct registration *r, weft_err err, bool was_failing)
{
    if (!err)
        wf_log(WEFT_LOG_INFO, "%.200s: the server is registered as `%s`",
               r->options.target, r->entry.address);
    else if (!was_failing)
        wf_log_limited(WEFT_LOG_WARN,
                       "%.200s: the server cannot be registered: %s; weft "
                       "tries again",
                       r->options.target, r->entry.why);
}

/* The keeper has held the entry, or failed. */
static void
note(struct registration *r, weft_err err)
{
    wf_mutex_lock_surely(&r->lock);
    bool was_failing = *r->why;
    bool is_made = r->view.registrations != r->entry.n_made;
    bool is_news = err || was_failing || is_made;
    r->view.failures += err != WEFT_OK;
    r->view.renewals += !err && !is_made;
    r->view.registrations = r->entry.n_made;
    snprintf(r->why, sizeof r->why, "%s", err ? r->entry.why : "");
    set_state(r, err ? WEFT_REGISTRATION_TRYING : WEFT_REGISTRATION_HELD);
    weft_mutex_unlock(&r->lock);
    if (is_news)
        tell(r, err, was_failing);
}

/* ---- the keeper ---- */

/* Returns when to try again after the k-th failure in a row. */
static uint64_t
pause_end(const struct registration *r, uint32_t k)
{
    uint32_t most =
        WF_MUTANT(registers_without_pause) ? 1 : r->options.ttl_ms / 3;
    return wf_sys_now_ns() + wf_pause_ns(k, most);
}

static uint64_t
third(const struct registration *r)
{
    uint32_t ms = wf_option(r->entry.granted_ms, r->options.ttl_ms);
    return (uint64_t)ms * 1000000u / 3;
}

static void
keep(void *arg)
{
    struct registration *r = arg;
    uint64_t third_ns, next_ns;
    uint32_t n_failed = 0;
    do {
        uint64_t begun = wf_sys_now_ns();
        weft_err err = r->options.kind->hold(&r->entry, begun + third(r));
        third_ns = third(r); /* `hold` may have changed it */
        if (err == WEFT_ECANCEL)
            return;
        note(r, err);
        n_failed = err ? n_failed + 1 : 0;
        next_ns = err ? pause_end(r, n_failed) : begun + third_ns;
    } while (!weft_sleep_until(next_ns));
}

static weft_err
start(void *it, const struct weft_server *server)
{
    static const struct weft_fiber_options options = {.name = "registration",
                                                      .background = true};
    struct registration *r = it;
    wf_mutex_lock_surely(&r->lock);
    r->entry.id = 0;
    r->entry.may_exist = r->entry.is_held = false;
    *r->why = '\0';
    weft_err err = wf_register_address(&r->options, server, r->entry.address);
    if (!err)
        err = weft_fiber_start_with(&options, keep, r, &r->keeper);
    if (!err)
        set_state(r, WEFT_REGISTRATION_TRYING);
    weft_mutex_unlock(&r->lock);
    return err;
}

/* ---- the leaver ---- */

static void
end_keeper(struct registration *r)
{
    weft_fiber_cancel(r->keeper);
    wf_join_surely(r->keeper);
}

/* Delete the entry. Try again until the time is over. */
static weft_err
delete_entry(struct registration *r)
{
    uint64_t until =
        WF_MIN(r->until_ns, wf_timeout_from_now(r->options.leave_timeout_ms));
    uint32_t n_failed = 0;
    weft_err err;
    do
        err = r->options.kind->leave(&r->entry, until);
    while (err && wf_sys_now_ns() < until &&
           !weft_sleep_until(WF_MIN(pause_end(r, ++n_failed), until)));
    if (err)
        wf_log_limited(WEFT_LOG_WARN,
                       "%.200s: the server cannot deregister: %s; clients may "
                       "find it until its entry ends, after %u ms at most",
                       r->options.target, r->entry.why,
                       (unsigned)r->options.ttl_ms);
    return err;
}

static void
leave_registry(void *arg)
{
    struct registration *r = arg;
    if (!WF_MUTANT(keeper_outlives_leave))
        end_keeper(r);
    if (!r->entry.may_exist || delete_entry(r))
        return;
    wf_log(WEFT_LOG_INFO, "%.200s: the server has deregistered",
           r->options.target);
    if (!WF_MUTANT(leaves_without_linger))
        (void)weft_sleep_until(
            WF_MIN(r->until_ns, wf_timeout_from_now(r->options.linger_ms)));
}

/* The fiber is in the background, as the keeper is: the task that stops the
 * server waits for it. */
static void
leave(void *it, uint64_t until_ns)
{
    static const struct weft_fiber_options options = {.name = "leave registry",
                                                      .background = true};
    struct registration *r = it;
    wf_mutex_lock_surely(&r->lock);
    r->until_ns = until_ns;
    r->leaver = (weft_fiber){0};
    weft_err err = WEFT_OK;
    if (r->view.state != WEFT_REGISTRATION_NONE && until_ns > wf_sys_now_ns())
        err = weft_fiber_start_with(&options, leave_registry, r, &r->leaver);
    if (r->view.state != WEFT_REGISTRATION_NONE)
        set_state(r, WEFT_REGISTRATION_LEAVING);
    weft_mutex_unlock(&r->lock);
    if (err)
        wf_log_limited(WEFT_LOG_WARN,
                       "%.200s: the server cannot deregister: %s",
                       r->options.target, weft_err_text(err));
}

static void
await_end(void *it)
{
    struct registration *r = it;
    weft_shield_begin();
    if (r->leaver.id && weft_fiber_join_until(r->leaver, r->until_ns))
        weft_fiber_cancel(r->leaver);
    weft_shield_end();
    wf_join_surely(r->leaver);
    end_keeper(r); /* if the leaver could not start */
    if (r->options.kind->rest)
        r->options.kind->rest(&r->entry);
    wf_mutex_lock_surely(&r->lock);
    set_state(r, WEFT_REGISTRATION_NONE);
    weft_mutex_unlock(&r->lock);
}

static void
hurry(void *it)
{
    struct registration *r = it;
    wf_mutex_lock_surely(&r->lock);
    weft_fiber_cancel(r->leaver);
    weft_mutex_unlock(&r->lock);
}

/* ---- life ---- */

static void
free_registration(void *it)
{
    struct registration *r = it;
    if (r->options.kind && r->options.kind->close)
        r->options.kind->close(&r->entry);
    weft_http_free(r->entry.http);
    weft_arena_fini(&r->arena);
    wf_sys_free(r);
}

static const struct wf_registry_ops ops = {.start = start,
                                           .leave = leave,
                                           .await = await_end,
                                           .hurry = hurry,
                                           .free = free_registration};

static weft_err
prepare(struct registration *r, const char *registry,
        const struct weft_registry_options *options)
{
    struct wf_register_options *o = &r->options;
    weft_arena_init(&r->arena, 0);
    weft_err err = wf_register_options(registry, options, &r->arena, o);
    if (err)
        return err;
    r->entry.weight = o->weight;
    r->entry.ttl_ms = o->ttl_ms;
    r->entry.tags = o->tags;
    r->entry.n_tags = o->n_tags;
    if (o->kind->open)
        return o->kind->open(&r->entry, o->name);
    return wf_registry_open(o->name, 0, &r->entry.http, &r->entry.path);
}

weft_err
weft_server_add_registry(struct weft_server *server, const char *registry,
                         const struct weft_registry_options *options)
{
    struct registration *r = wf_sys_zalloc(sizeof *r);
    if (!r)
        return -ENOMEM;
    weft_err err = prepare(r, registry, options);
    if (!err)
        err = wf_server_add_registry(server, &ops, r,
                                     r->options.leave_timeout_ms +
                                         r->options.linger_ms);
    if (err)
        free_registration(r);
    return err;
}

/* ---- the view ---- */

struct look {
    struct weft_arena *arena;
    struct weft_registration_views *views;
    weft_err err;
};

static void
view(void *it, void *arg)
{
    struct registration *r = it;
    struct look *look = arg;
    struct weft_registration_view *v =
        weft_push(look->arena, look->views, sizeof *v);
    if (!v) {
        look->err = WEFT_EBUDGET;
        return;
    }
    wf_mutex_lock_surely(&r->lock);
    *v = r->view;
    v->registry = weft_arena_printf(look->arena, "%s", r->options.target);
    v->address = weft_arena_printf(look->arena, "%s", r->entry.address);
    if (*r->why)
        v->reason = weft_arena_printf(look->arena, "%s", r->why);
    if (!v->registry.ptr || !v->address.ptr || (*r->why && !v->reason.ptr))
        look->err = WEFT_EBUDGET;
    weft_mutex_unlock(&r->lock);
}

weft_err
weft_server_get_registrations(const struct weft_server *server,
                              struct weft_arena *arena,
                              struct weft_registration_views *views)
{
    struct look look = {arena, views, WEFT_OK};
    *views = (struct weft_registration_views){0};
    wf_server_each_registry(server, &ops, view, &look);
    return look.err;
}
