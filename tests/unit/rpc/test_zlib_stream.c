/* SPDX-License-Identifier: MIT */
/*
 * A connection that is one zlib stream: how many bytes are inflated for a peer
 * that has sent few, and what runs meanwhile: row 50 of docs/threats.md.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "peer.h"

#if WF_ZLIB
#include "buf/buf.h"

#include <dlfcn.h>
#include <zlib.h>

#define MIB ((size_t)1 << 20)
#define STEP ((size_t)256 << 10) /* what the server inflates at once */

static struct house house;
static _Atomic size_t produced;     /* bytes that the server has inflated */
static _Atomic size_t before_first; /* of them, before the first handler */
static struct wf_deflater *deflater;
static struct bytes packed; /* what is to be sent */

/* The program's own symbol comes before that of the shared library. Count what
 * the workers inflate: the test itself inflates on a plain thread. */
int
inflate(z_streamp z, int flush)
{
    int (*real)(z_streamp, int) =
        (int (*)(z_streamp, int))dlsym(RTLD_NEXT, "inflate");
    MUST(real);
    uInt room = z->avail_out;
    int code = real(z, flush);
    if (weft_fiber_self().id != 0)
        wf_add(&produced, room - z->avail_out, seq_cst);
    return code;
}

static weft_err
add(struct weft_call *call, const struct trial_add_args *args,
    struct trial_add_result *result)
{
    size_t none = 0;
    (void)wf_cas(&before_first, &none, wf_load(&produced, seq_cst), seq_cst);
    return trial_table.add(call, args, result);
}

static void
open_house(const struct weft_server_options *options)
{
    static struct trial_Trial_service table;
    table = trial_table;
    table.add = add;
    house_open_with(&house, &table, options);
    MUST(!wf_deflater_new(&deflater));
    wf_store(&produced, 0, seq_cst);
    wf_store(&before_first, 0, seq_cst);
}

static void
shut_house(void)
{
    wf_deflater_free(deflater);
    bytes_free(&packed);
    house_close(&house);
}

static size_t
used(void)
{
    return wf_load(&house.server->memory.used, seq_cst);
}

static struct weft_server_stats
stats(void)
{
    struct weft_server_stats now;
    weft_server_get_stats(house.server, &now);
    return now;
}

/* Put a field that the IDL does not have: `noise` bytes that cannot be
 * compressed, and then `zeros` bytes. */
static void
put_ballast(struct bytes *to, size_t noise, size_t zeros)
{
    uint8_t *ballast = calloc(1, noise + zeros);
    uint32_t random = 1;
    MUST(ballast);
    for (size_t i = 0; i < noise; i++) {
        random = random * 1664525u + 1013904223u;
        ballast[i] = (uint8_t)(random >> 24);
    }
    put8(to, WEFT_STRING);
    put16(to, 900);
    put32(to, (uint32_t)(noise + zeros));
    put(to, ballast, noise + zeros);
    free(ballast);
}

/* Deflate the bytes, append the result to `packed`, and free the bytes. */
static void
pack(struct bytes *plain)
{
    struct weft_chain in = {0}, out = {0};
    MUST(!weft_chain_append(&in, plain->ptr, plain->len));
    MUST(!wf_deflate(deflater, &in, &out));
    while (out.len > 0) {
        uint8_t piece[1024];
        size_t n = weft_chain_copy_out(&out, 0, piece, sizeof piece);
        put(&packed, piece, n);
        weft_chain_drop(&out, n);
    }
    bytes_free(plain);
}

static void
pack_add(size_t noise, size_t zeros)
{
    struct bytes plain = {0};
    size_t from = frame_begin(&plain);
    put_head(&plain, WEFT_CALL, "add", 3);
    put_ballast(&plain, noise, zeros);
    put8(&plain, 0);
    frame_end(&plain, from);
    pack(&plain);
}

