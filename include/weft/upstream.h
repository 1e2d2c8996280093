/* SPDX-License-Identifier: MIT */
/**
 * Clients of many servers. Such a client chooses one of its endpoints for each
 * call, and tries another endpoint if the call was certainly not executed. Such
 * a client is a struct weft_client, so generated code and all functions accept
 * it.
 *
 *     weft_client_new("list:10.0.0.1:9090,10.0.0.2:9090;weight=3", NULL, &c);
 */
#ifndef WEFT_UPSTREAM_H
#define WEFT_UPSTREAM_H

#include <weft/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How an endpoint is chosen. All but WEFT_P2C, WEFT_LEAST and
 * WEFT_LOCALITY_AWARE use the weights. */
enum weft_balance {
    WEFT_P2C,         /* of two random endpoints the one with the smaller
                         product: latency times calls in flight */
    WEFT_ROUND_ROBIN, /* in turn */
    WEFT_RANDOM,      /* by chance */
    WEFT_LEAST,       /* the endpoint with the fewest calls in flight; if there
                         are more than 64 endpoints, only 16 random ones are
                         compared */
    WEFT_CONSISTENT_HASH, /* by the `hash_key` of the call (weft_call_options),
                         so that calls of one key go to one server, also those
                         of other clients that have the same addresses and
                         weights; if this server has more than 1.25 times its
                         part of the calls in flight, to another one; a call
                         without a key as by WEFT_RANDOM */
    WEFT_LOCALITY_AWARE,  /* by chance, in proportion to the rate of answers
                         divided by the latency: most calls go to the nearest
                         endpoints, until these become slower; if there are
                         more than 64, each time 16 random ones are weighed */
};

/** What a check of an endpoint does, see `check_ms`. */
enum weft_check {
    /* Calls weft.health, which every server of weft has. The check fails if the
     * answer is "STOPPING", or if the server refuses the call as too much, or
     * does not answer. Any other answer will do, also that the server does not
     * know the method. */
    WEFT_CHECK_CALL,
    /* Makes a connection, and closes it. For servers that end a connection on
     * which an unknown method is called. A process that is frozen may pass. */
    WEFT_CHECK_CONNECT,
};

struct weft_resolver;
struct weft_endpoint;

/**
 * Finds the servers of a client, in a fiber of its own: publishes their list by
 * weft_resolver_publish, again whenever the list has changed, and returns. It
 * may wait as any fiber may, for as long as it likes: one that watches a
 * registry returns only when the watch has failed. After a return it is called
 * again: after refresh_ms or soon after a server could not be reached; after an
 * error with a pause of 100 ms, which doubles up to refresh_ms, but at most 5
 * s. Meanwhile calls use the last list. weft_client_free and weft_runtime_stop
 * cancel the fiber, and wait for its end.
 *
 * Shape    name is the target of the client
 * Owner    resolver and name are borrowed; user is that of the options
 * Blocks   as the function likes; a cancel must end its waits
 * Thread   a fiber; one call at a time
 * Errors   any: it is logged, counted, and is in the text of WEFT_ENOENDPOINT
 */
typedef weft_err (*weft_resolve_fn)(struct weft_resolver *resolver,
                                    const char *name, void *user);

/** For hedge_ms: the time that 95 % of the client's answers of the last 10 s
 * did not exceed, of all its methods together. Each worker measures it for its
 * own calls, again each 5 s, and does not hedge if there were fewer than 20
 * answers. */
#define WEFT_HEDGE_P95 (UINT32_MAX - 1)

