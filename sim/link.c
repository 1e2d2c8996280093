/* SPDX-License-Identifier: MIT */
/* What the scenario says about links. */
#include "sim.h"

#define MIN_NS 20000u
#define MEAN_NS 50000u
#define BYTES_PER_S 1250000000u

void
weft_sim_link(const struct weft_sim_link *link)
{
    ws.link = *link;
    ws.link.loss_ppm = WF_MIN(ws.link.loss_ppm, 999999u);
    if (!ws.link.min_ns)
        ws.link.min_ns = MIN_NS;
    if (!ws.link.mean_ns)
        ws.link.mean_ns = MEAN_NS;
    if (!ws.link.bytes_per_s)
        ws.link.bytes_per_s = BYTES_PER_S;
}

void
weft_sim_cut(weft_sim_host from, weft_sim_host to, bool cut)
{
    if (cut == *ws_cut(from.index, to.index) || (cut && !ws_fault_may_happen()))
        return;
    ws_say("%s -> %s is %s", ws.hosts[from.index]->name,
           ws.hosts[to.index]->name, cut ? "cut" : "whole");
    *ws_cut(from.index, to.index) = cut;
}
