/* SPDX-License-Identifier: MIT */
/* No fiber is free: connections end nevertheless, and their hooks are
 * called. */
#include "conn_test.h"

#define FIBERS 8
#define CLIENTS 5

static struct weft_sem may_end;
static weft_fiber sleepers[FIBERS];
static uint32_t n_sleepers;

static void
sleep_till_told(void *unused)
{
    (void)unused;
    MUST(!weft_sem_take(&may_end));
}

static void
take_all_fibers(void)
{
    n_sleepers = 0;
    while (!weft_fiber_start(sleep_till_told, NULL, &sleepers[n_sleepers]))
        n_sleepers++;
    assert_true(n_sleepers > 0);
}

static void
give_fibers_back(void)
{
    weft_sem_give(&may_end, n_sleepers);
    for (uint32_t i = 0; i < n_sleepers; i++)
        MUST(!weft_fiber_join(sleepers[i]));
}

/* An old connection gets a byte and new connections come, while no fiber is
 * free. */
static void
connections_without_fibers(void **state)
{
    (void)state;
    int fds[CLIENTS];
    weft_log_set_level(WEFT_LOG_NONE);
    listen_with(take_everything, NULL);
    int old = dial_plain();
    AWAIT(wf_load(&place.connects, acquire) == 1);
    take_all_fibers();
    MUST(wire_send(old, "x", 1));
    assert_true(wire_ends(old));
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_EFIBERS);
    assert_int_equal(wf_load(&place.requests, relaxed), 0);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = dial_plain();
    for (int i = 0; i < CLIENTS; i++)
        assert_true(wire_ends(fds[i]));
    AWAIT(wf_load(&place.closes, acquire) == 1 + CLIENTS);
    give_fibers_back();
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    close(old);
    stop_after(1 + CLIENTS);
    weft_log_set_level(WEFT_LOG_WARN);
}

static bool
listens(struct weft_listener **l)
{
    return *l || !weft_listen("127.0.0.1:0", &hooks, NULL, NULL, l);
}

/* A stop calls the hooks although no fiber is free for them. */
static void
a_stop_without_fibers(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    listen_with(take_everything, NULL);
    int fd = dial_plain();
    AWAIT(wf_load(&place.connects, acquire) == 1);
    take_all_fibers();
    weft_listener_free(place.listener);
    assert_int_equal(wf_load(&place.closes, acquire), 1);
    assert_true(wire_ends(fd));
    struct weft_listener *l = NULL;
    /* Repeat until the old listener's fibers have ended, so that fibers are
     * free. */
    AWAIT(listens(&l));
    weft_listener_free(l);
    give_fibers_back();
    close(fd);
    weft_log_set_level(WEFT_LOG_WARN);
}

static int
start_small(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2, .max_fibers = FIBERS};
    alarm(300);
    return weft_runtime_start(&options);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_without_fibers),
        cmocka_unit_test(a_stop_without_fibers),
    };
    return cmocka_run_group_tests(tests, start_small, stop);
}