/** Zero in any field means the default. */
struct weft_upstream_options {
    enum weft_balance balance; /* default WEFT_P2C */
    uint32_t max_attempts;     /* of one call; default 3, at most 8 */
    uint32_t retry_pause_ms;   /* before the second attempt, if no endpoint is
                                  left that the call has not tried; each later
                                  pause is twice as long, up to 1 s; the call
                                  waits for a random part of the pause; default
                                  25 */
    weft_resolve_fn resolve;   /* finds the servers; the target is any text;
                                  default: the target says it */
    void *user;                /* for `resolve`; borrowed until the client is
                                  freed */
    uint32_t refresh_ms;       /* between two calls of `resolve`, or two
                                  look-ups of DNS, whose answer may expire
                                  earlier; WEFT_NONE: the next one begins only
                                  then, or after a server could not be reached;
                                  default 30,000 */
    /* An attempt of an idempotent call that has no answer after this time is
     * given up, and another attempt follows. The last attempt that is allowed
     * lasts until the call's deadline. Default: none */
    uint32_t attempt_timeout_ms;
    /* An idempotent call that has no answer after this time is sent to a second
     * endpoint, too, and the first answer counts; WEFT_HEDGE_P95: the time that
     * 95 % of the answers of the last 10 s did not exceed. The budget that pays
     * retries pays this copy; there is one at most, and none for a handler
     * that executes a retry. It is sent only over a connection that the client
     * has already, and only while the task waits for this one call, in
     * weft_client_call or weft_await: weft_await_any sends none, because it
     * waits for many calls, and one copy of each would need a list of its own.
     * Default: none */
    uint32_t hedge_ms;
    uint32_t slow_start_ms; /* with WEFT_P2C, WEFT_ROUND_ROBIN and
                                  WEFT_RANDOM: how long an endpoint that is new
                                  in a list gets fewer attempts than later, at
                                  the beginning a tenth; the endpoints of the
                                  first list do not; default 30,000, WEFT_NONE
                                  for no slow start */
    /* An endpoint that fails is ejected: for some time no call goes to it. */
    uint32_t eject_failures; /* so many failures in a row eject an endpoint;
                                default 5; WEFT_NONE: never */
    uint32_t eject_ms;       /* how long the first ejection lasts, at most a
                                day; each later one lasts eject_ms longer, up
                                to 300 s; every 10 s without an ejection undo
                                one such step; default 30,000 */
    uint32_t eject_percent;  /* how much of the list may be ejected at a time;
                                one endpoint may always be, but not the last
                                usable one; default 10, at most 100 */
    uint32_t panic_percent;  /* if less of the list is usable, ejected endpoints
                                are used, too; default 50, at most 100;
                                WEFT_NONE: never */
    /* An endpoint is also ejected if fewer attempts succeed there than on the
     * others. */
    uint32_t eject_rate_ms;    /* how often the endpoints are compared: by
                                  their attempts since the last time; default
                                  10,000, at most a day; WEFT_NONE: never */
    uint32_t eject_rate_sigma; /* a success rate is low if it is below the mean
                                  by more than so many hundredths of the
                                  standard deviation; default 190, at most
                                  10,000 */
    uint32_t eject_rate_gap;   /* and by at least so many percentage points;
                                  default 5, at most 100; WEFT_NONE: any */
    uint32_t eject_rate_attempts;  /* endpoints with fewer attempts are not
                                      compared; default 100 */
    uint32_t eject_rate_endpoints; /* if fewer endpoints remain, none is
                                      ejected; default 5 */
    /* A breaker for each endpoint: if too many of the last attempts have
     * failed, no call goes to the endpoint, at first for breaker_ms. Then one
     * call goes there; if it is answered, all may, and if it fails, none may
     * for twice the time. If all breakers are open, calls end with
     * WEFT_ENOENDPOINT. */
    bool breaker;             /* default: none */
    uint32_t breaker_window;  /* of so many attempts on an endpoint, all workers
                                together; default 1,500, at most 1,000,000 */
    uint32_t breaker_percent; /* so many of them fail; half of it is too much in
                                 twice the window; default 10, at most 100 */
    uint32_t breaker_ms;      /* default 100, at most breaker_most_ms */
    uint32_t breaker_most_ms; /* the longest time that a breaker is open; if it
                                 was closed for this long, the next time is
                                 breaker_ms again; default 30,000, at most a
                                 day */
    /* Where this client is, for instance "rack-7". Servers with the same zone
     * get all calls, as long as enough of them are usable; borrowed for
     * weft_client_new. Default: none */
    const char *zone;
    uint32_t zone_factor; /* the usable part of these servers times so many
                             hundredths is the part of the calls that they get;
                             default 140, 100 to 10,000 */
    /* Checks of each endpoint, beside the calls, from the first call of the
     * client on. At most 16 are in flight at the same time. */
    uint32_t check_ms;     /* from one check of an endpoint to the next, more
                                or less by up to a tenth, by chance; 3,000 is
                                usual; at most a day; default: no checks */
    enum weft_check check; /* default WEFT_CHECK_CALL */
    uint32_t check_timeout_ms; /* a check without an answer has failed after
                                this time; default 1,000, at most a day */
    uint32_t check_failures;   /* so many failed checks in a row eject an
                                endpoint, whatever eject_percent says, until
                                checks succeed; default 2; WEFT_NONE: never */
    uint32_t check_successes;  /* so many checks in a row that succeed end an
                                ejection, also one that eject_failures has
                                begun; default 2 */
    uint32_t subset_size;      /* if a list has more endpoints, use only so many
                                  of them; the client_index says which; default
                                  0: use all */
    uint32_t client_index;     /* 1 for the first client of a service, 2 for the
                                  second and so on, so that the subsets of all
                                  clients use each endpoint equally often;
                                  default a random number */
    /* Use the tags of the endpoints: "2/8" says that a server has partition 2
     * of 8, which are numbered from 0. weft_client_partition of this one client
     * (weft/combine.h) then sends a call to a server of its partition. Not with
     * subset_size or zone. Default: tags are not used */
    bool by_tag;
    /* A document that changes options of this client while it runs:
     * "file:PATH", or a key of a registry: "etcd:HOST:PORT/KEY",
     * "consul:HOST:PORT/KEY" or "zk:HOST:PORT/PATH"; docs/upstream.md,
     * "Policies at run time". The file is read by weft_client_new, and then
     * four times a second from the first call on. A registry is asked by
     * weft_client_new, which waits for the answer for 1 s at most, or by the
     * first call if the runtime does not run yet; then it tells changes itself.
     * A document that is not valid is refused: what was valid before stays, or
     * else the options. Borrowed for weft_client_new. Default: none */
    const char *policy;
};

