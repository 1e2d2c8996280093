/* SPDX-License-Identifier: MIT */
/*
 * Keeps the memory of clients, and their counters. A connection may live longer
 * than its client, so the connection stores only the id of the client.
 */
#include "rpc/client_lanes.h"

#include <string.h>

#define MAX_CLIENTS (1u << 20)

static void closed(struct wf_slot *slot);

static WF_GLOBAL struct wf_slab clients =
    WF_SLAB_INIT(struct weft_client, MAX_CLIENTS, closed);

static struct weft_client *
of(struct wf_slot *slot)
{
    return WF_CONTAINER(slot, struct weft_client, slot);
}

struct weft_client *
wf_client_alloc(void)
{
    struct wf_slot *slot = wf_slab_get(&clients);
    if (!slot)
        return NULL;
    struct weft_client *client = of(slot);
    memset((uint8_t *)client + sizeof *slot, 0, sizeof *client - sizeof *slot);
    (void)wf_slot_open(slot);
    return client;
}

bool
wf_client_fail(struct weft_client *client)
{
    return wf_slot_fail(&client->slot);
}

void
wf_client_unref(struct weft_client *client)
{
    wf_slot_unref(&clients, &client->slot);
}

/* The last reference was given up: free the client. */
static void
closed(struct wf_slot *slot)
{
    struct weft_client *client = of(slot);
    wf_sys_free(client->address);
    wf_sys_free(client->host);
    wf_sys_free(client->path);
    wf_sys_free(client->service);
    wf_slab_put(&clients, slot);
}

/* ---- events ---- */

void
wf_client_note(uint64_t client_id, enum wf_client_event event, weft_err why)
{
    static WF_GLOBAL struct wf_log_limit limits[WF_CLIENT_EVENTS];
    static const char *const texts[WF_CLIENT_EVENTS] = {
        [WF_CLIENT_NOT_CONNECTED] = "no connection could be made",
        [WF_CLIENT_BROKEN] = "the connection broke with calls in flight",
        [WF_CLIENT_REPLACED] =
            "calls time out on a connection, which is replaced",
        [WF_CLIENT_STRAY] = "a reply came that no call waits for",
        [WF_CLIENT_ENDED] = "the connection ended with no call in flight",
    };
    struct wf_slot *slot = wf_slot_ref(&clients, client_id);
    if (!slot)
        return;
    struct weft_client *client = of(slot);
    wf_add(&client->events[event], 1, relaxed);
    /* These two events need no warning: a call that finds no connection returns
     * the cause, and a connection that ends without calls in flight loses no
     * call. */
    bool is_minor =
        event == WF_CLIENT_NOT_CONNECTED || event == WF_CLIENT_ENDED;
    enum weft_log_level level = is_minor ? WEFT_LOG_DEBUG : WEFT_LOG_WARN;
    wf_log_sparsely(&limits[event], level, "%s: %s%s%s", client->address,
                    texts[event], why ? ": " : "",
                    why ? weft_err_text(why) : "");
    wf_slot_unref(&clients, slot);
}

/* relaxed: counters */
static void
add_stats(const struct weft_client *client, struct weft_client_stats *stats)
{
    const _Atomic uint64_t *n = client->events;
    stats->connects += wf_load(&n[WF_CLIENT_CONNECTED], relaxed);
    stats->failed_connects += wf_load(&n[WF_CLIENT_NOT_CONNECTED], relaxed);
    stats->broken += wf_load(&n[WF_CLIENT_BROKEN], relaxed);
    stats->replaced += wf_load(&n[WF_CLIENT_REPLACED], relaxed);
    stats->strays += wf_load(&n[WF_CLIENT_STRAY], relaxed);
    stats->ended += wf_load(&n[WF_CLIENT_ENDED], relaxed);
}

void
weft_client_get_stats(const struct weft_client *client,
                      struct weft_client_stats *stats)
{
    const struct wf_lanes *lanes = client->lanes;
    *stats = (struct weft_client_stats){0};
    if (client->ops) {
        client->ops->add_stats(client->upstream, stats);
        return;
    }
    add_stats(client, stats);
    for (uint32_t i = 0; lanes && i < lanes->n; i++)
        add_stats(lanes->lane[i].client, stats);
}
