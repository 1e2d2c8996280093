/* SPDX-License-Identifier: MIT */
/*
 * Which connection a client uses. A connection that has ended, vanished or
 * become silent is replaced. Calls in flight on it still end, and a call that
 * was not sent is sent over the next connection.
 */
#include "peer.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <signal.h>
#include <unistd.h>

/* Make the peer's socket drop all packets, as if its host had vanished. */
static void
vanish(int fd)
{
    struct sock_filter drop = BPF_STMT(BPF_RET, 0);
    struct sock_fprog program = {.len = 1, .filter = &drop};
    MUST(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                     sizeof program));
}

/* A call that is sent, and ends at its deadline. */
static weft_err
late_call(struct peer *p)
{
    struct weft_call_info info;
    struct caller a = {.client = p->client, .options.info = &info};
    do {
        a.options.deadline_ns = weft_after_ms(20);
        caller_start(&a);
        caller_join(&a);
    } while (info.reach == WEFT_CALL_NOT_SENT);
    return a.err;
}

/* ---- peers that vanish or say nothing ---- */

static void
a_peer_that_vanished_is_replaced(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.silent_timeout_ms = 1};
    struct weft_client_stats stats;
    peer_open(&p, &options);
    good_call(&p, true);
    int old = p.fd;
    vanish(old);
    assert_int_equal(late_call(&p), WEFT_ETIMEOUT);
    good_call(&p, true);
    weft_client_get_stats(p.client, &stats);
    assert_int_equal(stats.replaced, 1);
    assert_int_equal(stats.connects, 2);
    close(old);
    peer_close(&p);
}

/* The kernel notices that the peer has vanished, long before the call's
 * deadline. */
static void
a_call_in_flight_to_a_vanished_peer(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.write_timeout_ms = 300,
                                          .call_timeout_ms = LONG_MS * 10};
    struct caller a = {0};
    struct weft_arena arena;
    struct weft_call_info info;
    peer_open(&p, &options);
    good_call(&p, true);
    vanish(p.fd);
    weft_arena_init(&arena, 0);
    a = (struct caller){.client = p.client, .options.info = &info};
    caller_start(&a);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_EBROKEN);
    assert_int_equal(info.reach, WEFT_CALL_MAYBE_HANDLED);
    weft_arena_fini(&arena);
    peer_close(&p);
}

/* The peer sends half a frame and then nothing. Its connection is replaced, but
 * calls on it that are answered still succeed. */
static void
a_half_framed_peer_is_replaced(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.silent_timeout_ms = 1};
    struct caller slow;
    peer_open(&p, &options);
    slow = (struct caller){.client = p.client};
    caller_start(&slow);
    peer_accept(&p, true);
    int32_t seqid = take_request(&p);
    struct bytes b = {0};
    put_reply(&b, WEFT_REPLY, "gate", seqid, 5);
    struct wf_client_conn *conn = conn_of(&p);
    uint64_t before = wf_load(&conn->heard_ns, relaxed);
    MUST(wire_send(p.fd, b.ptr, 5));
    AWAIT(wf_load(&conn->heard_ns, relaxed) != before);
    wf_client_conn_unref(conn);
    int old = p.fd;
    int late = 0;
    do {
        assert_int_equal(late_call(&p), WEFT_ETIMEOUT);
        late++;
    } while (!conn->retired);
    good_call(&p, true);
    assert_int_not_equal(p.fd, old);
    MUST(wire_send(old, b.ptr + 5, b.len - 5));
    caller_join(&slow);
    assert_int_equal(slow.err, WEFT_OK);
    assert_int_equal(slow.result, 5);
    struct peer gone = {.fd = old};
    for (int i = 0; i < late; i++)
        take_request(&gone);
    assert_true(wire_ends(old)); /* closed when its last call has ended */
    close(old);
    bytes_free(&b);
    peer_close(&p);
}

static bool
has_next(const struct peer *p)
{
    struct pollfd next = {.fd = p->listener, .events = POLLIN};
    return poll(&next, 1, 0) == 1;
}

