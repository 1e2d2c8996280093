/* SPDX-License-Identifier: MIT */
/* Finds the addresses of a host name. */
#ifndef WEFT_NET_RESOLVE_H
#define WEFT_NET_RESOLVE_H

#include "net/addr.h"

struct addrinfo;
struct wf_lookup;

/* What a look-up has found. */
struct wf_found {
    const struct addrinfo *first; /* in the order of RFC 6724 */
    struct wf_lookup *lookup;     /* the look-up that `first` lies in */
};

/* Look a host name up; errors as wf_resolve. wf_found_put frees it. */
weft_err wf_found_get(const char *host, const char *port, uint64_t deadline_ns,
                      struct wf_found *found) WEFT_CHECKED;
void wf_found_put(struct wf_found *found);

/*
 * The addresses of a host name, in the order in which they are to be tried: the
 * families take turns (RFC 8305). Waits for a helper thread, at most until the
 * deadline. Returns how many there are. WEFT_EADDRESS: the name does not exist;
 * WEFT_ERESOLVE: it cannot be looked up now; WEFT_ETIMEOUT, WEFT_ECANCEL,
 * -ENOMEM, an errno of eventfd or of the thread.
 */
int wf_resolve(const char *host, const char *port,
               struct wf_addr out[WF_ADDRS_MAX], uint64_t deadline_ns)
    WEFT_CHECKED;

/* As wf_resolve, for a host that is written in numbers; never waits.
 * WEFT_EADDRESS: it is not, and may be a name. */
int wf_resolve_numeric(const char *host, const char *port,
                       struct wf_addr out[WF_ADDRS_MAX]) WEFT_CHECKED;

#endif
