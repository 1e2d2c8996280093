/* SPDX-License-Identifier: MIT */
/*
 * Looks up host names. getaddrinfo has no deadline and cannot be interrupted,
 * so a helper thread calls getaddrinfo, and the caller waits for an eventfd.
 * The caller returns at its deadline or when it is cancelled, even if the
 * thread is still in getaddrinfo.
 *
 * Owner: a look-up lives on the heap and has two references, the caller's and
 * the queue's. The queue's reference passes to the thread. When the last
 * reference is given up, the result is freed, too. A helper thread uses only
 * its look-ups and the queue, so it may outlive the runtime. There are at most
 * THREADS_MAX threads. At most PER_HOST threads look up the same host, so that
 * a host whose name server does not answer leaves threads for other hosts.
 * Further look-ups wait in the queue; a caller takes its look-up out of the
 * queue at the deadline. A thread ends when the queue has no look-up that may
 * begin. No look-up is forgotten: while a look-up waits, threads run, and each
 * thread takes another look-up from the queue when its own look-up returns.
 */
#include "net/resolve.h"

#include "fiber/fiber.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define THREADS_MAX 32u
#define PER_HOST 2u
#define HOST_MAX 256

struct wf_lookup {
    struct wf_link link; /* place in helpers.queue; helpers.lock guards it */
    struct wf_link busy; /* place in helpers.busy; helpers.lock guards it */
    _Atomic uint32_t refs;
    int done;           /* an eventfd, readable when the look-up has ended */
    _Atomic bool ended; /* stored with release after `error` and `found` */
    int error;
    struct addrinfo *found;
    char host[HOST_MAX], port[8];
};

static WF_GLOBAL struct {
    pthread_mutex_t lock;
    struct wf_list queue, busy;
    uint32_t threads;
} helpers = {.lock = PTHREAD_MUTEX_INITIALIZER,
             .queue = WF_LIST_EMPTY(helpers.queue),
             .busy = WF_LIST_EMPTY(helpers.busy)};

/* ---- a look-up ---- */

static struct wf_lookup *
lookup_new(const char *host, const char *port, weft_err *err)
{
    struct wf_lookup *l = wf_sys_zalloc(sizeof *l);
    *err = -ENOMEM;
    if (!l)
        return NULL;
    l->done = wf_sys_eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    *err = l->done < 0 ? l->done : WEFT_OK;
    if (*err) {
        wf_sys_free(l);
        return NULL;
    }
    wf_store(&l->refs, 2, relaxed); /* published by the queue's lock */
    snprintf(l->host, sizeof l->host, "%s", host);
    snprintf(l->port, sizeof l->port, "%s", port);
    return l;
}

static void
lookup_unref(struct wf_lookup *l)
{
    if (wf_sub(&l->refs, 1, acq_rel) > 1)
        return;
    if (l->found)
        freeaddrinfo(l->found);
    (void)wf_sys_close(l->done);
    wf_sys_free(l);
}

