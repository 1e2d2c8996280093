/* SPDX-License-Identifier: MIT */
/*
 * The module header of upstream: the client of many servers.
 *
 *   target.c     makes a client from a target: an address, or `list:...`
 *   entries.c    reads a list of servers from text
 *   resolver.c   runs the function that finds the servers
 *   file.c       such a function: it reads a file again and again
 *   dns.h        such functions, in dns.c: they look a name up. dns_name.c
 *                reads it, dns_ask.c and dns_answer.c use c-ares, which
 *                dns_none.c replaces, and srv.c reads SRV records
 *   upstream.c   makes, closes and frees struct wf_upstream
 *   sort.c       sorts a long list
 *   subset.c     keeps some endpoints of a long list
 *   hash.c       the hash of keys and addresses
 *   snapshot.c   replaces the list of endpoints while calls use it
 *   endpoint.h   one server, and what is known of it
 *   order.c      makes the turns of a list
 *   balance.c    chooses an endpoint for an attempt
 *   locality.h   weighs endpoints by the rate and latency of their answers
 *   maglev.c     chooses by the key of a call
 *   slow_start.h lets new endpoints begin with few attempts
 *   zone.h       prefers endpoints of the client's own zone
 *   schemes.h    divides a list into partitions, by the tags of the endpoints
 *   health.h     ejects endpoints that fail
 *   rates.h      ejects endpoints on which few attempts succeed
 *   breaker.h    lets no attempts through to endpoints of which many fail
 *   checks.h     checks endpoints beside the calls
 *   etcd.h       follows the servers that are registered in etcd;
 *                etcd_resolver.c publishes them
 *   consul.h     the same for Consul
 *   zk.h         a session with ZooKeeper, whose bytes jute.h knows, and whose
 *                name zk_name.c reads; zk_resolver.c follows the servers below
 *                a node
 *   value.h      follows one value in any of them
 *   pause.h      the pauses after failures to ask them
 *   registry.h   what all of them share
 *   register.h   registers a server in a registry: register_options.c reads
 *                the options, register_etcd.c, register_consul.c and
 *                register_zk.c know the registries
 *   attempt.c    begins and ends attempts, and decides about the next one
 *   budget.c     bounds the number of retries
 *   latency.h    how long answers took, for the delay of a hedge
 *   tuning.h     the values of a client that change at run time
 *   policy.h     a document that changes options at run time: policy_watch.c
 *                finds it, policy_take.c takes it, policy_read.c reads it,
 *                policy_rules.c finds the rule of a method, policy_text.c tells
 *                what holds
 *
 * Clients that make calls of other clients:
 *
 *   combined.h   what they share: they own the other clients
 *   select.c     a call goes to one of them
 *   fan_out.c    a call goes to all of them
 *   intercept.c  a call passes a function of the user
 *   partition.c  the key of a call says to which one it goes
 *   inside.c     calls handlers of a server in the same process
 *
 * An endpoint has a client of one address. rpc calls this folder through struct
 * wf_upstream_ops (rpc/rpc.h).
 */
#ifndef WEFT_UPSTREAM_UPSTREAM_H
#define WEFT_UPSTREAM_UPSTREAM_H

#include "rpc/rpc.h"

#include "upstream/endpoint.h"
#include "upstream/latency.h"
#include "upstream/policy.h"
#include "upstream/schemes.h"
#include "upstream/zone.h"

#include <weft/upstream.h>

#define WF_ENDPOINTS_MAX 65536u
#define WF_ATTEMPTS_MAX 8u
#define WF_WHY 200 /* size of a text that says why a list was refused */

struct wf_item {
    struct wf_endpoint *endpoint;
    uint32_t weight : 20;
    uint32_t is_near : 1; /* in the client's zone */
    uint32_t n_tags : 5;  /* which name a partition */
    uint32_t first_tag;   /* in `tags` of the list */
};
_Static_assert(sizeof(struct wf_item) == 16, "a long list has many");

