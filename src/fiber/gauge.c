/* SPDX-License-Identifier: MIT */
#include "fiber/gauge.h"

#include "fiber/sched.h"

#include <errno.h>

uint32_t
wf_parts_count(void)
{
    return WF_WORKERS_MAX + 1;
}

/* The memory is mapped, so a part that nobody uses takes up addresses
 * but no memory. */
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

weft_err
wf_gauge_init(struct wf_gauge *gauge)
{
    gauge->parts = wf_parts_new(sizeof *gauge->parts);
    gauge->step = 1;
    gauge->lag = 0;
    wf_store(&gauge->told, 0, relaxed); /* nobody else uses the gauge yet */
    return gauge->parts ? WEFT_OK : -ENOMEM;
}

void
wf_gauge_fini(struct wf_gauge *gauge)
{
    wf_parts_free(gauge->parts, sizeof *gauge->parts);
    gauge->parts = NULL;
}

void
wf_gauge_tell(struct wf_gauge *gauge, uint32_t i, int64_t change)
{
    if (i != 0) {
        change += gauge->parts[i].untold;
        gauge->parts[i].untold = 0;
    }
    /* relaxed: no other memory depends on the number */
    wf_add(&gauge->told, change, relaxed);
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
    /* relaxed: nobody else uses the gauge meanwhile */
    wf_store(&gauge->told, wf_gauge_sum(gauge), relaxed);
}
