/* SPDX-License-Identifier: MIT */
/*
 * Faults by chance. Each run draws which kinds of faults it has and how often
 * each kind happens. So a run may have one frequent kind and no other kind, and
 * a fault that hides other faults does so in some runs only (swarm testing:
 * Groce et al., ISSTA 2012).
 */
#include "sim.h"

#include <string.h>

#define KINDS 18
#define OLD_KINDS 10 /* the first kinds; draw_new draws the later kinds */
#define PAUSE_MAX_NS 1000000000u
#define DARK_MAX_NS 1000000000u
#define STALL_MIN_NS 1000u /* the first bound of stalls */
/* number of bounds; each is twice the bound before */
#define STALL_DOUBLINGS 16
#define HOUR_NS 3600000000000

static const char *const names[KINDS] = {
    "no-memory", "no-descriptor", "no-thread", "interrupted", "reset",
    "slow",      "corrupt",       "pause",     "clock",       "maybe",
    "disk-full", "disk-error",    "power-off", "stall",       "names",
    "short",     "kill",          "cut"};

static struct {
    uint32_t kinds;         /* the kinds that the scenario wants now */
    uint32_t wanted;        /* all kinds that the scenario wanted in this run */
    uint32_t one_in[KINDS]; /* 0: not in this run */
} faults;

static uint32_t
index_of(enum weft_sim_fault kind)
{
    return (uint32_t)__builtin_ctz((unsigned)kind);
}

static uint32_t
draw_rate(void)
{
    static const uint32_t rates[] = {5, 30, 200, 1000};
    return ws_chance(2) ? rates[ws_below(sizeof rates / sizeof *rates)] : 0;
}

/* Draw the rates of the newer kinds from random numbers of their own, so that a
 * new kind does not change the runs in which it does not happen. */
static void
draw_new(void)
{
    uint64_t random = ws.random;
    for (uint32_t i = OLD_KINDS; i < KINDS; i++) {
        ws.random = ws.seed ^ (uint64_t)(i + 1) << 56;
        faults.one_in[i] = draw_rate();
    }
    ws.random = random;
}

/* A thread may stall at each step, so stalls are rarer than other faults. */
static void
draw_stalls(void)
{
    static const uint32_t rates[] = {100, 1000, 10000};
    uint64_t random = ws.random;
    ws.random = ~ws.seed; /* as in draw_new */
    faults.one_in[index_of(WEFT_SIM_STALL)] =
        ws_chance(2) ? rates[ws_below(sizeof rates / sizeof *rates)] : 0;
    ws.random = random;
}

void
ws_faults_draw(void)
{
    static const size_t sizes[] = {4096, 16384, 65536, 262144};
    for (int i = 0; i < OLD_KINDS; i++)
        faults.one_in[i] = draw_rate();
    draw_new();
    draw_stalls();
    ws.send_buffer = sizes[ws_below(4)];
    ws.receive_buffer = sizes[ws_below(4)];
    ws.segment = ws_chance(2) ? 32768 : 1 + ws_below(3000);
}

uint32_t
ws_fault_rate(enum weft_sim_fault kind)
{
    return faults.kinds & (unsigned)kind ? faults.one_in[index_of(kind)] : 0;
}

/* Give each clock a drift of its own. The drifts are larger in runs where clock
 * faults are more frequent. */
static void
draw_drifts(void)
{
    uint32_t rare = ws_fault_rate(WEFT_SIM_CLOCK);
    int32_t most = rare ? (int32_t)(500000 / rare) : 0;
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        weft_sim_drift((weft_sim_host){i},
                       (int32_t)ws_below(2 * (uint64_t)most + 1) - most);
}

void
weft_sim_faults(uint32_t kinds)
{
    ws_within("weft_sim_faults");
    uint32_t before = ws_fault_rate(WEFT_SIM_CLOCK);
    faults.kinds = kinds;
    faults.wanted |= kinds;
    ws_say("faults are 0x%x", (unsigned)kinds);
    ws.has_whims = ws_fault_rate(WEFT_SIM_PAUSE) ||
                   ws_fault_rate(WEFT_SIM_CLOCK) ||
                   ws_fault_rate(WEFT_SIM_POWER_OFF);
    ws.has_stalls = ws_fault_rate(WEFT_SIM_STALL) > 0;
    ws_strategy_arm();
    ws_maybe_set(ws_fault_rate(WEFT_SIM_MAYBE) > 0);
    if (before != ws_fault_rate(WEFT_SIM_CLOCK))
        draw_drifts();
    ws_swarm_set();
}

bool
ws_fault(enum weft_sim_fault kind)
{
    uint32_t n = ws_fault_rate(kind);
    if (!n || !ws_chance(n) || !ws_fault_may_happen())
        return false;
    ws_say("fault %u: %s", ws.n_faults - 1, names[index_of(kind)]);
    return true;
}

bool
ws_fault_may_happen(void)
{
    uint32_t number = ws.n_faults++;
    return !ws.only || number >= WS_FAULTS_MAX || ws.only[number];
}

/* Draw until when the host keeps its power: some hosts may lose power again
 * soon after they begin, most hosts only later. */
void
ws_power_keep(struct ws_host *host)
{
    if (ws_fault_rate(WEFT_SIM_POWER_OFF))
        host->safe_until_ns =
            ws.now_ns + ws_below(ws_chance(4) ? 1000000 : 1000000000);
}

bool
ws_stall(void)
{
    static const char key; /* no thread wakes this key */
    if (!ws_fault(WEFT_SIM_STALL))
        return false;
    uint64_t most = (uint64_t)STALL_MIN_NS << ws_below(STALL_DOUBLINGS);
    (void)ws_wait(&key, "stall", ws.now_ns + 1 + ws_below(most));
    return true;
}

void
ws_whim(void)
{
    struct ws_host *host = ws_self();
    if (ws_fault(WEFT_SIM_CLOCK))
        ws_clock_jump(host, (int64_t)ws_below(2 * HOUR_NS) - HOUR_NS);
    if (ws_fault(WEFT_SIM_PAUSE))
        ws_host_pause(host, ws_below(PAUSE_MAX_NS));
    if (host->serves && ws.now_ns >= host->safe_until_ns &&
        ws_fault(WEFT_SIM_POWER_OFF))
        ws_host_lose_power(host, ws_below(DARK_MAX_NS));
}

uint32_t
ws_fault_named(const char *name)
{
    for (uint32_t i = 0; i < KINDS; i++)
        if (strcmp(names[i], name) == 0)
            return 1u << i;
    return 0;
}

const char *
ws_fault_name(uint32_t nth)
{
    return nth < KINDS ? names[nth] : NULL;
}

void
ws_tell_drawn(FILE *to)
{
    fputs("drawn for this run: ", to);
    for (uint32_t i = 0; i < KINDS; i++)
        if (faults.wanted & 1u << i && faults.one_in[i])
            fprintf(to, "%s 1 in %u, ", names[i], (unsigned)faults.one_in[i]);
    ws_maybe_tell(to);
    fprintf(to,
            "buffers of %zu and %zu bytes, segments up to %zu, threads: %s\n",
            ws.send_buffer, ws.receive_buffer, ws.segment, ws_strategy_name());
}
