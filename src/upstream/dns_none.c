/* SPDX-License-Identifier: MIT */
/* Replaces dns_ask.c, dns_answer.c and srv.c in builds without c-ares. */
#include "upstream/dns.h"

#include <errno.h>

#if !WF_CARES

bool
wf_dns_is_there(void)
{
    return false;
}

weft_err
wf_dns_open(const char *servers, struct weft_arena *arena, struct wf_dns **dns)
{
    (void)servers;
    (void)arena;
    (void)dns;
    return -ENOTSUP;
}

weft_err
wf_dns_ask(struct wf_dns *dns, struct wf_dns_question *questions, uint32_t n,
           uint64_t deadline_ns)
{
    (void)dns;
    (void)questions;
    (void)n;
    (void)deadline_ns;
    return -ENOTSUP;
}

void
wf_dns_close(struct wf_dns *dns)
{
    (void)dns;
}

#endif
