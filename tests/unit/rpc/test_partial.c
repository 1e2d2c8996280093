/* SPDX-License-Identifier: MIT */
/* How much memory a connection holds while it waits for the rest of a message,
 * or for a first one: little, whatever else its worker has read meanwhile. The
 * test counts with an allocator of its own, and counts the blocks that are
 * mappings. */
#include "rpc_test.h"

#include <stdlib.h>
#include <sys/resource.h>

#define N 1000u
#define HEAD 16u /* bytes before each allocation, for its size */

/* bytes that the caches of a worker may keep besides */
#define SLACK ((size_t)512 << 10)

static _Atomic size_t live;
static struct house house;
static int fds[N];

static void *
take(size_t size, void *user)
{
    (void)user;
    char *ptr = malloc(size + HEAD);
    if (!ptr)
        return NULL;
    memcpy(ptr, &size, sizeof size);
    wf_add(&live, size, relaxed);
    return ptr + HEAD;
}

static void
give(void *ptr, void *user)
{
    (void)user;
    size_t size;
    char *from = (char *)ptr - HEAD;
    memcpy(&size, from, sizeof size);
    wf_sub(&live, size, relaxed);
    free(from);
}

static size_t
held(void)
{
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    size_t mapped = WF_ASAN ? 0 : stats.blocks[WF_BLOCK_64K] * (64 << 10);
    return wf_load(&live, relaxed) + mapped;
}

/* A message that fills the worker's read block, so that what comes next lies in
 * another one. */
static void
fill_a_block(void)
{
    static char text[17000];
    struct weft_arena arena;
    struct trial_echo_args args = {.item.text = {text, (uint32_t)sizeof text}};
    struct trial_echo_result result;
    weft_arena_init(&arena, 0);
    MUST(!trial_Trial_echo(house.client, &arena, &args, &result, NULL));
    weft_arena_fini(&arena);
}

/* ---- waiting until the server has read all ---- */

static void
count_partial(struct wf_sock *s, void *arg)
{
    const struct wf_server_conn *conn = s->owner;
    *(uint32_t *)arg += wf_load(&conn->begun_ns, relaxed) != 0 &&
                        wf_load(&s->events, acquire) == 0;
}

static uint32_t
n_partial(void)
{
    uint32_t n = 0;
    wf_conns_each(&house.server->conns, count_partial, &n);
    return n;
}

/* ---- the test ---- */

/* Each connection first sends `whole` and gets a response to it, unless `whole`
 * is empty; then it sends `part`. Returns the bytes that each connection then
 * holds. */
static size_t
held_by_each(struct weft_str whole, struct weft_str part)
{
    /* However long the test takes, the server ends no connection. */
    static const struct weft_server_options patient = {
        .read_timeout_ms = WEFT_NONE, .idle_timeout_ms = WEFT_NONE};
    char response[4096];
    house_open(&house, NULL, &patient, NULL);
    for (int i = 0; i < 8; i++)
        fill_a_block();
    size_t before = held();
    for (uint32_t i = 0; i < N; i++) {
        fds[i] = wire_dial(house_port(&house));
        if (whole.len > 0) {
            MUST(wire_send(fds[i], whole.ptr, whole.len));
            MUST(wire_some(fds[i], response, sizeof response) > 0);
        }
        if (part.len > 0) {
            MUST(wire_send(fds[i], part.ptr, part.len));
            AWAIT(n_partial() == i + 1);
        }
        fill_a_block();
    }
    size_t after = held();
    for (uint32_t i = 0; i < N; i++)
        close(fds[i]);
    house_close(&house);
    return after > before + SLACK ? (after - before - SLACK) / N : 0;
}

#define NONE ((struct weft_str){NULL, 0})

/* A connection keeps the server's struct for it, a block of 512 bytes, and a
 * slice. */
static void
two_bytes_of_a_frame(void **state)
{
    (void)state;
    assert_in_range(held_by_each(NONE, WEFT_STR("\0\0")), 0, 1500);
}

static void
a_part_of_a_frame(void **state)
{
    (void)state;
    assert_in_range(
        held_by_each(NONE, WEFT_STR("\0\0\1\0\x80\1\0\1\0\0\0\4gate")), 0,
        1500);
}

static void
a_stream_that_has_begun(void **state)
{
    (void)state;
#if !WF_ZLIB
    skip();
#endif
    assert_in_range(held_by_each(NONE, WEFT_STR("\x78\x9c")), 0, 2000);
}

/* zlib's state takes 7 KiB. Its window, whose size the peer chooses, is
 * allocated when the first byte is inflated. */
static void
a_part_of_a_stream(void **state)
{
    (void)state;
#if !WF_ZLIB
    skip();
#endif
    assert_in_range(held_by_each(NONE, WEFT_STR("\x78\x9c\x62")), 0, 11000);
}

#define LINES "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: "

static void
http_between_two_requests(void **state)
{
    struct bytes b = {0}, call = {0};
    char head[100];
    (void)state;
#if !WF_HTTP
    skip();
#endif
    put_add(&call, false, 1, 40, 2);
    int len = snprintf(head, sizeof head, LINES "%zu\r\n\r\n", call.len);
    put(&b, head, (size_t)len);
    put(&b, call.ptr, call.len);
    struct weft_str request = {(char *)b.ptr, (uint32_t)b.len};
    assert_in_range(held_by_each(request, NONE), 0, 1500);
    bytes_free(&b);
    bytes_free(&call);
}

static void
a_part_of_a_request(void **state)
{
    (void)state;
#if !WF_HTTP
    skip();
#endif
    assert_in_range(held_by_each(NONE, WEFT_STR("POST / HT")), 0, 1500);
    assert_in_range(held_by_each(NONE, WEFT_STR(LINES "30\r\n\r\n\x80\1")), 0,
                    2500);
}

/* Raise the limit of descriptors, because both ends of all connections are in
 * this process. */
static bool
raise_limit(void)
{
    struct rlimit files;
    MUST(!getrlimit(RLIMIT_NOFILE, &files));
    files.rlim_cur = files.rlim_max;
    return !setrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur >= 2 * N + 100;
}

static int
start_one(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 1};
    alarm(500);
    return weft_runtime_start(&options);
}

int
main(void)
{
    static const struct weft_allocator counting = {take, give, NULL};
    MUST(!weft_set_allocator(&counting));
    if (!raise_limit())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_bytes_of_a_frame),
        cmocka_unit_test(a_part_of_a_frame),
        cmocka_unit_test(a_stream_that_has_begun),
        cmocka_unit_test(a_part_of_a_stream),
        cmocka_unit_test(http_between_two_requests),
        cmocka_unit_test(a_part_of_a_request),
    };
    return cmocka_run_group_tests(tests, start_one, stop_workers);
}