/* Inflate what the server sends until its end, and look for a text in it. */
static bool
is_told(int fd, const char *text)
{
    struct weft_chain in = {0}, out = {0};
    struct wf_inflater *inflater;
    uint8_t piece[1024];
    ssize_t n;
    MUST(!wf_inflater_new(&inflater));
    while ((n = wire_some(fd, piece, sizeof piece)) > 0) {
        MUST(!weft_chain_append(&in, piece, (size_t)n));
        MUST(!wf_inflate(inflater, &in, &out, sizeof piece));
    }
    char got[sizeof piece + 1] = {0};
    n = (ssize_t)weft_chain_copy_out(&out, 0, (uint8_t *)got, sizeof piece);
    bool found = memmem(got, (size_t)n, text, strlen(text)) != NULL;
    wf_inflater_free(inflater);
    weft_chain_clear(&in);
    weft_chain_clear(&out);
    return found;
}

/* ---- how much ---- */

/* Messages that are not whole share the budget of all calls. */
static void
partial_messages_share_one_budget(void **state)
{
    struct weft_server_options options = {.max_memory = 4 * MIB};
    int fds[3];
    (void)state;
    open_house(&options);
    pack_add(0, 3 * MIB / 2);
    for (int i = 0; i < 3; i++) {
        fds[i] = wire_dial(house_port(&house));
        MUST(wire_send(fds[i], packed.ptr, packed.len - 20));
        if (i < 2) /* it needs no more, so it is not the one that is refused */
            AWAIT(used() > (size_t)(i + 1) * (3 * MIB / 2 - 8192));
    }
    assert_true(is_told(fds[2], "WEFT_EOVERLOAD"));
    AWAIT(stats().overloads == 1);
    assert_int_equal(stats().bad_messages, 0);
    must_work(&house); /* small calls are served */

    /* The rest of a message is served, and the memory is given back. */
    MUST(wire_send(fds[0], packed.ptr + packed.len - 20, 20));
    AWAIT(wf_load(&before_first, seq_cst) > 0);
    AWAIT(used() < 2 * MIB);
    close(fds[1]);
    AWAIT(used() == 0);
    close(fds[0]);
    close(fds[2]);
    shut_house();
}

/* What never fits is no overload: its caller must not try again. */
static void
what_never_fits_is_too_large(void **state)
{
    struct weft_server_options options = {.max_memory = MIB};
    (void)state;
    open_house(&options);
    pack_add(0, 3 * MIB / 2);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, packed.ptr, packed.len));
    assert_true(is_told(fd, "WEFT_ETOOBIG"));
    AWAIT(stats().bad_messages == 1 && used() == 0);
    assert_int_equal(stats().overloads, 0);
    close(fd);
    shut_house();
}

/* 100 times its compressed size, or 4 MiB if that is more. */
static void
the_ratio_is_bounded(void **state)
{
    uint8_t byte;
    (void)state;
    for (uint32_t ratio = 0; ratio <= 1000; ratio += 1000) {
        struct weft_server_options options = {.limits.inflate_ratio = ratio};
        open_house(&options);
        pack_add(0, 8 * MIB);
        MUST(packed.len < 8 * MIB / 200);
        int fd = wire_dial(house_port(&house));
        MUST(wire_send(fd, packed.ptr, packed.len));
        if (ratio == 0) {
            assert_true(is_told(fd, "WEFT_ETOOBIG"));
            assert_int_equal(wf_load(&before_first, seq_cst), 0);
            assert_in_range(wf_load(&produced, seq_cst), 4 * MIB,
                            4 * MIB + 2 * STEP);
        } else {
            MUST(wire_recv(fd, &byte, 1)); /* its reply */
            assert_true(wf_load(&before_first, seq_cst) > 8 * MIB);
        }
        close(fd);
        shut_house();
    }
}

/* Bytes that were inflated together with the end of an older message count for
 * the next message, too: without them the ratio of that message is too high. */
static void
no_compressed_byte_is_forgotten(void **state)
{
    enum { NOISE = 3000 };
    struct weft_server_options options = {0};
    uint8_t bytes[2];
    (void)state;
    MUST(!wf_deflater_new(&deflater));
    pack_add(NOISE, 8 * MIB);
    size_t len = packed.len - NOISE / 2;
    options.limits.inflate_ratio = (uint32_t)(8 * MIB / len);
    wf_deflater_free(deflater);
    bytes_free(&packed);

    open_house(&options);
    pack_add(0, 10);
    pack_add(NOISE, 8 * MIB);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, packed.ptr, packed.len));
    AWAIT(stats().calls + stats().bad_messages == 2);
    assert_int_equal(stats().bad_messages, 0);
    MUST(wire_recv(fd, bytes, sizeof bytes));
    close(fd);
    shut_house();
}