static int
ask(const char *host, const char *port, int flags, struct addrinfo **found)
{
    struct addrinfo hints = {.ai_flags = flags | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    return wf_sys_getaddrinfo(host, port, &hints, found);
}

static weft_err
error_of(int eai)
{
    switch (eai) {
    case 0:
        return WEFT_OK;
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
    case EAI_FAMILY:
    case EAI_SERVICE:
        return WEFT_EADDRESS;
    case EAI_MEMORY:
        return -ENOMEM;
    default: /* EAI_AGAIN, EAI_FAIL, EAI_SYSTEM: the resolver fails */
        return WEFT_ERESOLVE;
    }
}

/* ---- the helper threads ---- */

/* True if fewer than PER_HOST threads look up this host. The caller holds the
 * lock. */
static bool
may_begin(const struct wf_lookup *l)
{
    uint32_t n = 0;
    for (const struct wf_link *b = helpers.busy.head.next;
         b != &helpers.busy.head; b = b->next)
        n += !strcmp(WF_CONTAINER(b, struct wf_lookup, busy)->host, l->host);
    return n < PER_HOST;
}

/* Remove from the queue the first look-up that may begin. NULL: there is none.
 * The caller holds the lock. */
static struct wf_lookup *
begin_next(void)
{
    for (struct wf_link *q = helpers.queue.head.next; q != &helpers.queue.head;
         q = q->next) {
        struct wf_lookup *l = WF_CONTAINER(q, struct wf_lookup, link);
        if (!may_begin(l))
            continue;
        wf_list_remove(&l->link);
        wf_list_push(&helpers.busy, &l->busy);
        return l;
    }
    return NULL;
}

static void *
look_up(void *unused)
{
    const uint64_t one = 1;
    struct wf_lookup *l;
    (void)unused;
    wf_sys_lock(&helpers.lock);
    while ((l = begin_next()) != NULL) {
        wf_sys_unlock(&helpers.lock);
        l->error = ask(l->host, l->port, 0, &l->found);
        wf_sys_lock(&helpers.lock);
        wf_list_remove(&l->busy);
        wf_sys_unlock(&helpers.lock);
        wf_store(&l->ended, true, release);
        if (!WF_MUTANT(lookup_end_untold))
            /* the eventfd is never full */
            (void)wf_sys_write(l->done, &one, sizeof one);
        lookup_unref(l);
        wf_sys_lock(&helpers.lock);
    }
    helpers.threads--;
    wf_sys_unlock(&helpers.lock);
    return NULL;
}

static weft_err
submit(struct wf_lookup *l)
{
    pthread_t thread;
    weft_err err = WEFT_OK;
    wf_sys_lock(&helpers.lock);
    wf_list_push(&helpers.queue, &l->link);
    if (helpers.threads < THREADS_MAX && may_begin(l)) {
        err = wf_sys_thread(&thread, look_up, NULL);
        if (!err) {
            wf_sys_detach(thread);
            helpers.threads++;
        } else if (helpers.threads > 0) {
            err = WEFT_OK; /* a running thread takes the look-up later */
        } else {
            wf_list_remove(&l->link);
        }
    }
    wf_sys_unlock(&helpers.lock);
    if (err)
        lookup_unref(l); /* the queue's reference */
    return err;
}

/* Take the look-up out of the queue, because its caller no longer waits. */
static void
withdraw(struct wf_lookup *l)
{
    wf_sys_lock(&helpers.lock);
    bool queued = wf_link_queued(&l->link);
    if (queued)
        wf_list_remove(&l->link);
    wf_sys_unlock(&helpers.lock);
    if (queued)
        lookup_unref(l);
}

/* ---- the addresses ---- */

static bool
is_known(const struct wf_addr *all, int n, const struct addrinfo *a)
{
    for (int i = 0; i < n; i++)
        if (all[i].len == a->ai_addrlen &&
            !memcmp(&all[i].any, a->ai_addr, a->ai_addrlen))
            return true;
    return false;
}

/* Returns the first address of this family (if `same`) or of another family (if
 * not `same`). The search begins at `a`. */
static const struct addrinfo *
next_of(const struct addrinfo *a, int family, bool same)
{
    while (a && (a->ai_family == family) != same)
        a = a->ai_next;
    return a;
}

/* Copy the addresses to `out`. The family of the first address alternates with
 * the other families. Returns the number of addresses in `out`. */
static int
keep(const struct addrinfo *found, struct wf_addr out[WF_ADDRS_MAX])
{
    int n = 0, family = found ? found->ai_family : 0;
    const struct addrinfo *next[2] = {found, next_of(found, family, false)};
    for (int turn = 0; n < WF_ADDRS_MAX && (next[0] || next[1]); turn ^= 1) {
        const struct addrinfo *a = next[turn];
        if (!a)
            continue;
        next[turn] = next_of(a->ai_next, family, turn == 0);
        if (a->ai_addrlen > sizeof out->any || is_known(out, n, a))
            continue;
        memset(&out[n], 0, sizeof out[n]);
        memcpy(&out[n].any, a->ai_addr, a->ai_addrlen);
        out[n++].len = a->ai_addrlen;
    }
    return n ? n : WEFT_EADDRESS;
}

static int
resolve_numeric(const char *host, const char *port,
                struct wf_addr out[WF_ADDRS_MAX])
{
    struct addrinfo *found = NULL;
    int n = error_of(ask(host, port, AI_NUMERICHOST, &found));
    if (!n) {
        n = keep(found, out);
        freeaddrinfo(found);
    }
    return n;
}

weft_err
wf_found_get(const char *host, const char *port, uint64_t deadline_ns,
             struct wf_found *found)
{
    weft_err err;
    struct wf_lookup *l = lookup_new(host, port, &err);
    if (!l)
        return err;
    err = submit(l);
    if (!err) {
        uint64_t until =
            WF_MUTANT(lookup_ignores_deadline) ? WEFT_NEVER : deadline_ns;
        int n = weft_fd_wait_until(l->done, WEFT_FD_READ, until);
        if (n >= 0 && !wf_load(&l->ended, acquire))
            n = WEFT_ERESOLVE; /* impossible: `ended` is set before the event */
        if (n < 0)
            withdraw(l);
        err = n < 0 ? n : error_of(l->error);
    }
    if (err)
        lookup_unref(l);
    else
        *found = (struct wf_found){l->found, l};
    return err;
}

void
wf_found_put(struct wf_found *found)
{
    lookup_unref(found->lookup);
}

int
wf_addr_parse(const char *text, struct wf_addr out[WF_ADDRS_MAX],
              char host[256], const char **port)
{
    int n = wf_addr_split(text, out, host, port);
    if (n)
        return n;
    n = resolve_numeric(host, *port, out);
    return n == WEFT_EADDRESS ? 0 : n;
}

int
wf_addr_resolve(const char *text, struct wf_addr out[WF_ADDRS_MAX],
                uint64_t deadline_ns)
{
    struct wf_found found;
    char host[256];
    const char *port;
    int n = wf_addr_parse(text, out, host, &port);
    if (n)
        return n;
    weft_err err = wf_found_get(host, port, deadline_ns, &found);
    if (err)
        return err;
    n = keep(found.first, out);
    wf_found_put(&found);
    return n;
}
