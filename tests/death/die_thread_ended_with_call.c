/* SPDX-License-Identifier: MIT */
/* expect: a fiber or thread has ended before a call that it had begun */
/* Also a plain thread awaits its calls before it ends. */
#include <weft/rpc.h>

#include <pthread.h>

static struct weft_client *client;
static struct weft_arena arena;
static struct weft_pending pending;

static void *
begin(void *unused)
{
    static const struct weft_method method = {
        .name = "x", .name_len = 1, .oneway = true};
    (void)unused;
    weft_client_begin(client, &method, &arena, NULL, NULL, NULL, &pending);
    return NULL;
}

int
main(void)
{
    pthread_t thread;
    if (weft_client_new("127.0.0.1:1", NULL, &client))
        return 0;
    weft_arena_init(&arena, 0);
    if (!pthread_create(&thread, NULL, begin, NULL))
        (void)pthread_join(thread, NULL);
    return 0;
}
