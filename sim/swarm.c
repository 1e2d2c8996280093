/* SPDX-License-Identifier: MIT */
/*
 * Hosts that are killed and links that are cut by chance, and the quiet phase
 * after them. Whether a run has these faults, and how often, is drawn as for
 * the other kinds (fault.c); but these faults happen at random times, so that
 * they also hit hosts that do nothing.
 */
#include "sim.h"

/* mean time between faults: PER_RATE_NS times `one_in` */
#define PER_RATE_NS 5000000u
#define DEAD_MAX_NS 1000000000u
#define CUT_MAX_NS 2000000000u
#define FAULTS_NS 5000000000u /* used if the scenario's faults_ns is 0 */

enum how { ONE_WAY, BOTH_WAYS, ALONE, HOWS };

static struct ws_event next_kill, next_cut, quiet;
static const char quiet_key; /* key of weft_sim_wait_for_quiet */
static bool is_quiet;
static uint64_t quiet_since_ns;

/* The cut that is active; there is at most one. */
static struct {
    bool on;
    enum how how;
    uint32_t a, b;
} cut;

/* Schedule an event after a random time, whose mean was drawn for the run. The
 * event is in the background, so that it does not keep a run going. */
static void
come_soon(struct ws_event *event, enum weft_sim_fault kind)
{
    uint64_t mean = ws_fault_rate(kind) * (uint64_t)PER_RATE_NS;
    ws_event_cancel(event);
    event->background = true;
    if (mean)
        ws_event_at(event, ws.now_ns + 1 + ws_below(2 * mean));
}

/* ---- kills ---- */

static bool
can_die(const struct ws_host *host)
{
    return host->serves && host->power == WS_ON && !host->left_out;
}

static struct ws_host *
victim(void)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        n += can_die(ws.hosts[i]);
    uint64_t nth = n ? ws_below(n) : 0;
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if (can_die(ws.hosts[i]) && nth-- == 0)
            return ws.hosts[i];
    return NULL;
}

static void
kill_one(struct ws_event *event)
{
    struct ws_host *host = victim();
    if (host && ws_fault_may_happen()) {
        ws_say("fault %u: kill %s", ws.n_faults - 1, host->name);
        ws_host_die(host, ws_below(DEAD_MAX_NS));
    }
    come_soon(event, WEFT_SIM_KILL);
}

/* ---- cuts ---- */

static void
cut_pair(uint32_t a, uint32_t b)
{
    const weft_sim_host one = {a}, other = {b};
    if (a == b)
        return;
    weft_sim_cut(one, other, cut.on);
    if (cut.how != ONE_WAY)
        weft_sim_cut(other, one, cut.on);
}

static void
set_cut(bool on)
{
    cut.on = on;
    if (cut.how != ALONE)
        cut_pair(cut.a, cut.b);
    for (uint32_t i = 0; cut.how == ALONE && i < ws.n_hosts; i++)
        cut_pair(cut.a, i);
}

static void
cut_some(struct ws_event *event)
{
    if (cut.on || ws.n_hosts < 2) {
        set_cut(false);
        come_soon(event, WEFT_SIM_CUT);
        return;
    }
    cut.how = (enum how)ws_below(HOWS);
    cut.a = (uint32_t)ws_below(ws.n_hosts);
    cut.b = (cut.a + 1 + (uint32_t)ws_below(ws.n_hosts - 1)) % ws.n_hosts;
    set_cut(true);
    event->background = false; /* a host may wait for the end of the cut */
    ws_event_at(event, ws.now_ns + 1 + ws_below(CUT_MAX_NS));
}

/* ---- both ---- */

void
ws_swarm_set(void)
{
    next_kill.happen = kill_one;
    next_cut.happen = cut_some;
    come_soon(&next_kill, WEFT_SIM_KILL);
    if (cut.on)
        set_cut(false);
    come_soon(&next_cut, WEFT_SIM_CUT);
}

static void
be_quiet(struct ws_event *event)
{
    (void)event;
    weft_sim_faults(0);
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        ws_host_recover(ws.hosts[i]);
    ws_say("all is quiet");
    is_quiet = true;
    quiet_since_ns = ws.now_ns;
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        (void)ws_wake(ws.hosts[i], &quiet_key, UINT32_MAX);
}

void
ws_quiet_plan(void)
{
    uint64_t most = ws.scenario->faults_ns ? ws.scenario->faults_ns : FAULTS_NS;
    if (!ws.scenario->faults)
        return;
    weft_sim_faults(ws.scenario->faults);
    quiet.happen = be_quiet;
    ws_event_at(&quiet, ws.now_ns + 1 + ws_below(most));
}

bool
ws_quiet_lasts_too_long(void)
{
    uint64_t most = ws.scenario->quiet_ns;
    return most && is_quiet && ws.now_ns - quiet_since_ns > most;
}

void
weft_sim_wait_for_quiet(void)
{
    if (!ws_self())
        ws_die("weft_sim_wait_for_quiet is called outside of all hosts");
    while (ws.scenario->faults && !is_quiet)
        (void)ws_wait(&quiet_key, "for quiet", WEFT_NEVER);
}