/** One server. */
struct weft_endpoint {
    const char *address; /* as for weft_client_new, of one server */
    uint32_t weight;     /* 1 to 1,000,000; 0 means 1 */
    const char *zone;    /* where it is, see the option `zone`; NULL: unknown */
    const char *tag;     /* which partition it has, see the option `by_tag`:
                            one tag, or up to 16 with blanks between them, of
                            which those count that name a partition; NULL:
                            none */
};

/**
 * Replace the list of servers of a client that was made of `list:` and without
 * a function weft_resolve_fn. An endpoint
 * whose address is in both lists keeps its connection and its latency. If an
 * endpoint is not in the new list, its calls in flight end as usual, and then
 * its connection ends.
 *
 * Shape    n is at most 65,536; 0 is legal: calls then end with
 *          WEFT_ENOENDPOINT
 * Owner    endpoints is borrowed for the call
 * Blocks   never, but a fiber lets other fibers run while it makes a long list
 * Thread   any
 * Errors   -EINVAL: the client has one server only or looks its servers up, n
 *          or a weight is too large;
 *          WEFT_EADDRESS: an address is malformed, or is there twice; -ENOMEM.
 *          The old list stays
 */
WEFT_API weft_err weft_client_set_endpoints(
    struct weft_client *client, const struct weft_endpoint *endpoints,
    uint32_t n) WEFT_CHECKED;

/**
 * Replace the list of servers, from the function weft_resolve_fn; otherwise as
 * weft_client_set_endpoints. An empty list is not taken: the last list is kept,
 * and a warning is logged. Lists are taken at most ten times a second, so a
 * function that hears of changes one by one reads all that have come before it
 * publishes.
 *
 * Owner    endpoints is borrowed for the call
 * Blocks   up to 100 ms     Thread  the resolver's fiber
 * Errors   WEFT_ECANCEL; as weft_client_set_endpoints
 */
WEFT_API weft_err weft_resolver_publish(struct weft_resolver *resolver,
                                        const struct weft_endpoint *endpoints,
                                        uint32_t n) WEFT_CHECKED;

/**
 * Say why the look-up fails, before the function returns an error. The text is
 * logged, and is in the text of calls that find no server.
 *
 * Shape    as printf; at most 199 bytes are kept
 * Owner    everything is borrowed for the call
 * Blocks   never     Thread  the resolver's fiber     Errors  none
 */
WEFT_API void weft_resolver_explain(struct weft_resolver *resolver,
                                    const char *format, ...) WEFT_PRINTF(2, 3);
enum weft_endpoint_state {
    WEFT_ENDPOINT_USABLE,
    WEFT_ENDPOINT_EJECTED,   /* see eject_failures, eject_rate_ms and
                                check_failures */
    WEFT_ENDPOINT_OPEN,      /* its breaker is open, see `breaker` */
    WEFT_ENDPOINT_HALF_OPEN, /* the same, and one call is in flight there */
};

