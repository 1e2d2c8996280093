/* SPDX-License-Identifier: MIT */
/* The echo that is measured: decoded into a struct, encoded from one. */
#include "echo.h"

#include <weft/weft.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "sleep:5" waits 5 ms as a handler that calls another service would, "burn:5"
 * hogs its worker for 5 ms. Anything else is a plain echo. */
static weft_err
obey(struct weft_str action)
{
    char text[32];
    if (action.len == 0 || action.len >= sizeof text)
        return WEFT_OK;
    memcpy(text, action.ptr, action.len);
    text[action.len] = 0;
    if (strncmp(text, "sleep:", 6) == 0)
        return weft_sleep_ms(atoi(text + 6));
    uint64_t until = weft_after_ms(atoi(text + 5));
    while (strncmp(text, "burn:", 5) == 0 && weft_now_ns() < until)
        ;
    return WEFT_OK;
}

static weft_err
echo(struct weft_call *call, const struct echo_EchoServer_echo_args *args,
     struct echo_EchoServer_echo_result *result)
{
    (void)call;
    result->success = args->req;
    return obey(args->req.action);
}

static int
die(const char *what, weft_err err)
{
    fprintf(stderr, "echo_server: %s: %s\n", what, weft_err_text(err));
    return 1;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"workers", required_argument, NULL, 'w'},
        {NULL, 0, NULL, 0}};
    static const struct echo_EchoServer_service table = {.echo = echo};
    struct weft_runtime_options runtime = {0};
    const char *port = "8888";
    char address[64];
    int c;
    while ((c = getopt_long(argc, argv, "p:w:", options, NULL)) != -1)
        if (c == 'p')
            port = optarg;
        else if (c == 'w')
            runtime.workers = (uint32_t)strtoul(optarg, NULL, 10);
        else
            return 2;
    weft_err err = weft_start(&runtime);
    if (err)
        return die("start", err);
    struct weft_server *server = weft_server_new(NULL);
    if (!server)
        return die("server", WEFT_EBUDGET);
    err = echo_EchoServer_register(server, "EchoServer", &table, NULL);
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    if (!err)
        err = weft_server_listen(server, address);
    if (err)
        return die(address, err);
    puts("listening");
    fflush(stdout);
    err = weft_server_run(server, NULL);
    weft_server_free(server);
    weft_stop();
    return err ? die("run", err) : 0;
}