static bool
has_request(const struct peer *p)
{
    uint8_t byte;
    return recv(p->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* Wait for the request of a call, over the connection that the peer has or over
 * the next one. false: the call ended before it was sent. */
static bool
request_comes(struct peer *p, const struct caller *a)
{
    AWAIT(has_request(p) || has_next(p) || wf_load(&a->ends, acquire));
    if (!has_request(p) && has_next(p))
        peer_accept(p, false);
    AWAIT(has_request(p) || wf_load(&a->ends, acquire));
    return has_request(p);
}

/* A peer with a slow handler is not silent if any bytes came since the call
 * began. */
static void
a_peer_that_answers_others_is_kept(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.silent_timeout_ms = 1};
    struct caller late, other;
    bool in_time;
    peer_open(&p, &options);
    good_call(&p, true);
    late = other = (struct caller){.client = p.client};
    do { /* until another call is answered before the late one's deadline */
        late.options.deadline_ns = weft_after_ms(100);
        caller_start(&late);
        in_time = request_comes(&p, &late);
        if (in_time)
            take_request(&p);
        caller_start(&other);
        MUST(request_comes(&p, &other));
        peer_answer(&p, 7);
        caller_join(&other);
        assert_int_equal(other.err, WEFT_OK);
        in_time = in_time && weft_now_ns() < late.options.deadline_ns;
        caller_join(&late);
        assert_int_equal(late.err, WEFT_ETIMEOUT);
    } while (!in_time);
    good_call(&p, false);
    peer_close(&p);
}

/* Many connections are retired in a row. weft keeps only a bounded number of
 * them for their calls. */
static void
retired_connections_are_bounded(void **state)
{
    (void)state;
    enum { N = WF_RETIRED_MAX + 4 };
    struct peer p;
    static struct caller callers[N];
    static struct weft_call_info infos[N];
    int fds[N];
    peer_open(&p, NULL);
    for (int i = 0; i < N; i++) {
        callers[i] =
            (struct caller){.client = p.client, .options.info = &infos[i]};
        caller_start(&callers[i]);
        peer_accept(&p, true);
        fds[i] = p.fd;
        take_request(&p);
        struct wf_client_conn *conn = conn_of(&p);
        wf_client_conn_retire(conn);
        wf_client_conn_unref(conn);
    }
    good_call(&p, true);
    for (int i = 0; i < N - (int)WF_RETIRED_MAX; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_EBROKEN);
    }
    weft_client_free(p.client); /* ends the calls on the kept ones */
    p.client = NULL;
    for (int i = N - (int)WF_RETIRED_MAX; i < N; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_ECLOSED);
        assert_int_equal(infos[i].reach, WEFT_CALL_MAYBE_HANDLED);
    }
    for (int i = 0; i < N; i++) {
        assert_true(wire_ends(fds[i]));
        close(fds[i]);
    }
    peer_close(&p);
}

/* ---- calls that were not sent ---- */

/* The connection fails after the call got it and before the call is sent: the
 * client sends the call over the next connection. */
static void
a_call_that_was_not_sent_is_sent_again(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, NULL);
    good_call(&p, true);
    for (int i = 0; i < 20; i++) {
        struct wf_client_conn *conn = conn_of(&p);
        wf_client_conn_retire(conn); /* closes it, because it has no calls */
        wf_client_conn_unref(conn);
        good_call(&p, true);
    }
    peer_close(&p);
}

/* How many connections are still to break, and how often the request was
 * encoded. */
static int breaks, encodings;

static void
encode_and_break(struct weft_writer *w, const void *args)
{
    encodings++;
    if (breaks-- > 0)
        wf_sock_fail_all(-ECONNRESET); /* the peer's sockets are plain */
    trial_note_method.args->write_binary(w, args);
}

/* A call whose connection breaks n times while its request is encoded. */
static weft_err
call_and_break(struct peer *p, int n, struct weft_arena *arena,
               struct weft_call_info *info)
{
    struct weft_call_options options = {.info = info};
    struct trial_note_args args = {.number = 1};
    struct weft_struct desc = *trial_note_method.args;
    struct weft_method method = trial_note_method;
    desc.write_binary = encode_and_break;
    method.args = &desc;
    breaks = n;
    encodings = 0;
    return weft_client_call(p->client, &method, arena, &args, NULL, &options);
}

/* After three tries the caller learns that the connection broke, and that its
 * call was not sent. */
