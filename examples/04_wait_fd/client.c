/* SPDX-License-Identifier: MIT */
/* Usage: client ADDRESS. Many fibers share one client, and so one
 * connection. */
#include "hello.h"

#include <stdio.h>
#include <weft/fiber.h>

enum { CALLERS = 100 };

struct caller {
    weft_fiber fiber;
    struct weft_client *client;
    weft_err err;
};

static void
call(void *arg)
{
    struct caller *self = arg;
    struct hello_greet_args args = hello_greet_args_defaults();
    struct hello_greet_result result;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    args.name = WEFT_STR("Ada");
    self->err = hello_Hello_greet(self->client, &arena, &args, &result, NULL);
    if (!self->err &&
        !weft_str_eq(result.success, WEFT_STR("Hello, Ada Lovelace!")))
        self->err = WEFT_EVALUE;
    weft_arena_fini(&arena);
}

int
main(int argc, char **argv)
{
    static struct caller callers[CALLERS];
    struct weft_client *client;
    int answered = 0;
    weft_err err = weft_client_new(argv[argc - 1], NULL, &client);
    uint64_t begin_ns = weft_now_ns();
    for (int i = 0; i < CALLERS && !err; i++) {
        callers[i].client = client;
        err = weft_fiber_start(call, &callers[i], &callers[i].fiber);
    }
    for (int i = 0; i < CALLERS; i++) {
        weft_fiber_join(callers[i].fiber); /* returns at once for {0} */
        answered += callers[i].fiber.id != 0 && callers[i].err == WEFT_OK;
    }
    printf("%d calls answered in %llu ms\n", answered,
           (unsigned long long)(weft_now_ns() - begin_ns) / 1000000);
    weft_client_free(client);
    weft_runtime_stop();
    return answered != CALLERS;
}
