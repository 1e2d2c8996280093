/* SPDX-License-Identifier: MIT */
#include "upstream/combined.h"

#include <errno.h>
#include <string.h>

/* ---- making ---- */

static void
give_back(struct wf_combined *c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        wf_client_give_part_back(c->parts[i]);
    wf_sys_free(c->parts);
    c->parts = NULL;
}

weft_err
wf_combined_init(struct wf_combined *c, struct weft_client *const *clients,
                 uint32_t n)
{
    if (n == 0 || n > WEFT_CLIENTS_MAX)
        return -EINVAL;
    c->parts = wf_sys_malloc(n * sizeof(*c->parts));
    if (!c->parts)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        c->parts[i] = clients[i];
        if (!clients[i] || !wf_client_take_part(clients[i])) {
            give_back(c, i);
            return -EINVAL;
        }
    }
    c->n = n;
    return WEFT_OK;
}

void
wf_combined_fini(struct wf_combined *c)
{
    give_back(c, c->n);
}

weft_err
wf_combined_open(const char *name, uint32_t call_timeout_ms,
                 const struct wf_upstream_ops *ops, void *upstream,
                 struct weft_client **out)
{
    const struct weft_client_options options = {.call_timeout_ms =
                                                    call_timeout_ms};
    return wf_client_new_front(name, &options, ops, upstream, out);
}

/* ---- ending ---- */

void
wf_combined_close(struct wf_combined *c)
{
    wf_store(&c->closing, true, seq_cst);
    for (uint32_t i = 0; i < c->n; i++)
        wf_client_end_calls(c->parts[i]);
}

void
wf_combined_free(struct wf_combined *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        wf_client_free_part(c->parts[i]);
    wf_sys_free(c->parts);
}

/* ---- after a failure ---- */

/* A call to all of several clients may end with the refusal of one server
 * although another one has executed it: `reach` tells. */
bool
wf_combined_may_go_elsewhere(weft_err err, enum weft_call_reach reach,
                             bool is_idempotent)
{
    const struct wf_attempt a = {
        .err = err,
        .reach = reach,
        .is_idempotent = is_idempotent,
        .until_ns = WEFT_NEVER,
        .deadline_ns = WEFT_NEVER,
    };
    if (reach == WEFT_CALL_MAYBE_HANDLED && !is_idempotent)
        return false;
    return err == WEFT_ENOENDPOINT || wf_attempt_may_go_elsewhere(&a);
}

/* ---- what is known of it ---- */

void
wf_combined_add_stats(struct wf_combined *c, struct weft_client_stats *sum)
{
    for (uint32_t i = 0; i < c->n; i++)
        wf_stats_add(sum, c->parts[i]);
}

void
wf_combined_record(struct weft_call_attempts *list, struct weft_arena *arena,
                   const struct wf_ended *ended)
{
    const char *name = wf_client_address(ended->part);
    const struct weft_call_attempt self = {
        .endpoint = weft_arena_str(arena, name, (uint32_t)strlen(name)),
        .text = ended->info->text,
        .took_ns = ended->took_ns,
        .err = ended->err,
        .reach = ended->info->reach,
    };
    struct weft_call_attempts own = ended->info->attempts;
    uint32_t n = own.len ? own.len : 1;
    for (uint32_t i = 0; i < n; i++) {
        struct weft_call_attempt *a = weft_push(arena, list, sizeof *a);
        if (a)
            *a = own.len ? own.items[i] : self;
    }
}
