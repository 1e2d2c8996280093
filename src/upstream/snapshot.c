/* SPDX-License-Identifier: MIT */
/*
 * Replaces the list of endpoints while calls use it.
 *
 * Each worker has a part (struct wf_part). A list that was replaced may be
 * freed when no part reads it. Proof: a reader stores the list in `reading`,
 * and then loads `list`; if `list` has changed, the reader tries again. The
 * publisher stores the new list in `list`, and then loads `reading` of every
 * part. These four accesses are seq_cst. So if the publisher does not see the
 * old list in `reading`, there are two cases: the reader has left the old list
 * and has stored NULL, or the reader sees the new list and tries again. Part 0
 * belongs to all plain threads, so its readers hold a lock.
 *
 * An endpoint may be freed when none of the remaining lists has it, no check
 * of it is in flight (see checks.c), and no attempt on it is in flight. A
 * reader counts the attempt before it leaves the list, and the list is freed
 * only after that; so nobody can begin an attempt on an endpoint that is in no
 * list.
 */
#include "upstream/slow_start.h"
#include "upstream/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WEIGHT_MAX 1000000u

/* ---- reading ---- */

const struct wf_snapshot *
wf_snapshot_enter(struct wf_upstream *up, uint32_t part)
{
    if (part == 0)
        wf_spin_lock(&up->plain);
    for (;;) {
        const struct wf_snapshot *list = wf_load(&up->list, seq_cst);
        wf_store(&up->parts[part].reading, list, seq_cst);
        if (WEFT_LIKELY(list == wf_load(&up->list, seq_cst)))
            return list;
    }
}

void
wf_snapshot_leave(struct wf_upstream *up, uint32_t part)
{
    wf_store(&up->parts[part].reading, NULL, release);
    if (part == 0)
        wf_spin_unlock(&up->plain);
}

/* ---- freeing; the lock is held ---- */

static bool
is_read(const struct wf_upstream *up, const struct wf_snapshot *list)
{
    for (uint32_t i = 0; i < wf_parts_count(); i++)
        if (wf_load(&up->parts[i].reading, seq_cst) == list)
            return true;
    return false;
}

static void
free_list(struct wf_upstream *up, struct wf_snapshot *list,
          struct wf_turn *turn)
{
    if (list->near)
        free_list(up, list->near, turn);
    if (list->far)
        free_list(up, list->far, turn);
    for (uint32_t i = 0; i < list->n; i++) {
        struct wf_endpoint *endpoint = list->items[i].endpoint;
        wf_turn_step(turn);
        if (--endpoint->lists > 0)
            continue;
        endpoint->next = up->dropped;
        up->dropped = endpoint;
    }
    wf_schemes_free(list->schemes);
    wf_sys_free(list->tags);
    wf_sys_free(list->order);
    wf_sys_free(list->table);
    wf_sys_free(list);
}

static void
free_unread(struct wf_upstream *up, struct wf_turn *turn)
{
    struct wf_snapshot **place = &up->old;
    while (*place) {
        struct wf_snapshot *list = *place;
        if (is_read(up, list)) {
            place = &list->next;
            continue;
        }
        *place = list->next;
        free_list(up, list, turn);
    }
}

/* Free the endpoints that are in no list and that nobody uses. Keep an endpoint
 * that still has a connection, because the connection may have bytes to send.
 * `is_last`: free this endpoint, too. */
static void
free_unused(struct wf_upstream *up, bool is_last, struct wf_turn *turn)
{
    struct wf_endpoint **place = &up->dropped;
    while (*place) {
        struct wf_endpoint *endpoint = *place;
        wf_turn_step(turn);
        /* Drain the client again, because an attempt that chose the endpoint
         * from an old list may have opened a new connection. */
        wf_client_drain(endpoint->client);
        bool is_checked =
            endpoint->check.runs && !WF_MUTANT(checked_endpoint_freed);
        if (wf_endpoint_in_flight(endpoint) > 0 || is_checked ||
            (!is_last && wf_client_is_connected(endpoint->client))) {
            place = &endpoint->next;
            continue;
        }
        *place = endpoint->next;
        wf_endpoint_free(endpoint);
    }
}

static void
each_of(const struct wf_snapshot *list,
        void (*fn)(struct wf_endpoint *endpoint, void *arg), void *arg)
{
    for (uint32_t i = 0; i < list->n; i++)
        fn(list->items[i].endpoint, arg);
}

