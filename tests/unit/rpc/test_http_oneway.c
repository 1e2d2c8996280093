/* SPDX-License-Identifier: MIT */
/* The free of a client of HTTP after oneway calls: it waits for their
 * responses, or for the server's end, or logs how many had none. */
#include "http_peer.h"

#include <unistd.h>

#define N 3

static char heard[512]; /* the last log line about oneway calls */

static void
hear(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    if (strstr(line, "oneway"))
        snprintf(heard, sizeof heard, "%s", line);
}

static int
hear_all(void **state)
{
    (void)state;
    heard[0] = '\0';
    weft_log_set_sink(hear, NULL);
    return 0;
}

static int
hear_nothing(void **state)
{
    (void)state;
    weft_log_set_sink(NULL, NULL);
    return 0;
}

/* A client that has sent N oneway calls, and the peer that has read them. */
struct freed {
    struct peer p;
    struct wf_client_conn *conn; /* with a reference */
    weft_fiber fiber;
};

static void
send_notes(struct freed *f, const struct weft_client_options *options)
{
    struct weft_arena arena;
    struct trial_note_args note = {.number = 7};
#if !WF_HTTP
    skip();
#endif
    weft_arena_init(&arena, 0);
    peer_open(&f->p, options);
    for (int i = 0; i < N; i++)
        MUST(!trial_Trial_note(f->p.client, &arena, &note, NULL));
    weft_arena_fini(&arena);
    peer_accept(&f->p, true);
    for (int i = 0; i < N; i++)
        (void)take_post(f->p.fd, "POST ");
    f->conn = conn_of(&f->p);
}

static void
free_it(void *client)
{
    weft_client_free(client);
}

static void
start_to_free(struct freed *f)
{
    MUST(!weft_fiber_start(free_it, f->p.client, &f->fiber));
    weft_fiber_cancel(f->fiber); /* the free waits nevertheless */
}

/* Wait until the client has been freed, which ends the connection. */
static void
end(struct freed *f)
{
    MUST(!weft_fiber_join(f->fiber));
    f->p.client = NULL;
    wf_client_conn_unref(f->conn);
    peer_close(&f->p);
}

static void
respond(struct freed *f, const char *head)
{
    struct bytes r = {0};
    put_response(&r, head, true, "", 0);
    MUST(wire_send(f->p.fd, r.ptr, r.len));
    bytes_free(&r);
}

/* The client is being freed, and still holds the connection. */
static bool
is_held(const struct freed *f)
{
    return wf_load(&f->conn->retired, seq_cst) &&
           wf_load(&f->conn->n_waiting, seq_cst) == 1;
}

static const struct weft_client_options patient = {
    .dialect.framing = WEFT_HTTP,
    .silent_timeout_ms = WEFT_NONE,
    .flush_timeout_ms = WEFT_NONE};

static void
the_last_response_ends_the_wait(void **state)
{
    (void)state;
    struct freed f;
    char byte;
    send_notes(&f, &patient);
    start_to_free(&f);
    AWAIT(is_held(&f));
    for (int i = 0; i < N - 1; i++) {
        wf_store(&f.conn->heard_ns, 0, relaxed);
        respond(&f, OK_HEAD);
        AWAIT(wf_load(&f.conn->heard_ns, relaxed) != 0);
        assert_true(is_held(&f));
        /* The client's side has not ended. */
        assert_int_equal(recv(f.p.fd, &byte, 1, MSG_DONTWAIT), -1);
    }
    respond(&f, OK_HEAD);
    assert_true(wire_ends(f.p.fd));
    end(&f);
    assert_string_equal(heard, "");
}

static void
frames_in_http(void **state)
{
    (void)state;
    struct weft_client_options options = patient;
    struct freed f;
    options.dialect =
        (struct weft_dialect){WEFT_THEADER, WEFT_BINARY, false, WEFT_IN_HTTP};
    send_notes(&f, &options);
    start_to_free(&f);
    AWAIT(is_held(&f));
    for (int i = 0; i < N; i++)
        respond(&f, OK_HEAD);
    end(&f);
    assert_string_equal(heard, "");
}

/* A call in flight ends at once, and is not counted as a oneway call. */
static void
a_bound_that_passes_is_told(void **state)
{
    (void)state;
    struct freed f;
    struct weft_client_options options = patient;
    options.flush_timeout_ms = 1;
    send_notes(&f, &options);
    struct caller a = {.client = f.p.client};
    caller_start(&a);
    (void)take_post(f.p.fd, "POST ");
    start_to_free(&f);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_ECLOSED);
    end(&f);
    assert_non_null(strstr(heard, " 3 oneway calls"));
}

/* A free waits only for the responses to oneway calls. */
static void
other_calls_are_not_waited_for(void **state)
{
    (void)state;
    struct freed f;
    send_notes(&f, &patient);
    for (int i = 0; i < N; i++)
        respond(&f, OK_HEAD);
    struct caller a = {.client = f.p.client};
    caller_start(&a);
    (void)take_post(f.p.fd, "POST ");
    start_to_free(&f);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_ECLOSED);
    end(&f);
    assert_string_equal(heard, "");
}

/* Apache's C++ server answers no oneway call. It closes after the client's side
 * has ended. */
static void
a_server_that_does_not_answer(void **state)
{
    (void)state;
    struct freed f;
    struct weft_client_options options = patient;
    options.silent_timeout_ms = 1;
    send_notes(&f, &options);
    start_to_free(&f);
    assert_true(wire_ends(f.p.fd));
    assert_true(is_held(&f));
    MUST(!shutdown(f.p.fd, SHUT_WR));
    end(&f);
    assert_string_equal(heard, "");
}

static void
a_server_that_ends_too_early(void **state)
{
    (void)state;
    struct freed f;
    for (int i = 0; i < 3; i++) {
        heard[0] = '\0';
        send_notes(&f, &patient);
        start_to_free(&f);
        AWAIT(is_held(&f));
        if (i == 0)
            MUST(!shutdown(f.p.fd, SHUT_WR));
        else if (i == 1)
            wire_reset(f.p.fd);
        else /* no response comes after this one */
            respond(&f, OK_HEAD "Connection: close\r\n");
        if (i == 1)
            f.p.fd = -1;
        end(&f);
        assert_non_null(
            strstr(heard, i == 2 ? " 2 oneway calls" : " 3 oneway calls"));
    }
}

/* A request that cannot be queued has an error. */
static void
a_request_that_is_not_queued(void **state)
{
    (void)state;
    struct freed f;
    struct weft_chain request = {0};
    send_notes(&f, &patient);
    MUST(!weft_chain_append(&request, "x", 1));
    wf_sock_fail(f.conn->sock, WEFT_EREADTIMEOUT);
    assert_int_equal(wf_http_order_send(f.conn, &request, 99, true),
                     WEFT_EREADTIMEOUT);
    weft_chain_clear(&request);
    start_to_free(&f);
    end(&f);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, hear_all, hear_nothing)
    const struct CMUnitTest tests[] = {
        TEST(the_last_response_ends_the_wait),
        TEST(frames_in_http),
        TEST(a_bound_that_passes_is_told),
        TEST(other_calls_are_not_waited_for),
        TEST(a_server_that_does_not_answer),
        TEST(a_server_that_ends_too_early),
        TEST(a_request_that_is_not_queued),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
