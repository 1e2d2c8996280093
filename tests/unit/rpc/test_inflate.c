/* SPDX-License-Identifier: MIT */
/* A server that refuses a call does not inflate its message. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "rpc_test.h"

#if WF_ZLIB
#include <dlfcn.h>
#include <zlib.h>

#define BALLAST ((size_t)1 << 20)

static struct house house;
static struct bytes b;
static _Atomic int inflated; /* calls of inflate, in the whole process */

/* Count, and let zlib do it: the program's own symbol comes before that of the
 * shared library. */
int
inflate(z_streamp z, int flush)
{
    int (*real)(z_streamp, int) =
        (int (*)(z_streamp, int))dlsym(RTLD_NEXT, "inflate");
    MUST(real);
    wf_add(&inflated, 1, seq_cst);
    return real(z, flush);
}

/* A message that inflates to about 1 MiB: add(1, 2), with an argument that the
 * IDL does not have. */
static void
put_add_with_ballast(struct bytes *to)
{
    char *ballast = calloc(1, BALLAST);
    MUST(ballast);
    put_head(to, WEFT_CALL, "add", 3);
    put8(to, WEFT_STRING);
    put16(to, 900);
    put32(to, BALLAST);
    put(to, ballast, BALLAST);
    put8(to, 0);
    free(ballast);
}

/* Put a THeader frame whose body is deflated. */
static void
put_deflated(const struct bytes *message)
{
    uLongf len = compressBound(message->len);
    uint8_t *body = malloc(len);
    MUST(body && compress(body, &len, message->ptr, message->len) == Z_OK);
    size_t from = frame_begin(&b);
    put32(&b, 0x0fff0000);
    put32(&b, 3);
    put16(&b, 1);
    put8(&b, 0); /* binary */
    put8(&b, 1); /* one transform */
    put8(&b, 1); /* zlib */
    put8(&b, 0); /* padding */
    put(&b, body, len);
    frame_end(&b, from);
    free(body);
}

/* Send the call and wait for its reply. Returns how often the server called
 * inflate for it. */
static int
inflates_for_one(int fd)
{
    uint8_t head[4], rest[1024];
    int before = wf_load(&inflated, seq_cst);
    MUST(wire_send(fd, b.ptr, b.len) && wire_recv(fd, head, 4));
    size_t len = (size_t)head[2] << 8 | head[3];
    MUST(head[0] == 0 && head[1] == 0 && len <= sizeof rest);
    MUST(wire_recv(fd, rest, len));
    return wf_load(&inflated, seq_cst) - before;
}

static struct weft_server_stats
stats(void)
{
    struct weft_server_stats now;
    weft_server_get_stats(house.server, &now);
    return now;
}

static void
a_refused_call_is_not_inflated(void **state)
{
    struct weft_server_options options = {.max_calls = 1};
    static struct caller inside;
    struct bytes message = {0};
    (void)state;
    house_open(&house, NULL, &options, NULL);
    int fd = wire_dial(house_port(&house));
    put_add_with_ballast(&message);
    put_deflated(&message);
    assert_true(inflates_for_one(fd) > 0); /* so the test can see it */
    assert_int_equal(stats().overloads, 0);

    AWAIT(stats().calls_in_flight == 0); /* it ends after its reply */
    inside = (struct caller){.client = house.client};
    caller_start(&inside);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    assert_int_equal(inflates_for_one(fd), 0);
    assert_int_equal(stats().overloads, 1);
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&inside);

    uint64_t executed = wf_load(&house.trial.executed, seq_cst);
    wf_store(&house.server->stopping, true, seq_cst);
    assert_int_equal(inflates_for_one(fd), 0);
    assert_int_equal(wf_load(&house.trial.executed, seq_cst), executed);
    wf_store(&house.server->stopping, false, seq_cst);
    close(fd);
    bytes_free(&message);
    bytes_free(&b);
    house_close(&house);
}
#endif

int
main(void)
{
#if WF_ZLIB
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_call_is_not_inflated),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
#else
    return 77;
#endif
}
