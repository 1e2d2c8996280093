/* SPDX-License-Identifier: MIT */
/*
 * Addresses. A path that another listener has taken over survives the stop of
 * the first listener. All bytes that are sent over a path arrive. A dial to a
 * path whose backlog is full ends at its deadline. A dial to a port of its own
 * host without a listener fails, even if the kernel gives the dial that same
 * port. A call does not wait past its deadline for the look-up of a name. A
 * look-up without a thread fails. All look-ups of one host end.
 */
#define WEFT_SHIM 1

#include "ledger_answers.h"
#include "ledger_serve.h"

#include "fibers.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define SECOND (1000 * (uint64_t)MS)
#define PATH "/run/lines"
#define FIRST_PORT 32768 /* the first ephemeral port */
#define LOOK_UP_MS 2000

static size_t bytes_read;

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)user;
    bytes_read += weft_conn_len(conn);
    (void)!weft_conn_skip(conn, weft_conn_len(conn));
}

static struct weft_listener *
listen_on(const char *address)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    struct weft_listener *listener = NULL;
    WEFT_SIM_CHECK(!weft_listen(address, &hooks, NULL, NULL, &listener));
    return listener;
}

static weft_err
try_to_dial(const char *address)
{
    struct weft_conn *conn;
    weft_err err =
        weft_dial_until(address, NULL, weft_now_ns() + SECOND, &conn);
    if (!err)
        weft_conn_close(conn);
    return err;
}

/* ---- a path that another listener takes over ---- */

/* All bytes arrive, also those that come while the reader reads. */
static void
send_over_path(void)
{
    static const char bytes[3000];
    struct weft_conn *conn;
    bytes_read = 0;
    WEFT_SIM_CHECK(
        !weft_dial_until("unix:" PATH, NULL, weft_now_ns() + SECOND, &conn));
    for (int i = 0; i < 40; i++) {
        WEFT_SIM_CHECK(!weft_conn_write(conn, bytes, sizeof bytes) &&
                       !weft_conn_flush(conn));
        rest();
    }
    (void)weft_sleep_ms(20);
    WEFT_SIM_CHECK(bytes_read == 40 * sizeof bytes);
    weft_conn_close(conn);
}

/* Nobody accepts, so dials beyond the backlog wait until their deadline. */
static void
fill_backlog(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = "/run/full"};
    struct weft_conn *conns[5];
    int n = 0;
    int fd = wf_sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
    WEFT_SIM_CHECK(
        !wf_sys_bind(fd, (struct sockaddr *)(void *)&addr, sizeof addr) &&
        !wf_sys_listen(fd, 1));
    weft_err err = WEFT_OK;
    uint64_t deadline = 0;
    while (n < 5 && !err) {
        deadline = weft_now_ns() + 20 * MS;
        err = weft_dial_until("unix:/run/full", NULL, deadline, &conns[n]);
        n += !err;
    }
    WEFT_SIM_CHECK(n < 5 && !ended_well(err, deadline));
    while (n > 0)
        weft_conn_close(conns[--n]);
    WEFT_SIM_CHECK(!wf_sys_close(fd) && !wf_sys_unlink("/run/full"));
}

static void
take_paths_over(void)
{
    struct weft_listener *old = listen_on("unix:" PATH), *new;
    for (int i = 0; i < 3; i++) {
        if (below(2))
            WEFT_SIM_CHECK(!wf_sys_unlink(PATH));
        else {
            weft_listener_free(old);
            old = NULL;
        }
        new = listen_on("unix:" PATH);
        weft_listener_free(old);
        WEFT_SIM_CHECK(!try_to_dial("unix:" PATH));
        send_over_path();
        old = new;
    }
    weft_listener_free(old);
    WEFT_SIM_CHECK(try_to_dial("unix:" PATH) == -ENOENT);
}

/* ---- ports without a listener ---- */

static void
dial_own_ports(void)
{
    char address[32];
    for (int i = 0; i < 8; i++) {
        snprintf(address, sizeof address, "10.0.0.2:%d",
                 FIRST_PORT + i + (int)below(2));
        WEFT_SIM_CHECK(try_to_dial(address) == -ECONNREFUSED);
    }
}

/* ---- slow look-ups of names ---- */

static int (*look_up)(const char *host, const char *port,
                      const struct addrinfo *hints, struct addrinfo **found);

static int
look_up_slowly(const char *host, const char *port, const struct addrinfo *hints,
               struct addrinfo **found)
{
    if (!(hints->ai_flags & AI_NUMERICHOST) && strcmp(host, "server") == 0)
        (void)weft_sleep_ms((int64_t)below(LOOK_UP_MS));
    return look_up(host, port, hints, found);
}

static void
call_by_name(void *arg)
{
    struct weft_client *client;
    (void)arg;
    for (int i = 0; i < 4; i++) {
        struct ledger_run_args args = {.number = i};
        struct ledger_run_result result = {0};
        uint64_t begun = weft_now_ns();
        uint64_t deadline = begun + below(SECOND);
        const struct weft_call_options options = {.deadline_ns = deadline};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
        weft_err err =
            ledger_Ledger_run(client, &arena, &args, &result, &options);
        (void)ended_well(err, deadline);
        weft_client_free(client);
        weft_arena_fini(&arena);
    }
}

/* A look-up for which no thread can be made fails at once. */
static void
look_up_without_threads(void)
{
    weft_sim_faults(WEFT_SIM_NO_THREAD);
    for (int i = 0; i < 8; i++) {
        weft_err err = try_to_dial("nobody:9090");
        WEFT_SIM_CHECK(err == WEFT_EADDRESS || err == -EAGAIN);
    }
    weft_sim_faults(0);
}

static void
must_find(void *arg)
{
    struct weft_conn *conn;
    (void)arg;
    WEFT_SIM_CHECK(!weft_dial_until("server:9090", NULL, WEFT_NEVER, &conn));
    weft_conn_close(conn);
}

/* More look-ups of one host than may run at the same time. The look-up of
 * another host does not wait for them. */
static void
look_up_together(void)
{
    weft_fiber fibers[5];
    start_all(must_find, NULL, fibers, 5);
    weft_fiber_yield();
    uint64_t begun = weft_now_ns();
    WEFT_SIM_CHECK(try_to_dial("client:1") == -ECONNREFUSED);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 10 * (uint64_t)MS);
    join_all(fibers, 5);
}

static void
call_by_names(void)
{
    weft_fiber fibers[3];
    start_all(call_by_name, NULL, fibers, 3);
    join_all(fibers, 3);
    (void)weft_sleep_ms(LOOK_UP_MS); /* by then the threads that look up have
                                      * ended */
}

/* ---- one run ---- */

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    (void)arg;
    serve_for_others(NULL, &table);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(10); /* by then the server listens */
    take_paths_over();
    fill_backlog();
    dial_own_ports();
    look_up_without_threads();
    look_up_together();
    call_by_names();
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    look_up = wf_shim.getaddrinfo;
    wf_shim.getaddrinfo = look_up_slowly;
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "names",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
