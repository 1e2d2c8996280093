/* SPDX-License-Identifier: MIT */
/* A client with a retry of its own: this service answers "not yet" while it
 * loads, and then a call is made again, within its deadline. */
#include "hello.h"
#include <stdio.h>
#include <weft/combine.h>
#include <weft/fiber.h>

#define TIMES 5

/* Is not ready for the first two calls. */
static weft_err
greet(struct weft_call *call, const struct hello_greet_args *args,
      struct hello_greet_result *result)
{
    int *calls = weft_call_user(call);
    if (++*calls < 3)
        return weft_call_fail(call, WEFT_EHANDLER, "not yet");
    result->success = args->name;
    return WEFT_OK;
}

/* The pause doubles. A cancel or the deadline ends it, and then the last error
 * of the server is the better answer. */
static weft_err
try_again(struct weft_intercepted *call, void *log)
{
    weft_err err = weft_client_proceed(call);
    for (int i = 1; i < TIMES && err == WEFT_EHANDLER - WEFT_PEER; i++) {
        uint64_t until = weft_after_ms(1 << i);
        if (until >= call->options.deadline_ns || weft_sleep_until(until))
            return err;
        fprintf(log, "try %d: %.*s\n", i, WEFT_FMT(call->options.info->text));
        err = weft_client_proceed(call);
    }
    return err;
}

int
main(void)
{
    static const struct hello_Hello_service table = {.greet = greet};
    struct weft_server *server;
    struct weft_client *plain, *client;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info};
    struct weft_str greeting;
    int calls = 0;
    if (weft_server_new(NULL, &server) ||
        hello_Hello_register(server, "Hello", &table, &calls) ||
        weft_client_local(server, &plain) ||
        weft_client_intercept(plain, try_again, stdout, &client))
        return 1;
    weft_err err =
        hello_greet(client, &arena, WEFT_STR("world"), &greeting, &options);
    printf("%s after %u attempts\n", weft_err_text(err),
           (unsigned)info.attempts.len);
    int failed = err || info.attempts.len != 3;
    weft_client_free(client);
    weft_server_free(server);
    weft_arena_fini(&arena);
    return failed;
}
