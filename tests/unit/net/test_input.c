/* SPDX-License-Identifier: MIT */
/* Bytes that were read and not taken: where a search goes on, and how much
 * memory the bytes hold. */
#include "conn_test.h"

#include "net/conn.h"

#define PAST 1 /* a deadline that has passed */

/* Send bytes, and wait until their echo fills the input to n bytes. */
static void
receive(struct weft_conn *conn, const char *bytes, size_t len, size_t n)
{
    MUST(!weft_conn_write(conn, bytes, len));
    MUST(!weft_conn_flush(conn));
    MUST(!weft_conn_wait(conn, n));
    assert_int_equal(weft_conn_len(conn), n);
}

static weft_err
search(struct weft_conn *conn, char delimiter, uint64_t deadline_ns, size_t *n)
{
    const uint8_t *bytes;
    weft_err err = weft_conn_next_through_until(conn, (uint8_t)delimiter,
                                                deadline_ns, &bytes, n);
    if (!err)
        assert_int_equal(bytes[*n - 1], delimiter);
    weft_conn_release(conn);
    return err;
}

/* A search goes on where the last search for the same delimiter ended. It
 * misses no byte, even if bytes were taken in between. */
static void
a_search_misses_nothing(void **state)
{
    (void)state;
    size_t n;
    struct weft_chain taken = {0};
    listen_with(echo_everything, NULL);
    struct weft_conn *conn = dial_with(NULL);
    uint64_t late = weft_after_ms(LONG_MS);
    receive(conn, "a;b", 3, 3);
    assert_int_equal(search(conn, '\n', PAST, &n), WEFT_ETIMEOUT);
    assert_int_equal(search(conn, ';', late, &n), WEFT_OK);
    assert_int_equal(n, 2);
    receive(conn, "\0c", 2, 3);
    assert_int_equal(search(conn, '\n', PAST, &n), WEFT_ETIMEOUT);
    assert_int_equal(search(conn, 0, late, &n), WEFT_OK);
    assert_int_equal(n, 2);
    receive(conn, "dddd", 4, 5);
    assert_int_equal(search(conn, '\n', PAST, &n), WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_slice(conn, 4, &taken), WEFT_OK);
    receive(conn, "\n", 1, 2);
    assert_int_equal(search(conn, '\n', late, &n), WEFT_OK);
    assert_int_equal(n, 2);
    weft_chain_clear(&taken);
    weft_conn_close(conn);
    stop_after(1);
}

static struct wf_sock *_Atomic asked; /* its memory stays mapped */
static _Atomic size_t len, pinned;

static void
note_connection(struct weft_conn *conn, void *user)
{
    (void)user;
    wf_store(&asked, conn->sock, release);
}

static void
note_input(struct weft_conn *conn, weft_err why, void *user)
{
    (void)why;
    (void)user;
    wf_store(&len, weft_conn_len(conn), relaxed);
    wf_store(&pinned, wf_chain_pinned(&conn->in), release);
}

/* While a byte waits for more bytes, it does not hold the block into which it
 * was read. */
static void
a_little_holds_little(void **state)
{
    static const struct weft_conn_hooks noting = {.on_request = note_connection,
                                                  .on_close = note_input};
    (void)state;
    struct weft_listener *l;
    MUST(!weft_listen("127.0.0.1:0", &noting, NULL, NULL, &l));
    int fd = wire_dial(weft_listener_port(l));
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&asked, acquire));
    struct wf_sock *s = wf_load(&asked, acquire);
    AWAIT(wf_load(&s->events, acquire) == 0); /* the reader has ended */
    close(fd);
    AWAIT(wf_load(&pinned, acquire) > 0);
    assert_int_equal(wf_load(&len, relaxed), 1);
    assert_in_range(wf_load(&pinned, relaxed), 1, 512);
    weft_listener_free(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_misses_nothing),
        cmocka_unit_test(a_little_holds_little),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
