/* SPDX-License-Identifier: MIT */
/*
 * The service of trial.thrift as the tests serve it, with counters and a gate,
 * and a house, which is one server with one client. A failure ends the program,
 * since much of this runs in fibers, which cmocka cannot leave.
 */
#ifndef WEFT_TESTS_TRIAL_SERVER_H
#define WEFT_TESTS_TRIAL_SERVER_H

#include "base/base.h"
#include "trial.h"

#include <weft/weft.h>

#include <stdio.h>
#include <stdlib.h>

#define MUST(cond) ((cond) ? (void)0 : must_fail(#cond, __FILE__, __LINE__))
_Noreturn void must_fail(const char *what, const char *file, int line);

/* A time-out that passes only if the test hangs. */
#define LONG_MS 60000

/* Wait for a condition without an event: check it each millisecond. */
#define AWAIT(cond)                                                    \
    do {                                                               \
        uint64_t await_until = weft_after_ms(LONG_MS);                 \
        bool await_holds;                                              \
        while (!(await_holds = (cond)) && weft_now_ns() < await_until) \
            (void)weft_sleep_ms(1);                                    \
        if (!await_holds)                                              \
            must_fail(#cond, __FILE__, __LINE__);                      \
    } while (0)

/* State that the handlers share; it begins as zeroes. */
struct trial {
    _Atomic uint64_t executed; /* handlers that have begun */
    _Atomic uint64_t noted;    /* calls of note, which is oneway */
    _Atomic uint64_t noted_sum;
    _Atomic uint32_t inside, most_inside; /* handlers in slow and gate */
    _Atomic uint32_t cancelled;           /* waits that ended by a cancel */
    struct weft_sem gate;
    _Atomic bool let_go;      /* ends the calls of hog with ms < 0 */
    struct weft_client *next; /* the client that relay uses */
};

extern const struct trial_Trial_service trial_table;
extern const struct trial_Extra_service trial_extra_table;

/* A digest, to compare texts. */
int64_t trial_digest(struct weft_str text);

struct house {
    struct trial trial;
    struct weft_server *server;
    struct weft_client *client;
    char address[128];
};

/* A server with both services, not yet listening. */
struct weft_server *trial_server(struct trial *trial,
                                 const struct weft_server_options *options);

/* Serve at an address (NULL: a free port of 127.0.0.1) and make a client. */
void house_open(struct house *house, const char *address,
                const struct weft_server_options *server,
                const struct weft_client_options *client);

/* The same at a free port, with other handlers of Trial, and without the
 * service Extra. */
void house_open_with(struct house *house,
                     const struct trial_Trial_service *table,
                     const struct weft_server_options *server);

/* Free the client, then stop and free the server. No call may be in flight. */
void house_close(struct house *house);

uint16_t house_port(const struct house *house);

/* Calls for which the caller needs no arena. */
weft_err call_add(struct weft_client *client, int64_t a, int64_t b,
                  int64_t *sum);
weft_err call_gate(struct weft_client *client, int64_t number,
                   const struct weft_call_options *options, int64_t *result);
weft_err call_slow(struct weft_client *client, int64_t number, int32_t ms,
                   const struct weft_call_options *options, int64_t *result);

/* Abort unless a call that ends at the deadline (0: none) fails with `err`, was
 * not sent, and says `text`. */
void must_fail_unsent(struct weft_client *client, weft_err err,
                      uint64_t deadline_ns, const char *text);

/* Abort unless the server answers a good call. */
void must_work(struct house *house);

/* A call of gate on its own fiber. */
struct caller {
    struct weft_client *client;
    struct weft_call_options options;
    int64_t number, result;
    weft_err err;
    uint64_t took_ns;
    weft_fiber fiber;
    _Atomic uint32_t ends;
};
void caller_start(struct caller *caller);
void caller_join(struct caller *caller);

#endif