/* A list of endpoints. It never changes after it is published. */
struct wf_snapshot {
    struct wf_snapshot *next; /* the next replaced list */
    uint32_t n;
    uint32_t n_order; /* length of `order`; 0: all weights are equal */
    uint32_t *order;  /* indices of items; an item's weight decides
                               how many entries the item has */
    uint64_t weight;  /* the sum of all weights */
    uint16_t *table;  /* see maglev.c; NULL: no call needs it */
    /* The near items and the others, as lists that nobody else has. NULL: all
     * items are treated alike. */
    struct wf_snapshot *near, *far;
    uint32_t *tags; /* partitions, see schemes.h; NULL: there are none */
    struct wf_schemes *schemes; /* NULL: the client does not use tags */
    uint32_t n_listed; /* items of the whole list, of which this is a part */
    struct wf_item items[]; /* sorted by address */
};

/* The state that one worker keeps for an upstream. All plain threads share one
 * struct. */
struct wf_part {
    /* The list that the worker reads now, or NULL. */
    _Alignas(64) _Atomic(const struct wf_snapshot *) reading;
    _Atomic uint32_t turn;      /* the next turn of round robin */
    _Atomic uint32_t far_turn;  /* the same for the list `far` */
    _Atomic int32_t tokens;     /* a hundred pay for one retry */
    _Atomic uint64_t in_flight; /* attempts that this part has begun; only
                                   WEFT_CONSISTENT_HASH counts them */
    _Atomic uint64_t hedges, hedges_won; /* as in struct weft_client_stats */
};

struct wf_upstream {
    struct wf_ejections ejections;
    struct wf_rates rates;
    struct wf_breakers breakers;
    struct wf_zones zones;
    /* An endpoint has become usable or is it no longer, or there is a new
     * list. The store is a release: who sees it sees the change. */
    _Atomic bool usable_changed;
    struct weft_client_options endpoint_options;
    struct weft_upstream_options options; /* every default filled in */
    struct wf_plan plan;                  /* the same, for calls */
    /* Values that a policy may change; else those of the options. */
    struct wf_tuned tuned;
    struct wf_policies *policies; /* NULL: no policy */
    _Atomic(struct wf_snapshot *) list;
    struct wf_part *parts;
    _Atomic uint32_t n_parts;       /* parts above have begun no call */
    _Atomic uint32_t *turns;        /* of each part and partition; or NULL */
    struct wf_latencies *latencies; /* one for each part; NULL: no call can be
                                       hedged at the 95th percentile */
    struct wf_spin plain;           /* guards part 0 */
    _Atomic bool closing;
    _Atomic uint64_t reserve;       /* see budget.c */
    struct weft_resolver *resolver; /* NULL: the user sets the list */
    struct wf_checks *checks;       /* NULL: none */
    _Atomic uint64_t slow_until_ns; /* when the last slow start ends; 0: there
                                       was none */
    _Atomic uint32_t n_untagged;    /* as in struct weft_client_stats */
    struct weft_mutex lock;         /* guards the fields below */
    struct wf_snapshot *old;        /* replaced lists that may still be read */
    struct wf_endpoint *dropped;    /* not in the list; attempts may use them */
};

/* The endpoints of a call's failed attempts. */
struct wf_tried {
    uint32_t n;
    const struct wf_endpoint *endpoints[WF_ATTEMPTS_MAX];
};

/* ---- upstream.c ---- */

/* The upstream of the client. NULL: the client has one server. */
struct wf_upstream *wf_upstream_of(const struct weft_client *client);

/* Make a client of many servers, with an empty list. Errors as
 * weft_client_new. */
weft_err wf_upstream_new(const char *target,
                         const struct weft_client_options *options,
                         struct weft_client **out) WEFT_CHECKED;

/* As `find` of wf_upstream_ops. */
weft_err wf_upstream_find(void *upstream, uint64_t deadline_ns, bool may_wait,
                          bool *found) WEFT_CHECKED;

/* Add the counters of a client to a sum. */
void wf_stats_add(struct weft_client_stats *sum,
                  const struct weft_client *client);

/* ---- attempt.c: as in struct wf_upstream_ops ---- */

