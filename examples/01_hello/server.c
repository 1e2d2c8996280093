/* SPDX-License-Identifier: MIT */
/* Usage: server ADDRESS, e.g. 127.0.0.1:9090. Greets its callers until
 * Ctrl-C. */
#include "hello.h"
#include <stdio.h>

static weft_err
greet(struct weft_call *call, const struct hello_greet_args *args,
      struct hello_greet_result *result)
{
    result->success = weft_arena_printf(weft_call_arena(call), "Hello, %.*s!",
                                        WEFT_FMT(args->name));
    return result->success.ptr ? WEFT_OK : WEFT_EBUDGET;
}

int
main(int argc, char **argv)
{
    static const struct hello_Hello_service table = {.greet = greet};
    weft_err err = hello_Hello_serve(argv[argc - 1], &table, NULL);
    if (err)
        fprintf(stderr, "server: %s\n", weft_err_text(err));
    return err != WEFT_OK;
}
