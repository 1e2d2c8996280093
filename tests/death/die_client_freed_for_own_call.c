/* SPDX-License-Identifier: MIT */
/* expect: weft_client_free: the caller has begun a call of `x`, and */
/* The same if a fiber lets weft_blocking free the client: the fiber waits for
 * that function, so the fiber cannot await its call meanwhile. */
#include <weft/fiber.h>
#include <weft/rpc.h>

static struct weft_client *client;

static void
free_it(void *unused)
{
    (void)unused;
    weft_client_free(client);
}

static void
begin_and_free(void *unused)
{
    static const struct weft_method method = {
        .name = "x", .name_len = 1, .oneway = true};
    struct weft_arena arena;
    struct weft_pending pending;
    (void)unused;
    weft_arena_init(&arena, 0);
    weft_client_begin(client, &method, &arena, NULL, NULL, NULL, &pending);
    (void)!weft_blocking(free_it, NULL);
}

int
main(void)
{
    weft_fiber fiber;
    if (weft_client_new("127.0.0.1:1", NULL, &client))
        return 0;
    if (!weft_fiber_start(begin_and_free, NULL, &fiber))
        (void)!weft_fiber_join(fiber);
    return 0;
}