weft_err wf_upstream_begin(void *upstream, struct wf_attempt *a,
                           struct weft_client **endpoint) WEFT_CHECKED;
bool wf_upstream_give_up(void *upstream, struct wf_attempt *a);
bool wf_upstream_hedge(void *upstream, struct wf_attempt *a,
                       struct wf_attempt *copy, struct weft_client **endpoint);
bool wf_upstream_end(void *upstream, struct wf_attempt *a);

/* True if the server did not answer, or did not take the call; a->err and
 * a->reach say how the attempt ended. A cancel, and a call that could not be
 * written, say nothing about the server. */
bool wf_attempt_has_failed(const struct wf_attempt *a);

/* True if another server may accept the call, and no handler has seen or will
 * see the call, or the call is idempotent. */
bool wf_attempt_may_go_elsewhere(const struct wf_attempt *a);

/* ---- budget.c ---- */

#define WF_BUDGET_PERCENT 10u
#define WF_BUDGET_RESERVE 10u

/* A call has begun: it earns so many hundredths of a retry. `own` has the
 * tokens of the calling worker. */
void wf_budget_earn(_Atomic int32_t *own, uint32_t percent);

/* Pay a retry. `reserve` belongs to all workers, and lends `most` retries in 10
 * s, at most 200. false: the budget does not suffice. */
bool wf_budget_take(_Atomic int32_t *own, _Atomic uint64_t *reserve,
                    uint32_t most, uint64_t now);

/* ---- snapshot.c ---- */

/* Begin to read the list; wf_snapshot_leave stops reading. `part` is the part
 * of the calling thread. The thread must not wait between the two calls. */
const struct wf_snapshot *wf_snapshot_enter(struct wf_upstream *up,
                                            uint32_t part);
void wf_snapshot_leave(struct wf_upstream *up, uint32_t part);

/* Replace the list. Errors as weft_client_set_endpoints; if an entry is at
 * fault, `why` (WF_WHY bytes) receives which one. */
weft_err wf_snapshot_publish(struct wf_upstream *up,
                             const struct weft_endpoint *endpoints, uint32_t n,
                             char *why) WEFT_CHECKED;

/* Call `fn` for every endpoint that is not freed, even if it is in no list. */
void wf_snapshot_each(struct wf_upstream *up,
                      void (*fn)(struct wf_endpoint *endpoint, void *arg),
                      void *arg);

/* Call `fn` for every item of the list that is published now. */
void wf_snapshot_each_item(struct wf_upstream *up,
                           void (*fn)(const struct wf_item *item, void *arg),
                           void *arg);

/* Free everything. Nobody may use `up` any more. */
void wf_snapshot_free_all(struct wf_upstream *up);

/* ---- entries.c ---- */

struct wf_entries {
    struct weft_endpoint *items; /* their addresses point to the text */
    uint32_t n;
};

/* Read entries that `separator` separates; this changes `text`. The entries
 * need wf_entries_free in any case. WEFT_EADDRESS: `why` (WF_WHY bytes) says
 * what is wrong; -ENOMEM. */
weft_err wf_entries_read(char *text, char separator, struct wf_entries *entries,
                         char *why) WEFT_CHECKED;
void wf_entries_free(struct wf_entries *entries);

/* ---- resolver.c ---- */

/* Make up->resolver. `target`, for the log, and `name`, for the function, must
 * live as long as the client. -ENOMEM. */
weft_err wf_resolver_new(struct wf_upstream *up, const char *target,
                         const char *name, weft_resolve_fn resolve, void *user)
    WEFT_CHECKED;

/* Cancel the function and wait for its end. No list is published after that,
 * and calls that wait for a list end with WEFT_ECLOSED. */
void wf_resolver_close(struct weft_resolver *r);
void wf_resolver_free(struct weft_resolver *r);

/* Wait until the servers have been looked up once; if this has failed, the list
 * is empty. If `may_wait` is false, *found receives false instead of a wait.
 * WEFT_ETIMEOUT, WEFT_ECANCEL, WEFT_ECLOSED; errors of weft_fiber_start. */