static void
a_call_is_tried_three_times(void **state)
{
    (void)state;
    struct peer p;
    struct weft_arena arena;
    struct weft_call_info info;
    peer_open(&p, NULL);
    weft_arena_init(&arena, 0);
    assert_int_equal(call_and_break(&p, 3, &arena, &info), WEFT_EBROKEN);
    assert_int_equal(encodings, 3);
    assert_int_equal(info.reach, WEFT_CALL_NOT_SENT);
    assert_non_null(strstr(info.text.ptr, strerror(ECONNRESET)));
    assert_int_equal(call_and_break(&p, 2, &arena, &info), WEFT_OK);
    assert_int_equal(encodings, 3);
    assert_int_equal(info.reach, WEFT_CALL_MAYBE_HANDLED);
    weft_arena_fini(&arena);
    p.fd = -1;
    peer_close(&p);
}

/* No sequence number is used twice on one connection: when they run out, a new
 * connection is made. */
static void
sequence_numbers_run_out(void **state)
{
    (void)state;
    struct peer p;
    struct caller slow;
    peer_open(&p, NULL);
    good_call(&p, true);
    struct wf_client_conn *conn = conn_of(&p);
    wf_store(&conn->next_seq, WF_SEQ_MAX - 1, relaxed);
    wf_client_conn_unref(conn);
    slow = (struct caller){.client = p.client};
    caller_start(&slow);
    int32_t first = take_request(&p);
    good_call(&p, false); /* has the last sequence number */
    int old = p.fd;
    good_call(&p, true);
    send_reply(&(struct peer){.fd = old}, WEFT_REPLY, "gate", first, 9);
    caller_join(&slow);
    assert_int_equal(slow.result, 9);
    assert_true(wire_ends(old));
    close(old);
    peer_close(&p);
}

/* ---- oneway calls and the end ---- */

#define NOTES 400
#define NOTE_SIZE 30000u

static void
free_client(void *client)
{
    weft_client_free(client);
}

static weft_err
send_note(struct weft_client *client)
{
    static char text[NOTE_SIZE];
    struct weft_arena arena;
    struct trial_fail_args args = {.why = {text, sizeof text}};
    static struct weft_method oneway;
    oneway = trial_fail_method;
    oneway.oneway = true;
    weft_arena_init(&arena, 0);
    weft_err err = weft_client_call(client, &oneway, &arena, &args, NULL, NULL);
    weft_arena_fini(&arena);
    return err;
}

static void
freeing_sends_what_is_queued(void **state)
{
    (void)state;
    struct peer p;
    weft_fiber fiber;
    static uint8_t b[65536];
    peer_open(&p, NULL);
    uint32_t sent = 0;
    while (sent < NOTES && !send_note(p.client))
        sent++;
    assert_int_equal(sent, NOTES);
    MUST(!weft_fiber_start(free_client, p.client, &fiber));
    weft_fiber_cancel(fiber); /* a cancel loses no call, either */
    peer_accept(&p, true);
    for (uint32_t i = 0; i < sent; i++) {
        MUST(wire_recv(p.fd, b, 4));
        uint32_t len = (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        MUST(len >= NOTE_SIZE && wire_recv(p.fd, b, len));
    }
    assert_true(wire_ends(p.fd));
    MUST(!weft_fiber_join(fiber));
    p.client = NULL;
    peer_close(&p);
}

static _Atomic uint32_t said;

static void
hear(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    if (strstr(line, "unsent"))
        wf_add(&said, 1, relaxed);
}

/* The peer does not read, so the free waits for a bounded time, and logs that
 * calls were lost. */
static void
a_peer_that_reads_nothing(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.flush_timeout_ms = 30};
    peer_open(&p, &options);
    const int little = 4096;
    MUST(
        !setsockopt(p.listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof little));
    for (int i = 0; i < NOTES; i++)
        assert_int_equal(send_note(p.client), WEFT_OK);
    peer_accept(&p, true);
    weft_log_set_sink(hear, NULL);
    weft_client_free(p.client);
    weft_log_set_sink(NULL, NULL);
    assert_int_equal(wf_load(&said, relaxed), 1);
    p.client = NULL;
    peer_close(&p);
}

/* ---- texts of errors ---- */

