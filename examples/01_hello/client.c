/* SPDX-License-Identifier: MIT */
/* Usage: client ADDRESS, e.g. 127.0.0.1:9090. Asks the server for a greeting
 * and prints it. */
#include "hello.h"
#include <stdio.h>

int
main(int argc, char **argv)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str greeting = WEFT_STR("");
    struct weft_client *client;
    weft_err err = weft_client_new(argv[argc - 1], NULL, &client);
    if (!err)
        err = hello_greet(client, &arena, WEFT_STR("world"), &greeting, NULL);
    printf("%.*s%s\n", WEFT_FMT(greeting), err ? weft_err_text(err) : "");
    weft_client_free(client);
    weft_arena_fini(&arena);
    return err != WEFT_OK;
}