/** The policy of a client. */
struct weft_policy_view {
    /* Lines `Service.method VALUE 200 (line 7)`; in place of the line of the
     * document `option` or `default`; with `client` or `*` in place of the
     * method */
    struct weft_str text;
    struct weft_str why; /* why the document as it is now was refused, with
                            line, column and path; absent: it was not */
    uint64_t taken;      /* documents that were taken */
    uint64_t refused;    /* and those that were not, or could not be read */
};

/**
 * Tell which values hold for the calls of a client that has the option
 * `policy`, and where each of them comes from.
 *
 * Shape    method: tell of this method, and whether it is idempotent; NULL: of
 *          all methods that the document names
 * Owner    method is borrowed for the call; what view points to is the arena's
 * Blocks   never     Thread  any
 * Errors   -EINVAL: the client has no policy; WEFT_EBUDGET
 */
WEFT_API weft_err weft_client_get_policy(struct weft_client *client,
                                         const struct weft_method *method,
                                         struct weft_arena *arena,
                                         struct weft_policy_view *view)
    WEFT_CHECKED;

/**
 * Check the document of a policy without a client.
 *
 * Shape    values receives what would hold for a client without options, as
 *          weft_policy_view has it; why says what is wrong
 * Owner    text is borrowed for the call; values is the arena's
 * Blocks   never     Thread  any
 * Errors   as weft_struct_from_json, of the document; WEFT_EBUDGET, -ENOMEM
 */
WEFT_API weft_err weft_policy_check(struct weft_str text,
                                    struct weft_arena *arena,
                                    struct weft_str *values,
                                    struct weft_json_error *why) WEFT_CHECKED;

/**
 * Read the document of a policy once, without a client, in 10 s at most.
 *
 * Shape    source as the option `policy`; why receives what the registry said,
 *          or is absent
 * Owner    source is borrowed for the call; text and why are the arena's
 * Blocks   until the document is there, or the time is over     Thread  any
 * Errors   -EINVAL: the source is malformed; -ENOENT: there is no such file or
 *          key; errors of weft_file_load, weft_http_call and weft_dial_until;
 *          WEFT_ETIMEOUT, WEFT_ECANCEL; errors of weft_fiber_start;
 *          WEFT_EBUDGET; *text is then absent
 */
WEFT_API weft_err weft_policy_load(const char *source, struct weft_arena *arena,
                                   struct weft_str *text, struct weft_str *why)
    WEFT_CHECKED;

/**
 * As weft_policy_load, at most until the deadline; a file is read in any case.
 *
 * Shape    as weft_policy_load; deadline_ns monotonic
 * Owner    as weft_policy_load
 * Blocks   until the document is there, or the deadline     Thread  any
 * Errors   as weft_policy_load
 */
WEFT_API weft_err weft_policy_load_until(const char *source,
                                         uint64_t deadline_ns,
                                         struct weft_arena *arena,
                                         struct weft_str *text,
                                         struct weft_str *why) WEFT_CHECKED;

/** What a client knows of an endpoint. */
struct weft_endpoint_view {
    struct weft_str address;
    uint32_t weight;
    bool is_near;        /* in the zone of the client */
    struct weft_str tag; /* such as "2/8" or "2/8 1/4", see the option `by_tag`:
                            all that name a partition; absent: none does */
    uint32_t in_flight;  /* attempts */
    uint64_t attempts;   /* since the endpoint came into the list */
    uint64_t failures;   /* of these: without an answer, or refused */
    uint64_t latency_ns; /* average of the last seconds; 0: none known */
    enum weft_endpoint_state state;
    uint32_t ejections;     /* since the endpoint came into the list */
    uint32_t openings;      /* of its breaker, since then */
    struct weft_str reason; /* of the state; absent: it has never changed */
    uint64_t changed_ns;    /* when the state has changed, as weft_now_ns tells
                               the time; 0: never */
};

struct weft_endpoint_views {
    struct weft_endpoint_view *items;
    uint32_t len, cap;
};

/**
 * Copy what the client knows of the endpoints in its list.
 *
 * Owner    views and what it points to are the arena's
 * Blocks   never     Thread  any
 * Errors   -EINVAL: the client has one server only, or stands in front of
 *          others (weft/combine.h); WEFT_EBUDGET
 */
