/* SPDX-License-Identifier: MIT */
/*
 * Asks name servers through c-ares, which writes the questions, checks and
 * reads the answers, asks the next server after an error, and asks again over
 * TCP if an answer was cut off.
 *
 * A look-up has a channel of c-ares of its own, which only its task uses. The
 * sockets of the channel are those of the seam, and never block; the task waits
 * for them. c-ares reads the clock itself, which is wrong in the simulator, so
 * its time-outs are set too long to matter: those below take their place.
 *
 * c-ares reads /etc/resolv.conf and /etc/hosts for each look-up, unless the
 * target names the server. It takes the ids of its questions from
 * /dev/urandom, and allocates by malloc.
 */
#include "upstream/dns_ask.h"

#if WF_CARES

#include <errno.h>
#include <netdb.h>
#include <string.h>

/* After so long without an answer the questions are asked anew, of the next
 * name server first. */
#define TRY_NS 2000000000u
#define NEVER_MS 1000000000 /* a time-out of c-ares, which never ends */
/* After so many tries the addresses of one family will do. */
#define PATIENCE 2
/* How many questions of a look-up are in flight, or one more. */
#define IN_FLIGHT 32u
/* How many datagrams are read until other fibers of the worker run. */
#define READS 64u
#define UDP_SIZE 1232 /* fits into each network without fragments */

bool
wf_dns_is_there(void)
{
    return true;
}

/* ---- the sockets ---- */

static int
give(ssize_t result)
{
    if (result >= 0)
        return (int)result;
    errno = (int)-result;
    return -1;
}

static ares_socket_t
on_socket(int family, int type, int protocol, void *user)
{
    (void)protocol; /* the only one of the type */
    (void)user;
    return give(wf_sys_socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC));
}

static int
on_close(ares_socket_t fd, void *user)
{
    (void)user;
    return give(wf_sys_close(fd));
}

static int
on_connect(ares_socket_t fd, const struct sockaddr *to, ares_socklen_t n,
           void *user)
{
    (void)user;
    return give(wf_sys_connect(fd, to, n));
}

/* All sockets are connected, so what they receive comes from the peer. */
static ares_ssize_t
on_receive(ares_socket_t fd, void *bytes, size_t n, int flags,
           struct sockaddr *from, ares_socklen_t *from_len, void *user)
{
    struct wf_dns *dns = user;
    (void)flags;
    if (dns->reads_left == 0)
        return give(-EAGAIN);
    dns->reads_left--;
    weft_err err = from ? wf_sys_getpeername(fd, from, from_len) : WEFT_OK;
    ssize_t got = err ? err : wf_sys_recv(fd, bytes, n);
    return give(got == -EINTR ? -EAGAIN
                              : got); /* c-ares gives up after EINTR */
}

/* A send may report that the datagram before was refused. That question would
 * then never end, so this one is sent again: its refusal ends both. */
static ares_ssize_t
on_send(ares_socket_t fd, const struct iovec *iov, int n, void *user)
{
    struct iovec copy[4];
    struct msghdr message = {.msg_iov = copy,
                             .msg_iovlen = (size_t)WF_MIN(n, 4)};
    (void)user;
    memcpy(copy, iov, message.msg_iovlen * sizeof *iov);
    ssize_t sent;
    bool again;
    int tries = 0;
    do {
        sent = wf_sys_sendmsg(fd, &message);
        again = sent == -EINTR || (sent == -ECONNREFUSED && tries++ == 0);
    } while (again);
    return give(sent);
}

static const struct ares_socket_functions sockets = {
    on_socket, on_close, on_connect, on_receive, on_send};

/* ---- the channel ---- */

static int
open_channel(const char *servers, ares_channel *channel)
{
    struct in_addr replaced = {htonl(INADDR_LOOPBACK)};
    char lookups[] = "b"; /* only name servers */
    struct ares_options options = {.flags = ARES_FLAG_EDNS,
                                   .timeout = NEVER_MS,
                                   .tries = 1,
                                   .ndots = 1,
                                   .ednspsz = UDP_SIZE,
                                   .servers = &replaced,
                                   .nservers = 1,
                                   .lookups = lookups};
    int mask =
        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ;
#ifdef WEFT_SIM
    options.flags |= ARES_FLAG_USEVC; /* simulated hosts have no UDP */
#endif
    if (*servers) /* nothing is left to read from files */
        mask |= ARES_OPT_NDOTS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
                ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST;
    int status = ares_init_options(channel, &options, mask);
    if (status == ARES_SUCCESS && *servers) {
        status = ares_set_servers_ports_csv(*channel, servers);
        if (status != ARES_SUCCESS)
            ares_destroy(*channel);
    }
    return status;
}

weft_err
wf_dns_open(const char *servers, struct weft_arena *arena, struct wf_dns **out)
{
    struct wf_dns *dns = wf_sys_zalloc(sizeof *dns);
    if (!dns)
        return -ENOMEM;
    int status = open_channel(servers, &dns->channel);
    if (status != ARES_SUCCESS) {
        wf_sys_free(dns);
        return status == ARES_ENOMEM ? -ENOMEM : WEFT_ERESOLVE;
    }
    dns->arena = arena;
    ares_set_socket_functions(dns->channel, &sockets, dns);
    *out = dns;
    return WEFT_OK;
}

