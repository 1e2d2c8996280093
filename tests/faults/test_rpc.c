/* SPDX-License-Identifier: MIT */
/* The n-th system call or allocation of each kind fails, while runtime, server
 * and client start, work and stop. weft reports the failure or recovers from
 * it, nothing crashes, hangs or stays open, and a server that was started goes
 * on. */
#include "shim.h"
#include "descriptors.h"

#include "net/ring.h"
#include "trial_server.h"
#include "wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct life {
    struct trial trial;
    struct weft_server *server;
    struct weft_client *client;
    char address[64];
};

/* Time-outs, in ms: of the server's reads, and of the client's calls. */
struct times {
    uint32_t read, call;
};

static const struct times brief = {1000, 400};
static const struct times never = {WEFT_NONE, WEFT_NONE};

static const char *scheme = ""; /* of the client's target */
static const char *more = "";   /* after the address in the target */
static uint32_t check_ms;       /* of the client; 0: none */
static enum weft_check check;
static char list[] = "/tmp/weft-list-XXXXXX"; /* the file of file: */

static uint32_t connections, pool_max; /* options of the client */
/* this balancer needs the most memory; one server needs none */
static enum weft_balance balance = WEFT_CONSISTENT_HASH;

static void
write_list(const char *address)
{
    FILE *file = fopen(list, "w");
    MUST(file && fprintf(file, "%s\n", address) > 0);
    MUST(fclose(file) == 0);
}

static weft_err
begin(struct life *l, struct times times)
{
    struct weft_runtime_options runtime = {.workers = 2};
    struct weft_server_options server = {.read_timeout_ms = times.read};
    const struct weft_upstream_options upstream = {.balance = balance,
                                                   .check_ms = check_ms,
                                                   .check = check,
                                                   .zone =
                                                       *more ? "here" : NULL,
                                                   .breaker = *more != '\0',
                                                   .breaker_ms = 1,
                                                   .breaker_most_ms = 1};
    struct weft_client_options client = {.call_timeout_ms = times.call,
                                         .connect_timeout_ms = times.call,
                                         .retry_connect_ms = 1,
                                         .connections = connections,
                                         .pool_max = pool_max,
                                         .upstream = &upstream};
    weft_err err = weft_runtime_start(&runtime);
    if (err)
        return err;
    err = weft_server_new(&server, &l->server);
    if (err)
        return err;
    err = trial_Trial_register(l->server, "Trial", &trial_table, &l->trial);
    if (!err)
        err = weft_server_listen(l->server, "127.0.0.1:0");
    if (!err)
        err = weft_server_start(l->server);
    snprintf(l->address, sizeof l->address, "%s127.0.0.1:%u%s", scheme,
             (unsigned)weft_server_port(l->server), more);
    if (strcmp(scheme, "file:") == 0) {
        write_list(l->address + strlen(scheme));
        snprintf(l->address, sizeof l->address, "%s%s", scheme, list);
    }
    return err ? err : weft_client_new(l->address, &client, &l->client);
}

static void
end(struct life *l)
{
    weft_client_free(l->client);
    if (l->server) {
        weft_err err = weft_server_stop_until(l->server, weft_after_ms(1500));
        MUST(!err || err == WEFT_ETIMEOUT || err == -ENOMEM);
    }
    weft_server_free(l->server);
    MUST(!weft_runtime_stop());
}

static weft_err
echo(struct life *l, size_t size)
{
    struct weft_arena arena;
    struct trial_echo_args args;
    struct trial_echo_result result;
    char *text = calloc(1, size + 1);
    weft_arena_init(&arena, 0);
    trial_echo_args_init(&args);
    args.item.text = (struct weft_str){text, (uint32_t)size};
    weft_err err = trial_Trial_echo(l->client, &arena, &args, &result, NULL);
    if (!err)
        MUST(weft_str_eq(result.success.text, args.item.text));
    weft_arena_fini(&arena);
    free(text);
    return err;
}

/* Two calls in flight. The first one is begun before there is a connection, if
 * the client has made no call. */
