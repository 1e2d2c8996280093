/* SPDX-License-Identifier: MIT */
/*
 * What name servers answer to the questions of dns_ask.c.
 *
 * If a name has addresses of one family, and the question for the other one
 * fails, half of the servers would be lost until the next look-up. So the other
 * family is asked for again. Only if it fails again are half of the addresses
 * taken, because some name servers never answer for IPv6.
 */
#include "upstream/dns_ask.h"

#if WF_CARES

#include <errno.h>
#include <netinet/in.h>

/* Note how a part has ended. A cancel leaves it unanswered. */
static void
end(struct wf_dns_part *part, int status)
{
    struct wf_dns *dns = part->question->dns;
    dns->pending--;
    if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
        return;
    dns->n_answered++;
    part->is_answered = true;
    part->why = ares_strerror(status);
    if (status == ARES_SUCCESS)
        part->err = WEFT_OK;
    else if (status == ARES_ENOTFOUND || status == ARES_ENODATA ||
             status == ARES_EBADNAME || status == ARES_ENONAME)
        part->err = WEFT_EADDRESS;
    else
        part->err = status == ARES_ENOMEM ? -ENOMEM : WEFT_ERESOLVE;
}

/* Note an error in the answer of a part. */
static void
spoil(struct wf_dns_part *part, weft_err err)
{
    part->err = err;
    if (err)
        part->why = weft_err_text(err);
}

static void
expire(struct wf_dns_question *q, int ttl_s)
{
    q->ttl_s = WF_MIN(q->ttl_s, (uint32_t)WF_MAX(ttl_s, 0));
}

static weft_err
keep_address(struct wf_dns_question *q, const struct sockaddr *address)
{
    const struct sockaddr_in *in = (const void *)address;
    const struct sockaddr_in6 *in6 = (const void *)address;
    bool is_ipv6 = address->sa_family == AF_INET6;
    char text[80] = "";
    (void)ares_inet_ntop(address->sa_family,
                         is_ipv6 ? (const void *)&in6->sin6_addr
                                 : &in->sin_addr,
                         text, sizeof text);
    struct weft_str kept =
        weft_arena_printf(q->dns->arena, is_ipv6 ? "[%s]" : "%s", text);
    const char **item =
        kept.ptr ? weft_push(q->dns->arena, &q->found, sizeof *item) : NULL;
    if (!item)
        return WEFT_EBUDGET;
    *item = kept.ptr;
    return WEFT_OK;
}

void
wf_dns_on_addresses(void *arg, int status, int timeouts,
                    struct ares_addrinfo *found)
{
    struct wf_dns_part *part = arg;
    struct wf_dns_question *q = part->question;
    weft_err err = WEFT_OK;
    (void)timeouts;
    end(part, status);
    if (status == ARES_SUCCESS && found) {
        for (struct ares_addrinfo_cname *c = found->cnames; c; c = c->next)
            expire(q, c->ttl);
        for (struct ares_addrinfo_node *a = found->nodes; a && !err;
             a = a->ai_next) {
            expire(q, a->ai_ttl);
            err = keep_address(q, a->ai_addr);
        }
        spoil(part, found->nodes ? err : WEFT_EADDRESS);
    }
    if (found)
        ares_freeaddrinfo(found);
}

void
wf_dns_on_records(void *arg, int status, int timeouts, unsigned char *bytes,
                  int n)
{
    struct wf_dns_part *part = arg;
    struct wf_dns_question *q = part->question;
    (void)timeouts;
    end(part, status);
    if (status == ARES_SUCCESS)
        spoil(part, wf_srv_read(bytes, (size_t)n, q->dns->arena, &q->records,
                                &q->ttl_s));
}

/* True if a part of the question for addresses is still to be asked: it has no
 * answer, or it has failed, and the other part has addresses. */
static bool
is_open(struct wf_dns_question *q, bool will_do)
{
    for (int i = 0; i < 2; i++) {
        struct wf_dns_part *part = &q->parts[i], *other = &q->parts[1 - i];
        bool has_some = other->is_answered && !other->err;
        if (part->is_answered && (part->err != WEFT_ERESOLVE || !has_some))
            continue;
        if (has_some && (will_do || q->is_local))
            continue;
        part->is_answered = false;
        return true;
    }
    return false;
}

/* True if the part has failed on this host, as without memory. */
static bool
is_fatal(const struct wf_dns_part *part)
{
    return part->is_answered && part->err && part->err != WEFT_EADDRESS &&
           part->err != WEFT_ERESOLVE;
}

/* Returns the part that says how the question ends: one that failed on this
 * host, else one with an answer, else one that failed, else one that says that
 * there is no such name. */
static const struct wf_dns_part *
decisive(const struct wf_dns_question *q)
{
    const struct wf_dns_part *a = &q->parts[0], *b = &q->parts[1];
    if (q->is_service || is_fatal(a))
        return a;
    if (is_fatal(b))
        return b;
    if (a->is_answered && !a->err)
        return a;
    if (b->is_answered && !b->err)
        return b;
    return a->err == WEFT_EADDRESS ? b : a;
}

bool
wf_dns_settle(struct wf_dns_question *questions, uint32_t n, bool will_do)
{
    bool all = true;
    for (uint32_t i = 0; i < n; i++) {
        struct wf_dns_question *q = &questions[i];
        const struct wf_dns_part *part = decisive(q);
        if (q->is_service)
            q->is_answered = part->is_answered;
        else if (!q->is_answered)
            q->is_answered = !is_open(q, will_do);
        q->err = part->err;
        q->why = part->why;
        all = all && q->is_answered;
    }
    return all;
}

#endif
