/* SPDX-License-Identifier: MIT */
#include "upstream/upstream.h"

#include <errno.h>
#include <string.h>

#define FACTOR_PERCENT 140u
#define FACTOR_PERCENT_MAX 10000u

weft_err
wf_zone_init(struct wf_upstream *up)
{
    struct weft_upstream_options *o = &up->options;
    o->zone_factor = wf_option(o->zone_factor, FACTOR_PERCENT);
    if (o->zone_factor < 100 || o->zone_factor > FACTOR_PERCENT_MAX)
        return -EINVAL;
    if (!o->zone || !*o->zone)
        return WEFT_OK;
    size_t size = strlen(o->zone) + 1;
    up->zones.own = wf_sys_malloc(size);
    if (!up->zones.own)
        return -ENOMEM;
    o->zone = memcpy(up->zones.own, o->zone, size);
    return WEFT_OK;
}

/* How much of all attempts the endpoints of a list may get. */
static double
capacity(const struct wf_upstream *up, const struct wf_snapshot *list,
         uint64_t now)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        const struct wf_endpoint *endpoint = list->items[i].endpoint;
        n += !wf_health_is_ejected(&endpoint->health, now) &&
             !wf_breaker_is_shut(&endpoint->breaker, false, now);
    }
    double part = (double)n / list->n * up->options.zone_factor / 100;
    return WF_MIN(part, 1);
}

/* The part that goes far. If both together can get too little, each gets its
 * part of the rest, too. */
static double
part_of_far(const struct wf_upstream *up, const struct wf_snapshot *list,
            uint64_t now)
{
    double near = capacity(up, list->near, now);
    double far = WF_MIN(capacity(up, list->far, now), 1 - near);
    if (WF_MUTANT(near_always_first))
        return 0;
    if (near + far <= 0)
        return (double)list->far->n / list->n;
    return far / (near + far);
}

/* If the list is replaced meanwhile, the part may be that of the old list. So
 * look after that: either this thread sees the new list, or the publisher
 * stores usable_changed later. */
static void
compute(struct wf_upstream *up, const struct wf_snapshot *list, uint64_t now)
{
    struct wf_zones *zones = &up->zones;
    wf_spin_lock(&zones->lock);
    if (wf_xchg(&up->usable_changed, false, acq_rel)) {
        double far = part_of_far(up, list, now);
        wf_store(&zones->far, (uint64_t)(far * 0x1p32), relaxed);
        if (wf_load(&up->list, seq_cst) != list)
            wf_store(&up->usable_changed, true, release);
    }
    wf_spin_unlock(&zones->lock);
}

bool
wf_zone_is_far(struct wf_upstream *up, const struct wf_snapshot *list,
               uint64_t now, uint32_t random)
{
    /* relaxed: compute loads it again */
    if (WEFT_UNLIKELY(wf_load(&up->usable_changed, relaxed)))
        compute(up, list, now);
    return random < wf_load(&up->zones.far, relaxed);
}
