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

/* True if the lane pauses between two tries to connect. relaxed: a hint. */
static bool
rests(const struct wf_lane *lane, uint64_t now)
{
    return now < wf_load(&lane->client->retry_ns, relaxed);
}

/* ---- shared lanes ---- */

static struct wf_lane *
one_that_works(struct wf_lanes *lanes, uint32_t first, uint64_t now)
{
    for (uint32_t i = 0; i < lanes->n; i++) {
        struct wf_lane *lane = &lanes->lane[(first + i) % lanes->n];
        if (!rests(lane, now))
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
    if (WEFT_UNLIKELY(rests(lane, now)))
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
            bool may = any || !rests(&lanes->lane[i], now);
            if (may && clear(lanes, i))
                return &lanes->lane[i];
        }
}

void
wf_lane_put(struct wf_lane *lane)
{
    struct wf_lanes *lanes = lane->lanes;
    /* release: what the call did to the lane comes before the next take */
    wf_or(&lanes->free[lane->index / 64], (uint64_t)1 << lane->index % 64,
          acq_rel);
    weft_sem_give(&lanes->n_free, 1);
}

bool
wf_lane_take_idle(struct wf_lane *lane, uint32_t idle_ms, uint64_t now)
{
    struct wf_lanes *lanes = lane->lanes;
    uint64_t left = wf_load(&lane->left_ns, relaxed);
    if (left == 0 || now < wf_timeout_end(left, idle_ms) ||
        !weft_sem_try_take(&lanes->n_free))
        return false;
    if (clear(lanes, lane->index)) {
        wf_store(&lane->left_ns, 0, relaxed);
        return true;
    }
    weft_sem_give(&lanes->n_free, 1);
    return false;
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
    wf_store(&lane->left_ns, wf_sys_coarse_ns(), relaxed);
    wf_lane_put(lane);
}
