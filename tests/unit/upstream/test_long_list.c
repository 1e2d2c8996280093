/* SPDX-License-Identifier: MIT */
/* Lists that are so long that other fibers run while one is made. */
#include "pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define LONG 20000u

/* ---- sorting ---- */

struct pair {
    uint32_t key, index;
    uint8_t tail[5]; /* a size that is no power of two */
};

static int
by_key_and_index(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void
fill(struct pair *pairs, uint32_t n, uint32_t n_keys)
{
    memset(pairs, 0, n * sizeof *pairs);
    for (uint32_t i = 0; i < n; i++)
        pairs[i] = (struct pair){.key = i * 7919u % n_keys,
                                 .index = n - i,
                                 .tail = {0, 0, 0, 0, (uint8_t)i}};
}

static void
sorts_as_qsort_does(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1,   2,   127, 128,  129,  255,
                                     256, 257, 384, 1000, 4097, 10000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (uint32_t n_keys = 1; n_keys < 1000; n_keys *= 7) {
            uint32_t n = sizes[k];
            struct wf_turn turn = {0};
            struct pair *ours = calloc(n, sizeof *ours);
            struct pair *theirs = calloc(n, sizeof *theirs);
            MUST(ours && theirs);
            fill(ours, n, n_keys);
            fill(theirs, n, n_keys);
            qsort(theirs, n, sizeof *theirs, by_key_and_index);
            MUST(!wf_sort(ours, n, sizeof *ours, by_key_and_index, &turn));
            assert_memory_equal(ours, theirs, n * sizeof *ours);
            free(ours);
            free(theirs);
        }
}

static void
sorts_nothing(void **state)
{
    (void)state;
    struct wf_turn turn = {0};
    assert_int_equal(wf_sort(NULL, 0, 8, by_key_and_index, &turn), WEFT_OK);
}

/* ---- turns ---- */

static struct {
    const struct weft_upstream_options *upstream;
    bool has_begun, has_ended;
    uint32_t n_others; /* how often another fiber ran meanwhile */
} long_list;

static void
make(void *unused)
{
    static uint32_t weights[LONG];
    (void)unused;
    for (uint32_t i = 0; i < LONG; i++)
        weights[i] = 1 + i % 3;
    long_list.has_begun = true;
    struct weft_client *client = pick_client(long_list.upstream, LONG, weights);
    long_list.has_ended = true;
    weft_client_free(client);
}

static void
other(void *unused)
{
    (void)unused;
    while (!long_list.has_ended) {
        long_list.n_others += long_list.has_begun;
        weft_fiber_yield();
    }
}

/* There is one worker. To sort, to make the endpoints, to put them in turn and
 * to make the table each take more than a turn. */
static void
others_run_while_a_list_is_made(void **state)
{
    (void)state;
    const struct weft_upstream_options by_key = {.balance =
                                                     WEFT_CONSISTENT_HASH};
    const struct weft_runtime_options one = {.workers = 1};
    weft_fiber fibers[2];
    long_list.upstream = &by_key;
    MUST(!weft_runtime_start(&one));
    MUST(!weft_fiber_start(make, NULL, &fibers[0]));
    MUST(!weft_fiber_start(other, NULL, &fibers[1]));
    for (int i = 0; i < 2; i++)
        MUST(!weft_fiber_join(fibers[i]));
    weft_runtime_stop();
    assert_in_range(long_list.n_others, 4, UINT32_MAX);
}

/* ---- what stays ---- */

static const struct wf_snapshot *
list_of(struct weft_client *client)
{
    return wf_load(&wf_upstream_of(client)->list, relaxed);
}

/* Every second endpoint goes, the others stay, whatever the order. */
static void
endpoints_stay_if_their_address_does(void **state)
{
    (void)state;
    enum { N = 1000 };
    static const struct wf_endpoint *before[N];
    static struct weft_endpoint half[N / 2];
    static char names[N / 2][16];
    struct weft_client *client = pick_client(NULL, N, NULL);
    for (uint32_t i = 0; i < N; i++) {
        const struct wf_endpoint *endpoint = list_of(client)->items[i].endpoint;
        before[pick_number(endpoint->client)] = endpoint;
    }
    for (uint32_t i = 0; i < N / 2; i++) {
        snprintf(names[i], sizeof names[i], "s%u:1", N - 2 - 2 * i);
        half[i].address = names[i];
    }
    MUST(!weft_client_set_endpoints(client, half, N / 2));
    assert_int_equal(list_of(client)->n, N / 2);
    for (uint32_t i = 0; i < N / 2; i++) {
        const struct wf_endpoint *endpoint = list_of(client)->items[i].endpoint;
        assert_ptr_equal(endpoint, before[pick_number(endpoint->client)]);
    }
    weft_client_free(client);
}

/* Also if the entry is a URL, whose client has the address HOST:PORT. */
static void
an_endpoint_of_a_url_stays(void **state)
{
    (void)state;
    static const struct weft_endpoint list[] = {{.address = "http://s0:1/b"},
                                                {.address = "http://s0:1/a"}};
    struct weft_client *client;
    struct weft_endpoint_views views;
    struct weft_arena arena;
    if (!WF_HTTP)
        skip();
    MUST(!weft_client_new("list:", NULL, &client));
    MUST(!weft_client_set_endpoints(client, list, 2));
    const struct wf_endpoint *first = list_of(client)->items[0].endpoint;
    MUST(!weft_client_set_endpoints(client, list, 2));
    assert_ptr_equal(list_of(client)->items[0].endpoint, first);
    weft_arena_init(&arena, 0);
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    assert_true(weft_str_eq(views.items[0].address, WEFT_STR("http://s0:1/a")));
    assert_true(weft_str_eq(views.items[1].address, WEFT_STR("http://s0:1/b")));
    weft_arena_fini(&arena);
    weft_client_free(client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_as_qsort_does),
        cmocka_unit_test(sorts_nothing),
        cmocka_unit_test(others_run_while_a_list_is_made),
        cmocka_unit_test(endpoints_stay_if_their_address_does),
        cmocka_unit_test(an_endpoint_of_a_url_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
