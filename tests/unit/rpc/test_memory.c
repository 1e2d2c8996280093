/* SPDX-License-Identifier: MIT */
/* How much memory all calls of a server may take together, and how much memory
 * queued replies keep. */
#include "rpc_test.h"

#include <sys/socket.h>

#define MIB ((size_t)1 << 20)

static struct house house;
static struct bytes b;

static size_t
used(void)
{
    return wf_load(&house.server->memory.used, relaxed);
}

/* Append a field that the IDL does not have, with len bytes. */
static void
put_ballast(size_t len)
{
    char *ptr = calloc(1, len);
    MUST(ptr);
    put8(&b, WEFT_STRING);
    put16(&b, 900);
    put32(&b, (uint32_t)len);
    put(&b, ptr, len);
    free(ptr);
}

/* A call with 1 MiB of bytes, and with the number 5. */
static void
put_large_call(void)
{
    size_t from = frame_begin(&b);
    put_head(&b, WEFT_CALL, "gate", 5);
    put_ballast(MIB);
    put8(&b, 0);
    frame_end(&b, from);
}

/* The client may not try such a call again: it would do so for ever. */
static void
what_never_fits_is_no_overload(void **state)
{
    struct weft_server_options options = {.max_memory = MIB};
    struct reply r;
    (void)state;
    house_open(&house, NULL, &options, NULL);
    put_large_call();
    int fd = wire_dial(house_port(&house));
    for (int i = 0; i < 2; i++) {
        MUST(wire_send(fd, b.ptr, b.len));
        assert_true(wire_reply(fd, true, &r));
        assert_int_equal(r.type, WEFT_EXCEPTION);
        assert_int_equal(r.seqid, 5);
        assert_non_null(strstr(r.text, "WEFT_ETOOBIG: the message has 104"));
        assert_non_null(strstr(r.text, "memory for 1048576 (max_memory)"));
    }
    assert_false(weft_err_is_retryable(WEFT_ETOOBIG));
    must_work(&house);
    struct weft_server_stats stats;
    weft_server_get_stats(house.server, &stats);
    assert_int_equal(stats.overloads, 0);
    assert_int_equal(stats.bad_messages, 2);
    AWAIT(used() == 0); /* given back after the reply */
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

/* max_memory bounds the bytes of a message: one of exactly so many is not too
 * large. Under ASan no memory is left for its arguments. */
static void
what_just_fits_is_not_too_large(void **state)
{
    struct weft_server_options options = {0};
    struct reply r;
    (void)state;
    put_large_call();
    for (size_t less = 0; less < 2; less++) {
        options.max_memory = b.len - 4 - less; /* without its length */
        house_open(&house, NULL, &options, NULL);
        weft_sem_give(&house.trial.gate, 1);
        int fd = wire_dial(house_port(&house));
        MUST(wire_send(fd, b.ptr, b.len) && wire_reply(fd, true, &r));
        bool is_too_large =
            r.type == WEFT_EXCEPTION && strstr(r.text, "WEFT_ETOOBIG");
        assert_int_equal(is_too_large, less > 0);
        close(fd);
        house_close(&house);
    }
    bytes_free(&b);
}

static void
calls_share_one_budget(void **state)
{
    struct weft_server_options options = {.max_memory = 4 * MIB + MIB / 2};
    struct reply r;
    int fds[5];
    (void)state;
    house_open(&house, NULL, &options, NULL);
    put_large_call();
    for (uint32_t i = 0; i < 4; i++) {
        fds[i] = wire_dial(house_port(&house));
        MUST(wire_send(fds[i], b.ptr, b.len));
        AWAIT(wf_load(&house.trial.inside, acquire) == i + 1);
    }
    fds[4] = wire_dial(house_port(&house));
    MUST(wire_send(fds[4], b.ptr, b.len));
    assert_true(wire_reply(fds[4], true, &r));
    assert_int_equal(r.type, WEFT_EXCEPTION);
    assert_int_equal(r.seqid, 5);
    assert_non_null(strstr(r.text, "WEFT_EOVERLOAD"));
    must_work(&house); /* small calls are served */
    assert_in_range(used(), 4 * MIB, 4 * MIB + MIB / 2);

    weft_sem_give(&house.trial.gate, 5);
    for (int i = 0; i < 4; i++)
        assert_true(wire_reply(fds[i], true, &r));
    AWAIT(used() == 0);
    MUST(wire_send(fds[4], b.ptr, b.len) && wire_reply(fds[4], true, &r));
    assert_int_equal(r.type, WEFT_REPLY);
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    AWAIT(used() == 0);
    bytes_free(&b);
    house_close(&house);
}

/* Calls of 1 MiB, with replies of 64 KiB, of a peer that does not read: queued
 * replies do not keep the memory of their calls. */
static void
queued_replies_do_not_keep_their_calls(void **state)
{
    enum { N = 200, TEXT = 64 << 10 };
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    b = (struct bytes){0};
    size_t from = frame_begin(&b);
    put_head(&b, WEFT_CALL, "echo", 5);
    put8(&b, WEFT_STRUCT);
    put16(&b, 1);
    char *text = calloc(1, TEXT);
    put8(&b, WEFT_STRING);
    put16(&b, 3);
    put32(&b, TEXT);
    put(&b, text, TEXT);
    free(text);
    put8(&b, 0);
    put_ballast(MIB);
    put8(&b, 0);
    frame_end(&b, from);
    int fd = wire_dial(house_port(&house)), size = 4096;
    MUST(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
    for (int i = 0; i < N; i++)
        MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.executed, acquire) == N);
    struct weft_server_stats stats;
    AWAIT((weft_server_get_stats(house.server, &stats),
           stats.calls_in_flight == 0));
    /* At least 7 MiB are queued, the replies of more than 100 calls. */
    AWAIT(used() <= 4 * MIB);
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

/* ---- replies that keep their calls ---- */

enum { SHOWN = 600 << 10, KEPT = 900 << 10 };

/* Answer with a part of the bytes that the call has taken from its arena. */
static weft_err
show_a_part(struct weft_call *call, const struct trial_large_args *args,
            struct trial_large_result *result)
{
    struct trial *t = weft_call_user(call);
    char *bytes = weft_arena_zalloc(weft_call_arena(call), KEPT);
    MUST(bytes && args->size == SHOWN);
    result->success = (struct weft_str){bytes, SHOWN};
    wf_add(&t->executed, 1, relaxed);
    return WEFT_OK;
}

struct look {
    size_t queued;
    uint32_t n_waiters;
};

static void
look_at(struct wf_sock *s, void *arg)
{
    struct look *look = arg;
    look->queued += wf_load(&s->queued, relaxed);
    look->n_waiters += wf_load(&s->n_waiters, relaxed);
}

static struct look
look(void)
{
    struct look sum = {0};
    wf_conns_each(&house.server->conns, look_at, &sum);
    return sum;
}

/* Read the next reply, which is a string of SHOWN bytes. */
static void
drop_reply(int fd)
{
    static uint8_t frame[SHOWN + 64];
    uint8_t length[4];
    assert_true(wire_recv(fd, length, sizeof length));
    size_t len = weft_load_be32(length);
    assert_in_range(len, SHOWN, sizeof frame);
    assert_true(wire_recv(fd, frame, len));
}

/* The bound of a queue counts all memory that its bytes keep: new calls wait as
 * if all of that memory were queued. */
static void
a_queue_counts_what_replies_keep(void **state)
{
    enum { N = 50, QUEUE = 8 << 20 };
    struct trial_Trial_service table = trial_table;
    struct weft_server_options options = {.max_queued = QUEUE};
    (void)state;
    table.large = show_a_part;
    house_open_with(&house, &table, &options);
    b = (struct bytes){0};
    for (int i = 0; i < N; i++)
        put_large(&b, i, SHOWN);
    int fd = wire_dial(house_port(&house)), size = 256 << 10;
    MUST(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
    MUST(wire_send(fd, b.ptr, b.len));
    /* All that is kept is counted, and is not far above the bound. The kernel
     * may take more bytes after a call has begun to wait; the call goes on only
     * when a quarter of the bound is left. */
    AWAIT(look().queued > QUEUE / 4 && look().n_waiters > 0);
    size_t most = used();
    for (int i = 0; i < N; i++)
        drop_reply(fd);
    AWAIT(used() == 0 && look().queued == 0);
    close(fd);
    bytes_free(&b);
    house_close(&house);
    /* One reply may be sent in part, and one may be above the bound. */
    assert_in_range(most, 1, QUEUE / 2 + SHOWN + KEPT);
}

/* ---- replies of detached calls ---- */

enum { LATER = 20 };

static struct {
    struct weft_call *calls[LATER];
    _Atomic uint32_t begun, detached;
} later;

static weft_err
show_later(struct weft_call *call, const struct trial_large_args *args,
           struct trial_large_result *result)
{
    weft_err err = show_a_part(call, args, result);
    weft_call_detach(call);
    later.calls[wf_add(&later.begun, 1, relaxed)] = call;
    wf_add(&later.detached, 1, release);
    return err;
}

/* A call that is finished does not wait for room, so a full queue takes its
 * reply, too. */
static void
a_detached_call_is_answered_over_a_full_queue(void **state)
{
    struct trial_Trial_service table = trial_table;
    struct weft_server_options options = {.max_queued = MIB};
    (void)state;
    table.large = show_later;
    house_open_with(&house, &table, &options);
    b = (struct bytes){0};
    for (int i = 0; i < LATER; i++)
        put_large(&b, i, SHOWN);
    int fd = wire_dial(house_port(&house)), size = 256 << 10;
    MUST(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&later.detached, acquire) == LATER);
    for (int i = 0; i < LATER; i++)
        weft_call_finish(later.calls[i], WEFT_OK);
    for (int i = 0; i < LATER; i++)
        drop_reply(fd);
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_never_fits_is_no_overload),
        cmocka_unit_test(what_just_fits_is_not_too_large),
        cmocka_unit_test(calls_share_one_budget),
        cmocka_unit_test(queued_replies_do_not_keep_their_calls),
        cmocka_unit_test(a_queue_counts_what_replies_keep),
        cmocka_unit_test(a_detached_call_is_answered_over_a_full_queue),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