/* Make a call that fails, and check that the text of its info says why. If ms
 * is above 0, the call has a deadline, and is repeated until it is sent in
 * time. */
static weft_err
call_for_text(struct weft_client *client, const char *text,
              enum weft_call_reach reach, int64_t ms)
{
    struct weft_arena arena;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    struct trial_gate_args args = {.number = 1};
    struct trial_gate_result result = {.which = 0};
    weft_err err;
    weft_arena_init(&arena, 0);
    do {
        options.deadline_ns = ms > 0 ? weft_after_ms(ms) : 0;
        err = trial_Trial_gate(client, &arena, &args, &result, &options);
    } while (ms > 0 && info.reach == WEFT_CALL_NOT_SENT);
    assert_int_equal(result.which, WEFT_RESULT_NONE);
    assert_non_null(info.text.ptr);
    print_message("%.*s\n", WEFT_FMT(info.text));
    assert_non_null(strstr(
        weft_arena_printf(&arena, "%.*s", WEFT_FMT(info.text)).ptr, text));
    assert_non_null(strstr(info.text.ptr, client->address));
    assert_int_equal(info.reach, reach);
    weft_arena_fini(&arena);
    return err;
}

static void
break_it(void *arg)
{
    struct peer *p = arg;
    peer_accept(p, true);
    take_request(p);
    wire_reset(p->fd);
}

static struct weft_client_stats
stats_of(const struct peer *p)
{
    struct weft_client_stats stats;
    weft_client_get_stats(p->client, &stats);
    return stats;
}

/* Leaves a connection with no call in flight. */
static void
a_stray_reply_is_named(struct peer *p)
{
    struct caller first = {.client = p->client};
    caller_start(&first);
    peer_accept(p, true);
    int32_t seqid = take_request(p);
    send_reply(p, WEFT_REPLY, "gate", 28785, 1);
    AWAIT(stats_of(p).strays == 1);
    weft_err err =
        call_for_text(p->client, "28785", WEFT_CALL_MAYBE_HANDLED, 20);
    assert_int_equal(err, WEFT_ETIMEOUT);
    assert_false(weft_err_is_connection(err));
    take_request(p);
    send_reply(p, WEFT_REPLY, "gate", seqid, 1);
    caller_join(&first);
}

static void
the_cause_is_said(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.call_timeout_ms = LONG_MS,
                                          .silent_timeout_ms = WEFT_NONE};
    weft_fiber fiber;
    peer_open(&p, &options);
    MUST(!weft_fiber_start(break_it, &p, &fiber));
    weft_err err = call_for_text(p.client, strerror(ECONNRESET),
                                 WEFT_CALL_MAYBE_HANDLED, 0);
    assert_int_equal(err, WEFT_EBROKEN);
    assert_true(weft_err_is_connection(err));
    assert_false(weft_err_is_retryable(err));
    MUST(!weft_fiber_join(fiber));
    a_stray_reply_is_named(&p);
    assert_int_equal(stats_of(&p).strays, 1);
    assert_int_equal(stats_of(&p).broken, 1);
    close(p.listener);
    close(p.fd);
    AWAIT(stats_of(&p).ended == 1);
    err =
        call_for_text(p.client, strerror(ECONNREFUSED), WEFT_CALL_NOT_SENT, 0);
    assert_int_equal(err, WEFT_ECONNECT);
    assert_true(weft_err_is_connection(err));
    weft_client_free(p.client);
}

static void
an_unknown_host_is_said(void **state)
{
    struct weft_client *client;
    (void)state;
    MUST(!weft_client_new("no.such.host.invalid:7", NULL, &client));
    weft_err err =
        call_for_text(client, "its host is unknown", WEFT_CALL_NOT_SENT, 0);
    assert_int_equal(err, WEFT_ECONNECT);
    weft_client_free(client);
}

struct stranger {
    struct peer p;
    const char *greeting;
};

static void
greet(void *arg)
{
    struct stranger *s = arg;
    peer_accept(&s->p, true);
    take_request(&s->p);
    MUST(wire_send(s->p.fd, s->greeting, strlen(s->greeting)));
}

