/* SPDX-License-Identifier: MIT */
/*
 * Which connection a call uses, if a client has more than one.
 *
 * Shared lanes: of two random lanes, the one with fewer calls. A pool: the free
 * lane with the lowest index. So the first lanes carry most calls, and the last
 * ones become idle and are closed when fewer lanes are needed.
 *
 * Proof that one call at a time has a lane of a pool.
 *
 * 1. A call takes one from n_free, then clears a bit of `free`; it has the lane
 *    whose bit it cleared. A bit is cleared by one compare-and-swap, so only
 *    one call clears it. Whoever has the lane sets its bit, and then adds one
 *    to n_free. So there are always at least as many set bits as calls between
 *    these two steps, and `lowest` finds one.
 * 2. A call gives its lane back once. Until it has a slot of a connection, the
 *    caller has the lane (x->lane). From then on who takes the call out of the
 *    slot gives the lane back, and the proof in client_pending.c says that
 *    exactly one thread does so. It does so before it completes the call, so
 *    the caller still counts as a user of the client, and the lane exists.
 * 3. A call that is given up may still be answered later, and the next call
 *    would wait behind it. So its connection is retired before the lane is
 *    given back.
 *
 * Attacked by tests/stress/stress_calls.c.
 */
#include "rpc/client_lanes.h"

#include <errno.h>

#define IDLE_MS 30000u

/* ---- making and freeing ---- */

static struct weft_client_options
options_of_lane(const struct weft_client_options *options)
{
    struct weft_client_options o = {0};
    if (options)
        o = *options;
    bool is_pool = o.pool_max > 0;
    bool is_http = o.dialect.framing == WEFT_HTTP || o.dialect.around;
    if (is_pool)
        o.max_calls = is_http ? 128 : 8; /* oneway calls count until sent */
    o.connections = 0;
    o.pool_max = o.pool_min = o.pool_idle_ms = 0;
    o.pool_once = false;
    return o;
}

static weft_err
make_lane(struct weft_client *client, const char *address,
          const struct weft_client_options *options, uint32_t i)
{
    struct wf_lane *lane = &client->lanes->lane[i];
    weft_err err = wf_client_new(address, options, &lane->client);
    if (err)
        return err;
    lane->lanes = client->lanes;
    lane->index = i;
    lane->client->lane = lane;
    if (client->lanes->is_pool) {
        wf_or(&client->lanes->free[i / 64], (uint64_t)1 << i % 64, relaxed);
        weft_sem_give(&client->lanes->n_free, 1);
    }
    return WEFT_OK;
}

static weft_err
check(struct weft_client_options *o)
{
    bool is_pool = o->pool_max > 0;
    if (!is_pool && (o->pool_min || o->pool_idle_ms || o->pool_once))
        return -EINVAL;
    if (is_pool && o->connections > 1)
        return -EINVAL;
    if (o->connections > WF_CONNECTIONS_MAX || o->pool_max > WF_POOL_MAX ||
        o->pool_min > o->pool_max)
        return -EINVAL;
    o->connections = wf_option(o->connections, 1);
    if (is_pool)
        o->pool_idle_ms = wf_option(o->pool_idle_ms, IDLE_MS);
    return WEFT_OK;
}

weft_err
wf_lanes_new(struct weft_client *client, const char *address,
             const struct weft_client_options *options)
{
    struct weft_client_options *o = &client->options;
    weft_err err = check(o);
    uint32_t n = o->pool_max ? o->pool_max : o->connections;
    if (err || (n == 1 && !o->pool_max) || client->ops)
        return err;
    struct weft_client_options of_lane = options_of_lane(options);
    client->lanes =
        wf_sys_zalloc(sizeof *client->lanes + n * sizeof(struct wf_lane));
    if (!client->lanes)
        return -ENOMEM;
    client->lanes->is_pool = o->pool_max > 0;
    client->lanes->is_once = o->pool_once;
    for (; client->lanes->n < n && !err; client->lanes->n += !err)
        err = make_lane(client, address, &of_lane, client->lanes->n);
    if (err)
        wf_lanes_free(client);
    return err;
}

