/* SPDX-License-Identifier: MIT */
/*
 * bench_serve: serves load.thrift on a free port, and prints the port. It runs
 * at most four sleeps at once, so its calls per second are known, however fast
 * the machine is.
 */
#include "load.h"

#include <weft/weft.h>

#include <stdatomic.h>
#include <stdio.h>

#define SIDE_BY_SIDE 4

static struct weft_sem permits;
static _Atomic int64_t number;

static weft_err
do_work(struct weft_call *call, const struct load_work_args *args,
        struct load_work_result *result)
{
    (void)call;
    weft_err err = weft_sem_take(&permits);
    if (err)
        return err;
    err = weft_sleep_ms(args->ms);
    weft_sem_give(&permits, 1);
    result->success = args->ms;
    return err;
}

static weft_err
do_next(struct weft_call *call, const struct load_next_args *args,
        struct load_next_result *result)
{
    (void)call;
    (void)args;
    result->success = atomic_fetch_add(&number, 1);
    return WEFT_OK;
}

static int
fail(const char *what, weft_err err)
{
    fprintf(stderr, "bench_serve: %s: %s\n", what, weft_err_text(err));
    return 1;
}

int
main(void)
{
    static const struct load_Load_service table = {.work = do_work,
                                                   .next = do_next};
    struct weft_server *server;
    if (weft_server_new(NULL, &server))
        return fail("server", WEFT_EBUDGET);
    weft_sem_give(&permits, SIDE_BY_SIDE);
    weft_err err = load_Load_register(server, "Load", &table, NULL);
    if (!err)
        err = weft_server_listen(server, "127.0.0.1:0");
    if (err)
        return fail("listen", err);
    printf("%u\n", (unsigned)weft_server_port(server));
    if (fflush(stdout) != 0)
        return 1;
    err = weft_server_run(server, NULL);
    weft_server_free(server);
    (void)weft_runtime_stop();
    return err ? fail("run", err) : 0;
}
