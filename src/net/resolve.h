/* SPDX-License-Identifier: MIT */
/* Finds the addresses of a host name. */
#ifndef WEFT_NET_RESOLVE_H
#define WEFT_NET_RESOLVE_H

#include "net/addr.h"

#define WF_ADDRS_MAX 8 /* addresses of a name; further ones are ignored */

struct addrinfo;
struct wf_lookup;

/* What a look-up has found. */
struct wf_found {
    const struct addrinfo *first; /* the list has the order of RFC 6724 */
    struct wf_lookup *lookup;     /* the look-up that owns `first` */
};

/* Look up a host name; the errors are those of wf_addr_resolve. wf_found_put
 * frees *found. */
weft_err wf_found_get(const char *host, const char *port, uint64_t deadline_ns,
                      struct wf_found *found) WEFT_CHECKED;
void wf_found_put(struct wf_found *found);

/* Parse an address without a look-up. Returns how many addresses there are. 0:
 * the text has a host name, which is copied to `host`, and *port points into
 * `text`. WEFT_EADDRESS: the text is no address. */
int wf_addr_parse(const char *text, struct wf_addr out[WF_ADDRS_MAX],
                  char host[256], const char **port) WEFT_CHECKED;

/*
 * `out` receives the addresses of a text, in the order in which to try them: if
 * a name has addresses of several families, the families alternate (RFC 8305).
 * If the text has a name, the function waits for a helper thread, at most until
 * the deadline. Returns the number of addresses. WEFT_EADDRESS: the text is no
 * address, or the name does not exist; WEFT_ERESOLVE: the name cannot be looked
 * up now; -errno: no eventfd or thread could be made. Other errors:
 * WEFT_ETIMEOUT, WEFT_ECANCEL, -ENOMEM.
 */
int wf_addr_resolve(const char *text, struct wf_addr out[WF_ADDRS_MAX],
                    uint64_t deadline_ns) WEFT_CHECKED;

#endif
