/* SPDX-License-Identifier: MIT */
/*
 * The echo server that is measured: it decodes a call into a struct and encodes
 * the reply from one. With --ping PORT, one of its fibers also calls the echo
 * of another process 1,000 times per second, as a server calls a cache, and
 * prints every second how long that took.
 */
#include "echo.h"

#include <weft/weft.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "sleep:5" waits 5 ms as a handler that calls another service would, "burn:5"
 * keeps its worker busy for 5 ms. Anything else is a plain echo. */
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

static int64_t delay_ms; /* of each call */

static weft_err
echo(struct weft_call *call, const struct echo_EchoServer_echo_args *args,
     struct echo_EchoServer_echo_result *result)
{
    (void)call;
    result->success = args->req;
    if (delay_ms > 0)
        return weft_sleep_ms(delay_ms);
    return obey(args->req.action);
}

/* ---- the pings ---- */

#define PINGS 1000 /* per second */

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void
report(uint64_t *took_ns, size_t n)
{
    qsort(took_ns, n, sizeof *took_ns, compare);
    printf("{\"pings\":%zu,\"ping_p50_us\":%.1f,\"ping_p99_us\":%.1f,"
           "\"ping_max_us\":%.1f}\n",
           n, (double)took_ns[n / 2] / 1e3, (double)took_ns[n * 99 / 100] / 1e3,
           (double)took_ns[n - 1] / 1e3);
    fflush(stdout);
}

/* Latency counts from when a ping was due, so that a ping that starts late
 * counts as slow. A ping is due a millisecond after the previous one was due,
 * but not before that one has returned. */
static weft_err
ping_for_ever(struct weft_client *client)
{
    const struct echo_EchoServer_echo_args args = {.req.msg = WEFT_STR("ping")};
    struct echo_EchoServer_echo_result result;
    uint64_t took_ns[PINGS], now = weft_now_ns(), due = now, said = now;
    struct weft_arena arena;
    weft_err err = WEFT_OK;
    size_t n = 0;
    weft_arena_init(&arena, 0);
    while (!err) {
        due += 1000000000u / PINGS;
        due = due > now ? due : now;
        err = weft_sleep_until(due);
        if (!err)
            err = echo_EchoServer_echo(client, &arena, &args, &result, NULL);
        now = weft_now_ns();
        took_ns[n++] = now - due;
        if (n == PINGS || now - said >= 1000000000u) {
            report(took_ns, n);
            n = 0;
            said = now;
        }
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
    return err;
}

static void
pinger(void *port)
{
    struct weft_client *client;
    char address[64];
    snprintf(address, sizeof address, "127.0.0.1:%s", (const char *)port);
    weft_err err = weft_client_new(address, NULL, &client);
    if (!err) {
        err = ping_for_ever(client);
        weft_client_free(client);
    }
    if (err != WEFT_ECANCEL)
        fprintf(stderr, "echo_server: ping: %s\n", weft_err_text(err));
}

/* ---- the server ---- */

static int
die(const char *what, weft_err err)
{
    fprintf(stderr, "echo_server: %s: %s\n", what, weft_err_text(err));
    return 1;
}

/* Serve until SIGTERM or SIGINT. */
static weft_err
serve(const char *host, const char *port)
{
    static const struct echo_EchoServer_service table = {.echo = echo};
    struct weft_server_options options = {.max_connections = 20000};
    struct weft_server *server;
    char address[64];
    weft_err err = weft_server_new(&options, &server);
    if (err)
        return err;
    snprintf(address, sizeof address, "%s:%s", host, port);
    err = echo_EchoServer_register(server, "EchoServer", &table, NULL);
    if (!err)
        err = weft_server_listen(server, address);
    if (!err) {
        puts("listening");
        fflush(stdout);
        err = weft_server_run(server, NULL);
    }
    weft_server_free(server);
    return err;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"workers", required_argument, NULL, 'w'},
        {"ping", required_argument, NULL, 'i'},
        {"pin", no_argument, NULL, 'n'},
        {"host", required_argument, NULL, 'h'},
        {"delay", required_argument, NULL, 'd'},
        {NULL, 0, NULL, 0}};
    struct weft_runtime_options runtime = {0};
    const char *host = "127.0.0.1", *port = "8888";
    char *ping = NULL;
    weft_fiber fiber;
    int c;
    while ((c = getopt_long(argc, argv, "p:w:i:nh:d:", options, NULL)) != -1)
        if (c == 'p')
            port = optarg;
        else if (c == 'w')
            runtime.workers = (uint32_t)strtoul(optarg, NULL, 10);
        else if (c == 'i')
            ping = optarg;
        else if (c == 'h')
            host = optarg;
        else if (c == 'd')
            delay_ms = atoi(optarg);
        else if (c == 'n')
            runtime.pin_workers = true;
        else
            return 2;
    weft_err err = weft_runtime_start(&runtime);
    if (!err && ping)
        err = weft_fiber_start(pinger, ping, &fiber);
    if (err)
        return die("start", err);
    err = serve(host, port);
    if (ping) {
        weft_fiber_cancel(fiber);
        (void)weft_fiber_join(fiber);
    }
    weft_runtime_stop();
    return err ? die(port, err) : 0;
}
