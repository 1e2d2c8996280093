/* SPDX-License-Identifier: MIT */
/* expect: weft_client_free: the client has been freed already */
/* A client may be freed only once. Its memory stays mapped, so that a second
 * free is detected. */
#include <weft/rpc.h>

int
main(void)
{
    struct weft_client *client;
    if (weft_client_new("127.0.0.1:1", NULL, &client))
        return 0;
    weft_client_free(client);
    weft_client_free(client);
    return 0;
}
