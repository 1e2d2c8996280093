/* SPDX-License-Identifier: MIT */
/*
 * Runs a server until a signal comes, and a whole server in one call, for
 * programs with one service and one address.
 */
#include "os/os.h"
#include "rpc/rpc.h"

/* Start the server, and stop it at the first signal. The stop may take
 * stop_timeout_ms, so a second signal ends the process at once. Until this
 * function returns, its thread does not block the two signals. */
static weft_err
run(struct weft_server *server)
{
    static const int numbers[2] = {SIGTERM, SIGINT};
    struct weft_signals *signals;
    sigset_t mask, open;
    int number;
    /* Take the signals before the start, because they may arrive at once. */
    weft_err err = wf_signals_new(numbers, 2, true, &signals);
    if (err)
        return err;
    wf_sys_get_mask(&mask);
    open = mask;
    for (int i = 0; i < 2; i++)
        sigdelset(&open, numbers[i]);
    wf_sys_set_mask(&open);
    err = weft_server_start(server);
    if (!err) {
        weft_err failed = weft_signals_recv(signals, &number);
        err = weft_server_stop(server);
        if (failed)
            err = failed;
    }
    wf_sys_set_mask(&mask);
    weft_signals_free(signals);
    return err;
}

weft_err
weft_server_run(struct weft_server *server, const char *address)
{
    weft_err err = address ? weft_server_listen(server, address) : WEFT_OK;
    return err ? err : run(server);
}

weft_err
weft_service_serve(const struct weft_service *service, const char *address,
                   const void *table, void *user)
{
    struct weft_server *server;
    weft_err err = weft_server_new(NULL, &server);
    if (!err)
        err = weft_server_add(server, service->name, service, table, user);
    if (!err)
        err = weft_server_run(server, address);
    weft_server_free(server);
    return err;
}
