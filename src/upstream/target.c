/* SPDX-License-Identifier: MIT */
/*
 * Makes a client from the text of its target. A target is an address, or
 *
 *   list:ADDRESS[;weight=N][,ADDRESS[;weight=N]]...
 */
#include "upstream/upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- list: ---- */

/* Read `weight=N`. */
static bool
read_weight(const char *text, uint32_t *weight)
{
    static const char name[] = "weight=";
    char *end;
    if (strncmp(text, name, sizeof name - 1) != 0)
        return false;
    text += sizeof name - 1;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n == 0 || n > UINT32_MAX)
        return false;
    *weight = (uint32_t)n;
    return true;
}

/* Read one entry of a list. A NUL replaces each `;` in `text`. The address in
 * *endpoint points to `text`. */
static weft_err
read_entry(char *text, struct weft_endpoint *endpoint)
{
    char *word, *rest = strchr(text, ';');
    *endpoint = (struct weft_endpoint){.address = text};
    if (rest)
        *rest++ = '\0';
    while ((word = rest) != NULL) {
        rest = strchr(word, ';');
        if (rest)
            *rest++ = '\0';
        if (!read_weight(word, &endpoint->weight)) {
            wf_log(WEFT_LOG_ERROR,
                   "list: after %s: `%.80s` is not known; write ;weight=N",
                   text, word);
            return WEFT_EADDRESS;
        }
    }
    return WEFT_OK;
}

static uint32_t
count_entries(const char *text)
{
    uint32_t n = *text != '\0';
    for (; *text; text++)
        n += *text == ',';
    return n;
}

static weft_err
read_list(struct wf_upstream *up, char *text)
{
    uint32_t n = count_entries(text);
    struct weft_endpoint *endpoints = wf_sys_zalloc(n * sizeof *endpoints + 1);
    weft_err err = endpoints ? WEFT_OK : -ENOMEM;
    for (uint32_t i = 0; i < n && !err; i++) {
        char *next = text + strcspn(text, ",");
        if (*next)
            *next++ = '\0';
        err = read_entry(text, &endpoints[i]);
        text = next;
    }
    if (!err)
        err = wf_snapshot_publish(up, endpoints, n);
    wf_sys_free(endpoints);
    return err;
}

/* Make the client, and give the client the list of its target. */
static weft_err
new_of_list(const char *target, const struct weft_client_options *options,
            struct weft_client **out)
{
    weft_err err = wf_upstream_new(target, options, out);
    if (err)
        return err;
    const char *entries = strchr(target, ':') + 1;
    size_t size = strlen(entries) + 1;
    char *copy = wf_sys_malloc(size);
    err = copy ? WEFT_OK : -ENOMEM;
    if (copy)
        err = read_list(wf_upstream_of(*out), memcpy(copy, entries, size));
    wf_sys_free(copy);
    if (err) {
        weft_client_free(*out);
        *out = NULL;
    }
    return err;
}

/* ---- targets ---- */

weft_err
weft_client_new(const char *target, const struct weft_client_options *options,
                struct weft_client **out)
{
    if (strncmp(target, "list:", 5) == 0)
        return new_of_list(target, options, out);
    return wf_client_new(target, options, out);
}

/* ---- the list of a client ---- */

weft_err
weft_client_set_endpoints(struct weft_client *client,
                          const struct weft_endpoint *endpoints, uint32_t n)
{
    struct wf_upstream *up = wf_upstream_of(client);
    return up ? wf_snapshot_publish(up, endpoints, n) : -EINVAL;
}

struct look {
    struct weft_arena *arena;
    struct weft_endpoint_views *views;
    weft_err err;
};

static void
view(const struct wf_item *item, void *arg)
{
    struct look *look = arg;
    const struct wf_endpoint *endpoint = item->endpoint;
    const struct wf_load *loads = wf_load(&endpoint->loads, acquire);
    const char *address = wf_client_address(endpoint->client);
    uint64_t now = wf_sys_now_ns(), seen = 0;
    struct weft_endpoint_view *v =
        weft_push(look->arena, look->views, sizeof *v);
    if (!v) {
        look->err = WEFT_EBUDGET;
        return;
    }
    v->address =
        weft_arena_str(look->arena, address, (uint32_t)strlen(address));
    if (!v->address.ptr)
        look->err = WEFT_EBUDGET;
    v->weight = item->weight;
    v->in_flight = (uint32_t)wf_endpoint_in_flight(endpoint);
    for (uint32_t i = 0; loads && i < wf_parts_count(); i++) {
        uint64_t at = wf_load(&loads[i].seen_ns, relaxed);
        v->attempts += wf_load(&loads[i].begun, relaxed);
        v->failures += wf_load(&loads[i].failed, relaxed);
        if (at <= seen)
            continue;
        seen = at; /* so far the newest latency: report it */
        v->latency_ns = wf_load_decayed(wf_load(&loads[i].latency_ns, relaxed),
                                        now - WF_MIN(at, now));
    }
}

weft_err
weft_client_get_endpoints(struct weft_client *client, struct weft_arena *arena,
                          struct weft_endpoint_views *views)
{
    struct wf_upstream *up = wf_upstream_of(client);
    struct look look = {arena, views, WEFT_OK};
    *views = (struct weft_endpoint_views){0};
    if (!up)
        return -EINVAL;
    wf_snapshot_each_item(up, view, &look);
    return look.err;
}