void
wf_snapshot_each(struct wf_upstream *up,
                 void (*fn)(struct wf_endpoint *endpoint, void *arg), void *arg)
{
    wf_mutex_lock_surely(&up->lock);
    each_of(wf_load(&up->list, relaxed), fn, arg);
    for (const struct wf_snapshot *list = up->old; list; list = list->next)
        each_of(list, fn, arg);
    for (struct wf_endpoint *e = up->dropped; e; e = e->next)
        fn(e, arg);
    weft_mutex_unlock(&up->lock);
}

void
wf_snapshot_each_item(struct wf_upstream *up,
                      void (*fn)(const struct wf_item *item, void *arg),
                      void *arg)
{
    wf_mutex_lock_surely(&up->lock);
    const struct wf_snapshot *list = wf_load(&up->list, relaxed);
    for (uint32_t i = 0; i < list->n; i++)
        fn(&list->items[i], arg);
    weft_mutex_unlock(&up->lock);
}

void
wf_snapshot_free_all(struct wf_upstream *up)
{
    struct wf_snapshot *list = wf_load(&up->list, relaxed);
    struct wf_turn turn = {0};
    if (list)
        free_list(up, list, &turn);
    free_unread(up, &turn);
    free_unused(up, true, &turn);
    WF_CHECK(!up->old && !up->dropped);
}

/* ---- making a list ---- */

static int
by_address(const void *a, const void *b)
{
    const struct weft_endpoint *x = a, *y = b;
    return strcmp(x->address, y->address);
}

/* The endpoint of this address in the list, or NULL. *at is where the search
 * begins; it is 0 at first. The addresses of the searches ascend, as those of
 * the list do. */
static struct wf_endpoint *
find(const struct wf_snapshot *list, const char *address, uint32_t *at)
{
    for (; *at < list->n; ++*at) {
        struct wf_endpoint *endpoint = list->items[*at].endpoint;
        int order = strcmp(address, endpoint->address);
        if (order <= 0)
            return order == 0 ? endpoint : NULL;
    }
    return NULL;
}

static weft_err
refuse(weft_err err, const struct weft_endpoint *source, const char *text,
       char *why)
{
    snprintf(why, WF_WHY, "`%.100s` %s", source->address, text);
    return err;
}

/* Append the endpoint that the old list has for this address, or a new
 * endpoint. `at` is for find. */
static weft_err
append(struct wf_upstream *up, struct wf_snapshot *list,
       const struct weft_endpoint *source, uint32_t *at, char *why)
{
    const struct wf_snapshot *old = wf_load(&up->list, relaxed);
    struct wf_item *item = &list->items[list->n];
    weft_err err = WEFT_OK;
    if (source->weight > WEIGHT_MAX)
        return refuse(-EINVAL, source, "has a weight above 1,000,000", why);
    /* WEIGHT_MAX fits into the 20 bits; the mask only tells the compiler so */
    item->weight = WF_MAX(source->weight, 1) & 0xfffff;
    item->is_near = up->zones.own && source->zone &&
                    strcmp(source->zone, up->zones.own) == 0;
    item->endpoint = find(old, source->address, at);
    if (!item->endpoint)
        err = wf_endpoint_new(source->address, &up->endpoint_options,
                              &item->endpoint);
    if (err == WEFT_EADDRESS)
        return refuse(err, source, "is no address of one server", why);
    if (err)
        return err;
    /* in the first list all are new, so none has to be spared */
    if (item->endpoint->lists == 0 && old->n > 0)
        wf_slow_start_begin(up, item->endpoint, wf_sys_now_ns());
    item->endpoint->lists++;
    list->n++;
    return WEFT_OK;
}

/* Returns how many items are near, or are not. */
static uint32_t
count(const struct wf_snapshot *list, bool is_near)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n; i++)
        n += list->items[i].is_near == is_near;
    return n;
}

/* Make a list of the items that are near, or of the others. *out receives the
 * list also after an error. */
static weft_err
make_part(const struct wf_upstream *up, const struct wf_snapshot *list,
          bool is_near, struct wf_snapshot **out, struct wf_turn *turn)
{
    uint32_t n = count(list, is_near);
    struct wf_snapshot *part =
        wf_sys_zalloc(sizeof *part + n * sizeof part->items[0]);
    *out = part;
    if (!part)
        return -ENOMEM;
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->items[i].is_near != is_near)
            continue;
        part->items[part->n++] = list->items[i];
        list->items[i].endpoint->lists++;
        wf_turn_step(turn);
    }
    return wf_list_prepare(up, part, turn);
}

