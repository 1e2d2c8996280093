/* SPDX-License-Identifier: MIT */
/*
 * Puts weft's client under load: fibers share connections, each fiber with one
 * call in flight, in any dialect. Prints the fields of tload that mean the same
 * here.
 */
#include "echo.h"
#include "process.h"

#include <weft/weft.h>

#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CLIENTS 1000

static const struct {
    const char *name;
    struct weft_dialect dialect;
} dialects[] = {
    {"framed", {WEFT_FRAMED, WEFT_BINARY, false, WEFT_ALONE}},
    {"unframed", {WEFT_UNFRAMED, WEFT_BINARY, false, WEFT_ALONE}},
    {"compact", {WEFT_FRAMED, WEFT_COMPACT, false, WEFT_ALONE}},
    {"json", {WEFT_FRAMED, WEFT_JSON, false, WEFT_ALONE}},
    {"theader", {WEFT_THEADER, WEFT_BINARY, false, WEFT_ALONE}},
    {"ttheader", {WEFT_TTHEADER, WEFT_BINARY, false, WEFT_ALONE}},
    {"ttheader-framed", {WEFT_TTHEADER_FRAMED, WEFT_BINARY, false, WEFT_ALONE}},
    {"http", {WEFT_HTTP, WEFT_BINARY, false, WEFT_ALONE}},
};

#define N_DIALECTS (sizeof dialects / sizeof *dialects)

static struct {
    struct weft_client *clients[MAX_CLIENTS];
    uint32_t n_clients;
    const char *server; /* its pid, or NULL */
    struct weft_str msg;
    uint64_t until_ns;
    atomic_ullong calls, errors, bad;
} load;

static void
caller(void *client)
{
    const struct echo_EchoServer_echo_args args = {.req = {.msg = load.msg}};
    struct echo_EchoServer_echo_result result;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    while (weft_now_ns() < load.until_ns) {
        weft_err err =
            echo_EchoServer_echo(client, &arena, &args, &result, NULL);
        if (err)
            atomic_fetch_add(&load.errors, 1);
        else if (!weft_str_eq(result.success.msg, load.msg))
            atomic_fetch_add(&load.bad, 1);
        atomic_fetch_add(&load.calls, 1);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

static int
run(uint32_t fibers, double seconds)
{
    weft_fiber *ids = calloc(fibers, sizeof *ids);
    double cpu = own_seconds(), server = seconds_of(load.server);
    uint64_t began = weft_now_ns();
    load.until_ns = began + (uint64_t)(seconds * 1e9);
    for (uint32_t i = 0; i < fibers; i++)
        if (weft_fiber_start(caller, load.clients[i % load.n_clients], &ids[i]))
            return 1;
    for (uint32_t i = 0; i < fibers; i++)
        weft_fiber_join(ids[i]);
    double span = (double)(weft_now_ns() - began) / 1e9;
    double calls = (double)load.calls;
    printf("{\"fibers\":%u,\"bytes\":%u,\"qps\":%.0f,\"client_cpu_us\":%.2f,"
           "\"server_cpu_us\":%.3f,\"errors\":%llu,\"bad\":%llu}\n",
           fibers, load.msg.len, calls / span,
           (own_seconds() - cpu) * 1e6 / calls,
           (seconds_of(load.server) - server) * 1e6 / calls,
           (unsigned long long)load.errors, (unsigned long long)load.bad);
    free(ids);
    return load.errors || load.bad || !load.calls;
}

struct words {
    const char *port, *dialect;
    uint32_t workers, fibers, bytes;
    double seconds;
};

static int
take(struct words *w, int argc, char **argv)
{
    int c;
    while ((c = getopt(argc, argv, "p:P:D:w:c:d:b:t:")) != -1) {
        if (c == 'p')
            w->port = optarg;
        else if (c == 'P')
            load.server = optarg;
        else if (c == 'D')
            w->dialect = optarg;
        else if (c == 'w')
            w->workers = (uint32_t)atoi(optarg);
        else if (c == 'c')
            load.n_clients = (uint32_t)atoi(optarg);
        else if (c == 'd')
            w->fibers = (uint32_t)atoi(optarg);
        else if (c == 'b')
            w->bytes = (uint32_t)atoi(optarg);
        else if (c == 't')
            w->seconds = atof(optarg);
        else
            return 2;
    }
    bool right = load.n_clients > 0 && load.n_clients <= MAX_CLIENTS &&
                 w->fibers >= load.n_clients;
    return right ? 0 : 2;
}

static weft_err
connect_all(const struct words *w)
{
    char address[64];
    size_t i = 0;
    while (i < N_DIALECTS && strcmp(dialects[i].name, w->dialect) != 0)
        i++;
    if (i == N_DIALECTS)
        return WEFT_EUNKNOWNPROTO;
    struct weft_client_options options = {.dialect = dialects[i].dialect};
    struct weft_runtime_options runtime = {.workers = w->workers};
    snprintf(address, sizeof address, "127.0.0.1:%s", w->port);
    weft_err err = weft_runtime_start(&runtime);
    for (uint32_t k = 0; k < load.n_clients && !err; k++)
        err = weft_client_new(address, &options, &load.clients[k]);
    return err;
}

int
main(int argc, char **argv)
{
    struct words w = {"8888", "framed", 1, 64, 1024, 2};
    load.n_clients = 1;
    if (take(&w, argc, argv)) {
        fprintf(stderr, "usage: echo_client [-p PORT] [-P SERVER-PID] "
                        "[-D DIALECT] [-w WORKERS] [-c CONNECTIONS] "
                        "[-d FIBERS] [-b BYTES] [-t SECONDS]\n");
        return 2;
    }
    char *text = malloc(w.bytes);
    if (!text)
        return 1;
    memset(text, 'x', w.bytes);
    load.msg = (struct weft_str){text, w.bytes};
    weft_err err = connect_all(&w);
    if (err) {
        fprintf(stderr, "echo_client: %s\n", weft_err_text(err));
        return 1;
    }
    int status = run(w.fibers, w.seconds);
    for (uint32_t i = 0; i < load.n_clients; i++)
        weft_client_free(load.clients[i]);
    weft_runtime_stop();
    free(text);
    return status;
}
