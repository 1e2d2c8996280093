/* SPDX-License-Identifier: MIT */
#include "fiber/gauge.h"

#include "fiber/sched.h"

#include <errno.h>

uint32_t
wf_parts_count(void)
{
    return WF_WORKERS_MAX + 1;
}

/* The memory is mapped, so that a part that nobody uses costs only
 * addresses. */
void *
wf_parts_new(size_t size)
{
    return wf_sys_mmap(size * wf_parts_count(), PROT_READ | PROT_WRITE,
                       MAP_NORESERVE);
}

void
wf_parts_free(void *parts, size_t size)
{
    if (parts)
        (void)wf_sys_munmap(parts, size * wf_parts_count());
}

/* Plain threads share part 0; each worker has a part of its own. */
static uint32_t
index_of(const struct wf_worker *w)
{
    return w ? w->index + 1 : 0;
}

void *
wf_parts_mine(void *parts, size_t size)
{
    return wf_parts_at(parts, size, index_of(wf_worker_self()));
}

weft_err
wf_gauge_init(struct wf_gauge *gauge)
{
    gauge->parts = wf_parts_new(sizeof *gauge->parts);
    gauge->step = 1;
    gauge->lag = 0;
    wf_store(&gauge->told, 0, relaxed);
    return gauge->parts ? WEFT_OK : -ENOMEM;
}

void
wf_gauge_fini(struct wf_gauge *gauge)
{
    wf_parts_free(gauge->parts, sizeof *gauge->parts);
    gauge->parts = NULL;
}

/* Add a change to the worker's `untold`; if `untold` reaches `step`, add
 * `untold` to `told` and set `untold` to 0. Only the worker writes its
 * `untold`. Plain threads share a part, so their changes are added to `told` at
 * once. */
static void
tell(struct wf_gauge *gauge, const struct wf_worker *w, int64_t change)
{
    struct wf_gauge_part *part = &gauge->parts[index_of(w)];
    int64_t untold = w ? part->untold + change : change;
    if (w && (uint64_t)(untold < 0 ? -untold : untold) < gauge->step) {
        part->untold = untold;
        return;
    }
    if (w)
        part->untold = 0;
    /* relaxed: no other memory depends on the number */
    wf_add(&gauge->told, untold, relaxed);
}

void
wf_gauge_add(struct wf_gauge *gauge, uint32_t n)
{
    const struct wf_worker *w = wf_worker_self();
    wf_add(&gauge->parts[index_of(w)].begun, n, seq_cst);
    tell(gauge, w, n);
}

void
wf_gauge_sub(struct wf_gauge *gauge, uint32_t n)
{
    const struct wf_worker *w = wf_worker_self();
    tell(gauge, w, -(int64_t)n);
    wf_add(&gauge->parts[index_of(w)].ended, n, seq_cst);
}

bool
wf_gauge_is_above(const struct wf_gauge *gauge, uint64_t limit)
{
    int64_t most = wf_load(&gauge->told, relaxed) + gauge->lag;
    if (WEFT_LIKELY(most <= (int64_t)limit))
        return false;
    return gauge->lag == 0 || wf_gauge_sum(gauge) > limit;
}

uint64_t
wf_gauge_ended(const struct wf_gauge *gauge)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; gauge->parts && i < wf_parts_count(); i++)
        sum += wf_load(&gauge->parts[i].ended, seq_cst);
    return sum;
}

uint64_t
wf_gauge_begun(const struct wf_gauge *gauge)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; gauge->parts && i < wf_parts_count(); i++)
        sum += wf_load(&gauge->parts[i].begun, seq_cst);
    return sum;
}

uint32_t
wf_gauge_sum(const struct wf_gauge *gauge)
{
    uint64_t ended = wf_gauge_ended(gauge);
    return (uint32_t)(wf_gauge_begun(gauge) - ended);
}

void
wf_gauge_bound(struct wf_gauge *gauge, uint64_t limit)
{
    uint32_t workers = WF_MAX(wf_n_workers, 1u);
    uint64_t step = limit / 16 / workers;
    gauge->step = (uint32_t)WF_MIN(WF_MAX(step, 1u), UINT32_MAX / workers);
    gauge->lag = workers * (gauge->step - 1);
    for (uint32_t i = 0; gauge->parts && i < wf_parts_count(); i++)
        gauge->parts[i].untold = 0;
    wf_store(&gauge->told, wf_gauge_sum(gauge), relaxed);
}