weft_err wf_resolver_await(struct weft_resolver *r, uint64_t deadline_ns,
                           bool may_wait, bool *found) WEFT_CHECKED;

/* Returns why the last look-up failed, in the arena; absent: it did not. */
struct weft_str wf_resolver_why(struct weft_resolver *r,
                                struct weft_arena *arena);

/* For the function: what it publishes is valid for so long. The next look-up
 * begins then, or after refresh_ms, if this is earlier. */
void wf_resolver_valid_for(struct weft_resolver *r, uint64_t ms);

/* A server could not be reached, so the servers may have changed: look them up
 * again soon. */
void wf_resolver_hint(struct weft_resolver *r);
void wf_resolver_add_stats(struct weft_resolver *r,
                           struct weft_client_stats *stats);

/* ---- file.c ---- */

weft_err wf_resolve_file(struct weft_resolver *resolver, const char *path,
                         void *user);

/* ---- etcd_resolver.c, consul.c, zk_resolver.c ---- */

/* The name is HOST:PORT/PREFIX, HOST:PORT/SERVICE[?QUERY], or
 * ADDRESS[,ADDRESS].../PATH. */
weft_err wf_resolve_etcd(struct weft_resolver *resolver, const char *name,
                         void *user);
weft_err wf_resolve_consul(struct weft_resolver *resolver, const char *name,
                           void *user);
weft_err wf_resolve_zk(struct weft_resolver *resolver, const char *name,
                       void *user);

/* ---- dns.c ---- */

/* The name is what stands after `dns:` or `srv:`. */
weft_err wf_resolve_dns(struct weft_resolver *resolver, const char *name,
                        void *user);
weft_err wf_resolve_srv(struct weft_resolver *resolver, const char *name,
                        void *user);

/* ---- balance.c ---- */

/* Choose an endpoint of a list that is not empty. If possible, choose one that
 * the call has not tried, that is not ejected, and whose client is not in the
 * pause after a failed connect. For a copy returns NULL if there is none of
 * these that is connected. Otherwise NULL says that all breakers are open. */
struct wf_endpoint *wf_balance(struct wf_upstream *up,
                               const struct wf_snapshot *list,
                               struct wf_part *part, const struct wf_attempt *a,
                               uint64_t now);

/* ---- order.c ---- */

/* Make `order`, `weight` and, if it is used, `table` of a list. -ENOMEM. */
weft_err wf_list_prepare(const struct wf_upstream *up, struct wf_snapshot *list,
                         struct wf_turn *turn) WEFT_CHECKED;

/* ---- hash.c ---- */

/* A hash of which each bit depends on each byte of the text and of the seed. */
uint64_t wf_hash(struct weft_str text, uint64_t seed);

/* ---- subset.c ---- */

/* Remove the endpoints that the client does not use from a list of *n, and
 * reduce *n. -ENOMEM. */
weft_err wf_subset(const struct wf_upstream *up, struct weft_endpoint *list,
                   uint32_t *n, struct wf_turn *turn) WEFT_CHECKED;

/* ---- sort.c ---- */

/* As qsort. -ENOMEM. */
weft_err wf_sort(void *base, size_t n, size_t size,
                 int (*compare)(const void *a, const void *b),
                 struct wf_turn *turn) WEFT_CHECKED;

/* ---- maglev.c ---- */

/* The length of the table; a prime. */
#define WF_MAGLEV_SIZE 65537u

/* Make `table` of a list whose `weight` is known. -ENOMEM. */
weft_err wf_maglev_make(struct wf_snapshot *list, struct wf_turn *turn)
    WEFT_CHECKED;

/* The entry of the table to which a key belongs. */
uint32_t wf_maglev_entry(struct weft_str key);

/* Returns the index of the item that gets a call whose key belongs to *entry.
 * *entry becomes the entry where the search for another item goes on.
 * `part_index` is the index of `part`. */
uint32_t wf_maglev_find(const struct wf_snapshot *list,
                        const struct wf_part *part, uint32_t part_index,
                        uint32_t *entry);

#endif