void
wf_lanes_free(struct weft_client *client)
{
    if (!client->lanes)
        return;
    for (uint32_t i = 0; i < client->lanes->n; i++)
        weft_client_free(client->lanes->lane[i].client);
    wf_sys_free(client->lanes);
    client->lanes = NULL;
}

/* ---- shared lanes ---- */

static struct wf_lane *
one_that_works(struct wf_lanes *lanes, uint32_t first, uint64_t now)
{
    for (uint32_t i = 0; i < lanes->n; i++) {
        struct wf_lane *lane = &lanes->lane[(first + i) % lanes->n];
        if (!wf_client_rests(lane->client, now))
            return lane;
    }
    return &lanes->lane[first];
}

static struct wf_lane *
choose(struct wf_lanes *lanes, uint64_t now)
{
    uint32_t random = wf_task_random(wf_task_self());
    uint32_t i = random % lanes->n;
    uint32_t j = (i + 1 + (random >> 16) % (lanes->n - 1)) % lanes->n;
    /* relaxed: the counts are hints */
    uint32_t in_i = wf_load(&lanes->lane[i].n_calls, relaxed);
    uint32_t in_j = wf_load(&lanes->lane[j].n_calls, relaxed);
    if (in_j < in_i && !WF_MUTANT(busy_lane_chosen))
        i = j;
    struct wf_lane *lane = &lanes->lane[WF_MUTANT(first_lane_only) ? 0 : i];
    if (WEFT_UNLIKELY(wf_client_rests(lane->client, now)))
        return one_that_works(lanes, i, now);
    return lane;
}

/* ---- a pool ---- */

static bool
clear(struct wf_lanes *lanes, uint32_t i)
{
    _Atomic uint64_t *word = &lanes->free[i / 64];
    uint64_t bit = (uint64_t)1 << i % 64, old = wf_load(word, relaxed);
    while (old & bit)
        if (wf_cas(word, &old, old & ~bit, acq_rel))
            return true;
    return false;
}

/* Clear the lowest bit whose lane does not rest, or if there is none the lowest
 * bit. The loop ends: see the proof, point 1. */
static struct wf_lane *
lowest(struct wf_lanes *lanes, uint64_t now)
{
    for (bool any = false;; any = true)
        for (uint32_t i = 0; i < lanes->n; i++) {
            uint64_t word = wf_load(&lanes->free[i / 64], relaxed);
            if (word >> i % 64 == 0) { /* all further ones are busy */
                i |= 63;
                continue;
            }
            bool may = any || !wf_client_rests(lanes->lane[i].client, now);
            if (may && clear(lanes, i))
                return &lanes->lane[i];
        }
}

static void
put(struct wf_lane *lane)
{
    struct wf_lanes *lanes = lane->lanes;
    /* release: what the call did to the lane comes before the next take */
    wf_or(&lanes->free[lane->index / 64], (uint64_t)1 << lane->index % 64,
          acq_rel);
    weft_sem_give(&lanes->n_free, 1);
}

/* Close the connections of free lanes that no call has used for pool_idle_ms,
 * but for the first pool_min ones. */
static void
trim(struct wf_lanes *lanes, const struct weft_client_options *o, uint64_t now)
{
    uint64_t last = wf_load(&lanes->trimmed_ns, relaxed);
    if (now < wf_timeout_end(last, o->pool_idle_ms / 4) ||
        o->pool_idle_ms == WEFT_NONE || WF_MUTANT(idle_lanes_kept) ||
        !wf_cas(&lanes->trimmed_ns, &last, now, relaxed))
        return;
    for (uint32_t i = lanes->n; i > o->pool_min; i--) {
        struct wf_lane *lane = &lanes->lane[i - 1];
        uint64_t left = wf_load(&lane->left_ns, relaxed);
        if (left == 0 || now < wf_timeout_end(left, o->pool_idle_ms))
            continue;
        if (!weft_sem_try_take(&lanes->n_free))
            return;
        if (clear(lanes, lane->index)) {
            wf_client_drain(lane->client);
            wf_store(&lane->left_ns, 0, relaxed);
            put(lane);
        } else {
            weft_sem_give(&lanes->n_free, 1);
        }
    }
}

