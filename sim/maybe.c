/* SPDX-License-Identifier: MIT */
/*
 * WEFT_MAYBE: places that misbehave on purpose. Whether a place misbehaves in a
 * run, and how often, follows only from the seed and the name of the place, so
 * that a new place does not change the other places. (FoundationDB's BUGGIFY.)
 */
#include "sim.h"

#include <string.h>

#define PLACES_MAX 256

static struct place {
    const char *name;
    uint32_t one_in; /* misbehaves once in so many hits; 0: never */
    uint32_t times;  /* how often the place has misbehaved */
} places[PLACES_MAX];
static uint32_t n_places;

static uint32_t
draw(const char *name)
{
    static const uint32_t rates[] = {2, 10, 100};
    uint64_t random = ws.random;
    ws.random = ws.seed;
    for (; *name; name++)
        ws.random = ws_random() ^ (uint8_t)*name;
    uint32_t one_in = ws_chance(3) ? rates[ws_below(3)] : 0;
    ws.random = random;
    return one_in;
}

static struct place *
find(const char *name)
{
    for (uint32_t i = 0; i < n_places; i++)
        if (places[i].name == name || strcmp(places[i].name, name) == 0)
            return &places[i];
    if (n_places == PLACES_MAX)
        ws_die("more than %d names of WEFT_MAYBE", PLACES_MAX);
    places[n_places] = (struct place){name, draw(name), 0};
    return &places[n_places++];
}

static bool
maybe(const char *name)
{
    struct place *p = find(name);
    if (!p->one_in || !ws_chance(p->one_in) || !ws_fault_may_happen())
        return false;
    p->times++;
    ws_say("fault %u: maybe %s", ws.n_faults - 1, name);
    return true;
}

void
ws_maybe_set(bool on)
{
    wf_sim_maybe = on ? maybe : NULL;
}

bool
weft_sim_maybe(const char *name)
{
    return wf_sim_maybe && wf_sim_maybe(name);
}

void
ws_maybe_tell(FILE *to)
{
    for (uint32_t i = 0; i < n_places; i++)
        if (places[i].times)
            fprintf(to, "maybe %s 1 in %u (%u times), ", places[i].name,
                    (unsigned)places[i].one_in, (unsigned)places[i].times);
}
