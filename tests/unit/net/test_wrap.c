/* SPDX-License-Identifier: MIT */
/*
 * A connection whose reader never ends counts more than 2^32 events. A counter
 * of 32 bits would come back to zero and start a second reader, or abort.
 */
#include "conn_test.h"

#include "net/conn.h"

#define ROUNDS 40
#define NEAR_WRAP (UINT32_MAX - (uint64_t)ROUNDS / 2)

/* Set the counter as if that many events had come, and the reader had seen
 * all. */
static void
age(struct weft_conn *conn)
{
    wf_store(&conn->sock->events, NEAR_WRAP, seq_cst);
    conn->seen = NEAR_WRAP;
}

/* One on_request for the whole life of the connection. */
static void
echo_for_ever(struct weft_conn *conn)
{
    const uint8_t *byte;
    MUST(!wf_xchg(&place.busy, true, acq_rel));
    age(conn);
    while (!weft_conn_next(conn, 1, &byte)) {
        uint8_t copy = *byte;
        weft_conn_release(conn);
        MUST(!weft_conn_write(conn, &copy, 1));
        MUST(!weft_conn_flush(conn));
    }
    wf_store(&place.busy, false, release);
}

static void
readers_that_never_end(void **state)
{
    (void)state;
    listen_with(echo_for_ever, NULL);
    struct weft_conn *conn = dial_with(NULL);
    age(conn);
    /* Several bytes may make one event, so this counts events, too. */
    for (int i = 0;
         i < ROUNDS || wf_load(&conn->sock->events, relaxed) <= UINT32_MAX;
         i++) {
        uint8_t byte = (uint8_t)i;
        const uint8_t *back;
        MUST(!weft_conn_write(conn, &byte, 1));
        MUST(!weft_conn_flush(conn));
        assert_int_equal(weft_conn_next(conn, 1, &back), WEFT_OK);
        assert_int_equal(*back, byte);
        weft_conn_release(conn);
    }
    assert_int_equal(wf_load(&place.requests, relaxed), 1);
    weft_conn_close(conn);
    stop_after(1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_that_never_end),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
