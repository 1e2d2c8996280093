/* SPDX-License-Identifier: MIT */
/*
 * What a call costs in system calls, allocations and copied bytes. Counts
 * do not depend on how fast the machine is. One worker serves, and a plain
 * thread calls over a plain socket, so all counted calls are the server's.
 */
#include "echo_calls.h"
#include "shim.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define CALLS 1000
#define LARGE (4u << 20)

static struct echo_place place;
static size_t read_in_place; /* bytes of a large text */

/* Count the bytes of the text that reads put in place, and let the shim count
 * those that are sent from there. */
static weft_err
watched_echo(struct weft_call *call, const struct trial_echo_args *args,
             struct trial_echo_result *result)
{
    (void)call;
    struct weft_str text = args->item.text;
    if (text.len == LARGE) {
        read_in_place = shim_read_into(text.ptr, text.len);
        shim_watch(text.ptr, text.len);
    }
    result->success = args->item;
    return WEFT_OK;
}

static int
open_place(void **state)
{
    (void)state;
    alarm(500);
    shim_install();
    echo_open(&place, watched_echo);
    return 0;
}

static int
close_place(void **state)
{
    (void)state;
    echo_close(&place);
    return 0;
}

static uint64_t
reads(void)
{
    return shim_count(SHIM_recv) + shim_count(SHIM_readv);
}

static uint64_t
sends(void)
{
    return shim_count(SHIM_send) + shim_count(SHIM_sendmsg);
}

static uint64_t
polls(void)
{
    return shim_count(SHIM_epoll_wait) + shim_count(SHIM_epoll_pwait2);
}

/* Calls for which the kernel has to set a timer. */
static uint64_t
time_outs(void)
{
    return shim_count(SHIM_epoll_pwait2) + shim_count(SHIM_timerfd_settime);
}

static uint64_t
allocations(void)
{
    return shim_count(SHIM_malloc) + shim_count(SHIM_mmap);
}

/* All but polls, because a busy worker polls at fixed times, however many calls
 * it serves. */
static uint64_t
all_but_polls(void)
{
    uint64_t n = 0;
    for (int i = 0; i < SHIM_mmap; i++)
        n += shim_count((enum shim_call)i);
    return n - polls();
}

static const struct count {
    const char *what;
    uint64_t (*read)(void);
} counts[] = {{"reads", reads},
              {"sends", sends},
              {"polls", polls},
              {"timers of the kernel", time_outs},
              {"allocations", allocations},
              {"system calls but for polls", all_but_polls}};

#define N_COUNTS (sizeof counts / sizeof *counts)

/* What timers may cost in addition while the calls take `ns`: those of the
 * server and of its worker fire a few times a second. Each may need two polls,
 * and a read of the alarm. */
static uint64_t
timers_within(uint64_t ns, const struct count *count)
{
    bool is_of_timers = count->read == polls || count->read == time_outs ||
                        count->read == all_but_polls;
    return is_of_timers ? ns / 50000000u : 0;
}

/* Make rounds x at_once calls; each count stays within its bound, in
 * thousandths of a call. Under ASan blocks are not reused, so allocations are
 * not bounded. */
static void
hold(void (*make_calls)(struct echo_place *place, int rounds, int at_once),
     int rounds, int at_once, const uint64_t bounds[N_COUNTS])
{
    uint64_t before[N_COUNTS], n_calls = (uint64_t)(rounds * at_once);
    make_calls(&place, rounds, at_once);
    uint64_t begin_ns = weft_now_ns();
    for (size_t i = 0; i < N_COUNTS; i++)
        before[i] = counts[i].read();
    make_calls(&place, rounds, at_once);
    uint64_t passed_ns = weft_now_ns() - begin_ns;
    for (size_t i = 0; i < N_COUNTS; i++) {
        uint64_t n = counts[i].read() - before[i];
        uint64_t most =
            bounds[i] * n_calls / 1000 + timers_within(passed_ns, &counts[i]);
        print_message("%d x %d calls: %" PRIu64 " %s, at most %" PRIu64 "\n",
                      rounds, at_once, n, counts[i].what, most);
        if (!WF_ASAN || counts[i].read != allocations)
            assert_in_range(n, 0, most);
    }
}

/*
 * The least that a call can cost: one read of the whole request, one send, and
 * one poll that waits for the next call. The one allocation is the node of the
 * write queue. The bound for timers is small: a deadline that is far off must
 * not cost a call a timer of the kernel.
 */
static void
one_call_at_a_time(void **state)
{
    (void)state;
    static const uint64_t bounds[N_COUNTS] = {1010, 1010, 1100, 20, 1010, 2050};
    hold(wire_calls, CALLS, 1, bounds);
}

/* 64 calls take two reads, because the first one reads at most 64 KiB, and one
 * send for all replies. The bounds are twice these numbers, because the kernel
 * may deliver the bytes in parts. A busy worker also polls every 100 us,
 * however many calls it serves, so polls have a wide bound. */
static void
sixty_four_at_once(void **state)
{
    (void)state;
    static const uint64_t bounds[N_COUNTS] = {63, 63, 1000, 20, 63, 127};
    hold(wire_calls, CALLS / 10, 64, bounds);
}

/* The same with a client of 64 fibers on the same worker, so both ends are
 * counted. The calls of all fibers that can run leave with one send, each as a
 * node of the write queue. A worker that is slow polls at every eighth switch,
 * so the bounds leave room for groups of eight at each end. */
static void
sixty_four_fibers(void **state)
{
    (void)state;
    static const uint64_t bounds[N_COUNTS] = {260, 260, 1000, 20, 1150, 530};
    hold(fiber_calls, CALLS / 10, 64, bounds);
}

/* The same with one fiber that has 64 calls in flight: what it begins while it
 * takes calls that have ended leaves with one send. The first 64 leave
 * one by one. */
static void
sixty_four_begun(void **state)
{
    (void)state;
    static const uint64_t bounds[N_COUNTS] = {260, 260, 1000, 20, 1150, 530};
    hold(begun_calls, CALLS / 10, 64, bounds);
}

/* The text is read into the memory that the handler sees, and sent from there.
 * Only bytes that arrive before the size of the text is known are copied: one
 * or two reads of 64 KiB. */
static void
a_large_text_is_not_copied(void **state)
{
    (void)state;
    struct bytes b = {0};
    uint8_t *reply = malloc(LARGE + 256), head[4];
    put_echo(&b, 9, LARGE);
    MUST(reply && wire_send(place.fd, b.ptr, b.len));
    MUST(wire_recv(place.fd, head, 4));
    size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    assert_in_range(len, LARGE, LARGE + 256);
    MUST(wire_recv(place.fd, reply, len));
    /* The shim counts after the send, so this thread may have the reply before
     * that. */
    AWAIT(shim_sent_from_watched() == LARGE);
    print_message("read in place: %zu, sent from there: %zu of %u\n",
                  read_in_place, shim_sent_from_watched(), LARGE);
    assert_in_range(read_in_place, LARGE - 131072, LARGE);
    assert_int_equal(shim_sent_from_watched(), LARGE);
    free(reply);
    bytes_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call_at_a_time),
        cmocka_unit_test(sixty_four_at_once),
        cmocka_unit_test(sixty_four_fibers),
        cmocka_unit_test(sixty_four_begun),
        cmocka_unit_test(a_large_text_is_not_copied),
    };
    return cmocka_run_group_tests(tests, open_place, close_place);
}
