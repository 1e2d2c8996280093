/* SPDX-License-Identifier: MIT */
/* Limits the memory that the large messages of all calls of a server take. */
#include "rpc/call.h"

/* Add the inflated size of a large message to the memory that all calls take.
 * Small messages are not counted, because the limit of calls bounds the memory
 * of small messages. A message that has no room even when the server is idle
 * gets WEFT_ETOOBIG, so that its caller does not try again. */
weft_err
wf_call_charge(struct weft_call *call)
{
    struct weft_server *server = call->conn->server;
    size_t len = call->message.len, most = server->memory.max;
    if (len > most) {
        wf_add(&wf_counters_mine(server->counters)->bad_messages, 1, relaxed);
        call->why = weft_arena_printf(
            &call->arena,
            "WEFT_ETOOBIG: the message has %zu bytes, and all calls of the "
            "server together have memory for %zu (max_memory)",
            len, most);
        return WEFT_ETOOBIG;
    }
    if (!wf_pool_take(&server->memory, len)) {
        wf_add(&wf_counters_mine(server->counters)->overloads, 1, relaxed);
        return WEFT_EOVERLOAD;
    }
    call->charged = len;
    return WEFT_OK;
}
