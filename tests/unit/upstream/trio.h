/* SPDX-License-Identifier: MIT */
/* Three servers in this process, each with a client of its own, for tests of
 * clients that stand in front of them. */
#ifndef WEFT_TESTS_UPSTREAM_TRIO_H
#define WEFT_TESTS_UPSTREAM_TRIO_H

#include "fiber/task.h"
#include "unit/rpc/rpc_test.h"

#include <weft/combine.h>

#define TRIO 3

struct trio {
    struct trial trials[TRIO];
    struct weft_server *servers[TRIO];
    struct weft_client *parts[TRIO]; /* freed by the client in front of them */
    struct weft_client *front;
    struct weft_call_info info;
    struct weft_call_options options;
    struct weft_arena arena;
};

static inline void
trio_open(struct trio *trio)
{
    memset(trio, 0, sizeof *trio);
    weft_arena_init(&trio->arena, 0);
    trio->options.info = &trio->info;
    for (int i = 0; i < TRIO; i++) {
        trio->servers[i] = trial_server(&trio->trials[i], NULL);
        MUST(!weft_client_local(trio->servers[i], &trio->parts[i]));
    }
}

/* Let the handlers that wait at the gate of server i go on, also later ones. */
static inline void
trio_open_gate(struct trio *trio, int i)
{
    weft_sem_give(&trio->trials[i].gate, 1000);
}

static inline void
trio_close(struct trio *trio)
{
    for (int i = 0; i < TRIO; i++)
        trio_open_gate(trio, i);
    weft_client_free(trio->front);
    /* a call that was cancelled goes on in its fiber, which uses the server */
    AWAIT(wf_tasks_alive() == 0);
    for (int i = 0; i < TRIO; i++) {
        AWAIT(wf_load(&trio->trials[i].inside, seq_cst) == 0);
        AWAIT(wf_load(&trio->servers[i]->memory.used, relaxed) == 0);
        weft_server_free(trio->servers[i]);
    }
    weft_arena_fini(&trio->arena);
}

static struct trio t; /* of the program */

/* A set-up and a tear-down of each test. */
static inline int
open_trio(void **state)
{
    (void)state;
    trio_open(&t);
    return 0;
}

static inline int
close_trio(void **state)
{
    (void)state;
    trio_close(&t);
    return 0;
}

static inline uint64_t
trio_executed(const struct trio *trio, int i)
{
    return wf_load(&trio->trials[i].executed, seq_cst);
}

static inline void
assert_says(struct weft_str text, const char *part)
{
    if (!text.ptr || !strstr(text.ptr, part))
        fail_msg("\"%.*s\" does not say \"%s\"", WEFT_FMT(text), part);
}

/* A call of add by the client in front. */
static inline weft_err
trio_add(struct trio *trio, int64_t a, int64_t b, int64_t *sum)
{
    struct trial_add_args args = {.a = a, .b = b};
    struct trial_add_result result;
    weft_err err = trial_Trial_add(trio->front, &trio->arena, &args, &result,
                                   &trio->options);
    *sum = result.which == 0 ? result.success : -1;
    return err;
}

/* A call of fail, whose handlers return `code`. */
static inline weft_err
trio_fail(struct trio *trio, weft_err code)
{
    struct trial_fail_args args = {.err = code, .why = WEFT_STR("as asked")};
    struct trial_fail_result result;
    return trial_Trial_fail(trio->front, &trio->arena, &args, &result,
                            &trio->options);
}

/* A client of a port at which nobody listens. */
static inline struct weft_client *
new_client_of_nobody(void)
{
    struct weft_client *client;
    uint16_t port = 0;
    char address[64];
    close(wire_listen(&port, 1));
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_client_new(address, NULL, &client));
    return client;
}

#endif
