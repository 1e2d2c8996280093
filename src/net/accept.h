/* SPDX-License-Identifier: MIT */
/* Listening sockets. Each listening socket is a wf_sock whose reader accepts
 * connections. */
#ifndef WEFT_NET_ACCEPT_H
#define WEFT_NET_ACCEPT_H

#include "net/sock.h"

struct wf_acceptor;

/* How long a name may be looked up if the caller gives no deadline. */
#define WF_LISTEN_MS 30000

struct wf_listen {
    uint32_t backlog;
    bool reuse_port;      /* SO_REUSEPORT */
    uint64_t deadline_ns; /* ends the look-up of a name */
};

/* Called on a fiber when a connection was accepted. `fd` is non-blocking and in
 * no epoll. The function owns `fd`, and must not wait. */
typedef void (*wf_accepted_fn)(void *owner, int fd);

/*
 * Bind and listen on `address`, or on every address of the host name that is in
 * `address`. No connection is accepted before wf_acceptor_start. Waits while a
 * name is looked up. Replaces the path of a unix socket on which no process
 * listens any more. Errors: those of wf_addr_resolve, or an errno.
 */
weft_err wf_acceptor_new(const char *address, const struct wf_listen *how,
                         wf_accepted_fn accepted, void *owner,
                         struct wf_acceptor **out) WEFT_CHECKED;
weft_err wf_acceptor_start(struct wf_acceptor *a) WEFT_CHECKED;
uint16_t wf_acceptor_port(const struct wf_acceptor *a);

/* Write the first address as text, with the port that the kernel has chosen.
 * Returns whether a client can connect to the address: false for the wildcard,
 * which stands for every address of the host. */
bool wf_acceptor_address(const struct wf_acceptor *a, char *text, size_t size)
    WEFT_CHECKED;

/* Accept no more, and free the acceptor; NULL is legal. Waits until the
 * accepting fibers have ended, so `accepted` is not called after the return. */
void wf_acceptor_free(struct wf_acceptor *a);

#endif