static void
begun_calls(struct life *l)
{
    struct weft_arena arena;
    struct weft_pending calls[2];
    struct trial_add_args args = {.a = 1, .b = 2};
    struct trial_add_result results[2];
    weft_arena_init(&arena, 0);
    for (int i = 0; i < 2; i++)
        trial_Trial_add_begin(l->client, &arena, &args, &results[i], NULL,
                              &calls[i]);
    int first = weft_await_any(calls, 2);
    for (int i = 0; i < 2; i++) {
        bool in_flight = calls[i].call != NULL;
        weft_err err = weft_await(&calls[i]);
        MUST(err || results[i].success == 3);
        MUST(in_flight || err);
    }
    MUST(first >= 0 || first == -EINVAL || first == -ENOMEM);
    weft_arena_fini(&arena);
}

static void
some_calls(struct life *l)
{
    int64_t n;
    begun_calls(l);
    (void)!call_add(l->client, 1, 2, &n);
    (void)!echo(l, 100);
    (void)!call_slow(l->client, 5, 1, NULL, &n);
    (void)!echo(l, 200000);
    (void)!call_add(l->client, 1, 2, &n);
}

/* So many calls that weft reuses everything that it makes once per connection.
 * Each call succeeds, or fails after the shim made a call fail, or times out,
 * because the machine may be busy. */
static void
many_calls(struct life *l)
{
    int failures = 0;
    for (int i = 0; i < 100 && failures < 3; i++) {
        int64_t sum = 0;
        weft_err err = call_add(l->client, i, 2, &sum);
        MUST(err ? shim_failures() > 0 || err == WEFT_ETIMEOUT ||
                       err == WEFT_ECONNECT
                 : sum == i + 2);
        failures += err != 0;
    }
}

/* Returns whether the n-th call was made, and failed. */
static bool
live_with(enum shim_call call, uint32_t nth, int err, enum shim_how how)
{
    struct life l = {.server = NULL};
    int before = open_descriptors();
    shim_fail_as(call, nth, err, how);
    weft_err begun = begin(&l, brief);
    MUST(!begun || shim_failures() > 0);
    if (!begun) {
        some_calls(&l);
        many_calls(&l);
        if (how == SHIM_UNTIL_HEALED)
            shim_heal();
        int64_t sum = how == SHIM_FOR_GOOD ? 42 : 0;
        uint64_t until = weft_after_ms(20000);
        while (sum != 42 && weft_now_ns() < until)
            if (call_add(l.client, 40, 2, &sum))
                (void)weft_sleep_ms(1);
        if (sum != 42) {
            fprintf(stderr, "%s %u: it does not go on\n", shim_names[call],
                    nth);
            abort();
        }
    }
    end(&l);
    bool came = shim_failures() > 0;
    shim_fail(call, 0, 0);
    if (open_descriptors() != before)
        fprintf(stderr, "%s %u: %d\n", shim_names[call], nth, (int)begun);
    MUST(open_descriptors() == before);
    return came;
}

static void
nth_call_fails(enum shim_call call, int err, uint32_t most)
{
    uint32_t n = 1;
    bool came = true;
    for (int runs = 0; came && n <= most; runs++) {
        came = live_with(call, n, err, SHIM_ONCE);
        if (came && (n < 4 || n % 8 == 0))
            (void)live_with(call, n, err,
                            runs % 2 ? SHIM_UNTIL_HEALED : SHIM_FOR_GOOD);
        n += n < 16 ? 1 : n / 4;
    }
    printf("%s: up to the %uth\n", shim_names[call], n);
}

static void
send_twice(struct wf_ring *ring, int fd, char *byte)
{
    for (int i = 0; i < 2; i++) {
        ring->sends[i].fd = fd;
        ring->sends[i].n_iov = 1;
        ring->sends[i].iov[0] = (struct iovec){.iov_base = byte, .iov_len = 1};
    }
    wf_ring_send(ring, 2);
}

/* A call that the shim lets fail has no effect, because it does not reach the
 * kernel. */
