/* SPDX-License-Identifier: MIT */
/* expect: a fiber or thread has ended before a call that it had begun */
/* Only the fiber that began a call may await it, so a fiber that ends before
 * leaves a call that weft_client_free would wait for without end (row 93 of
 * docs/threats.md). */
#include <weft/fiber.h>
#include <weft/rpc.h>

static struct weft_client *client;
static struct weft_arena arena;
static struct weft_pending pending;

static void
begin(void *unused)
{
    static const struct weft_method method = {
        .name = "x", .name_len = 1, .oneway = true};
    (void)unused;
    weft_client_begin(client, &method, &arena, NULL, NULL, NULL, &pending);
}

int
main(void)
{
    weft_fiber fiber;
    if (weft_client_new("127.0.0.1:1", NULL, &client))
        return 0;
    weft_arena_init(&arena, 0);
    if (!weft_fiber_start(begin, NULL, &fiber))
        (void)!weft_fiber_join(fiber);
    return 0;
}
