/* SPDX-License-Identifier: MIT */
/* Usage: rolling serve|call etcd:127.0.0.1:2379/greeters: a server that
 * registers itself; a client, which reports after each line of its input. */
#include "hello.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <weft/fiber.h>
#include <weft/upstream.h>

static weft_err
greet(struct weft_call *call, const struct hello_greet_args *args,
      struct hello_greet_result *result)
{
    (void)call;
    result->success = args->name;
    return weft_sleep_ms(2);
}

/* At SIGTERM the server deregisters, serves on for a second, in which clients
 * learn of it, ends the calls in flight, and returns. */
static int
serve(const char *registry)
{
    static const struct hello_Hello_service table = {.greet = greet};
    struct weft_server *server;
    if (weft_server_new(NULL, &server) ||
        hello_Hello_register(server, "Hello", &table, NULL) ||
        weft_server_add_registry(server, registry, NULL) ||
        weft_server_run(server, "127.0.0.1:0"))
        return 1;
    weft_server_free(server);
    return 0;
}

static atomic_uint n_calls, n_failed;

/* Calls count from the first answer on: before it no server may be there. */
static void
call_on(void *arg)
{
    while (!weft_sleep_ms(2)) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_str text;
        bool ok = !hello_greet(arg, &arena, WEFT_STR("world"), &text, NULL);
        n_calls += ok;
        n_failed += !ok && n_calls > 0;
        weft_arena_fini(&arena);
    }
}

static int
call(const char *registry)
{
    struct weft_client *client;
    weft_fiber fiber;
    if (weft_client_new(registry, NULL, &client) ||
        weft_fiber_start(call_on, client, &fiber))
        return 1;
    while (getchar() != EOF) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_endpoint_views list = {0};
        (void)!weft_client_get_endpoints(client, &arena, &list);
        printf("%u servers, %u calls, %u failed\n", list.len, n_calls,
               n_failed);
        fflush(stdout);
        weft_arena_fini(&arena);
    }
    weft_fiber_cancel(fiber);
    (void)weft_fiber_join(fiber);
    weft_client_free(client);
    return 0;
}

int
main(int argc, char **argv)
{
    bool serves = argc == 3 && strcmp(argv[1], "serve") == 0;
    return serves ? serve(argv[2]) : call(argv[argc - 1]);
}
