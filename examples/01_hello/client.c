/* SPDX-License-Identifier: MIT */
/* Asks for a greeting and prints it. client ADDRESS, e.g. 127.0.0.1:9090 */
#include "hello.h"
#include <stdio.h>

int
main(int argc, char **argv)
{
    struct hello_Hello_greet_args args = hello_Hello_greet_args_defaults();
    struct hello_Hello_greet_result result = {0};
    struct weft_client *client;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    args.name = WEFT_STR("world");
    weft_err err = weft_client_new(argv[argc - 1], NULL, &client);
    if (!err)
        err = hello_Hello_greet(client, &arena, &args, &result, NULL);
    printf("%.*s%s\n", WEFT_FMT(result.success), err ? weft_err_text(err) : "");
    weft_client_free(client);
    weft_arena_fini(&arena);
    return err != WEFT_OK;
}
