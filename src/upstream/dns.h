/* SPDX-License-Identifier: MIT */
/*
 * The targets `dns:` and `srv:`.
 *
 *   dns_name.c   reads their text
 *   dns.c        their resolvers: puts answers into a list of servers
 *   dns_ask.c    asks name servers through c-ares; dns_answer.c takes what they
 *                answer; without c-ares, dns_none.c
 *   srv.c        reads an answer with SRV records
 *
 * Without c-ares `dns:` asks getaddrinfo, on a helper thread, and there is no
 * `srv:`.
 */
#ifndef WEFT_UPSTREAM_DNS_H
#define WEFT_UPSTREAM_DNS_H

#include "upstream/registry.h"

/* ---- dns_name.c ---- */

/* What stands after `dns:` or `srv:` is [//[ADDRESS[:PORT],...]/]NAME. */
struct wf_dns_name {
    char servers[256]; /* the name servers, ADDRESS:PORT,...; empty: those of
                          the host */
    const char *name;  /* points into the text */
};

/* WEFT_EADDRESS: a server is no numeric address. */
weft_err wf_dns_read_name(const char *text, struct wf_dns_name *name)
    WEFT_CHECKED;

/* Check the text of a target. WEFT_EADDRESS; -ENOTSUP: it needs c-ares, and the
 * log says so. */
weft_err wf_dns_check(const char *text) WEFT_CHECKED;
weft_err wf_srv_check(const char *text) WEFT_CHECKED;

/* ---- srv.c ---- */

struct wf_srv_record {
    const char *host;
    uint32_t weight; /* 1 at least */
    uint16_t port;
};

struct wf_srv_records {
    struct wf_srv_record *items;
    uint32_t len, cap;
};

/*
 * Read the answer of a name server, of 64 KiB at most: append the records with
 * the lowest priority. *ttl_s receives the shortest time that a record of the
 * answer is valid. WEFT_EPROTOCOL: the bytes make no sense; WEFT_EADDRESS:
 * there is no record, or one that says that there is no such service;
 * WEFT_EBUDGET.
 */
weft_err wf_srv_read(const uint8_t *bytes, size_t n, struct weft_arena *arena,
                     struct wf_srv_records *records, uint32_t *ttl_s)
    WEFT_CHECKED;

/* ---- dns_ask.c ---- */

struct wf_dns; /* one look-up */

/* What c-ares is asked: for SRV records, or for addresses of one family. */
struct wf_dns_part {
    struct wf_dns_question *question;
    bool is_answered;
    weft_err err;
    const char *why;
};

struct wf_dns_addresses {
    const char **items;
    uint32_t len, cap;
};

/* A question, and its answer in the arena of the look-up. The caller sets the
 * first two fields. */
struct wf_dns_question {
    const char *name;
    bool is_service;               /* ask for SRV records, else for addresses */
    bool is_answered;              /* the fields below are set */
    weft_err err;                  /* WEFT_EADDRESS: there is no such name */
    const char *why;               /* the error as text */
    uint32_t ttl_s;                /* how long the answer is valid */
    struct wf_dns_addresses found; /* without a port, IPv6 in brackets */
    struct wf_srv_records records; /* of a service */
    /* For dns_ask.c: */
    struct wf_dns *dns;
    struct wf_dns_part parts[2]; /* of addresses IPv4 and IPv6 */
    bool is_local;               /* a file of this host has the name */
};

/* True if this build has c-ares. */
bool wf_dns_is_there(void);

/* Begin a look-up. `servers` as in struct wf_dns_name. The arena must outlive
 * the look-up. -ENOMEM; WEFT_ERESOLVE: the host has no name server. */
weft_err wf_dns_open(const char *servers, struct weft_arena *arena,
                     struct wf_dns **dns) WEFT_CHECKED;

/* Ask all questions. Blocks the task. WEFT_OK: all are answered, perhaps with
 * an error; WEFT_ETIMEOUT: the deadline has passed first; WEFT_ECANCEL, errors
 * of weft_select. */
weft_err wf_dns_ask(struct wf_dns *dns, struct wf_dns_question *questions,
                    uint32_t n, uint64_t deadline_ns) WEFT_CHECKED;
void wf_dns_close(struct wf_dns *dns);

#endif
