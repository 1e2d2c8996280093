/* SPDX-License-Identifier: MIT */
/* Finds the addresses of a host name. */
#ifndef WEFT_NET_RESOLVE_H
#define WEFT_NET_RESOLVE_H

#include "net/addr.h"

#define WF_ADDRS_MAX 8 /* addresses of a name; others are ignored */

struct addrinfo;
struct wf_lookup;

/* What a look-up has found. */
struct wf_found {
    const struct addrinfo *first; /* in the order of RFC 6724 */
    struct wf_lookup *lookup;     /* the look-up that `first` lies in */
};

/* Look a host name up; errors as wf_addr_resolve. wf_found_put frees it. */
weft_err wf_found_get(const char *host, const char *port, uint64_t deadline_ns,
                      struct wf_found *found) WEFT_CHECKED;
void wf_found_put(struct wf_found *found);

/* Parse an address without a look-up. Returns how many addresses there are. 0:
 * the text has a host name, which is copied to host, and *port points into
 * text. WEFT_EADDRESS. */
int wf_addr_parse(const char *text, struct wf_addr out[WF_ADDRS_MAX],
                  char host[256], const char **port) WEFT_CHECKED;

/*
 * The addresses of a text, in the order in which to try them: if a name has
 * several, the families take turns (RFC 8305). A numeric address never waits; a
 * name waits for a helper thread, at most until the deadline. Returns how many
 * there are. WEFT_EADDRESS: the text is no address, or the name does not exist;
 * WEFT_ERESOLVE: it cannot be looked up now; WEFT_ETIMEOUT, WEFT_ECANCEL,
 * -ENOMEM, an errno of eventfd or of the thread.
 */
int wf_addr_resolve(const char *text, struct wf_addr out[WF_ADDRS_MAX],
                    uint64_t deadline_ns) WEFT_CHECKED;

#endif
