/* SPDX-License-Identifier: MIT */
/* expect: weft_client_free: the caller has begun a call of `x`, and */
/* weft_client_free waits for all calls of the client, so it would wait for its
 * caller (row 93 of docs/threats.md). */
#include <weft/rpc.h>

int
main(void)
{
    static const struct weft_method method = {
        .name = "x", .name_len = 1, .oneway = true};
    struct weft_client *client;
    struct weft_arena arena;
    struct weft_pending pending;
    if (weft_client_new("127.0.0.1:1", NULL, &client))
        return 0;
    weft_arena_init(&arena, 0);
    weft_client_begin(client, &method, &arena, NULL, NULL, NULL, &pending);
    weft_client_free(client);
    return 0;
}
