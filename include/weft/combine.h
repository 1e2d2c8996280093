/* SPDX-License-Identifier: MIT */
/**
 * Clients that stand in front of other clients. Each of them is a struct
 * weft_client, so generated code and all functions accept it, and it may stand
 * behind another one. It owns the clients that it was made of: weft_client_free
 * of it frees them. They may still be called directly until then. Its counters
 * (weft_client_get_stats) are the sums of theirs.
 *
 * A call of such a client waits in the task that makes it. A call that was
 * begun (weft_client_begin) has a fiber of its own.
 */
#ifndef WEFT_COMBINE_H
#define WEFT_COMBINE_H

#include <weft/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How many clients another one may be made of, and how many partitions a
 * scheme may have. */
#define WEFT_CLIENTS_MAX 1024u

/* ---- one of several ---- */

/** Which client gets a call first. */
enum weft_select_first {
    WEFT_SELECT_IN_TURN, /* each worker takes one after the other */
    WEFT_SELECT_BEST,    /* the first of the array; the others are only used
                            after it has failed, in the order of the array */
};

/** Zero in any field means the default. */
struct weft_client_select_options {
    const char *name;             /* in texts of errors; default "select" */
    enum weft_select_first first; /* default WEFT_SELECT_IN_TURN */
    uint32_t max_attempts;    /* of one call, each of another client; default
                                 3 */
    uint32_t call_timeout_ms; /* if a call has no deadline; WEFT_NONE: none;
                                 default 10,000 */
};

/**
 * Make a client whose calls go to one of several clients, and to another one
 * after a failure. As with the attempts of a client of many servers
 * (weft/upstream.h), another client gets a call that was certainly not
 * executed; a call that a handler may have seen only if it is idempotent, and
 * if the budget pays for it: a tenth of the calls. `attempts` of the call's
 * info lists the attempts of all clients.
 *
 * Shape    n is 1..WEFT_CLIENTS_MAX; options may be NULL
 * Owner    the clients are taken, but after an error they stay the caller's;
 *          the array and options are borrowed for the call; *out is given, free
 *          it with weft_client_free
 * Blocks   never     Thread  any
 * Errors   -EINVAL: n is out of range, an option is no value of its enum, or a
 *          client is NULL, is there twice, or belongs to another client;
 *          -ENOMEM; *out is NULL then
 */
WEFT_API weft_err
weft_client_select(struct weft_client *const *clients, uint32_t n,
                   const struct weft_client_select_options *options,
                   struct weft_client **out) WEFT_CHECKED;

/* ---- all of several ---- */

/** A call to several clients, as `map`, `merge` and `route` see it. All is
 * borrowed for the call of the function. */
struct weft_fan_call {
    const struct weft_method *method;
    const void *args;
    const struct weft_call_options *options; /* deadline_ns and info are set */
    struct weft_arena *arena;                /* lives as long as the result */
    uint32_t n;                              /* clients */
    void *user;                              /* that of the options */
};

/** One of the calls that are made for a call to several clients. */
struct weft_sub_call {
    uint32_t index;                   /* of its client in the array */
    bool is_skipped;                  /* no such call is made */
    const void *args;                 /* default: those of the call */
    struct weft_call_options options; /* default: those of the call; weft sets
                                         `info` */
    void *result;                     /* of the method's type; NULL: oneway */
    weft_err err;                     /* after the end, as of weft_await */
    bool is_cancelled;                /* because all was decided */
    struct weft_call_info info;
};

/**
 * Prepare one of the calls, before any of them is sent: the function may set
 * is_skipped, other args, and other options, except that a later deadline has
 * no effect.
 *
 * Owner    everything is borrowed; what args and options point to must live
 *          until the call has ended, as what call->arena allocates does
 * Blocks   as the function likes     Thread  the task of the call
 * Errors   any: no call is sent, and the call ends with this error
 */
typedef weft_err (*weft_map_fn)(const struct weft_fan_call *call,
                                struct weft_sub_call *sub);

