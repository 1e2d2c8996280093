/* SPDX-License-Identifier: MIT */
/*
 * The life of a socket.
 *
 *   new -> watched -> failed (id dead, peer sees the end) -> closed (recycled)
 *
 * A socket fails once (wf_slot_fail). The socket is closed once, by the thread
 * that gives up the last reference (slab.c has the proof). ops->failed runs
 * before the owner's reference is given up, so this hook may still use the
 * owner.
 *
 * Attacked by tests/stress/stress_sock.c.
 */
#include "net/sock.h"

#include "net/addr.h"
#include "net/conns.h"
#include "net/linger.h"
#include "net/poll.h"

#include <string.h>

#define MAX_SOCKS (1u << 24)

static void sock_closed(struct wf_slot *slot);

static WF_GLOBAL struct wf_slab socks =
    WF_SLAB_INIT(struct wf_sock, MAX_SOCKS, sock_closed);

static struct wf_sock *
sock_of(struct wf_slot *slot)
{
    return WF_CONTAINER(slot, struct wf_sock, slot);
}

/* True for IPv4 and IPv6. A unix socket is different: a read from a unix socket
 * ends where the peer passes descriptors. */
static bool
is_internet(int fd)
{
    int domain = 0;
    socklen_t len = sizeof domain;
    return !wf_sys_getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
           (domain == AF_INET || domain == AF_INET6);
}

struct wf_sock *
wf_sock_new(int fd, const struct wf_sock_ops *ops, void *owner)
{
    struct wf_slot *slot = wf_slab_get(&socks);
    if (!slot)
        return NULL;
    struct wf_sock *s = sock_of(slot);
    /* Clear everything except the slot, whose word a late event may be
     * reading. */
    memset((uint8_t *)s + sizeof s->slot, 0, sizeof *s - sizeof s->slot);
    s->fd = fd;
    s->ops = ops;
    s->owner = owner;
    s->max_queued = SIZE_MAX;
    s->write_timeout_ms = WEFT_NONE;
    wf_store(&s->last_ns, wf_worker_now_ns(), relaxed);
    wf_store(&s->reads_on, !is_internet(fd), relaxed);
    wf_slot_open(slot);
    wf_slot_more(slot);
    return s;
}

weft_err
wf_sock_watch(struct wf_sock *s)
{
    /* release: publishes what the owner wrote since wf_sock_new. The release
     * pairs with wf_sock_ref in wf_sock_event, which may run before this
     * function returns. */
    wf_add(&s->slot.word, 0, release);
    return wf_poll_add(s->fd, wf_slot_id(&s->slot));
}

struct wf_sock *
wf_sock_ref(uint64_t id)
{
    struct wf_slot *slot = wf_slot_ref(&socks, id);
    return slot ? sock_of(slot) : NULL;
}

void
wf_sock_unref(struct wf_sock *s)
{
    wf_slot_unref(&socks, &s->slot);
}

/* Set SO_LINGER, so that wf_sys_close sends a reset, not an end. */
static void
reset_at_close(struct wf_sock *s)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)wf_sys_setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &at_once,
                            sizeof at_once); /* no effect on a unix socket */
}

/* Make the socket fail. `how`: SHUT_RDWR or SHUT_WR; for a reset SHUT_RD,
 * because the other two send an end first. */
static void
fail(struct wf_sock *s, weft_err why, int how)
{
    weft_err none = WEFT_OK;
    WF_DCHECK(wf_slot_is_held(&s->slot));
    /* The first error is kept. seq_cst: see wf_sock_error. */
    (void)wf_cas(&s->err, &none, why, seq_cst);
    if (!wf_slot_fail(&s->slot))
        return;
    if (how == SHUT_RD)
        reset_at_close(s);
    /* this call fails only if there is no connection */
    (void)wf_sys_shutdown(s->fd, how);
    if (!WF_MUTANT(failure_wakes_no_writer))
        wf_sock_wake_writers(s);
    s->ops->failed(s, wf_sock_error(s));
    wf_sock_unref(s);
}

void
wf_sock_fail(struct wf_sock *s, weft_err why)
{
    /* If unsent bytes are dropped, send a reset, so that the peer does not take
     * the cut stream for a complete one. */
    bool is_cut = wf_load(&s->queued, relaxed) > 0;
    fail(s, why, is_cut ? SHUT_RD : SHUT_RDWR);
}

void
wf_sock_reset(struct wf_sock *s)
{
    fail(s, WEFT_ECLOSED, SHUT_RD);
}

void
wf_sock_fail_all(weft_err why)
{
    struct wf_slot *slot;
    for (uint32_t i = 0; (slot = wf_slab_at(&socks, i)) != NULL; i++) {
        struct wf_sock *s = wf_sock_ref(wf_slot_id_at(slot, i));
        if (!s)
            continue;
        wf_sock_fail(s, why);
        wf_sock_unref(s);
    }
}

void
wf_sock_finish(struct wf_sock *s)
{
    s->lingers = true; /* wf_slot_fail publishes the flag */
    fail(s, WEFT_ECLOSED, SHUT_WR);
}

static void
sock_closed(struct wf_slot *slot)
{
    struct wf_sock *s = sock_of(slot);
    WF_CHECK(!wf_load(&s->newest, relaxed));
    struct wf_conns *conns = s->conns;
    if (s->lingers && !WF_MUTANT(close_without_linger))
        wf_linger_close(s->fd);
    else if (!WF_MUTANT(descriptor_leaks))
        /* also removes the descriptor from its epoll */
        (void)wf_sys_close(s->fd);
    s->ops->closed(s);
    /* last: a stop that waits for the removal must find the socket closed */
    if (conns)
        wf_conns_remove(conns, s);
    wf_slab_put(&socks, slot);
}

weft_err
wf_sock_pending_error(const struct wf_sock *s)
{
    int err = 0;
    socklen_t len = sizeof err;
    weft_err failed =
        wf_sys_getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len);
    return failed ? failed : -err;
}

weft_err
wf_sock_peer_addr(const struct wf_sock *s, struct wf_addr *addr)
{
    addr->len = sizeof addr->any;
    return wf_sys_getpeername(s->fd, &addr->any.sa, &addr->len);
}

weft_err
wf_sock_peer(const struct wf_sock *s, char *text, size_t size)
{
    struct wf_addr addr;
    weft_err err = wf_sock_peer_addr(s, &addr);
    if (!err)
        wf_addr_print(&addr, text, size);
    return err;
}
