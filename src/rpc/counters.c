/* SPDX-License-Identifier: MIT */
#include "rpc/counters.h"

#include "rpc/server.h"

/* Add up the counters of all workers. Every field is a counter of 8 bytes.
 * relaxed: `sum` belongs to the caller, and counters order nothing. */
static void
sum_counters(const struct weft_server *server, struct wf_server_counters *sum)
{
    _Atomic uint64_t *to = (_Atomic uint64_t *)sum;
    for (uint32_t i = 0; i < wf_parts_count(); i++) {
        const _Atomic uint64_t *from =
            wf_parts_at(server->counters, sizeof *sum, i);
        for (size_t k = 0; k < sizeof *sum / sizeof *to; k++)
            wf_store(&to[k], to[k] + wf_load(&from[k], relaxed), relaxed);
    }
}

void
weft_server_get_stats(const struct weft_server *server,
                      struct weft_server_stats *stats)
{
    struct wf_server_counters sum = {0};
    const struct wf_server_counters *n = &sum;
    sum_counters(server, &sum);
    *stats = (struct weft_server_stats){
        .accepted = wf_load(&n->accepted, relaxed),
        .refused = wf_load(&n->refused, relaxed),
        .calls = wf_gauge_begun(&server->in_flight),
        .replies = wf_load(&n->replies, relaxed),
        .exceptions = wf_load(&n->exceptions, relaxed),
        .oneways = wf_load(&n->oneways, relaxed),
        .overloads = wf_load(&n->overloads, relaxed),
        .bad_messages = wf_load(&n->bad_messages, relaxed),
        .calls_in_flight = wf_gauge_sum(&server->in_flight),
#define GUESS(name, GUESS_NAME) \
    .unrecognised.name =        \
        wf_load(&n->unrecognised[WF_GUESS_##GUESS_NAME], relaxed)
        GUESS(unknown, UNKNOWN),
        GUESS(tls, TLS),
        GUESS(http2, HTTP2),
        GUESS(ssh, SSH),
        GUESS(mesh, MESH),
        GUESS(stream, STREAM),
        GUESS(http, HTTP),
        GUESS(zlib, ZLIB),
#undef GUESS
#define CLOSED(name, NAME) \
    .closed.name = wf_load(&n->closed[WF_CLOSED_##NAME], relaxed)
        CLOSED(peer, PEER),
        CLOSED(stopped, STOPPED),
        CLOSED(forced, FORCED),
        CLOSED(idle, IDLE),
        CLOSED(read_timeout, READ_TIMEOUT),
        CLOSED(write_timeout, WRITE_TIMEOUT),
        CLOSED(broken, BROKEN),
        CLOSED(bad_bytes, BAD_BYTES),
        CLOSED(no_resource, NO_RESOURCE),
#undef CLOSED
    };
    struct wf_conns *conns = (struct wf_conns *)(uintptr_t)&server->conns;
    if (wf_load(&server->started, relaxed))
        stats->connections = wf_conns_count(conns);
}
