/* SPDX-License-Identifier: MIT */
/* expect: weft_client_call: the client has been freed */
/* A call on a client that was freed aborts. */
#include <weft/rpc.h>

int
main(void)
{
    static const struct weft_method method = {
        .name = "x", .name_len = 1, .oneway = true};
    struct weft_client *client;
    struct weft_arena arena;
    if (weft_client_new("127.0.0.1:1", NULL, &client))
        return 0;
    weft_client_free(client);
    weft_arena_init(&arena, 0);
    (void)!weft_client_call(client, &method, &arena, NULL, NULL, NULL);
    return 0;
}