/* A wrong port, or a wrong dialect: the text shows what the server sent. */
static void
another_kind_of_server(void **state)
{
    (void)state;
    static const struct {
        const char *greeting, *shown;
        weft_err err;
    } cases[] = {
        {"SSH-2.0-OpenSSH_9.2\r\n", "`SSH-2.0-Open`", WEFT_EPROTOCOL},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", "`HTTP/1.1 400`", WEFT_EPROTOCOL},
        {"\x7f\x1b[2Jabcdefgh", "`\\x7f\\x1b[2Jabcdefg`", WEFT_EPROTOCOL},
        {"\xff\xff\xff\xfe", "`\\xff\\xff\\xff\\xfe`", WEFT_ESIZE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stranger s = {.greeting = cases[i].greeting};
        weft_fiber fiber;
        peer_open(&s.p, NULL);
        MUST(!weft_fiber_start(greet, &s, &fiber));
        weft_err err = call_for_text(s.p.client, cases[i].shown,
                                     WEFT_CALL_MAYBE_HANDLED, 0);
        assert_int_equal(err, cases[i].err);
        MUST(!weft_fiber_join(fiber));
        peer_close(&s.p);
    }
}

/* ---- counts and bounds ---- */

static void
the_back_off_is_bounded(void **state)
{
    (void)state;
    struct peer p;
    int64_t sum;
    struct weft_client_options options = {.retry_connect_ms = 1000};
    peer_open(&p, &options);
    close(p.listener);
    struct weft_client *client = p.client;
    static const uint32_t pauses[] = {1000,  2000,  4000,  8000,
                                      16000, 32000, 32000, 32000};
    for (int i = 0; i < 8; i++) {
        client->retry_ns = 0;
        uint64_t before = weft_now_ns();
        assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ECONNECT);
        assert_int_equal(client->pause_ms, pauses[i]);
        uint64_t pause = (uint64_t)pauses[i] * 1000000u;
        assert_true(client->retry_ns >= before + pause / 2);
        assert_true(client->retry_ns <= weft_now_ns() + pause);
        assert_int_equal(call_add(client, 1, 2, &sum), WEFT_ECONNECT);
        /* no connect was tried */
        assert_int_equal(client->pause_ms, pauses[i]);
    }
    weft_client_free(client);
}

/* A call that is refused, for whatever reason, does not count as waiting. */
static void
refused_calls_are_not_counted(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.max_calls = 2};
    struct caller a, b;
    uint32_t seq;
    peer_open(&p, &options);
    good_call(&p, true);
    a = b = (struct caller){.client = p.client};
    caller_start(&a);
    int32_t first = take_request(&p);
    caller_start(&b);
    int32_t second = take_request(&p);
    struct wf_client_conn *conn = conn_of(&p);
    for (int i = 0; i < 5; i++) {
        struct caller c = {.client = p.client};
        caller_start(&c);
        caller_join(&c);
        assert_int_equal(c.err, WEFT_ETOOMANYCALLS);
        assert_int_equal(send_note(p.client), WEFT_ETOOMANYCALLS);
        assert_int_equal(wf_load(&conn->n_waiting, relaxed), 2);
    }
    send_reply(&p, WEFT_REPLY, "gate", first, 1);
    send_reply(&p, WEFT_REPLY, "gate", second, 2);
    caller_join(&a);
    caller_join(&b);
    assert_int_equal(wf_load(&conn->n_waiting, relaxed), 0);
    wf_store(&conn->retired, true, relaxed);
    assert_int_equal(wf_client_conn_enter(conn, NULL, &seq), WEFT_EIDLE);
    assert_int_equal(wf_load(&conn->n_waiting, relaxed), 0);
    wf_client_conn_unref(conn);
    peer_close(&p);
}

/*
 * A slot may become WAITING only after its call is stored. Here the slot's word
 * is at the end of a page, and its call at the start of the next page, which is
 * read-only. So the store of the call traps, and the handler sees the word at
 * that moment.
 */
static struct {
    struct wf_client_conn *conn;
    uint8_t *page;
    volatile uint64_t word; /* its value when the call was stored */
    volatile int faults;
} watched;

static void
on_fault(int signal, siginfo_t *info, void *context)
{
    (void)context;
    uint8_t *at = info->si_addr;
    if (at < watched.page || at >= watched.page + 4096 || watched.faults > 0)
        _exit(128 + signal);
    watched.faults++;
    watched.word = watched.conn->slots[3].word;
    if (mprotect(watched.page, 4096, PROT_READ | PROT_WRITE))
        _exit(1);
}

