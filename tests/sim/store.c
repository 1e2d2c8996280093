/* SPDX-License-Identifier: MIT */
/*
 * A store of numbers that appends each number to a file before it answers. The
 * power fails in between. If the store syncs before it answers, no answered
 * number is ever lost. Without the sync (STORE=hasty in the environment) some
 * runs lose one. A store whose process is only killed loses none.
 *
 * With STORE=careful the power fails by chance, and by chance the disk is full
 * or fails. After a failed sync the store writes the number again. With
 * STORE=trusting it only syncs again, and some runs lose a number.
 * tests/sim/kept runs all of these.
 */
#include <weft/fiber.h>
#include <weft/os.h>
#include <weft/sim.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 5
#define NUMBERS 20

static bool is_hasty, is_killed, is_trusting, by_chance;
static weft_sim_host store;
static uint64_t answered; /* all numbers from 1 to this were answered */
static bool is_up, is_over;
static uint32_t starts;

/* A record is a number and its complement, so that half a record is not
 * valid. */
struct record {
    uint64_t number, check;
};

static uint64_t
recover(int fd)
{
    struct record r;
    uint64_t last = 0;
    size_t got;
    for (int64_t at = 0;; at += (int64_t)sizeof r) {
        weft_err err;
        while ((err = weft_file_pread(fd, &r, sizeof r, at, &got)) == -EIO)
            ;
        if (err)
            return last;
        if (got < sizeof r || (r.number && r.check != ~r.number))
            weft_sim_note("half a record");
        if (got < sizeof r || r.check != ~r.number)
            return last;
        WEFT_SIM_CHECK(r.number == last + 1);
        last = r.number;
    }
}

static void
append(int fd, uint64_t number)
{
    const struct record r = {number, ~number};
    int64_t at = (int64_t)((number - 1) * sizeof r);
    bool writes = true;
    for (;;) {
        weft_err err = WEFT_OK;
        if (writes)
            err = weft_file_pwrite(fd, &r, sizeof r, at, NULL);
        writes = !is_trusting || err;
        if (!err && !is_hasty)
            err = weft_file_sync(fd);
        WEFT_SIM_CHECK(!err || by_chance);
        if (!err)
            return;
    }
}

/* Write numbers: NUMBERS of them, or until the run is over. */
static void
work(void *arg)
{
    int fd;
    weft_err err;
    (void)arg;
    while ((err = weft_file_open("/var/numbers", O_RDWR | O_CREAT, 0600, &fd)))
        WEFT_SIM_CHECK(err == -ENOSPC && by_chance);
    uint64_t last = recover(fd);
    if (last < answered)
        weft_sim_fail("%lu numbers were answered, and %lu are left",
                      (unsigned long)answered, (unsigned long)last);
    is_up = true;
    for (int i = 0; by_chance ? !is_over : i < NUMBERS; i++) {
        append(fd, ++last);
        answered = last;
        (void)weft_sleep_ms((int64_t)weft_sim_random(3));
    }
    WEFT_SIM_CHECK(!close(fd));
}

/* By chance, only a host that waits for the others loses power. */
static void
serve(void *arg)
{
    weft_fiber fiber;
    starts++;
    WEFT_SIM_CHECK(!weft_runtime_start(NULL));
    WEFT_SIM_CHECK(!weft_fiber_start(work, arg, &fiber));
    if (by_chance) {
        weft_sim_wait_for_others();
        is_over = true;
    }
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
pull_the_plug(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        (void)weft_sleep_ms((int64_t)weft_sim_random(30));
        if (is_killed)
            weft_sim_kill(store);
        else
            weft_sim_power_off(store);
        is_up = false;
        weft_sim_restart(store);
    }
    while (!is_up)
        (void)weft_sleep_ms(1);
}

static void
let_it_fail(void *arg)
{
    (void)arg;
    weft_sim_faults(WEFT_SIM_DISK_FULL | WEFT_SIM_DISK_ERROR |
                    WEFT_SIM_POWER_OFF);
    (void)weft_sleep_ms(3000);
    weft_sim_faults(0);
    (void)weft_sleep_ms(1001); /* by then the store has power again */
    weft_sim_power_off(store); /* all answered numbers must be on the disk */
    weft_sim_restart(store);
    (void)weft_sleep_ms(100);
    WEFT_SIM_SOMETIMES("the power goes by chance", starts > 2);
}

static void
set_up(void)
{
    store = weft_sim_host_new("store", serve, NULL);
    weft_sim_host_new("plug", by_chance ? let_it_fail : pull_the_plug, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "store",
                                                      .set_up = set_up};
    const char *how = getenv("STORE");
    how = how ? how : "";
    is_killed = strcmp(how, "killed") == 0;
    is_hasty = strcmp(how, "hasty") == 0 || is_killed;
    is_trusting = strcmp(how, "trusting") == 0;
    by_chance = strcmp(how, "careful") == 0 || is_trusting;
    return weft_sim_main(argc, argv, &scenario);
}
