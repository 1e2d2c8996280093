/* SPDX-License-Identifier: MIT */
/*
 * Tests the faults that a scenario can ask for. There are an echo server, and a
 * clerk, which calls it and reads the clocks; the plan has faults for both.
 *
 *   1..2 s    the echo is frozen: its kernel accepts, but it answers at 2 s
 *   3..4 s    the link from the echo to the clerk is cut
 *   5..6 s    the echo is killed
 *   7..8 s    the clerk's clocks are fast by 30 %
 *   8.5 s     the clerk's wall clock jumps an hour back
 *   9..10 s   bits of segments are corrupt, in runs that have such faults
 *   10.2 s    a WEFT_MAYBE in the clerk
 */
#include <weft/fiber.h>
#include <weft/net.h>
#include <weft/sim.h>

#include <string.h>

#define MS 1000000u
#define WHILE 30 /* ms: the longest time that an answer takes without a fault */

static weft_sim_host echo, clerk;

/* In the time of the run, because the host's clock may be wrong. */
static void
wait_until(uint64_t ms)
{
    while (weft_sim_now_ns() < ms * MS)
        (void)weft_sleep_ms(1);
}

/* Sleep for 440 ms. The host's clock becomes 30 % faster after 200 ms. */
static void
sleep_while_a_clock_changes(void)
{
    uint64_t began = weft_sim_now_ns(), shown = weft_now_ns();
    (void)weft_sleep_ms(440);
    uint64_t took = weft_sim_now_ns() - began;
    WEFT_SIM_CHECK(took >= 384u * MS && took < (384u + WHILE) * MS);
    WEFT_SIM_CHECK(weft_now_ns() - shown >= 440u * MS);
}

/* ---- the echo ---- */

static void
answer(struct weft_conn *conn, void *user)
{
    const uint8_t *bytes;
    (void)user;
    size_t n = weft_conn_len(conn);
    if (weft_conn_next(conn, n, &bytes) || weft_conn_write(conn, bytes, n) ||
        weft_conn_flush(conn))
        weft_conn_close(conn);
}

static void
be_echo(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_request = answer};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
    weft_sim_wait_for_others();
    (void)weft_listener_stop(listener);
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the clerk ---- */

static struct weft_conn *
dial(void)
{
    struct weft_conn *conn;
    weft_err err = weft_dial_until("echo:7", NULL, weft_after_ms(WHILE), &conn);
    if (err)
        weft_sim_fail("no connection: %s", weft_err_text(err));
    return conn;
}

#define BYTES 64

/* Returns how many of n bytes come back changed; -1: none comes back. */
static int
ask_for(struct weft_conn *conn, size_t n, int64_t ms)
{
    uint8_t sent[BYTES];
    const uint8_t *bytes;
    int wrong = 0;
    memset(sent, 'x', n);
    if (weft_conn_write(conn, sent, n) || weft_conn_flush(conn) ||
        weft_conn_next_until(conn, n, weft_after_ms(ms), &bytes))
        return -1;
    for (size_t i = 0; i < n; i++)
        wrong += bytes[i] != 'x';
    return wrong;
}

static int
ask(struct weft_conn *conn, int64_t ms)
{
    return ask_for(conn, BYTES, ms);
}

static void
meet_a_frozen_host(void)
{
    wait_until(1500);
    struct weft_conn *conn = dial(); /* the kernel of the frozen host accepts */
    WEFT_SIM_CHECK(ask(conn, 1000) == 0);
    uint64_t now = weft_sim_now_ns();
    WEFT_SIM_CHECK(now >= 2000u * MS && now < (2000u + WHILE) * MS);
    weft_conn_close(conn);
}

static void
meet_a_cut(void)
{
    struct weft_conn *conn = dial();
    wait_until(3500);
    WEFT_SIM_CHECK(ask(conn, 300) == -1);
    weft_conn_close(conn);
    wait_until(4500);
    conn = dial();
    WEFT_SIM_CHECK(ask(conn, WHILE) == 0);
    wait_until(5500);
    WEFT_SIM_CHECK(ask(conn, WHILE) == -1); /* the echo was killed */
    weft_conn_close(conn);
}

static void
look_at_clocks(void)
{
    wait_until(6800);
    sleep_while_a_clock_changes();
    wait_until(8100);
    uint64_t began = weft_sim_now_ns();
    (void)weft_sleep_ms(100);
    WEFT_SIM_CHECK(weft_sim_now_ns() - began >= 100u * MS);
    uint64_t wall = weft_sim_wall_ns();
    uint64_t shown = weft_now_ns();
    wait_until(8600);
    WEFT_SIM_CHECK(weft_now_ns() > shown);
    WEFT_SIM_CHECK(weft_sim_wall_ns() < wall - 3598000u * (uint64_t)MS);
}

static void
meet_corrupt_bytes(void)
{
    struct weft_conn *conn = dial();
    WEFT_SIM_CHECK(ask(conn, WHILE) == 0);
    wait_until(9100);
    int wrong = ask(conn, WHILE);
    WEFT_SIM_CHECK(wrong >= 0);
    WEFT_SIM_SOMETIMES("bytes are corrupt", wrong > 0);
    WEFT_SIM_SOMETIMES("bytes are whole among corrupt ones", wrong == 0);
    wait_until(10000);
    WEFT_SIM_CHECK(ask(conn, WHILE) == 0);
    weft_conn_close(conn);
}