void
wf_dns_close(struct wf_dns *dns)
{
    ares_destroy(dns->channel);
    wf_sys_free(dns);
}

/* Ask another server first. The order is kept if there is no memory. */
static void
rotate(struct wf_dns *dns)
{
    struct ares_addr_port_node *first = NULL, *last;
    if (ares_get_servers_ports(dns->channel, &first) != ARES_SUCCESS || !first)
        return;
    for (last = first; last->next;)
        last = last->next;
    if (last != first) {
        struct ares_addr_port_node *second = first->next;
        first->next = NULL;
        last->next = first;
        first = second;
        (void)ares_set_servers_ports(dns->channel, first);
    }
    ares_free_data(first);
}

/* ---- questions ---- */

/* Waits for a socket, and lets c-ares read or write it. */
static weft_err
step(struct wf_dns *dns, uint64_t until_ns)
{
    struct weft_select_case cases[ARES_GETSOCK_MAXNUM];
    ares_socket_t fds[ARES_GETSOCK_MAXNUM];
    uint32_t n = 0;
    /* Bit i: read fds[i]; bit i + 16: write it. c-ares' macros for this shift
     * into the sign bit. */
    unsigned bits =
        (unsigned)ares_getsock(dns->channel, fds, ARES_GETSOCK_MAXNUM);
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        int events =
            (bits >> i & 1 ? WEFT_FD_READ : 0) |
            (bits >> (i + ARES_GETSOCK_MAXNUM) & 1 ? WEFT_FD_WRITE : 0);
        if (events)
            cases[n++] = (struct weft_select_case){
                .kind = WEFT_SELECT_FD, .fd = fds[i], .events = events};
    }
    if (n == 0) { /* c-ares waits for nothing, so only the next try helps */
        weft_err err = weft_sleep_until(until_ns);
        return err ? err : WEFT_ETIMEOUT;
    }
    if (wf_sys_now_ns() >= until_ns)
        return WEFT_ETIMEOUT;
    int k = weft_select_until(cases, n, until_ns);
    if (k < 0)
        return k;
    int found = cases[k].found;
    dns->reads_left = READS;
    ares_process_fd(dns->channel,
                    found & WEFT_FD_READ ? cases[k].fd : ARES_SOCKET_BAD,
                    found & WEFT_FD_WRITE ? cases[k].fd : ARES_SOCKET_BAD);
    if (dns->reads_left == 0)
        weft_fiber_yield(); /* a flood */
    return WEFT_OK;
}

static void
ask_part(struct wf_dns *dns, struct wf_dns_question *q, int i)
{
    const struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_NOSORT,
                                              .ai_family =
                                                  i ? AF_INET6 : AF_INET,
                                              .ai_socktype = SOCK_STREAM};
    struct wf_dns_part *part = &q->parts[i];
    if (part->is_answered)
        return;
    part->question = q;
    dns->pending++;
    if (q->is_service)
        ares_search(dns->channel, q->name, 1, 33, wf_dns_on_records, part);
    else
        ares_getaddrinfo(dns->channel, q->name, NULL, &hints,
                         wf_dns_on_addresses, part);
    if (part->is_answered && !part->err) /* at once */
        q->is_local = true;
}

static void
ask(struct wf_dns *dns, struct wf_dns_question *q)
{
    if (q->is_answered)
        return;
    if (!q->dns)
        q->ttl_s = INT32_MAX;
    q->dns = dns;
    ask_part(dns, q, 0);
    if (!q->is_service)
        ask_part(dns, q, 1);
}

/* Ask all questions that are not answered, until TRY_NS have passed without an
 * answer, or until *until_ns, which becomes the end of the try:
 * WEFT_ETIMEOUT. */
static weft_err
try_once(struct wf_dns *dns, struct wf_dns_question *questions, uint32_t n,
         uint64_t *until_ns)
{
    weft_err err = WEFT_OK;
    uint32_t next = 0, n_answered = dns->n_answered;
    uint64_t deadline_ns = *until_ns;
    *until_ns = WF_MIN(deadline_ns, wf_sys_now_ns() + TRY_NS);
    while (!err) {
        for (; next < n && dns->pending < IN_FLIGHT; next++)
            ask(dns, &questions[next]);
        if (dns->pending == 0 && next == n)
            break;
        if (dns->pending > 0)
            err = step(dns, *until_ns);
        if (dns->n_answered != n_answered)
            *until_ns = WF_MIN(deadline_ns, wf_sys_now_ns() + TRY_NS);
        n_answered = dns->n_answered;
    }
    ares_cancel(dns->channel);
    return err;
}

weft_err
wf_dns_ask(struct wf_dns *dns, struct wf_dns_question *questions, uint32_t n,
           uint64_t deadline_ns)
{
    for (int k = 1;; k++) {
        uint64_t until = deadline_ns;
        weft_err err = try_once(dns, questions, n, &until);
        if (err && err != WEFT_ETIMEOUT)
            return err;
        bool is_late = wf_sys_now_ns() >= deadline_ns;
        if (wf_dns_settle(questions, n, k >= PATIENCE || is_late))
            return WEFT_OK;
        if (is_late)
            return WEFT_ETIMEOUT;
        if (!err) /* a part has failed */
            err = weft_sleep_until(until);
        if (err && err != WEFT_ETIMEOUT)
            return err;
        rotate(dns);
    }
}

#endif
