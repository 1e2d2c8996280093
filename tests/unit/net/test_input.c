/* SPDX-License-Identifier: MIT */
/* What has been read and not taken: where a search goes on, and how much memory
 * it holds. */
#include "conn_test.h"

#include "net/conn.h"

#define PAST 1 /* a deadline */

/* Let bytes come back from the echo, so that the input has n. */
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

/* A search goes on where the last one for the same delimiter has ended, counted
 * from the byte that is the first then. */
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

static struct weft_conn *_Atomic asked;

static void
note_connection(struct weft_conn *conn)
{
    wf_store(&asked, conn, release);
}

/* A byte that waits for others does not hold the block that it was read
 * into. */
static void
a_little_holds_little(void **state)
{
    (void)state;
    wf_store(&asked, NULL, relaxed);
    listen_with(note_connection, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&asked, acquire));
    struct weft_conn *conn = wf_load(&asked, acquire);
    AWAIT(wf_load(&conn->sock->events, acquire) == 0); /* the reader ended */
    assert_int_equal(weft_conn_len(conn), 1);
    assert_in_range(wf_chain_pinned(&conn->in), 1, 512);
    close(fd);
    stop_after(1);
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
