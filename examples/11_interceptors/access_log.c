/* SPDX-License-Identifier: MIT */
/* A server that writes a line for each call: who called what, how it ended and
 * how long it took. The handlers know nothing of it. */
#include "hello.h"
#include <stdio.h>
#include <weft/combine.h>

static weft_err
greet(struct weft_call *call, const struct hello_greet_args *args,
      struct hello_greet_result *result)
{
    if (args->name.len == 0)
        return weft_call_fail(call, WEFT_EHANDLER, "nobody to greet");
    result->success = args->name;
    return WEFT_OK;
}

/* Also runs if an interceptor inside of this one refuses the call. */
static weft_err
log_call(struct weft_call *call, void *file)
{
    uint64_t begun = weft_now_ns();
    weft_err err = weft_proceed(call);
    struct weft_str peer = weft_call_peer(call), name = weft_call_method(call);
    fprintf(file, "%.*s %.*s %s %llu us\n", WEFT_FMT(peer), WEFT_FMT(name),
            err ? weft_err_name(err) : "ok",
            (unsigned long long)(weft_now_ns() - begun) / 1000);
    return err;
}

static weft_err
serve(struct weft_server **server)
{
    static const struct hello_Hello_service table = {.greet = greet};
    weft_err err = weft_server_new(NULL, server);
    if (!err)
        err = weft_server_intercept(*server, log_call, stdout);
    if (!err)
        err = hello_Hello_register(*server, "Hello", &table, NULL);
    if (!err)
        err = weft_server_listen(*server, "127.0.0.1:0");
    return err ? err : weft_server_start(*server);
}

int
main(void)
{
    struct weft_server *server;
    struct weft_client *client;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str greeting;
    char address[32];
    if (serve(&server))
        return 1;
    snprintf(address, sizeof address, "127.0.0.1:%d",
             (int)weft_server_port(server));
    if (weft_client_new(address, NULL, &client))
        return 1;
    weft_err first =
        hello_greet(client, &arena, WEFT_STR("world"), &greeting, NULL);
    weft_err second =
        hello_greet(client, &arena, WEFT_STR(""), &greeting, NULL);
    weft_client_free(client);
    weft_server_free(server);
    weft_arena_fini(&arena);
    return first != WEFT_OK || second != WEFT_EHANDLER - WEFT_PEER;
}