static void
a_slot_waits_after_its_call_is_stored(void **state)
{
    (void)state;
    uint8_t *pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(pages != MAP_FAILED);
    watched.page = pages + 8192;
    size_t offset = offsetof(struct wf_client_conn, slots) +
                    3 * sizeof(struct wf_call_slot) +
                    offsetof(struct wf_call_slot, call);
    struct wf_client_conn *conn = (void *)(watched.page - offset);
    watched.conn = conn;
    conn->size = 16;
    conn->max = 4;
    wf_store(&conn->next_seq, 3, relaxed);
    struct wf_pending_call call = {0};
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    struct sigaction was;
    sigaction(SIGSEGV, &act, &was);
    MUST(!mprotect(watched.page, 4096, PROT_READ));
    uint32_t seq;
    assert_int_equal(wf_client_conn_enter(conn, &call, &seq), WEFT_OK);
    sigaction(SIGSEGV, &was, NULL);
    assert_int_equal(watched.faults, 1);
    assert_int_equal(seq, 3);
    assert_int_equal(watched.word & 3, 2); /* CLAIMED, not WAITING */
    assert_int_equal(conn->slots[3].word & 3, 1);
    assert_ptr_equal(conn->slots[3].call, &call);
    assert_true(wf_client_conn_leave(conn, seq));
    munmap(pages, 3 * 4096);
}

/* ---- the runtime ---- */

static void
calls_around_the_runtime(void **state)
{
    (void)state;
    struct house house = {0};
    struct weft_runtime_options options = {.workers = 2};
    int64_t sum;
    MUST(!weft_runtime_stop());
    house_open(&house, NULL, NULL, NULL); /* this starts the runtime */
    must_work(&house);
    weft_client_free(house.client);
    struct weft_client_options quick = {.call_timeout_ms = LONG_MS};
    MUST(!weft_client_new(house.address, &quick, &house.client));
    must_work(&house);
    MUST(!weft_server_stop(house.server));
    MUST(!weft_runtime_stop());
    assert_int_equal(call_add(house.client, 1, 2, &sum), WEFT_ECONNECT);
    (void)weft_runtime_stop();
    weft_client_free(house.client);
    house.client = NULL;
    weft_server_free(house.server);
    (void)weft_runtime_stop();
    MUST(!weft_runtime_start(&options));
}

/* A connection from before a stop of the runtime is not used again. */
static void
the_runtime_is_started_again(void **state)
{
    (void)state;
    struct peer p;
    struct weft_runtime_options options = {.workers = 2};
    peer_open(&p, NULL);
    good_call(&p, true);
    MUST(!weft_runtime_stop());
    MUST(!weft_runtime_start(&options));
    good_call(&p, true);
    MUST(!weft_runtime_stop());
    weft_client_free(p.client); /* nothing to wait for */
    p.client = NULL;
    MUST(!weft_runtime_start(&options));
    peer_close(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_vanished_is_replaced),
        cmocka_unit_test(a_call_in_flight_to_a_vanished_peer),
        cmocka_unit_test(a_half_framed_peer_is_replaced),
        cmocka_unit_test(a_peer_that_answers_others_is_kept),
        cmocka_unit_test(retired_connections_are_bounded),
        cmocka_unit_test(a_call_that_was_not_sent_is_sent_again),
        cmocka_unit_test(a_call_is_tried_three_times),
        cmocka_unit_test(sequence_numbers_run_out),
        cmocka_unit_test(freeing_sends_what_is_queued),
        cmocka_unit_test(a_peer_that_reads_nothing),
        cmocka_unit_test(the_cause_is_said),
        cmocka_unit_test(an_unknown_host_is_said),
        cmocka_unit_test(another_kind_of_server),
        cmocka_unit_test(the_back_off_is_bounded),
        cmocka_unit_test(refused_calls_are_not_counted),
        cmocka_unit_test(a_slot_waits_after_its_call_is_stored),
        cmocka_unit_test(calls_around_the_runtime),
        cmocka_unit_test(the_runtime_is_started_again),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