/* A message of 3,000 bytes is served even if all memory is in use. */
static void
small_messages_do_not_count(void **state)
{
    uint8_t byte;
    (void)state;
    open_house(NULL);
    pack_add(3000, 0);
    int fd = wire_dial(house_port(&house));
    size_t taken = house.server->memory.max - used() - 1000;
    MUST(wf_pool_take(&house.server->memory, taken));
    MUST(wire_send(fd, packed.ptr, packed.len - 500));
    AWAIT(wf_load(&produced, seq_cst) > 2000);
    MUST(wire_send(fd, packed.ptr + packed.len - 500, 500));
    MUST(wire_recv(fd, &byte, 1));
    assert_int_equal(stats().overloads, 0);
    wf_pool_give(&house.server->memory, taken);
    close(fd);
    shut_house();
}

/* The bytes of a message that is refused are given back at once, although a
 * handler keeps the connection open. */
static void
a_refused_message_does_not_count(void **state)
{
    struct bytes plain = {0};
    (void)state;
    open_house(NULL);
    size_t from = frame_begin(&plain);
    put_head(&plain, WEFT_CALL, "gate", 5);
    put8(&plain, 0);
    frame_end(&plain, from);
    pack(&plain);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, packed.ptr, packed.len));
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    packed.len = 0;
    pack_add(0, 8 * MIB);
    MUST(wire_send(fd, packed.ptr, packed.len));
    AWAIT(stats().bad_messages == 1);
    AWAIT(used() < MIB);
    weft_sem_give(&house.trial.gate, 1);
    assert_true(is_told(fd, "WEFT_ETOOBIG"));
    close(fd);
    shut_house();
}

/* Read a request of gate, and pack a reply with ballast. */
static void
pack_reply(int fd, struct wf_inflater *inflater, size_t noise, size_t zeros)
{
    struct weft_chain in = {0}, out = {0};
    struct bytes plain = {0};
    uint8_t byte, head[4 + 4 + 4 + 4 + 4]; /* length, type, "gate", number */
    while (out.len < sizeof head) {
        MUST(wire_recv(fd, &byte, 1) && !weft_chain_append(&in, &byte, 1));
        MUST(!wf_inflate(inflater, &in, &out, 4096));
    }
    weft_chain_copy_out(&out, 0, head, sizeof head);
    size_t from = frame_begin(&plain);
    put_head(&plain, WEFT_REPLY, "gate", (int32_t)weft_load_be32(head + 16));
    put_ballast(&plain, noise, zeros);
    put8(&plain, WEFT_I64);
    put16(&plain, 0);
    put64(&plain, 7);
    put8(&plain, 0);
    frame_end(&plain, from);
    packed.len = 0;
    pack(&plain);
    weft_chain_clear(&in);
    weft_chain_clear(&out);
}

/* The bytes of an older reply do not count for the next one. */
static void
a_client_bounds_the_ratio(void **state)
{
    const struct weft_client_options options = {
        .dialect = {.framing = WEFT_FRAMED, .zlib = true}};
    struct wf_inflater *inflater;
    struct peer p = {.fd = -1};
    struct caller caller;
    (void)state;
    MUST(!wf_deflater_new(&deflater) && !wf_inflater_new(&inflater));
    peer_open(&p, &options);
    for (int i = 0; i < 2; i++) {
        caller = (struct caller){.client = p.client};
        caller_start(&caller);
        if (i == 0)
            peer_accept(&p, false);
        pack_reply(p.fd, inflater, i == 0 ? 2 * STEP : 0, i == 0 ? 0 : 8 * MIB);
        MUST(wire_send(p.fd, packed.ptr, packed.len));
        caller_join(&caller);
        assert_int_equal(caller.err, i == 0 ? WEFT_OK : WEFT_ETOOBIG);
    }
    wf_inflater_free(inflater);
    wf_deflater_free(deflater);
    bytes_free(&packed);
    peer_close(&p);
}

/* ---- what runs meanwhile; there is one worker, so no chance decides ---- */

static struct watcher {
    uint32_t steps; /* how many sizes of the partial message it has seen */
    bool stops, fails;
    _Atomic bool begun, ends;
} watcher;

