/* SPDX-License-Identifier: MIT */
/*
 * What a call costs in system calls, allocations and copied bytes: counts, which
 * do not depend on the mood of the machine. One worker serves, one plain thread
 * calls by hand, so that all that the seam sees is the server's.
 */
#include "shim.h"
#include "trial_server.h"
#include "wire.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define TEXT_SIZE 1024
#define CALLS 1000
#define LARGE (4u << 20)

static struct {
    struct trial trial;
    struct weft_server *server;
    struct weft_client *client;
    struct weft_str text;
    int fd;
    struct bytes call; /* one framed echo */
    /* of a large text: */
    size_t read_in_place, copied;
} place;

/* Where the reads have put the text, and that it leaves from there. */
static weft_err
watched_echo(struct weft_call *call, const struct trial_Trial_echo_args *args,
             struct trial_Trial_echo_result *result)
{
    (void)call;
    struct weft_str text = args->item.text;
    if (text.len == LARGE) {
        place.read_in_place = shim_read_into(text.ptr, text.len);
        shim_watch(text.ptr, text.len);
    }
    result->success = args->item;
    return WEFT_OK;
}

static void
put_text(struct bytes *b, uint8_t fill, size_t len)
{
    char *text = malloc(len);
    MUST(text);
    memset(text, fill, len);
    put8(b, WEFT_STRING);
    put16(b, 3);
    put32(b, (uint32_t)len);
    put(b, text, len);
    free(text);
}

static void
put_echo(struct bytes *b, int32_t seqid, size_t len)
{
    size_t from = frame_begin(b);
    put_head(b, WEFT_CALL, "echo", seqid);
    put8(b, WEFT_STRUCT);
    put16(b, 1);
    put_text(b, 'x', len);
    put8(b, 0);
    put8(b, 0);
    frame_end(b, from);
}

static int
open_place(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 1};
    static struct trial_Trial_service served;
    static char text[TEXT_SIZE], address[32];
    alarm(100);
    shim_install();
    served = trial_table;
    served.echo = watched_echo;
    place.text = (struct weft_str){text, sizeof text};
    MUST(!weft_start(&options));
    place.server = weft_server_new(NULL);
    MUST(place.server);
    MUST(!trial_Trial_register(place.server, "Trial", &served, &place.trial));
    MUST(!weft_server_listen(place.server, "127.0.0.1:0"));
    MUST(!weft_server_start(place.server));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_server_port(place.server));
    MUST(!weft_client_new(address, NULL, &place.client));
    place.fd = wire_dial(weft_server_port(place.server));
    put_echo(&place.call, 7, TEXT_SIZE);
    return 0;
}

static int
close_place(void **state)
{
    (void)state;
    close(place.fd);
    weft_client_free(place.client);
    bytes_free(&place.call);
    MUST(!weft_server_stop(place.server, weft_after_ms(LONG_MS)));
    weft_server_free(place.server);
    return weft_stop();
}

/* A reply is as long as its call plus: field 0 for 1, numbers that are there. */
static void
take_replies(int n)
{
    static uint8_t reply[TEXT_SIZE + 256];
    for (int i = 0; i < n; i++) {
        uint8_t head[4];
        MUST(wire_recv(place.fd, head, 4));
        size_t len = (size_t)head[2] << 8 | head[3];
        MUST(!head[0] && !head[1] && len < sizeof reply && len > TEXT_SIZE);
        MUST(wire_recv(place.fd, reply, len));
        MUST(reply[3] == WEFT_REPLY && memchr(reply, 'x', len));
    }
}

static void
wire_calls(int rounds, int at_once)
{
    struct bytes b = {0};
    for (int i = 0; i < at_once; i++)
        put(&b, place.call.ptr, place.call.len);
    for (int i = 0; i < rounds; i++) {
        MUST(wire_send(place.fd, b.ptr, b.len));
        take_replies(at_once);
    }
    bytes_free(&b);
}