static void
misbehave(void)
{
    int times = 0;
    WEFT_SIM_CHECK(!WEFT_MAYBE("the clerk"));
    wait_until(10500);
    for (int i = 0; i < 200; i++)
        times += WEFT_MAYBE("the clerk");
    WEFT_SIM_SOMETIMES("the clerk misbehaves", times > 0 && times < 200);
    WEFT_SIM_SOMETIMES("the clerk behaves", times == 0);
}

/* Returns how long a request of n bytes and its answer take. The request goes
 * over this link. The answer goes over a link with the usual mean of 50 us. */
static uint64_t
ask_over(struct weft_conn *conn, const struct weft_sim_link *link, size_t n)
{
    weft_sim_link_between(clerk, echo, link);
    uint64_t began = weft_sim_now_ns();
    WEFT_SIM_CHECK(ask_for(conn, n, 60000) == 0);
    return weft_sim_now_ns() - began;
}

/* A lost segment is sent again after 200 ms, and may be lost again. One byte is
 * one segment: of many segments, one would be late almost every time. */
static void
lose_segments(struct weft_conn *conn)
{
    const struct weft_sim_link lossy = {.min_ns = 10u * MS,
                                        .mean_ns = 10u * MS,
                                        .loss_ppm = 300000,
                                        .latency = WEFT_SIM_CONSTANT};
    uint32_t late = 0, very_late = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t took = ask_over(conn, &lossy, 1), over = took % (200u * MS);
        WEFT_SIM_CHECK(over >= 10u * MS && over < 12u * MS);
        late += took > 200u * MS;
        very_late += took > 400u * MS;
    }
    WEFT_SIM_CHECK(late > 0 && late < 100 && very_late < late);
    WEFT_SIM_SOMETIMES("a segment is lost twice", very_late > 0);
}

static void
try_links(void)
{
    struct weft_sim_link link = {.min_ns = 10u * MS, .mean_ns = 20u * MS};
    struct weft_conn *conn = dial();
    uint64_t longest = 0;
    for (int i = 0; i < 20; i++) {
        link.latency = WEFT_SIM_CONSTANT;
        uint64_t took = ask_over(conn, &link, BYTES);
        WEFT_SIM_CHECK(took >= 20u * MS && took < 22u * MS);
        link.latency = WEFT_SIM_UNIFORM;
        took = ask_over(conn, &link, BYTES);
        WEFT_SIM_CHECK(took >= 10u * MS && took < 32u * MS);
        link.latency = WEFT_SIM_TAILED;
        took = ask_over(conn, &link, BYTES);
        WEFT_SIM_CHECK(took >= 10u * MS);
        longest = took > longest ? took : longest;
    }
    WEFT_SIM_SOMETIMES("a latency of the tail", longest > 200u * MS);
    WEFT_SIM_SOMETIMES("no latency of the tail", longest < 80u * MS);
    /* 64 bytes take 64 ms, however many segments they are cut into */
    link = (struct weft_sim_link){.bytes_per_s = 1000};
    uint64_t took = ask_over(conn, &link, BYTES);
    WEFT_SIM_CHECK(took >= 64u * MS && took < 68u * MS);
    lose_segments(conn);
    weft_sim_link(&(struct weft_sim_link){0});
    WEFT_SIM_CHECK(ask(conn, WHILE) == 0); /* the lossy link is replaced */
    weft_conn_close(conn);
}

/* Short sleeps of one thread. It may stand still for up to 32 ms, and only a
 * few times in a row. */
static void
stand_still(void)
{
    uint64_t longest = 0;
    weft_sim_faults(WEFT_SIM_STALL);
    for (int i = 0; i < 2000; i++) {
        uint64_t began = weft_sim_now_ns();
        (void)weft_sleep_until(weft_now_ns() + 1000);
        uint64_t took = weft_sim_now_ns() - began;
        longest = took > longest ? took : longest;
    }
    weft_sim_faults(0);
    WEFT_SIM_CHECK(longest < 200u * MS);
    WEFT_SIM_SOMETIMES("a thread stands still", longest > 5u * MS);
    WEFT_SIM_SOMETIMES("no thread stands still", longest < MS);
}

static void
be_clerk(void *arg)
{
    (void)arg;
    meet_a_frozen_host();
    meet_a_cut();
    look_at_clocks();
    meet_corrupt_bytes();
    misbehave();
    try_links();
    stand_still();
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the watch: a fiber sleeps in another way than a thread ---- */

static void
sleep_as_fiber(void *arg)
{
    (void)arg;
    (void)weft_sleep_ms(800);
    sleep_while_a_clock_changes();
}

static void
be_watch(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_request = answer};
    struct weft_listener *listener; /* because of it workers wait in epoll */
    weft_fiber fiber;
    (void)arg;
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
    WEFT_SIM_CHECK(!weft_fiber_start(sleep_as_fiber, NULL, &fiber));
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    echo = weft_sim_host_new("echo", be_echo, NULL);
    clerk = weft_sim_host_new("clerk", be_clerk, NULL);
    weft_sim_host_new("watch", be_watch, NULL);
    weft_sim_plan("drift watch 300000ppm at 1 s; freeze echo at 1 s for 1 s; "
                  "cut echo -> clerk at 3 s for 1s;"
                  "kill echo at %d ms for 1 s; drift clerk 300000 ppm at 7 s "
                  "for 1 s;\n"
                  "jump clerk -3600s at 8500 ms; "
                  "faults corrupt at 9 s for 500 ms; faults maybe at 10200 ms",
                  5000);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "faults",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
