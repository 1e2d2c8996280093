/* SPDX-License-Identifier: MIT */
/*
 * Faults by chance. Each run draws which kinds exist in it and how often they
 * happen: so a run may have one kind that is frequent and no other, and a fault
 * that hides others does so in some runs only (swarm testing: Groce et al.,
 * ISSTA 2012).
 */
#include "sim.h"

#define KINDS 6

static const char *const names[KINDS] = {
    "no memory", "no descriptor", "no thread", "interrupted", "reset", "slow"};

static struct {
    uint32_t kinds;         /* that the scenario wants now */
    uint32_t one_in[KINDS]; /* 0: not in this run */
} faults;

void
ws_faults_draw(void)
{
    static const uint32_t rates[] = {5, 30, 200, 1000};
    static const size_t sizes[] = {4096, 16384, 65536, 262144};
    for (int i = 0; i < KINDS; i++)
        faults.one_in[i] =
            ws_chance(2) ? rates[ws_below(sizeof rates / sizeof *rates)] : 0;
    ws.send_buffer = sizes[ws_below(4)];
    ws.receive_buffer = sizes[ws_below(4)];
    ws.segment = ws_chance(2) ? 32768 : 1 + ws_below(3000);
}

void
weft_sim_faults(uint32_t kinds)
{
    faults.kinds = kinds;
    ws_say("faults are 0x%x", kinds);
}

bool
ws_fault(enum weft_sim_fault kind)
{
    int i = __builtin_ctz((unsigned)kind);
    if (!(faults.kinds & (unsigned)kind) || !faults.one_in[i] ||
        !ws_chance(faults.one_in[i]) || !ws_fault_may_happen())
        return false;
    ws_say("fault %u: %s", ws.n_faults - 1, names[i]);
    return true;
}

bool
ws_fault_may_happen(void)
{
    uint32_t number = ws.n_faults++;
    return !ws.only || number >= WS_FAULTS_MAX || ws.only[number];
}