static void
rings_are_refused(void **state)
{
    (void)state;
    struct wf_ring *ring = NULL;
    int pair[2];
    char x = 'x', got[8];
    if (wf_ring_new(&ring))
        skip();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    for (int round = 0; round < 100; round++) {
        shim_fail(SHIM_uring_enter, 1, EAGAIN);
        send_twice(ring, pair[0], &x);
        assert_int_equal(shim_failures(), 1);
        assert_int_equal(ring->sends[0].sent, 0);
        assert_int_equal(ring->sends[1].sent, 0);
        send_twice(ring, pair[0], &x);
        assert_int_equal(ring->sends[0].sent, 1);
        assert_int_equal(ring->sends[1].sent, 1);
        assert_int_equal(recv(pair[1], got, sizeof got, 0), 2);
    }
    close(pair[0]);
    close(pair[1]);
    wf_ring_free(ring);
}

/* The n-th call that makes or enters a ring fails: weft uses epoll instead. */
static void
rings_fail(void **state)
{
    (void)state;
    MUST(!setenv("WEFT_POLLER", "uring", 1));
    nth_call_fails(SHIM_uring_setup, EPERM, 4);
    nth_call_fails(SHIM_uring_enter, EAGAIN, 20);
    MUST(!unsetenv("WEFT_POLLER"));
}

static void
sockets_fail(void **state)
{
    (void)state;
    nth_call_fails(SHIM_socket, EMFILE, 10);
    nth_call_fails(SHIM_bind, EADDRINUSE, 10);
    nth_call_fails(SHIM_listen, EADDRINUSE, 10);
    nth_call_fails(SHIM_setsockopt, ENOMEM, 20);
    nth_call_fails(SHIM_getsockopt, ENOMEM, 20);
    nth_call_fails(SHIM_getsockname, ENOBUFS, 20);
    nth_call_fails(SHIM_connect, ENETUNREACH, 20);
    nth_call_fails(SHIM_open, EMFILE, 20);
    nth_call_fails(SHIM_peek, ECONNRESET, 20);
    nth_call_fails(SHIM_ioctl, EINVAL, 20);
    nth_call_fails(SHIM_sigaltstack, ENOMEM, 4);
}

static void
accepting_fails(void **state)
{
    (void)state;
    static const int errs[] = {EMFILE, ENFILE,       ENOBUFS, ENOMEM,
                               EPROTO, ECONNABORTED, EPERM,   EINTR};
    weft_log_set_level(WEFT_LOG_NONE);
    for (size_t i = 0; i < sizeof errs / sizeof errs[0]; i++)
        nth_call_fails(SHIM_accept4, errs[i], 4);
    weft_log_set_level(WEFT_LOG_WARN);
}

static void
the_poller_fails(void **state)
{
    (void)state;
    nth_call_fails(SHIM_epoll_create1, EMFILE, 10);
    nth_call_fails(SHIM_eventfd, EMFILE, 10);
    nth_call_fails(SHIM_timerfd_create, EMFILE, 10);
    nth_call_fails(SHIM_timerfd_settime, EINVAL, 20);
    nth_call_fails(SHIM_epoll_ctl, ENOSPC, 20);
    nth_call_fails(SHIM_epoll_wait, EINTR, 20);
    nth_call_fails(SHIM_epoll_pwait2, ENOSYS, 20);
}

static void
bytes_fail(void **state)
{
    (void)state;
    nth_call_fails(SHIM_recv, ECONNRESET, 100);
    nth_call_fails(SHIM_recv, ENOBUFS, 100);
    nth_call_fails(SHIM_readv, ECONNRESET, 100);
    nth_call_fails(SHIM_send, EPIPE, 100);
    nth_call_fails(SHIM_send, ENOBUFS, 100);
    nth_call_fails(SHIM_sendmsg, EPIPE, 100);
    nth_call_fails(SHIM_shutdown, ENOTCONN, 10);
}

static void
the_host_has_no_memory(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    nth_call_fails(SHIM_malloc, ENOMEM, 300);
    nth_call_fails(SHIM_mmap, ENOMEM, 100);
    nth_call_fails(SHIM_madvise, ENOMEM, 40);
    nth_call_fails(SHIM_thread, EAGAIN, 20);
    weft_log_set_level(WEFT_LOG_WARN);
}

