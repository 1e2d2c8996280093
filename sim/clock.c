/* SPDX-License-Identifier: MIT */
/*
 * Simulates the clocks of hosts. Between two changes of its drift, a monotonic
 * clock is a straight line over the time of the run. A new line begins where
 * the old line ends, so the clock never goes back. The wall clock is the
 * monotonic clock plus an offset; a jump changes the offset.
 */
#include "sim.h"

#define MILLION 1000000
#define YEAR_2026_NS 1767225600000000000u

static uint64_t
scaled(uint64_t ns, uint64_t by, uint64_t from, bool up)
{
    unsigned __int128 n = (unsigned __int128)ns * by + (up ? from - 1 : 0);
    return n / from < WEFT_NEVER ? (uint64_t)(n / from) : WEFT_NEVER;
}

static uint64_t
rate(const struct ws_clock *c)
{
    return (uint64_t)(MILLION + c->ppm);
}

uint64_t
ws_clock_shows(const struct ws_clock *c, uint64_t ns)
{
    return c->shown_ns + scaled(ns - c->since_ns, rate(c), MILLION, false);
}

uint64_t
ws_shown(const struct ws_host *host, uint64_t ns)
{
    if (!host)
        return ns;
    if (WEFT_UNLIKELY(host->clock.ppm != 0))
        return ws_clock_shows(&host->clock, ns);
    return host->clock.shown_ns + (ns - host->clock.since_ns);
}

/* The result is rounded up, so that the clock moves by at least `ns` in this
 * time. */
uint64_t
ws_lasts(const struct ws_host *host, uint64_t ns)
{
    if (!host || !host->clock.ppm)
        return ns;
    return scaled(ns, MILLION, rate(&host->clock), true);
}

uint64_t
ws_true(const struct ws_host *host, uint64_t shown)
{
    if (!host || shown == WEFT_NEVER)
        return shown;
    const struct ws_clock *c = &host->clock;
    if (shown <= c->shown_ns)
        return c->since_ns;
    uint64_t rest = ws_lasts(host, shown - c->shown_ns);
    return rest < WEFT_NEVER - c->since_ns ? c->since_ns + rest : WEFT_NEVER;
}

void
ws_clock_draw(struct ws_host *host)
{
    host->clock = (struct ws_clock){
        .shown_ns = 1000000000u + ws_below(1000000000000u),
        .wall_ns = (int64_t)(YEAR_2026_NS + ws_below(100000000000000000u)),
    };
}

/* Move the time-outs and timers of the host. The threads and timers wait for
 * times of the host's clock, and at the new speed the clock reaches these times
 * at other times of the run. */
static void
move_waits(struct ws_host *host, const struct ws_clock *before)
{
    struct wf_link *link = host->threads.head.next;
    for (; link != &host->threads.head; link = link->next) {
        struct ws_event *e = &((struct ws_thread *)(void *)link)->timeout;
        if (e->place)
            ws_event_at(e, ws_true(host, ws_clock_shows(before, e->at_ns)));
    }
    ws_timers_move(host, before);
}

void
ws_clock_drift(struct ws_host *host, int32_t ppm)
{
    const struct ws_clock before = host->clock;
    if (ppm == before.ppm)
        return;
    ws_say("the clocks of %s drift by %d ppm", host->name, (int)ppm);
    host->clock.shown_ns = ws_clock_shows(&before, ws.now_ns);
    host->clock.since_ns = ws.now_ns;
    host->clock.ppm = ppm;
    move_waits(host, &before);
}

void
ws_clock_jump(struct ws_host *host, int64_t ns)
{
    ws_say("the wall clock of %s jumps by %lld ms", host->name,
           (long long)(ns / MILLION));
    host->clock.wall_ns += ns;
}

void
weft_sim_drift(weft_sim_host id, int32_t ppm)
{
    struct ws_host *host = ws_host_of(id);
    if (ppm > WS_DRIFT_MAX || ppm < -WS_DRIFT_MAX)
        ws_die("a drift of %d ppm, at most %d", (int)ppm, WS_DRIFT_MAX);
    if (!ppm || ws_fault_may_happen())
        ws_clock_drift(host, ppm);
}

void
weft_sim_jump(weft_sim_host id, int64_t ns)
{
    struct ws_host *host = ws_host_of(id);
    if (ws_fault_may_happen())
        ws_clock_jump(host, ns);
}

uint64_t
weft_sim_wall_ns(void)
{
    const struct ws_host *host = ws_self();
    if (!host)
        ws_die("weft_sim_wall_ns is called outside of all hosts");
    return ws_shown(host, ws.now_ns) + (uint64_t)host->clock.wall_ns;
}
