/* SPDX-License-Identifier: MIT */
/*
 * The weft client under load: fibers that share one connection, each with one
 * call in flight. Prints what tload prints, where it means the same.
 */
#include "echo.h"

#include <weft/weft.h>

#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct {
    struct weft_client *client;
    struct weft_str msg;
    uint64_t until_ns;
    atomic_ullong calls, errors, bad;
} load;

static void
caller(void *unused)
{
    const struct echo_EchoServer_echo_args args = {.req = {.msg = load.msg}};
    struct echo_EchoServer_echo_result result;
    struct weft_arena arena;
    (void)unused;
    weft_arena_init(&arena, 0);
    while (weft_now_ns() < load.until_ns) {
        weft_err err =
            echo_EchoServer_echo(load.client, &arena, &args, &result, NULL);
        if (err)
            atomic_fetch_add(&load.errors, 1);
        else if (!weft_str_eq(result.success.msg, load.msg))
            atomic_fetch_add(&load.bad, 1);
        atomic_fetch_add(&load.calls, 1);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

static double
cpu_seconds(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static int
run(uint32_t fibers, double seconds)
{
    weft_fiber *ids = calloc(fibers, sizeof *ids);
    double cpu = cpu_seconds();
    uint64_t began = weft_now_ns();
    load.until_ns = began + (uint64_t)(seconds * 1e9);
    for (uint32_t i = 0; i < fibers; i++)
        if (weft_fiber_start(&ids[i], caller, NULL))
            return 1;
    for (uint32_t i = 0; i < fibers; i++)
        weft_fiber_join(ids[i]);
    double span = (double)(weft_now_ns() - began) / 1e9;
    double calls = (double)load.calls;
    printf("{\"fibers\":%u,\"bytes\":%u,\"qps\":%.0f,\"client_cpu_us\":%.2f,"
           "\"errors\":%llu,\"bad\":%llu}\n",
           fibers, load.msg.len, calls / span,
           (cpu_seconds() - cpu) * 1e6 / calls, (unsigned long long)load.errors,
           (unsigned long long)load.bad);
    free(ids);
    return load.errors || load.bad || !load.calls;
}

int
main(int argc, char **argv)
{
    struct weft_runtime_options runtime = {.workers = 1};
    const char *port = "8888";
    uint32_t fibers = 64, bytes = 1024;
    double seconds = 2;
    char address[64];
    int c;
    while ((c = getopt(argc, argv, "p:w:d:b:t:")) != -1) {
        switch (c) {
        case 'p':
            port = optarg;
            break;
        case 'w':
            runtime.workers = (uint32_t)atoi(optarg);
            break;
        case 'd':
            fibers = (uint32_t)atoi(optarg);
            break;
        case 'b':
            bytes = (uint32_t)atoi(optarg);
            break;
        case 't':
            seconds = atof(optarg);
            break;
        default:
            fprintf(stderr, "usage: echo_client [-p PORT] [-w WORKERS] "
                            "[-d FIBERS] [-b BYTES] [-t SECONDS]\n");
            return 2;
        }
    }
    char *text = malloc(bytes);
    if (!text)
        return 1;
    memset(text, 'x', bytes);
    load.msg = (struct weft_str){text, bytes};
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    weft_err err = weft_start(&runtime);
    if (!err)
        err = weft_client_new(address, NULL, &load.client);
    if (err) {
        fprintf(stderr, "echo_client: %s\n", weft_err_text(err));
        return 1;
    }
    int status = run(fibers, seconds);
    weft_client_free(load.client);
    weft_stop();
    free(text);
    return status;
}
