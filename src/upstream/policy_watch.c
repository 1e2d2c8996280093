/* SPDX-License-Identifier: MIT */
/*
 * Where the document of a policy comes from: a file, or a key of a registry.
 *
 * The file is read four times a second. As in file.c, new bytes count only if
 * they read the same again at once. A writer may still be in the middle of its
 * work, so bytes that are not valid are refused only if they are there at the
 * next look, too. A registry replaces a value in one step, so there a document
 * is taken or refused as soon as it comes.
 */
#include "upstream/pause.h"
#include "upstream/upstream.h"
#include "upstream/value.h"

#include <weft/os.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define POLL_MS 250
#define LOAD_MS 10000u
#define PAUSE_MOST_MS 5000u /* after failures to ask a registry */

static const char file_prefix[] = "file:";

weft_err
wf_policy_check_source(const char *source, bool *is_file)
{
    *is_file = !strncmp(source, file_prefix, sizeof file_prefix - 1);
    bool is_good = *is_file ? source[sizeof file_prefix - 1] != '\0'
                            : !wf_value_check(source);
    if (is_good)
        return WEFT_OK;
    wf_log(WEFT_LOG_ERROR,
           "the source of a policy is \"%.100s\"; file:PATH, "
           "etcd:HOST:PORT/KEY, consul:HOST:PORT/KEY or zk:HOST:PORT/PATH is "
           "expected",
           source);
    return -EINVAL;
}

/* ---- both ---- */

static bool
is_seen(const struct wf_policy_watch *w, struct weft_str bytes)
{
    return w->seen.ptr && weft_str_eq(w->seen, bytes);
}

/* Keep new bytes, which nobody has judged yet. */
static weft_err
keep(struct wf_policy_watch *w, struct weft_str bytes)
{
    w->is_judged = w->was_bad = false;
    weft_arena_fini(&w->arena);
    weft_arena_init(&w->arena, WEFT_UNLIMITED_SIZE);
    w->seen = weft_arena_str(&w->arena, bytes.ptr, bytes.len);
    return w->seen.ptr ? WEFT_OK : -ENOMEM;
}

/* Take or refuse `seen`. -ENOMEM, WEFT_EBUDGET: try again. */
static weft_err
judge(struct wf_policies *p, bool may_be_cut)
{
    struct wf_policy_watch *w = &p->watch;
    char why[WF_POLICY_WHY];
    weft_err err = wf_policies_take(p, w->seen, why);
    if (err == -ENOMEM || err == WEFT_EBUDGET)
        return err;
    bool waits = err && may_be_cut && !w->was_bad;
    w->was_bad = true;
    if (waits)
        return WEFT_OK;
    w->is_judged = true;
    if (err)
        wf_policies_refuse(p, why);
    return WEFT_OK;
}

/* The document could be read, or not. The same error is told once. */
static void
note(struct wf_policies *p, weft_err err, const char *why)
{
    struct wf_policy_watch *w = &p->watch;
    if (err == WEFT_ECANCEL)
        return;
    if (err && err != w->told) {
        wf_policies_refuse(p, why);
        w->is_judged = w->was_bad = false; /* `why` is no longer about it */
    }
    w->told = err;
}

/* ---- a file ---- */

static weft_err
load(const struct wf_policies *p, struct weft_arena *arena,
     struct weft_str *bytes)
{
    const char *path = p->source + sizeof file_prefix - 1;
    weft_err err = weft_file_load(path, WF_POLICY_BYTES, arena, bytes);
    if (!err && !bytes->ptr)
        *bytes = weft_str_of("");
    return err;
}

/* Keep new bytes. *is_same receives whether the file still has them. */
static weft_err
keep_twice(struct wf_policies *p, struct weft_str bytes,
           struct weft_arena *arena, bool *is_same)
{
    struct weft_str again;
    weft_err err = keep(&p->watch, bytes);
    if (!err)
        err = load(p, arena, &again);
    *is_same = !err && is_seen(&p->watch, again);
    return err;
}

static weft_err
look(struct wf_policies *p, struct weft_arena *arena)
{
    struct weft_str bytes;
    bool is_same = true;
    weft_err err = load(p, arena, &bytes);
    if (p->watch.seen.ptr && WF_MUTANT(changed_policy_unseen))
        return err;
    if (!err && !is_seen(&p->watch, bytes))
        err = keep_twice(p, bytes, arena, &is_same);
    if (!err && is_same && !p->watch.is_judged)
        (void)!judge(p, true); /* without memory the next look tries again */
    return err;
}

