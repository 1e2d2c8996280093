/* SPDX-License-Identifier: MIT */
/*
 * Each function by which a scenario harms the disk or the clocks of a host:
 * what it does, that it ends, and that other hosts are not affected. In other
 * scenarios these faults come from a plan, or by chance.
 */
#include "base/base.h"

#include <weft/fiber.h>
#include <weft/sim.h>

#include <errno.h>

#define SECOND 1000000000u
#define HOUR_NS INT64_C(3600000000000)
#define PIECE 4096 /* more than fits on a full disk */

static weft_sim_host hurt, well;
static uint32_t n_ended;

/* ---- disks ---- */

/* Append a piece to a file of this host. Returns the number of bytes, or the
 * error. */
static int64_t
add_piece(int fd)
{
    static const char piece[PIECE];
    struct stat st;
    WEFT_SIM_CHECK(!wf_sys_fstat(fd, &st));
    return wf_sys_pwrite(fd, piece, sizeof piece, st.st_size);
}

static void
hurt_disk(int fd)
{
    weft_sim_disk_full(well, true);
    WEFT_SIM_CHECK(add_piece(fd) == PIECE);
    weft_sim_disk_full(well, false);
    weft_sim_disk_full(hurt, true);
    int64_t put = add_piece(fd);
    WEFT_SIM_CHECK(put == -ENOSPC || (put > 0 && put < PIECE));
    WEFT_SIM_CHECK(add_piece(fd) == -ENOSPC);
    weft_sim_disk_full(hurt, false);
    WEFT_SIM_CHECK(add_piece(fd) == PIECE);

    weft_sim_disk_error(well, true);
    WEFT_SIM_CHECK(!wf_sys_fsync(fd));
    weft_sim_disk_error(well, false);
    weft_sim_disk_error(hurt, true);
    WEFT_SIM_CHECK(add_piece(fd) == -EIO && wf_sys_fsync(fd) == -EIO);
    weft_sim_disk_error(hurt, false);
    WEFT_SIM_CHECK(add_piece(fd) == PIECE && !wf_sys_fsync(fd));
}

/* ---- clocks ---- */

/* Wait for some time of this host's clock. Returns how many ms of the run pass
 * in a second of this clock. */
static uint64_t
run_per_mille(void)
{
    uint64_t shown = weft_now_ns(), run = weft_sim_now_ns();
    const struct timespec t = wf_timespec_of(10ull * SECOND);
    WEFT_SIM_CHECK(!wf_sys_nanosleep(&t));
    return (weft_sim_now_ns() - run) * 1000 / (weft_now_ns() - shown);
}

static bool
is_near(uint64_t value, uint64_t wanted)
{
    return value + 2 > wanted && value < wanted + 2;
}

static void
hurt_clocks(void)
{
    weft_sim_drift(well, 250000);
    WEFT_SIM_CHECK(is_near(run_per_mille(), 1000));
    weft_sim_drift(hurt, -500000);
    WEFT_SIM_CHECK(is_near(run_per_mille(), 2000));
    weft_sim_drift(hurt, 250000);
    WEFT_SIM_CHECK(is_near(run_per_mille(), 800));
    weft_sim_drift(hurt, 0);
    WEFT_SIM_CHECK(is_near(run_per_mille(), 1000));
}

/* How far the wall clock is ahead of the monotonic clock. */
static int64_t
offset_ns(void)
{
    return (int64_t)(weft_sim_wall_ns() - weft_now_ns());
}

static bool
has_moved(int64_t before, int64_t by_ns)
{
    int64_t off = offset_ns() - before - by_ns;
    return off > -(int64_t)SECOND && off < (int64_t)SECOND;
}

static void
jump(void)
{
    int64_t before = offset_ns();
    uint64_t run = weft_sim_now_ns();
    weft_sim_jump(well, HOUR_NS);
    WEFT_SIM_CHECK(has_moved(before, 0));
    weft_sim_jump(hurt, 3 * HOUR_NS);
    WEFT_SIM_CHECK(has_moved(before, 3 * HOUR_NS));
    weft_sim_jump(hurt, -4 * HOUR_NS);
    WEFT_SIM_CHECK(has_moved(before, -HOUR_NS));
    WEFT_SIM_CHECK(weft_sim_now_ns() - run < SECOND);
}

/* ---- the hosts ---- */

static void
be_hurt(void *arg)
{
    int fd = wf_sys_open("file", O_CREAT | O_RDWR, 0600);
    (void)arg;
    WEFT_SIM_CHECK(fd >= 0);
    hurt_disk(fd);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
    hurt_clocks();
    jump();
    n_ended++;
}

static void
be_well(void *arg)
{
    (void)arg;
    n_ended++;
}

static void
set_up(void)
{
    n_ended = 0;
    hurt = weft_sim_host_new("hurt", be_hurt, NULL);
    well = weft_sim_host_new("well", be_well, NULL);
}

static void
check(void)
{
    WEFT_SIM_CHECK(n_ended == 2);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "hurts", .set_up = set_up, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
