/* SPDX-License-Identifier: MIT */
/* When a client connects again after a failure. The clock stands still, the
 * test chooses the random numbers, and the peer refuses. */
#include "rpc/client.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS UINT64_C(1000000)

static uint64_t now, dice;
static int connects;
static int refusal;

static uint64_t
clock_ns(void)
{
    return now;
}

static uint64_t
throw_dice(void)
{
    return dice;
}

static int
refuse(int fd, const struct sockaddr *a, socklen_t n)
{
    (void)fd;
    (void)a;
    (void)n;
    connects++;
    return refusal;
}

static struct weft_client *client;

static void
make(uint32_t retry_connect_ms)
{
    const struct weft_client_options o = {.retry_connect_ms = retry_connect_ms};
    now = 1000 * MS;
    dice = 0;
    connects = 0;
    refusal = -ECONNREFUSED;
    assert_int_equal(weft_client_new("127.0.0.1:9", &o, &client), WEFT_OK);
}

/* Ask for a connection, as a call does. Returns whether the client tried to
 * connect. */
static bool
tries(weft_err cause)
{
    struct wf_client_call x = {.deadline_ns = WEFT_NEVER, .begun_ns = now};
    struct wf_client_conn *conn = NULL;
    int before = connects;
    assert_int_equal(wf_client_make_conn(client, &x, &conn), WEFT_ECONNECT);
    assert_int_equal(x.cause, cause);
    assert_null(conn);
    return connects > before;
}

/* The client does not connect until ns have passed, and then does. */
static void
assert_pause(uint64_t ns)
{
    uint64_t begin = now;
    assert_false(tries(-ECONNREFUSED));
    now = begin + ns - 1;
    assert_false(tries(-ECONNREFUSED));
    now = begin + ns;
    assert_true(tries(-ECONNREFUSED));
}

/* Each pause is twice as long as the one before, up to 32 times the first. One
 * half of a pause is fixed; a random number decides how much of the other half
 * is added. */
static void
a_pause_doubles(void **state)
{
    (void)state;
    make(0); /* 20 ms */
    assert_true(tries(-ECONNREFUSED));
    for (uint64_t ms = 20; ms <= 640; ms *= 2)
        assert_pause(ms / 2 * MS);
    assert_pause(320 * MS);
    dice = 640 / 2 * MS; /* the longest pause */
    now += 320 * MS;
    assert_true(tries(-ECONNREFUSED));
    assert_pause(640 * MS);
    dice++; /* the shortest pause again: the number is taken modulo */
    now += 640 * MS;
    assert_true(tries(-ECONNREFUSED));
    assert_pause(320 * MS);
    weft_client_free(client);
}

static void
a_pause_can_be_none_or_long(void **state)
{
    (void)state;
    make(WEFT_NONE);
    for (int i = 0; i < 5; i++)
        assert_true(tries(-ECONNREFUSED));
    weft_client_free(client);
    make(1);
    assert_true(tries(-ECONNREFUSED));
    assert_pause(MS / 2);
    assert_pause(MS);
    weft_client_free(client);
    make(WEFT_NONE - 1); /* the longest option: the pause does not wrap */
    assert_true(tries(-ECONNREFUSED));
    assert_pause((uint64_t)(WEFT_NONE - 1) * MS / 2);
    assert_pause((uint64_t)UINT32_MAX * MS / 2);
    assert_pause((uint64_t)UINT32_MAX * MS / 2);
    weft_client_free(client);
}

/* A call that does not try to connect gets the error of the last try. */
static void
the_cause_is_that_of_the_last_try(void **state)
{
    struct weft_client_stats stats;
    (void)state;
    make(0);
    assert_true(tries(-ECONNREFUSED));
    now += 10 * MS;
    refusal = -ENETUNREACH;
    assert_true(tries(-ENETUNREACH));
    refusal = -ECONNREFUSED;
    assert_false(tries(-ENETUNREACH));
    weft_client_get_stats(client, &stats);
    assert_int_equal(stats.failed_connects, 2);
    assert_int_equal(stats.connects, 0);
    weft_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_doubles),
        cmocka_unit_test(a_pause_can_be_none_or_long),
        cmocka_unit_test(the_cause_is_that_of_the_last_try),
    };
    wf_shim.now_ns = clock_ns;
    wf_shim.random = throw_dice;
    wf_shim.connect = refuse;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