static void
fail_one(struct wf_sock *s, void *arg)
{
    (void)arg;
    wf_sock_fail(s, WEFT_ECLOSED);
}

/* Count each size that the partial message has between two steps. */
static void
watch(void *arg)
{
    size_t last = 0;
    (void)arg;
    wf_store(&watcher.begun, true, release);
    while (!wf_load(&watcher.ends, acquire)) {
        size_t now = used();
        if (now > last && ++watcher.steps == 1) {
            if (watcher.fails)
                wf_conns_each(&house.server->conns, fail_one, NULL);
            if (watcher.stops)
                MUST(!weft_server_stop(house.server));
        }
        last = now;
        weft_fiber_yield();
    }
}

static weft_fiber
start_watcher(bool stops, bool fails)
{
    weft_fiber fiber;
    watcher = (struct watcher){.stops = stops, .fails = fails};
    MUST(!weft_fiber_start(watch, NULL, &fiber));
    AWAIT(wf_load(&watcher.begun, acquire));
    return fiber;
}

static void
end_watcher(weft_fiber fiber)
{
    wf_store(&watcher.ends, true, release);
    MUST(!weft_fiber_join(fiber));
}

static void
other_fibers_run_between_steps(void **state)
{
    struct weft_server_options options = {.limits.inflate_ratio = 1000};
    uint8_t byte;
    (void)state;
    open_house(&options);
    pack_add(0, 12 * MIB);
    int fd = wire_dial(house_port(&house));
    weft_fiber fiber = start_watcher(false, false);
    MUST(wire_send(fd, packed.ptr, packed.len) && wire_recv(fd, &byte, 1));
    end_watcher(fiber);
    assert_true(watcher.steps > 40); /* of 48 */
    close(fd);
    shut_house();
}

/* Send a long message, and return how many of its bytes are inflated although
 * the watcher ends the connection after the first step. */
static size_t
inflated_in_vain(bool stops, bool fails)
{
    struct weft_server_options options = {.limits.inflate_ratio = 1000};
    uint8_t byte;
    open_house(&options);
    pack_add(0, 12 * MIB);
    int fd = wire_dial(house_port(&house));
    weft_fiber fiber = start_watcher(stops, fails);
    MUST(wire_send(fd, packed.ptr, packed.len));
    while (wire_some(fd, &byte, 1) > 0)
        ;
    close(fd);
    AWAIT(used() == 0);
    end_watcher(fiber);
    size_t n = wf_load(&produced, seq_cst);
    shut_house();
    return n;
}

static void
a_failed_connection_is_not_inflated(void **state)
{
    (void)state;
    assert_in_range(inflated_in_vain(false, true), STEP, 8 * STEP);
}

static void
a_stop_ends_inflating(void **state)
{
    (void)state;
    assert_in_range(inflated_in_vain(true, false), STEP, 8 * STEP);
}

/* Calls run before the calls after them are inflated. */
static void
a_batch_is_not_inflated_ahead(void **state)
{
    enum { N = 20 };
    (void)state;
    open_house(NULL);
    for (int i = 0; i < N; i++)
        pack_add(0, STEP - 50000);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, packed.ptr, packed.len));
    AWAIT(stats().calls == N);
    assert_in_range(wf_load(&before_first, seq_cst), 1, 3 * STEP);
    assert_true(wf_load(&produced, seq_cst) > N * STEP / 2);
    close(fd);
    shut_house();
}

#endif

int
main(void)
{
#if WF_ZLIB
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(other_fibers_run_between_steps),
        cmocka_unit_test(a_failed_connection_is_not_inflated),
        cmocka_unit_test(a_stop_ends_inflating),
        cmocka_unit_test(a_batch_is_not_inflated_ahead),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partial_messages_share_one_budget),
        cmocka_unit_test(what_never_fits_is_too_large),
        cmocka_unit_test(the_ratio_is_bounded),
        cmocka_unit_test(no_compressed_byte_is_forgotten),
        cmocka_unit_test(small_messages_do_not_count),
        cmocka_unit_test(a_refused_message_does_not_count),
        cmocka_unit_test(a_client_bounds_the_ratio),
    };
    int failed = cmocka_run_group_tests(alone, start_one_worker, stop_workers);
    return failed + cmocka_run_group_tests(tests, start_workers, stop_workers);
#else
    return 77;
#endif
}
