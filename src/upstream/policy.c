/* SPDX-License-Identifier: MIT */
/*
 * Watches the document of a policy, and takes it when it has changed and is
 * valid. A document that is not valid changes nothing but a counter and a text.
 *
 * The file is read four times a second. As in file.c, new bytes count only if
 * they read the same again at once. A writer may still be in the middle of its
 * work, so bytes that are not valid are refused only if they are there at the
 * next look, too.
 *
 * A call copies its values when it begins, between wf_snapshot_enter and
 * wf_snapshot_leave. Proof that no call reads a policy that is freed: `take`
 * stores the new policy, and `reap` then waits until it has seen every part
 * read no list. These two accesses, the store to `reading` in
 * wf_snapshot_enter, and the load of `current` after it are seq_cst. So a
 * reader either had left when `reap` looked, or it entered after the store of
 * the new policy, and loads the new one.
 */
#include "upstream/policy.h"
#include "upstream/upstream.h"

#include <weft/os.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define POLL_MS 250
#define WHY 320 /* as long as weft_json_error, and the place */

struct wf_policies {
    struct wf_upstream *up;
    struct wf_policy_values base; /* where the document says nothing */
    _Atomic(struct wf_policy *) current;
    _Atomic bool ready; /* the fiber runs */
    /* Used by who looks: first weft_client_new, then the fiber. */
    struct weft_arena seen_arena;
    struct weft_str seen;   /* what the file held, in seen_arena */
    bool is_judged;         /* `seen` was taken or refused */
    bool was_bad;           /* `seen` was not valid at one look */
    weft_err told;          /* the last error of reading the file */
    struct weft_mutex lock; /* guards the fields below */
    struct wf_policy *old;  /* replaced, and perhaps still read */
    uint64_t n_taken, n_refused;
    char why[WHY]; /* why the file as it is now was refused */
    weft_fiber fiber;
    bool runs, closing;
    char path[];
};

/* ---- taking and refusing ---- */

static void
take(struct wf_policies *p, struct wf_policy *policy)
{
    wf_mutex_lock_surely(&p->lock);
    struct wf_policy *old = wf_load(&p->current, relaxed);
    wf_store(&p->current, policy, seq_cst);
    wf_tune(&p->up->tuned, policy->base.tuned.values);
    old->next = p->old;
    p->old = old;
    p->n_taken++;
    p->why[0] = '\0';
    weft_mutex_unlock(&p->lock);
    wf_log_limited(WEFT_LOG_INFO, "%s: the policy is taken", p->path);
}

static void
refuse(struct wf_policies *p, const char *why)
{
    wf_mutex_lock_surely(&p->lock);
    p->n_refused++;
    snprintf(p->why, sizeof p->why, "%s", why);
    weft_mutex_unlock(&p->lock);
    wf_log_limited(WEFT_LOG_WARN,
                   "%s: the policy is refused, the last one stays: %s", p->path,
                   why);
}

/* Wait until no call reads `list`, which were replaced, and free them. A cancel
 * leaves them to wf_policies_free. */
static void
reap(struct wf_policies *p)
{
    weft_err err = WEFT_OK;
    wf_mutex_lock_surely(&p->lock);
    struct wf_policy *list = p->old;
    weft_mutex_unlock(&p->lock);
    for (uint32_t i = 0; list && i < wf_parts_count() && !err; i++)
        while (!err && wf_load(&p->up->parts[i].reading, seq_cst) &&
               !WF_MUTANT(read_policy_freed))
            err = weft_sleep_ms(1);
    if (err || !list)
        return;
    wf_mutex_lock_surely(&p->lock);
    p->old = NULL; /* only this fiber takes policies, so it is still `list` */
    weft_mutex_unlock(&p->lock);
    while (list) {
        struct wf_policy *next = list->next;
        wf_policy_free(list);
        list = next;
    }
}

/* ---- looking ---- */

static bool
is_seen(const struct wf_policies *p, struct weft_str bytes)
{
    return p->seen.ptr && weft_str_eq(p->seen, bytes);
}

/* Take or refuse `seen`. Without memory the next look tries again. */
static void
judge(struct wf_policies *p)
{
    struct weft_json_error at;
    struct wf_policy *policy;
    char why[WHY];
    weft_err err = wf_policy_read(p->seen, &p->base, &policy, &at);
    if (err == -ENOMEM || err == WEFT_EBUDGET)
        return;
    bool waits = err && !p->was_bad;
    p->was_bad = true;
    if (waits)
        return;
    p->is_judged = true;
    if (!err) {
        take(p, policy);
        return;
    }
    snprintf(why, sizeof why, "line %u, column %u: %s", at.line, at.column,
             at.text);
    refuse(p, why);
}

static weft_err
load(struct wf_policies *p, struct weft_arena *arena, struct weft_str *bytes)
{
    weft_err err = weft_file_load(p->path, WF_POLICY_BYTES, arena, bytes);
    if (!err && !bytes->ptr)
        *bytes = weft_str_of("");
    return err;
}

/* Keep new bytes. *is_same receives whether the file still has them. */
static weft_err
keep(struct wf_policies *p, struct weft_str bytes, struct weft_arena *arena,
     bool *is_same)
{
    struct weft_str again;
    p->is_judged = p->was_bad = false;
    weft_arena_fini(&p->seen_arena);
    weft_arena_init(&p->seen_arena, WEFT_UNLIMITED_SIZE);
    p->seen = weft_arena_str(&p->seen_arena, bytes.ptr, bytes.len);
    if (!p->seen.ptr)
        return -ENOMEM;
    weft_err err = load(p, arena, &again);
    *is_same = !err && is_seen(p, again);
    return err;
}

