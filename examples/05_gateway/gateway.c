/* SPDX-License-Identifier: MIT */
/*
 * A gateway for services that it learns of at run time.
 *
 *     gateway LISTEN UPSTREAM
 *
 * The gateway asks the server at UPSTREAM for its IDL. It serves all services
 * of that IDL at LISTEN, in every dialect of Thrift and to `weft call`, and
 * passes each call on. It shows weft_idl_fetch and weft_idl_add, and that a
 * handler may make calls itself; these inherit the deadline of the call that it
 * handles.
 */
#include <weft/fiber.h>
#include <weft/idl.h>

#include <stdio.h>

static weft_err
pass_on(struct weft_call *call, const struct weft_method *method, void *args,
        void *result)
{
    struct weft_client *upstream = weft_call_user(call);
    struct weft_arena *arena = weft_call_arena(call);
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    void *answer;
    weft_err err = weft_idl_result_new(method, arena, &answer);
    if (err)
        return err;
    err = weft_client_call(upstream, method, arena, args, answer, &options);
    if (!err || err == WEFT_ETHROWN) {
        weft_idl_forward(method, answer, result);
        return err;
    }
    if (weft_err_is_peer(err)) /* for the caller the gateway is the peer */
        err += WEFT_PEER;
    return weft_call_fail(
        call, err, "upstream: %.*s",
        WEFT_FMT(info.text.len ? info.text : weft_str_of(weft_err_text(err))));
}

static weft_err
serve(const char *address, struct weft_client *upstream, struct weft_idl *idl)
{
    struct weft_server *server;
    weft_err err = weft_server_new(NULL, &server);
    if (err)
        return err;
    for (uint32_t i = 0; i < weft_idl_n_services(idl) && !err; i++)
        err = weft_idl_add(server, idl, weft_idl_service_at(idl, i)->name,
                           pass_on, upstream);
    if (!err)
        err = weft_server_run(server, address);
    weft_server_free(server);
    return err;
}

static void
report(void *user, const char *text, size_t len)
{
    (void)user;
    fwrite(text, 1, len, stderr);
}

int
main(int argc, char **argv)
{
    struct weft_idl_options options = {.report = report};
    struct weft_client *upstream = NULL;
    struct weft_idl *idl = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: gateway LISTEN UPSTREAM\n");
        return 2;
    }
    weft_err err = weft_client_new(argv[2], NULL, &upstream);
    if (!err)
        err = weft_idl_fetch(upstream, &options, NULL, &idl);
    if (err)
        fprintf(stderr, "gateway: no IDL from %s: %s\n", argv[2],
                weft_err_text(err));
    else if ((err = serve(argv[1], upstream, idl)) != WEFT_OK)
        fprintf(stderr, "gateway: %s\n", weft_err_text(err));
    weft_client_free(upstream);
    weft_idl_free(idl);
    return err != WEFT_OK;
}
