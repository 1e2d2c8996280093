/* SPDX-License-Identifier: MIT */
/* expect: a call is awaited by another fiber or thread */
/* Only the task that began a call may await it. */
#include <weft/rpc.h>

#include <pthread.h>

static struct weft_pending pending;

static void *
await_it(void *unused)
{
    (void)unused;
    (void)!weft_await(&pending);
    return NULL;
}

int
main(void)
{
    static const struct weft_method method = {
        .name = "x", .name_len = 1, .oneway = true};
    struct weft_client *client;
    struct weft_arena arena;
    pthread_t thread;
    if (weft_client_new("127.0.0.1:1", NULL, &client))
        return 0;
    weft_arena_init(&arena, 0);
    weft_client_begin(client, &method, &arena, NULL, NULL, NULL, &pending);
    if (!pthread_create(&thread, NULL, await_it, NULL))
        (void)pthread_join(thread, NULL);
    return 0;
}
