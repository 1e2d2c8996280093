/* SPDX-License-Identifier: MIT */
/* The client sends a token with each call, and the server refuses calls without
 * the right one. Neither the handlers nor the callers know of it. */
#include "hello.h"
#include <stdio.h>
#include <weft/combine.h>

static weft_err
greet(struct weft_call *call, const struct hello_greet_args *args,
      struct hello_greet_result *result)
{
    (void)call;
    result->success = args->name;
    return WEFT_OK;
}

/* Takes the same time for each wrong token of the same length, so that nobody
 * can find the right one byte by byte. */
static bool
is_same(struct weft_str a, struct weft_str b)
{
    unsigned differ = a.len != b.len;
    for (uint32_t i = 0; i < a.len && a.len == b.len; i++)
        differ |= (unsigned)(a.ptr[i] ^ b.ptr[i]);
    return !differ;
}

static weft_err
check_token(struct weft_call *call, void *token)
{
    const struct weft_headers *headers = weft_call_headers(call);
    for (uint32_t i = 0; headers && i < headers->len; i++)
        if (weft_str_eq(headers->items[i].key, WEFT_STR("token")) &&
            is_same(headers->items[i].value, weft_str_of(token)))
            return weft_proceed(call);
    return weft_call_fail(call, WEFT_EHANDLER, "the token is wrong or missing");
}

static weft_err
send_token(struct weft_intercepted *call, void *token)
{
    struct weft_header header = {WEFT_STR("token"), weft_str_of(token)};
    const struct weft_headers headers = {&header, 1, 1};
    call->options.headers = &headers;
    return weft_client_proceed(call);
}

static weft_err
ask(struct weft_server *server, char *token)
{
    struct weft_client *plain, *client;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str greeting;
    weft_err err = weft_client_local(server, &plain);
    if (!err)
        err = weft_client_intercept(plain, send_token, token, &client);
    if (err)
        return err;
    err = hello_greet(client, &arena, WEFT_STR("world"), &greeting, NULL);
    printf("with %s: %s\n", token, weft_err_text(err));
    weft_client_free(client); /* and the plain one */
    weft_arena_fini(&arena);
    return err;
}

int
main(void)
{
    static const struct hello_Hello_service table = {.greet = greet};
    struct weft_server *server;
    if (weft_server_new(NULL, &server) ||
        weft_server_intercept(server, check_token, "open sesame") ||
        hello_Hello_register(server, "Hello", &table, NULL))
        return 1;
    weft_err good = ask(server, "open sesame"),
             bad = ask(server, "abracadabra");
    weft_server_free(server);
    return good || bad != WEFT_EHANDLER - WEFT_PEER;
}
