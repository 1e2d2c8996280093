/* SPDX-License-Identifier: MIT */
/* expect: weft_server_free: the server has been freed|heap-use-after-free */
/* A server may be freed only once. */
#include <weft/rpc.h>

int
main(void)
{
    struct weft_server *server;
    if (weft_server_new(NULL, &server))
        return 0;
    weft_server_free(server);
    weft_server_free(server);
    return 0;
}