/* The same for a client of several connections, and for one with a pool. */
static void
a_pool_fails(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    for (int i = 0; i < 2; i++) {
        connections = i == 0 ? 2 : 0;
        pool_max = i == 1 ? 2 : 0;
        nth_call_fails(SHIM_malloc, ENOMEM, 300);
        nth_call_fails(SHIM_mmap, ENOMEM, 100);
        nth_call_fails(SHIM_socket, EMFILE, 10);
        nth_call_fails(SHIM_connect, ENETUNREACH, 20);
        nth_call_fails(SHIM_peek, ECONNRESET, 20);
        nth_call_fails(SHIM_send, EPIPE, 30);
        nth_call_fails(SHIM_recv, ECONNRESET, 30);
    }
    pool_max = 0;
    weft_log_set_level(WEFT_LOG_WARN);
}

/* The same for a client of many servers. */
static void
a_list_has_no_memory(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    scheme = "list:";
    for (int i = 0; i < 2; i++) {
        balance = i == 0 ? WEFT_CONSISTENT_HASH : WEFT_LOCALITY_AWARE;
        nth_call_fails(SHIM_malloc, ENOMEM, 300);
        nth_call_fails(SHIM_mmap, ENOMEM, 100);
        nth_call_fails(SHIM_send, EPIPE, 30);
    }
    balance = WEFT_CONSISTENT_HASH;
    scheme = "";
    weft_log_set_level(WEFT_LOG_WARN);
}

/* The same for a client with a zone and with breakers: its list has two more
 * lists. Nobody listens on the far server. */
static void
a_zone_has_no_memory(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    scheme = "list:";
    more = ";zone=here,127.0.0.1:1;zone=there";
    nth_call_fails(SHIM_malloc, ENOMEM, 300);
    nth_call_fails(SHIM_mmap, ENOMEM, 100);
    nth_call_fails(SHIM_send, EPIPE, 30);
    scheme = more = "";
    weft_log_set_level(WEFT_LOG_WARN);
}

/* The same for a client that checks its servers. */
static void
checks_fail(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    scheme = "list:";
    check_ms = 1;
    for (int i = 0; i < 2; i++) {
        check = (enum weft_check)i;
        nth_call_fails(SHIM_malloc, ENOMEM, 300);
        nth_call_fails(SHIM_mmap, ENOMEM, 100);
        nth_call_fails(SHIM_socket, EMFILE, 20);
        nth_call_fails(SHIM_connect, ECONNREFUSED, 20);
        nth_call_fails(SHIM_send, EPIPE, 30);
    }
    check_ms = 0;
    check = WEFT_CHECK_CALL;
    scheme = "";
    weft_log_set_level(WEFT_LOG_WARN);
}

/* The same for a client whose servers are in a file. */
static void
a_file_cannot_be_read(void **state)
{
    (void)state;
    int fd = mkstemp(list);
    MUST(fd >= 0 && close(fd) == 0);
    weft_log_set_level(WEFT_LOG_NONE);
    scheme = "file:";
    nth_call_fails(SHIM_malloc, ENOMEM, 300);
    nth_call_fails(SHIM_thread, EAGAIN, 20);
    nth_call_fails(SHIM_open, EMFILE, 10);
    nth_call_fails(SHIM_fstat, EIO, 10);
    nth_call_fails(SHIM_read, EIO, 10);
    scheme = "";
    weft_log_set_level(WEFT_LOG_WARN);
    MUST(!unlink(list));
}

static void
wait_at_gate(void *arg)
{
    MUST(!weft_sem_take(arg));
}

/* A connection comes while no fiber is left: it waits or is closed, and the
 * server accepts later ones. */
