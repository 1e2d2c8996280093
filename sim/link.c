/* SPDX-License-Identifier: MIT */
/* Keeps the links that the scenario sets, and computes when a segment
 * arrives. */
#include "sim.h"

#define MIN_NS 20000u
#define MEAN_NS 50000u
#define BYTES_PER_S 1250000000u
#define LOOP_NS 5000u     /* latency within a host */
#define RTO_NS 200000000u /* until a lost segment is sent again */

static struct weft_sim_link everywhere;
/* the link of each pair of hosts; NULL: the pair has the link `everywhere` */
static struct weft_sim_link **own;
static uint64_t *busy_ns; /* until when each link sends earlier segments */

static size_t
place(uint32_t from, uint32_t to)
{
    return (size_t)from * WS_HOSTS_MAX + to;
}

static struct weft_sim_link
completed(const struct weft_sim_link *link)
{
    struct weft_sim_link l = *link;
    l.loss_ppm = WF_MIN(l.loss_ppm, 999999u);
    if (!l.min_ns)
        l.min_ns = MIN_NS;
    if (!l.mean_ns)
        l.mean_ns = MEAN_NS;
    if (!l.bytes_per_s)
        l.bytes_per_s = BYTES_PER_S;
    return l;
}

void
weft_sim_link(const struct weft_sim_link *link)
{
    ws_within("weft_sim_link");
    const size_t n = place(WS_HOSTS_MAX, 0);
    everywhere = completed(link);
    if (!own) {
        own = ws_alloc(n * sizeof *own);
        busy_ns = ws_alloc(n * sizeof *busy_ns);
    }
    for (size_t i = 0; ws.has_own_links && i < n; i++) {
        free(own[i]);
        own[i] = NULL;
    }
    ws.has_own_links = false;
}

void
weft_sim_link_between(weft_sim_host from, weft_sim_host to,
                      const struct weft_sim_link *link)
{
    size_t at = place(ws_host_of(from)->index, ws_host_of(to)->index);
    if (!own[at])
        own[at] = ws_alloc(sizeof *own[at]);
    *own[at] = completed(link);
    ws.has_own_links = true;
}

void
weft_sim_cut(weft_sim_host from, weft_sim_host to, bool cut)
{
    const struct ws_host *a = ws_host_of(from), *b = ws_host_of(to);
    if (cut == *ws_cut(a->index, b->index) || (cut && !ws_fault_may_happen()))
        return;
    ws_say("%s -> %s is %s", a->name, b->name, cut ? "cut" : "whole");
    *ws_cut(a->index, b->index) = cut;
}

/* A random number with an exponential distribution: mean * -ln(u) for a random
 * u of 0..1. Uses integers only, because compilers may disagree about the last
 * digit of floating point. */
static uint64_t
exponential(uint64_t mean)
{
    uint64_t r = ws_random() | 1;
    uint64_t halvings = (uint64_t)__builtin_clzll(r);
    uint64_t rest = (r << halvings) >> 32 & 0x7fffffffu; /* below 2^31 */
    /* u = (1 + f) / 2^(halvings + 1), f = rest / 2^31; log2(1 + f) is near f */
    uint64_t log2_32 = (halvings + 1) << 31;
    return (uint64_t)((unsigned __int128)mean * (log2_32 - rest) * 693 / 1000 >>
                      31);
}

static uint64_t
latency(const struct weft_sim_link *l)
{
    uint64_t over = l->mean_ns > l->min_ns ? l->mean_ns - l->min_ns : 0;
    switch (l->latency) {
    case WEFT_SIM_CONSTANT:
        return l->min_ns + over;
    case WEFT_SIM_UNIFORM:
        return l->min_ns + ws_below(2 * over + 1);
    /* the mean stays: 20 / 100 + 80 / 99 * 99 / 100 = 1 */
    case WEFT_SIM_TAILED:
        return l->min_ns +
               exponential(ws_chance(100) ? over * 20 : over * 80 / 99);
    default:
        return l->min_ns + exponential(over);
    }
}

bool
ws_link_passes(const struct ws_host *from, const struct ws_host *to)
{
    return !*ws_cut(from->index, to->index) && !from->dark && !to->dark;
}

uint64_t
ws_link_arrival(const struct ws_host *from, const struct ws_host *to,
                size_t size)
{
    if (!ws_link_passes(from, to))
        return WEFT_NEVER;
    if (from == to)
        return ws.now_ns + LOOP_NS;
    size_t at = place(from->index, to->index);
    const struct weft_sim_link *l = own[at] ? own[at] : &everywhere;
    uint64_t sent = WF_MAX(busy_ns[at], ws.now_ns) +
                    (uint64_t)size * 1000000000u / l->bytes_per_s;
    busy_ns[at] = sent;
    uint64_t arrival = sent + latency(l);
    if (ws_fault(WEFT_SIM_SLOW))
        arrival += ws_below(1000000000);
    while (l->loss_ppm && ws_below(1000000) < l->loss_ppm)
        arrival += RTO_NS;
    return arrival;
}