static weft_err
await_free(struct wf_lanes *lanes, struct wf_client_call *x)
{
    weft_err err = WEFT_ETOOMANYCALLS;
    uint64_t until =
        WF_MUTANT(pool_ignores_deadline) ? WEFT_NEVER : x->until_ns;
    if (wf_add(&lanes->n_waiters, 1, relaxed) < x->client->options.max_calls)
        err = weft_sem_take_until(&lanes->n_free, until);
    wf_sub(&lanes->n_waiters, 1, relaxed);
    if (err)
        x->lacks = WF_LACKS_LANE;
    return err;
}

static weft_err
take_free(struct wf_lanes *lanes, struct wf_client_call *x, bool may_wait,
          struct wf_lane **out)
{
    struct weft_client *client = x->client;
    trim(lanes, &client->options, x->begun_ns);
    if (!weft_sem_try_take(&lanes->n_free)) {
        if (!may_wait)
            return WEFT_OK;
        weft_err err = await_free(lanes, x);
        if (err)
            return err;
    }
    /* Calls that wait for a lane end one after another: each gives on what it
     * got. */
    if (wf_load(&client->closing, seq_cst) && !WF_MUTANT(freed_pool_calls)) {
        weft_sem_give(&lanes->n_free, 1);
        return WEFT_ECLOSED;
    }
    *out = lowest(lanes, x->begun_ns);
    return WEFT_OK;
}

/* ---- both ---- */

weft_err
wf_lane_take(struct wf_client_call *x, bool may_wait, struct wf_lane **out)
{
    struct wf_lanes *lanes = x->client->lanes;
    weft_err err = WEFT_OK;
    *out = NULL;
    if (lanes->is_pool)
        err = take_free(lanes, x, may_wait, out);
    else
        *out = choose(lanes, x->begun_ns);
    if (*out) {
        uint32_t before = wf_add(&(*out)->n_calls, 1, relaxed);
        WF_DCHECK(!lanes->is_pool || before == 0);
        (void)before;
    }
    return err;
}

void
wf_lane_give(struct wf_lane *lane)
{
    wf_sub(&lane->n_calls, 1, relaxed);
    if (!lane->lanes->is_pool)
        return;
    if (lane->lanes->is_once && !WF_MUTANT(lane_used_twice))
        wf_client_drain(lane->client);
    wf_store(&lane->left_ns, wf_sys_coarse_ns(), relaxed);
    put(lane);
}

void
wf_lanes_close(struct weft_client *client, uint64_t deadline_ns)
{
    struct wf_lanes *lanes = client->lanes;
    for (uint32_t i = 0; i < lanes->n; i++)
        wf_client_close(lanes->lane[i].client, deadline_ns);
}

/* ---- before the first call ---- */

static weft_err
connect_one(struct weft_client *client, uint64_t deadline_ns)
{
    uint64_t now = wf_sys_now_ns();
    struct wf_client_call x = {
        .client = client, .begun_ns = now, .until_ns = deadline_ns};
    struct wf_client_conn *conn = wf_client_find_conn(client, now);
    weft_err err = conn ? WEFT_OK : wf_client_make_conn(client, &x, &conn);
    if (conn)
        wf_client_conn_unref(conn);
    return err;
}

weft_err
weft_client_warm(struct weft_client *client, uint64_t deadline_ns)
{
    if (client->ops)
        return -EINVAL;
    struct wf_lanes *lanes = client->lanes;
    uint64_t until = WF_MIN(deadline_ns, wf_task_deadline());
    uint32_t n = lanes ? lanes->n : 1;
    weft_err err = WEFT_OK;
    if (lanes && lanes->is_pool)
        n = WF_MAX(client->options.pool_min, 1);
    wf_add(&client->users, 1, relaxed); /* as a call in flight */
    for (uint32_t i = 0; i < n && !err; i++)
        err = connect_one(lanes ? lanes->lane[i].client : client, until);
    wf_client_leave(client);
    return err;
}
