/* SPDX-License-Identifier: MIT */
/*
 * Runs a whole server in one call, for programs with one service and one
 * address.
 */
#include "rpc/rpc.h"

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