static void
no_fiber_for_a_connection(void **state)
{
    (void)state;
    struct weft_runtime_options runtime = {.workers = 2, .max_fibers = 12};
    struct life l = {.server = NULL};
    struct weft_sem gate = {0};
    uint32_t n = 0;
    int64_t sum = 0;
    MUST(!weft_runtime_start(&runtime));
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(begin(&l, brief) == -EALREADY); /* the runtime runs already */
    MUST((l.server = trial_server(&l.trial, NULL)) != NULL);
    MUST(!weft_server_listen(l.server, "127.0.0.1:0"));
    MUST(!weft_server_start(l.server));
    while (!weft_fiber_start(wait_at_gate, &gate, NULL))
        n++;
    assert_in_range(n, 1, 12);
    for (int i = 0; i < 20; i++) {
        int fd = wire_dial(weft_server_port(l.server));
        MUST(wire_send(fd, "x", 1));
        MUST(!weft_sleep_ms(1));
        close(fd);
    }
    weft_sem_give(&gate, n);
    snprintf(l.address, sizeof l.address, "127.0.0.1:%u",
             (unsigned)weft_server_port(l.server));
    MUST(!weft_client_new(l.address, NULL, &l.client));
    AWAIT(!call_add(l.client, 40, 2, &sum));
    assert_int_equal(sum, 42);
    weft_log_set_level(WEFT_LOG_WARN);
    end(&l);
}

/* A server that cannot start closes its port. Otherwise the kernel would accept
 * connections that no fiber takes. */
static void
a_start_that_fails_listens_no_more(void **state)
{
    (void)state;
    struct weft_runtime_options runtime = {.workers = 1};
    static const struct {
        enum shim_call call;
        int err;
    } rows[] = {{SHIM_malloc, ENOMEM}, {SHIM_epoll_ctl, ENOMEM}};
    uint32_t failed = 0;
    MUST(!weft_runtime_start(&runtime));
    start_poller();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t nth = 1; nth < 10; nth++) {
            struct trial trial = {0};
            int before = open_descriptors();
            struct weft_server *server = trial_server(&trial, NULL);
            MUST(!weft_server_listen(server, "127.0.0.1:0"));
            shim_fail(rows[i].call, nth, rows[i].err);
            weft_err err = weft_server_start(server);
            shim_fail(rows[i].call, 0, 0);
            failed += err != WEFT_OK;
            if (err) {
                await_descriptors(before);
                MUST(weft_server_port(server) == 0);
                MUST(weft_server_start(server) == -EDESTADDRREQ);
                MUST(!weft_server_listen(server, "127.0.0.1:0"));
                MUST(!weft_server_start(server)); /* it can start again */
            }
            weft_server_free(server);
        }
    assert_true(failed >= 2); /* at least one for each row */
    MUST(!weft_runtime_stop());
}

/* Short reads and writes, EINTR and EAGAIN have no visible effect. */
static void
everything_in_parts(void **state)
{
    (void)state;
    struct life l = {.server = NULL};
    int64_t n;
    shim_fail(SHIM_read, 0, 0);
    shim_reduce(true);
    MUST(!begin(&l, never));
    AWAIT(!call_add(l.client, 1, 2, &n)); /* connecting may take long */
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(call_add(l.client, (int64_t)i, 2, &n), WEFT_OK);
        assert_int_equal(n, i + 2);
        assert_int_equal(echo(&l, i * 50), WEFT_OK);
    }
    shim_reduce(false);
    end(&l);
}

/* Put a POST with an unframed message: a call of `note`, which is oneway. */
static void
put_post(struct bytes *b)
{
    struct bytes body = {0};
    char head[128];
    put_number(&body, false, WEFT_ONEWAY, "note", 1, 5);
    int n = snprintf(head, sizeof head,
                     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
                     "\r\n",
                     body.len);
    put(b, head, (size_t)n);
    put(b, body.ptr, body.len);
    bytes_free(&body);
}

/* From the nth allocation on there is no memory for the answer to a request
 * that is complete. The peer gets an answer or the end of the connection; it
 * does not wait in vain. */