static void
call_often(void *rounds)
{
    struct weft_arena arena;
    struct trial_Trial_echo_args args = {.item.text = place.text};
    struct trial_Trial_echo_result result;
    weft_arena_init(&arena, 0);
    for (int i = 0; i < *(const int *)rounds; i++) {
        MUST(!trial_Trial_echo(place.client, &arena, &args, &result, NULL));
        MUST(weft_str_eq(result.success.text, place.text));
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

static void
fiber_calls(int rounds, int at_once)
{
    weft_fiber fibers[64];
    MUST(at_once <= 64);
    for (int i = 0; i < at_once; i++)
        MUST(!weft_fiber_start(&fibers[i], call_often, &rounds));
    for (int i = 0; i < at_once; i++)
        MUST(!weft_fiber_join(fibers[i]));
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

static uint64_t
allocations(void)
{
    return shim_count(SHIM_malloc) + shim_count(SHIM_mmap);
}

static uint64_t
everything(void)
{
    uint64_t n = 0;
    for (int i = 0; i < SHIM_malloc; i++)
        n += shim_count((enum shim_call)i);
    return n;
}

static const struct count {
    const char *what;
    uint64_t (*read)(void);
} counts[] = {{"reads", reads},
              {"sends", sends},
              {"polls", polls},
              {"allocations", allocations},
              {"everything", everything}};

#define N_COUNTS (sizeof counts / sizeof *counts)

/* Each count of so many calls stays within its bound, in thousandths a call.
 * Under ASan blocks are not kept for the next one, so as to see each use. */
static void
hold(void (*make_calls)(int rounds, int at_once), int rounds, int at_once,
     const uint64_t bounds[N_COUNTS])
{
    uint64_t before[N_COUNTS], n_calls = (uint64_t)(rounds * at_once);
    make_calls(rounds, at_once);
    for (size_t i = 0; i < N_COUNTS; i++)
        before[i] = counts[i].read();
    make_calls(rounds, at_once);
    for (size_t i = 0; i < N_COUNTS; i++) {
        uint64_t n = counts[i].read() - before[i];
        print_message("%d x %d calls: %" PRIu64 " %s, at most %" PRIu64 "\n",
                      rounds, at_once, n, counts[i].what,
                      bounds[i] * n_calls / 1000);
        if (!WF_ASAN || counts[i].read != allocations)
            assert_in_range(n, 0, bounds[i] * n_calls / 1000);
    }
}

/*
 * The least there is: one read that has it all, one send, one poll that waits
 * for the next. The node of the write queue is what is allocated. The rest is
 * for a timer that ends a poll.
 */
static void
one_call_at_a_time(void **state)
{
    (void)state;
    static const uint64_t bounds[N_COUNTS] = {1010, 1010, 1100, 1010, 3150};
    hold(wire_calls, CALLS, 1, bounds);
}

/*
 * 64 calls are two reads, since a first one takes 64 KiB, and one send of all
 * replies. Twice that is for a kernel that hands them over in parts.
 */
static void
sixty_four_at_once(void **state)
{
    (void)state;
    static const uint64_t bounds[N_COUNTS] = {63, 63, 63, 63, 190};
    hold(wire_calls, CALLS / 10, 64, bounds);
}

/*
 * The same, with a client of 64 fibers on the same worker: what both ends do,
 * and four times that, as the fibers fall into groups. The calls of all that
 * can run leave with one send, each as a node of the write queue.
 */
static void
sixty_four_fibers(void **state)
{
    (void)state;
    static const uint64_t bounds[N_COUNTS] = {130, 130, 130, 1150, 400};
    hold(fiber_calls, CALLS / 10, 64, bounds);
}

/* It is read to where the handler sees it, and sent from there. */
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
    print_message("read in place: %zu, sent from there: %zu of %u\n",
                  place.read_in_place, shim_sent_from_watched(), LARGE);
    assert_in_range(place.read_in_place, LARGE - 65536, LARGE);
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
        cmocka_unit_test(a_large_text_is_not_copied),
    };
    return cmocka_run_group_tests(tests, open_place, close_place);
}