WEFT_API weft_err weft_client_get_endpoints(struct weft_client *client,
                                            struct weft_arena *arena,
                                            struct weft_endpoint_views *views)
    WEFT_CHECKED;

/* ---- a server registers itself ---- */

/** Zero in any field means the default. */
struct weft_registry_options {
    const char *address;       /* where clients find the server: HOST:PORT, or
                                  unix:PATH with etcd; port 0 stands for
                                  weft_server_port; default: the first address
                                  that the server listens on, which may not
                                  stand for all addresses of the host */
    uint32_t weight;           /* 1 to 1,000,000, with Consul to 65,535;
                                  default 1 */
    const char *const *tags;   /* such as "2/8": the partitions that the server
                                  has, see the option `by_tag`; with Consul also
                                  others, by which a client selects:
                                  `consul:HOST:PORT/SERVICE?tag=v2` */
    uint32_t n_tags;           /* at most 64; default 0 */
    uint32_t ttl_ms;           /* how long the registry keeps the entry of a
                                  server that died; weft renews the entry three
                                  times as often; 100 to a day; etcd counts in
                                  whole seconds; default 10,000 */
    uint32_t leave_timeout_ms; /* how long a stop tries to deregister if the
                                  registry does not answer; at most an hour;
                                  default 2,000 */
    uint32_t linger_ms;        /* how long the server serves on after it has
                                  deregistered, so that clients can learn of
                                  it; at most an hour; WEFT_NONE: not at all;
                                  default 1,000 */
};

/**
 * Let a server register itself in a registry, where clients with the same
 * target find it. weft_server_start begins to register the server, and does not
 * wait for it: while the registry does not answer, weft tries again and again,
 * with pauses of at most 5 s. A stop deregisters the server first. The server
 * serves on for linger_ms, and then the stop goes on as weft_server_stop says.
 * weft_server_stop lasts longer by leave_timeout_ms and linger_ms at most. For
 * weft_server_stop_until both end after half of the time until its deadline.
 *
 * Shape    registry is "etcd:HOST:PORT/PREFIX",
 *          "zk:HOST:PORT[,HOST:PORT...]/PATH" or
 *          "consul:HOST:PORT/SERVICE[?QUERY]"; options may be NULL
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  one at a time, before start
 * Errors   WEFT_EADDRESS: the registry or the address is malformed; -EINVAL: a
 *          number or a tag is out of range; -EBUSY: the server has been
 *          started; WEFT_EFULL: the server has 8 registries; -ENOMEM,
 *          WEFT_EBUDGET. The log says which option is
 *          wrong. weft_server_start returns WEFT_EADDRESS if no client can
 *          connect to the address that the server listens on
 */
WEFT_API weft_err weft_server_add_registry(
    struct weft_server *server, const char *registry,
    const struct weft_registry_options *options) WEFT_CHECKED;

enum weft_registration_state {
    WEFT_REGISTRATION_NONE,    /* the server does not run */
    WEFT_REGISTRATION_TRYING,  /* the registry has not answered well yet, or no
                                  longer does */
    WEFT_REGISTRATION_HELD,    /* the registry has the entry */
    WEFT_REGISTRATION_LEAVING, /* the server stops */
};

/** What a server knows of its entry in a registry. */
struct weft_registration_view {
    struct weft_str registry, address; /* the address is empty before start */
    enum weft_registration_state state;
    struct weft_str reason; /* the last error; absent: there was none since the
                               registry has last answered well */
    uint64_t changed_ns;    /* when the state has changed, as weft_now_ns tells
                               the time; 0: never */
    uint64_t registrations; /* how often the entry was made */
    uint64_t renewals;      /* how often it was renewed */
    uint64_t failures;      /* requests that failed */
};

struct weft_registration_views {
    struct weft_registration_view *items;
    uint32_t len, cap;
};

/**
 * Copy what the server knows of its entries, in the order of
 * weft_server_add_registry.
 *
 * Owner    views and what it points to are the arena's
 * Blocks   never     Thread  any
 * Errors   WEFT_EBUDGET
 */
WEFT_API weft_err weft_server_get_registrations(
    const struct weft_server *server, struct weft_arena *arena,
    struct weft_registration_views *views) WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