/**
 * Make one result of several. This is called after all calls have ended, if
 * enough of them have succeeded, and not for oneway methods. subs[i] belongs to
 * the client i; its result counts if it is not skipped and `err` is WEFT_OK.
 *
 * Owner    everything is borrowed; the result may point to what the results of
 *          `subs` point to, and to what call->arena allocates
 * Blocks   as the function likes     Thread  the task of the call
 * Errors   any: the call ends with this error
 */
typedef weft_err (*weft_merge_fn)(const struct weft_fan_call *call,
                                  const struct weft_sub_call *subs,
                                  void *result);

/** Zero in any field means the default. */
struct weft_fan_out_options {
    const char *name;    /* in texts of errors; default "fan_out" */
    weft_map_fn map;     /* default: all clients get the same call */
    weft_merge_fn merge; /* default: the result of the first client of the array
                            whose call has succeeded */
    void *user;          /* for the functions; borrowed until the client is
                            freed */
    uint32_t enough;     /* as soon as so many calls have succeeded, the others
                            are cancelled, and the call succeeds; default: wait
                            for all, of which one has to succeed */
    uint32_t fail_limit; /* as soon as so many calls have failed, the others are
                            cancelled, and the call fails; default: as many as
                            make `enough` impossible, or all. Numbers above that
                            of the calls made mean this number */
    uint32_t call_timeout_ms; /* if a call has no deadline; WEFT_NONE: none;
                                 default 10,000 */
};

/**
 * Make a client whose calls are made to all of several clients at the same
 * time. All calls have ended when the call ends. One that ends with any error
 * has failed, also with WEFT_ETHROWN. The call fails with the error of the
 * first client of the array that has failed; the text of info lists up to four
 * of them. A call that was cancelled because all is decided is no failure. If a
 * failed call may have been executed by one server, `reach` is
 * WEFT_CALL_MAYBE_HANDLED. After WEFT_ETHROWN the result is the exception of
 * that client.
 *
 * Shape    as weft_client_select
 * Owner    as weft_client_select
 * Blocks   never     Thread  any
 * Errors   as weft_client_select. Those of its calls: as weft_client_call,
 *          errors of `map` and `merge`, WEFT_ENOENDPOINT: `map` has skipped all
 *          clients
 */
WEFT_API weft_err
weft_client_fan_out(struct weft_client *const *clients, uint32_t n,
                    const struct weft_fan_out_options *options,
                    struct weft_client **out) WEFT_CHECKED;

/* ---- one for each key ---- */

/** For weft_route_fn: the call goes to all clients. */
#define WEFT_ALL_CLIENTS UINT32_MAX

/**
 * Choose the client of a call: set *index, or set it to WEFT_ALL_CLIENTS.
 *
 * Owner    everything is borrowed
 * Blocks   as the function likes     Thread  the task of the call
 * Errors   any: the call is not sent, and ends with this error
 */
typedef weft_err (*weft_route_fn)(const struct weft_fan_call *call,
                                  uint32_t *index);

/** Zero in any field means the default. */
struct weft_partition_options {
    const char *name;    /* in texts of errors; default "partition" */
    weft_route_fn route; /* default: by the hash of the call's hash_key, which
                            is the same in all clients and versions; a call
                            without a key goes to all */
    /* For calls that go to all clients: as in weft_fan_out_options, except that
     * such a call fails with the first failure, because a partition would be
     * missing in its result. */
    weft_map_fn map;
    weft_merge_fn merge;
    void *user;               /* for the functions; borrowed until the client is
                            freed */
    uint32_t fail_limit;      /* default 1 */
    uint32_t call_timeout_ms; /* if a call has no deadline; WEFT_NONE: none;
                                 default 10,000 */
};

