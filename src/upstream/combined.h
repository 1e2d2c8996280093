/* SPDX-License-Identifier: MIT */
/*
 * What select, fan-out and partition share: such a client owns other clients,
 * its parts. Its calls are functions (wf_upstream_ops.call), which make calls
 * of the parts.
 *
 * The parts are freed after the last call has ended. Before that, `close` ends
 * the calls of the parts with WEFT_ECLOSED, so calls in flight end soon.
 */
#ifndef WEFT_UPSTREAM_COMBINED_H
#define WEFT_UPSTREAM_COMBINED_H

#include "upstream/upstream.h"

#include <weft/combine.h>

struct wf_combined {
    struct weft_client **parts; /* owned */
    uint32_t n;
    _Atomic bool closing;
};

/* Take the clients. -EINVAL: n or a client is not allowed; -ENOMEM. After an
 * error nothing is taken. */
weft_err wf_combined_init(struct wf_combined *c,
                          struct weft_client *const *clients, uint32_t n)
    WEFT_CHECKED;

/* Give the clients back, which the caller then owns again. */
void wf_combined_fini(struct wf_combined *c);

/* Make the client. `upstream` is what the functions of `ops` get. Errors as
 * wf_client_new_front. */
weft_err wf_combined_open(const char *name, uint32_t call_timeout_ms,
                          const struct wf_upstream_ops *ops, void *upstream,
                          struct weft_client **out) WEFT_CHECKED;

/* For `close`, `free` and `add_stats` of wf_upstream_ops. wf_combined_free
 * frees the parts, but not the struct. */
void wf_combined_close(struct wf_combined *c);
void wf_combined_free(struct wf_combined *c);
void wf_combined_add_stats(struct wf_combined *c,
                           struct weft_client_stats *stats);

/* A call of a part that has ended. */
struct wf_ended {
    const struct weft_client *part;
    const struct weft_call_info *info;
    weft_err err;
    uint64_t took_ns;
};

/* Append the attempts of the call to the list, in the arena; if the part makes
 * no attempts, the call is one. If there is no memory, the list lacks them. */
void wf_combined_record(struct weft_call_attempts *list,
                        struct weft_arena *arena, const struct wf_ended *ended);

/* True if another part may get a call that has ended with an error, as far as
 * the error and `reach` say. */
bool wf_combined_may_go_elsewhere(weft_err err, enum weft_call_reach reach,
                                  bool is_idempotent);

/* ---- fan_out.c, for partition.c ---- */

struct wf_fan_out {
    struct wf_combined combined;
    struct weft_fan_out_options options;
    weft_route_fn route; /* NULL: no partition, or by the key */
    /* That of the only part, if its tags say which partition a server has.
     * NULL: each part is a partition. */
    struct wf_upstream *by_tag;
};

/* Make a call to all n partitions. */
weft_err wf_fan_out_to_all(struct wf_fan_out *f,
                           const struct wf_whole_call *call, uint32_t n)
    WEFT_CHECKED;

/* Make the client; as weft_client_fan_out. */
weft_err wf_fan_out_new(struct weft_client *const *clients, uint32_t n,
                        const struct wf_fan_out *like,
                        const struct wf_upstream_ops *ops,
                        struct weft_client **out) WEFT_CHECKED;

/* For wf_upstream_ops. */
void wf_fan_out_add_stats(void *upstream, struct weft_client_stats *stats);
void wf_fan_out_close(void *upstream);
void wf_fan_out_free(void *upstream);

#endif