static weft_err
look(struct wf_policies *p, struct weft_arena *arena)
{
    struct weft_str bytes;
    bool is_same = true;
    weft_err err = load(p, arena, &bytes);
    if (p->seen.ptr && WF_MUTANT(changed_policy_unseen))
        return err;
    if (!err && !is_seen(p, bytes))
        err = keep(p, bytes, arena, &is_same);
    if (!err && is_same && !p->is_judged)
        judge(p);
    return err;
}

void
wf_policies_look(struct wf_policies *p)
{
    struct weft_arena arena;
    char why[WHY];
    weft_arena_init(&arena, WEFT_UNLIMITED_SIZE);
    weft_err err = look(p, &arena);
    weft_arena_fini(&arena);
    bool is_cancel = err == WEFT_ECANCEL;
    if (err && err != p->told && !is_cancel) {
        snprintf(why, sizeof why, "the file cannot be read: %s",
                 weft_err_text(err));
        refuse(p, why);
        p->is_judged = p->was_bad = false; /* `why` is no longer about it */
    }
    p->told = is_cancel ? p->told : err;
    reap(p);
}

static void
watch(void *arg)
{
    struct wf_policies *p = arg;
    do {
        wf_policies_look(p);
    } while (!weft_sleep_ms(POLL_MS));
    wf_mutex_lock_surely(&p->lock);
    p->runs = false;
    wf_store(&p->ready, false, relaxed); /* see wf_policies_ensure */
    weft_mutex_unlock(&p->lock);
}

/* ---- for calls ---- */

void
wf_policies_ensure(struct wf_policies *p)
{
    static const struct weft_fiber_options options = {.name = "policy",
                                                      .background = true};
    /* relaxed: nothing follows from the flag but that there is nothing to do */
    if (WEFT_LIKELY(wf_load(&p->ready, relaxed)))
        return;
    wf_mutex_lock_surely(&p->lock);
    if (!p->runs && !p->closing)
        p->runs = !weft_fiber_start_with(&options, watch, p, &p->fiber);
    wf_store(&p->ready, p->runs, relaxed);
    weft_mutex_unlock(&p->lock);
}

void
wf_policies_plan(void *upstream, const struct weft_method *method,
                 struct wf_attempt *a)
{
    struct wf_upstream *up = upstream;
    wf_policies_ensure(up->policies);
    uint32_t part = wf_parts_index();
    (void)wf_snapshot_enter(up, part);
    const struct wf_policy *policy = wf_load(&up->policies->current, seq_cst);
    WF_ATOMIC_STEP(); /* here `policy` could be freed, but for the proof */
    memcpy(&a->own_plan, wf_policy_find(policy, method)->values,
           sizeof a->own_plan);
    wf_snapshot_leave(up, part);
}

weft_err
wf_policies_view(struct wf_policies *p, const struct weft_method *method,
                 struct weft_arena *arena, struct weft_policy_view *view)
{
    wf_mutex_lock_surely(&p->lock);
    view->taken = p->n_taken;
    view->refused = p->n_refused;
    weft_err err = wf_policy_put(wf_load(&p->current, relaxed), method, arena,
                                 &view->text);
    if (!err && *p->why) {
        view->why = weft_arena_printf(arena, "%s", p->why);
        err = view->why.ptr ? WEFT_OK : WEFT_EBUDGET;
    }
    weft_mutex_unlock(&p->lock);
    return err;
}

/* ---- life ---- */

/* The path of a document that the option names; NULL: it is malformed. */
static const char *
path_of(const char *source)
{
    if (strncmp(source, "file:", 5) == 0 && source[5])
        return source + 5;
    wf_log(WEFT_LOG_ERROR,
           "the option policy is \"%.100s\"; file:PATH is "
           "expected",
           source);
    return NULL;
}

weft_err
wf_policies_new(struct wf_upstream *up, const char *source,
                const struct wf_policy_values *base)
{
    const char *path = path_of(source);
    struct weft_json_error why;
    struct wf_policy *first;
    if (!path)
        return -EINVAL;
    size_t size = strlen(path) + 1;
    struct wf_policies *p = wf_sys_zalloc(sizeof *p + size);
    if (!p)
        return -ENOMEM;
    up->policies = p;
    p->up = up;
    p->base = *base;
    memcpy(p->path, path, size);
    weft_arena_init(&p->seen_arena, WEFT_UNLIMITED_SIZE);
    /* This document is valid, so the only errors are those of memory. */
    if (wf_policy_read(weft_str_of("{}"), base, &first, &why))
        return -ENOMEM;
    wf_store(&p->current, first, relaxed); /* nobody else has `up` yet */
    wf_policies_look(p);
    if (p->was_bad && !p->is_judged)
        wf_policies_look(p); /* refuses it, unless it has changed */
    return WEFT_OK;
}

void
wf_policies_close(struct wf_policies *p)
{
    wf_mutex_lock_surely(&p->lock);
    p->closing = true;
    weft_fiber fiber = p->fiber;
    weft_mutex_unlock(&p->lock);
    weft_fiber_cancel(fiber);
    wf_join_surely(fiber);
}

void
wf_policies_free(struct wf_policies *p)
{
    if (!p)
        return;
    while (p->old) {
        struct wf_policy *next = p->old->next;
        wf_policy_free(p->old);
        p->old = next;
    }
    wf_policy_free(wf_load(&p->current, relaxed));
    weft_arena_fini(&p->seen_arena);
    wf_sys_free(p);
}