/* Fill the list from endpoints that are sorted by address. */
static weft_err
fill(struct wf_upstream *up, struct wf_snapshot *list,
     const struct weft_endpoint *sorted, uint32_t n, char *why,
     struct wf_turn *turn)
{
    weft_err err = WEFT_OK;
    uint32_t at = 0;
    for (uint32_t i = 0; i < n && !err; i++) {
        err = append(up, list, &sorted[i], &at, why);
        wf_turn_step(turn);
    }
    if (!err)
        err = wf_tags_take(list, sorted);
    list->n_listed = list->n;
    uint32_t n_near = count(list, true);
    if (!err && n_near > 0 && n_near < list->n) {
        err = make_part(up, list, true, &list->near, turn);
        return err ? err : make_part(up, list, false, &list->far, turn);
    }
    if (!err)
        err = wf_list_prepare(up, list, turn);
    if (!err && up->options.by_tag)
        err = wf_schemes_make(up, list, turn);
    return err;
}

/* Sort by address the endpoints that the client uses, and reduce *n to their
 * number. */
static weft_err
sort(const struct wf_upstream *up, struct weft_endpoint *endpoints, uint32_t *n,
     char *why, struct wf_turn *turn)
{
    weft_err err = wf_sort(endpoints, *n, sizeof *endpoints, by_address, turn);
    for (uint32_t i = 1; i < *n && !err; i++)
        if (strcmp(endpoints[i].address, endpoints[i - 1].address) == 0)
            return refuse(WEFT_EADDRESS, &endpoints[i], "is there twice", why);
    return err ? err : wf_subset(up, endpoints, n, turn);
}

static weft_err
make(struct wf_upstream *up, const struct weft_endpoint *endpoints, uint32_t n,
     struct wf_snapshot **out, char *why, struct wf_turn *turn)
{
    struct weft_endpoint *sorted = wf_sys_malloc(n * sizeof *sorted + 1);
    *out = NULL;
    if (!sorted)
        return -ENOMEM;
    if (n > 0)
        memcpy(sorted, endpoints, n * sizeof *sorted);
    weft_err err = sort(up, sorted, &n, why, turn);
    if (!err)
        *out = wf_sys_zalloc(sizeof **out + n * sizeof(*out)->items[0]);
    if (!err)
        err = *out ? fill(up, *out, sorted, n, why, turn) : -ENOMEM;
    wf_sys_free(sorted);
    if (!err)
        return WEFT_OK;
    if (*out)
        free_list(up, *out, turn); /* nobody reads the list */
    *out = NULL;
    return err;
}

/* ---- publishing ---- */

/* Drain the endpoints that are only in the old list. */
static void
drain(struct wf_upstream *up, const struct wf_snapshot *old,
      const struct wf_snapshot *new, struct wf_turn *turn)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < old->n; i++) {
        struct wf_endpoint *endpoint = old->items[i].endpoint;
        wf_turn_step(turn);
        if (find(new, endpoint->address, &at))
            continue;
        wf_health_drop(up, endpoint);
        wf_breaker_drop(up, endpoint);
        wf_client_drain(endpoint->client);
    }
}

weft_err
wf_snapshot_publish(struct wf_upstream *up,
                    const struct weft_endpoint *endpoints, uint32_t n,
                    char *why)
{
    struct wf_snapshot *list;
    struct wf_turn turn = {0};
    if (n > WF_ENDPOINTS_MAX) {
        snprintf(why, WF_WHY, "%u servers are too many; %u may be listed", n,
                 WF_ENDPOINTS_MAX);
        return -EINVAL;
    }
    wf_mutex_lock_surely(&up->lock);
    weft_err err = make(up, endpoints, n, &list, why, &turn);
    if (!err) {
        struct wf_snapshot *old = wf_load(&up->list, relaxed);
        wf_store(&up->list, list, seq_cst);
        wf_store(&up->ejections.n_listed, n, relaxed);
        wf_schemes_tell(up, list);
        wf_store(&up->usable_changed, true, release);
        drain(up, old, list, &turn);
        old->next = up->old;
        up->old = old;
    }
    free_unread(up, &turn);
    free_unused(up, false, &turn);
    weft_mutex_unlock(&up->lock);
    return err;
}
