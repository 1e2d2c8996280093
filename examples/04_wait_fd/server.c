/* SPDX-License-Identifier: MIT */
/*
 * The server of 01_hello, but its handler asks the service of names.h for the
 * full name. While the handler waits for the answer, it takes no thread.
 */
#include "hello.h"
#include "names.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <weft/fiber.h>

/* The usual loop over a non-blocking descriptor, except that weft waits. */
static weft_err
ask(int fd, struct weft_str name, char answer[64], uint64_t deadline_ns)
{
    ssize_t n = write(fd, name.ptr, name.len);
    while (n > 0 && (n = read(fd, answer, 63)) < 0 && errno == EAGAIN) {
        n = weft_fd_wait_until(fd, WEFT_FD_READ, deadline_ns);
        if (n < 0) /* a time-out, or the call was cancelled */
            return (weft_err)n;
    }
    answer[n > 0 ? n : 0] = '\0';
    return n > 0 ? WEFT_OK : WEFT_EHANDLER;
}

static weft_err
greet(struct weft_call *call, const struct hello_greet_args *args,
      struct hello_greet_result *result)
{
    char full[64];
    int fd = names_connect(); /* better: share a few connections */
    weft_err err = ask(fd, args->name, full, weft_call_deadline(call));
    if (fd >= 0)
        close(fd);
    if (err)
        return weft_call_fail(call, err, "no answer from next door");
    result->success =
        weft_arena_printf(weft_call_arena(call), "Hello, %s!", full);
    return result->success.ptr ? WEFT_OK : WEFT_EBUDGET;
}

int
main(int argc, char **argv)
{
    static const struct hello_Hello_service table = {.greet = greet};
    struct weft_server *server;
    if (weft_server_new(NULL, &server))
        return 1;
    weft_err err = hello_Hello_register(server, "Hello", &table, NULL);
    if (!err)
        err = weft_server_run(server, argv[argc - 1]);
    if (err)
        fprintf(stderr, "server: %s\n", weft_err_text(err));
    weft_server_free(server);
    return err != WEFT_OK;
}