static void
look_once(struct wf_policies *p)
{
    struct weft_arena arena;
    char why[WF_POLICY_WHY];
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    weft_err err = look(p, &arena);
    weft_arena_fini(&arena);
    snprintf(why, sizeof why, "the file cannot be read: %s",
             weft_err_text(err));
    note(p, err, why);
    wf_policies_reap(p);
}

void
wf_policy_look_first(struct wf_policies *p)
{
    look_once(p);
    if (p->watch.was_bad && !p->watch.is_judged)
        look_once(p); /* refuses it, unless it has changed */
}

/* ---- a registry ---- */

/* A key that is deleted changes nothing, as a file that is deleted. */
static weft_err
on_value(struct weft_str value, void *policies)
{
    struct wf_policies *p = policies;
    struct wf_policy_watch *w = &p->watch;
    w->n_failed = 0;
    if (!value.ptr && WF_MUTANT(deleted_policy_is_empty))
        value = weft_str_of("{}");
    if (w->seen.ptr && WF_MUTANT(changed_policy_unseen))
        return WEFT_OK;
    weft_err err = value.ptr ? WEFT_OK : -ENOENT;
    note(p, err, "the registry has no such key");
    if (err)
        return WEFT_OK;
    if (!is_seen(w, value))
        err = keep(w, value);
    if (!err && !w->is_judged)
        err = judge(p, false);
    wf_policies_reap(p);
    return err;
}

static void
follow(struct wf_policies *p)
{
    char text[WF_REGISTRY_WHY], why[WF_POLICY_WHY];
    uint64_t pause_ns;
    do {
        weft_err err = wf_value_follow(p->source, on_value, p, text);
        snprintf(why, sizeof why, "it cannot be read: %.*s",
                 (int)sizeof why - 30, text);
        note(p, err, why);
        pause_ns = wf_pause_ns(++p->watch.n_failed, PAUSE_MOST_MS);
        if (WF_MUTANT(policy_asks_without_pause))
            pause_ns = 1000000;
    } while (!weft_sleep_until(wf_sys_now_ns() + pause_ns));
}

void
wf_policy_watch(struct wf_policies *p)
{
    if (!p->is_file) {
        follow(p);
        return;
    }
    do {
        look_once(p);
    } while (!weft_sleep_ms(POLL_MS));
}

/* ---- once, without a client ---- */

struct load {
    const char *source;
    struct weft_arena *arena;
    struct weft_str text;
    bool is_done; /* the registry has answered, and `err` says what */
    weft_err err;
    char why[WF_REGISTRY_WHY];
};

static weft_err
on_first(struct weft_str value, void *user)
{
    struct load *l = user;
    l->is_done = true;
    l->err = value.ptr ? WEFT_OK : -ENOENT;
    if (value.ptr)
        l->text = weft_arena_str(l->arena, value.ptr, value.len);
    if (value.ptr && !l->text.ptr)
        l->err = WEFT_EBUDGET;
    return WEFT_EEOF; /* ends the follower */
}

static void
load_first(void *arg)
{
    struct load *l = arg;
    weft_err err = wf_value_follow(l->source, on_first, l, l->why);
    if (!l->is_done)
        l->err = err;
}

static weft_err
load_value(struct load *l, uint64_t deadline_ns)
{
    static const struct weft_fiber_options options = {.name = "load policy"};
    weft_fiber fiber;
    weft_err err = weft_fiber_start_with(&options, load_first, l, &fiber);
    if (err)
        return err;
    err = weft_fiber_join_until(fiber, deadline_ns);
    if (err)
        weft_fiber_cancel(fiber);
    wf_join_surely(fiber);
    return l->is_done || !err ? l->err : err;
}

weft_err
weft_policy_load(const char *source, struct weft_arena *arena,
                 struct weft_str *text, struct weft_str *why)
{
    return weft_policy_load_until(source, wf_timeout_from_now(LOAD_MS), arena,
                                  text, why);
}

weft_err
weft_policy_load_until(const char *source, uint64_t deadline_ns,
                       struct weft_arena *arena, struct weft_str *text,
                       struct weft_str *why)
{
    struct load l = {.source = source, .arena = arena};
    *text = *why = (struct weft_str){0};
    bool is_file;
    weft_err err = wf_policy_check_source(source, &is_file);
    if (err)
        return err;
    if (is_file)
        err = weft_file_load(source + sizeof file_prefix - 1, WF_POLICY_BYTES,
                             arena, &l.text);
    else
        err = load_value(&l, deadline_ns);
    if (!err)
        *text = l.text.ptr ? l.text : weft_str_of("");
    else if (*l.why && !l.is_done && err != WEFT_ETIMEOUT)
        *why = weft_arena_printf(arena, "%s", l.why);
    return err;
}
