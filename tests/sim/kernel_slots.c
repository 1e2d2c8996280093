/* SPDX-License-Identifier: MIT */
/* Keeps the descriptors of a random program. */
#include "kernel.h"

#include <weft/sim.h>

struct slot slots[SLOTS];

uint64_t
below(uint64_t bound)
{
    return weft_sim_random(bound);
}

struct slot *
take(enum kind kind, struct both fd)
{
    for (int i = 0; i < SLOTS; i++) {
        struct slot *s = &slots[i];
        if (s->kind)
            continue;
        *s = (struct slot){.kind = kind, .fd = fd, .room = -1};
        return fd.real < 0 ? NULL : s;
    }
    return NULL;
}

int
n_free(void)
{
    int n = 0;
    for (int i = 0; i < SLOTS; i++)
        n += slots[i].kind == NOTHING;
    return n;
}

bool
is_listener(const struct slot *s)
{
    return s->room >= 0;
}

bool
is_socket(const struct slot *s)
{
    return s->kind == TCP || s->kind == UNIX;
}

struct slot *
any(bool (*fits)(const struct slot *s))
{
    uint64_t first = below(SLOTS);
    for (uint64_t i = 0; i < SLOTS; i++) {
        struct slot *s = &slots[(first + i) % SLOTS];
        if (s->kind && (!fits || fits(s)))
            return s;
    }
    return NULL;
}

bool
is_stream(const struct slot *s)
{
    return is_socket(s) && !is_listener(s);
}

bool
has_peer(const struct slot *s)
{
    return is_stream(s) && s->peer;
}

static void
forget(struct slot *s)
{
    for (int i = 0; i < SLOTS; i++) {
        if (slots[i].peer == s)
            slots[i].peer = NULL;
        for (int j = 0; j < 8; j++)
            if (slots[i].clients[j] == s)
                slots[i].clients[j] = NULL;
    }
    *s = (struct slot){.kind = NOTHING};
}

void
do_close(struct slot *s)
{
    both_close(s->fd);
    forget(s);
}
