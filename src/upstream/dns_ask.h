/* SPDX-License-Identifier: MIT */
/* What dns_ask.c and dns_answer.c share: one look-up by c-ares. */
#ifndef WEFT_UPSTREAM_DNS_ASK_H
#define WEFT_UPSTREAM_DNS_ASK_H

#include "upstream/dns.h"

#if WF_CARES

#define CARES_NO_DEPRECATED /* newer versions warn of what 1.18 has */
#include <ares.h>

struct wf_dns {
    ares_channel channel;
    struct weft_arena *arena;
    uint32_t pending;    /* parts in flight */
    uint32_t n_answered; /* parts */
    uint32_t reads_left;
};

/* Callbacks of c-ares; `part` is a struct wf_dns_part. */
void wf_dns_on_addresses(void *part, int status, int timeouts,
                         struct ares_addrinfo *found);
void wf_dns_on_records(void *part, int status, int timeouts,
                       unsigned char *bytes, int n);

/* After a try: see which questions are answered. `will_do`: addresses of one
 * family will do. Returns whether all are. */
bool wf_dns_settle(struct wf_dns_question *questions, uint32_t n, bool will_do);

#endif

#endif