static void
no_memory_for_an_answer(void **state)
{
    (void)state;
    struct life l = {.server = NULL};
    struct bytes b = {0};
    MUST(!begin(&l, never));
    for (int kind = 0; kind < 3; kind++) {
        b.len = 0;
        if (kind == 2)
            put_post(&b);
        else
            put_add(&b, kind == 1, 1, 2, 3);
        bool came = true;
        for (uint32_t n = 1; came; n++) {
            char byte;
            int64_t sum;
            AWAIT(!call_add(l.client, 1, 2, &sum));
            int fd = wire_dial(weft_server_port(l.server));
            MUST(wire_send(fd, b.ptr, b.len - 1));
            AWAIT(!call_add(l.client, 1, 2, &sum));
            shim_fail_as(SHIM_malloc, n, ENOMEM, SHIM_UNTIL_HEALED);
            MUST(wire_send(fd, b.ptr + b.len - 1, 1));
            MUST(recv(fd, &byte, 1, 0) >= 0 || errno != EAGAIN);
            came = shim_failures() > 0;
            shim_heal();
            shim_fail(SHIM_malloc, 0, 0);
            close(fd);
        }
    }
    bytes_free(&b);
    end(&l);
}

/* Make a new client, and let the n-th allocation of its first call fail, in the
 * server or the client. Returns whether it came to that. */
static bool
first_call_fails(struct life *l, struct weft_dialect dialect, uint32_t n,
                 enum shim_how how)
{
    struct weft_client_options options = {.dialect = dialect,
                                          .call_timeout_ms = WEFT_NONE,
                                          .retry_connect_ms = 1};
    int64_t sum;
    MUST(!weft_client_new(l->address, &options, &l->client));
    shim_fail_as(SHIM_malloc, n, ENOMEM, how);
    weft_err err = call_add(l->client, 1, 2, &sum);
    bool came = shim_failures() > 0;
    shim_heal();
    shim_fail(SHIM_malloc, 0, 0);
    MUST(!err || came);
    AWAIT(!call_add(l->client, 40, 2, &sum)); /* the client recovers */
    MUST(sum == 42);
    weft_client_free(l->client);
    l->client = NULL;
    return came;
}

/* What a connection of each dialect needs beside that of another. */
static void
no_memory_for_a_dialect(void **state)
{
    static const struct weft_dialect dialects[] = {
        {.framing = WEFT_TTHEADER},
        {.framing = WEFT_THEADER},
        {.framing = WEFT_FRAMED, .protocol = WEFT_JSON},
#if WF_ZLIB
        {.framing = WEFT_UNFRAMED, .zlib = true},
        {.framing = WEFT_THEADER, .zlib = true},
        {.framing = WEFT_THEADER, .around = WEFT_IN_ZLIB},
#endif
#if WF_HTTP
        {.framing = WEFT_HTTP},
        {.framing = WEFT_THEADER, .around = WEFT_IN_HTTP},
#endif
    };
    struct life l = {.server = NULL};
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(!begin(&l, never));
    weft_client_free(l.client);
    l.client = NULL;
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
        uint32_t once = 1, until = 1;
        while (first_call_fails(&l, dialects[i], once, SHIM_ONCE))
            once++;
        while (first_call_fails(&l, dialects[i], until, SHIM_UNTIL_HEALED))
            until++;
        printf("dialect %zu: up to the %uth\n", i, once);
    }
    end(&l);
    weft_log_set_level(WEFT_LOG_WARN);
}

static int
set_up(void **state)
{
    (void)state;
    alarm(500);
    shim_install();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_that_fails_listens_no_more),
        cmocka_unit_test(everything_in_parts),
        cmocka_unit_test(no_fiber_for_a_connection),
        cmocka_unit_test(sockets_fail),
        cmocka_unit_test(rings_fail),
        cmocka_unit_test(rings_are_refused),
        cmocka_unit_test(accepting_fails),
        cmocka_unit_test(the_poller_fails),
        cmocka_unit_test(bytes_fail),
        cmocka_unit_test(the_host_has_no_memory),
        cmocka_unit_test(a_pool_fails),
        cmocka_unit_test(a_list_has_no_memory),
        cmocka_unit_test(a_zone_has_no_memory),
        cmocka_unit_test(checks_fail),
        cmocka_unit_test(a_file_cannot_be_read),
        cmocka_unit_test(no_memory_for_an_answer),
        cmocka_unit_test(no_memory_for_a_dialect),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