/**
 * Make a client of a service whose data is divided between several clients. A
 * call goes to one of them, or to all.
 *
 * One client with the option `by_tag` (weft/upstream.h) stands for as many as
 * its tags say: the servers with the tag "2/8" are the one with index 2 of 8.
 * The list may have the partitions of several schemes, such as 3 and 8, while
 * data is moved. Each call then goes to one scheme, by chance: in proportion to
 * the weights of its servers, and only to one of which each partition has a
 * server. If there is none such, all go to the one of which the largest part is
 * there. `n` of weft_fan_call is the number of partitions of that scheme. A
 * call whose scheme loses a partition meanwhile is made in another scheme, if
 * it was certainly not executed or is idempotent.
 *
 * Shape    as weft_client_select; a key belongs to the client of another index
 *          if n changes
 * Owner    as weft_client_select
 * Blocks   never     Thread  any
 * Errors   as weft_client_select. Those of its calls: as of
 *          weft_client_fan_out, those of `route`, and WEFT_ENOENDPOINT: `route`
 *          has returned an index that is too large, or the tags give no server
 *          to its partition
 */
WEFT_API weft_err
weft_client_partition(struct weft_client *const *clients, uint32_t n,
                      const struct weft_partition_options *options,
                      struct weft_client **out) WEFT_CHECKED;

/* ---- functions around the calls ---- */

/** A call of a client, as its interceptor sees it. Everything that the struct
 * points to is borrowed. */
struct weft_intercepted {
    const struct weft_method *method;
    const void *args;         /* the interceptor may set others */
    void *result;             /* of the method's type; NULL: oneway */
    struct weft_arena *arena; /* lives as long as the result */
    /* Those of the call; deadline_ns and info are set. The interceptor may
     * change them, for what it sends; a later deadline has no effect. */
    struct weft_call_options options;
    struct wf_passage *passage; /* private */
};

/**
 * Runs around each call of a client: may do something before, sends the call by
 * weft_client_proceed, may do something after, and returns what the call
 * returns. One that does not send the call returns an error, or fills in
 * `result` itself. One that sends it again sends it as a retry: the server
 * learns how often it was sent before, if the dialect has headers.
 *
 * Owner    the call is borrowed until the function returns
 * Blocks   as the function likes, within the deadline of the call
 * Thread   the task of the call; of a begun call, a fiber
 * Errors   any: the caller gets it
 */
typedef weft_err (*weft_client_interceptor_fn)(struct weft_intercepted *call,
                                               void *user);

/**
 * Make a client whose calls pass a function. A client with several interceptors
 * is made by several calls; the function of the last one is the outermost.
 *
 * Owner    client is taken, but after an error it stays the caller's; user is
 *          kept until *out is freed; *out is given, free it with
 *          weft_client_free
 * Blocks   never     Thread  any
 * Errors   -EINVAL: the client or the function is NULL, or the client belongs
 *          to another client; -ENOMEM; *out is NULL then
 */
WEFT_API weft_err weft_client_intercept(struct weft_client *client,
                                        weft_client_interceptor_fn fn,
                                        void *user, struct weft_client **out)
    WEFT_CHECKED;

/**
 * Send the call, and wait for its reply. `info` of the options is filled in as
 * by weft_client_call; its `attempts` list those of all times that the call was
 * sent.
 *
 * Blocks   until the call ends     Thread  the interceptor, any number of times
 * Errors   as weft_client_call
 */
WEFT_API weft_err weft_client_proceed(struct weft_intercepted *call)
    WEFT_CHECKED;

/* ---- a server in the same process ---- */

/**
 * Make a client that calls the handlers of a server without a connection, by
 * weft_server_call. So code that takes a client can be tested without sockets.
 * weft_client_free waits until the calls in flight have ended.
 *
 * Owner    server is borrowed until the client is freed and the handlers of all
 *          its calls have ended, also of those that were cancelled or timed
 *          out; *out is given, free it with weft_client_free
 * Blocks   never     Thread  any
 * Errors   -ENOMEM; *out is NULL then. Those of its calls: as weft_client_call,
 *          as if the server were elsewhere
 */
WEFT_API weft_err weft_client_local(struct weft_server *server,
                                    struct weft_client **out) WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
