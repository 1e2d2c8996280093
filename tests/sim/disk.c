/* SPDX-License-Identifier: MIT */
/*
 * What files do while a disk is full or fails, and when its host loses power. A
 * function or a plan causes these faults, or chance does. store.c tests whether
 * a store keeps what it has answered.
 *
 *   1..2 s    the disk of `owner` is full
 *   3..4 s    this disk fails
 *   5..5.5 s  `owner` has no power
 *   6 s       its disk is full, and 7..7.1 s it has no power
 *   9..14 s   these faults come by chance, also on `server` and `client`
 *   20 s      reads and writes are short and interrupted: first in system
 *             calls, and then in weft/os.h, which continues them by itself
 */
#include "base/base.h"

#include <weft/fiber.h>
#include <weft/os.h>
#include <weft/sim.h>

#include <errno.h>
#include <string.h>

#define MS 1000000u
#define PIECE 1000u
#define SYNCED 500u /* bytes of a file that are written before a sync fails */

static uint32_t begun; /* how often `owner` has begun */

static void
sleep_until(uint64_t ms)
{
    uint64_t now = weft_sim_now_ns();
    struct timespec t = wf_timespec_of(ms * MS > now ? ms * MS - now : 0);
    (void)wf_sys_nanosleep(&t);
}

static int
open_file(const char *path, int flags)
{
    int fd = wf_sys_open(path, flags | O_CREAT | O_RDWR, 0600);
    WEFT_SIM_CHECK(fd >= 0);
    return fd;
}

static int64_t
size_of(int fd)
{
    struct stat st = {.st_size = -1};
    WEFT_SIM_CHECK(!wf_sys_fstat(fd, &st));
    return st.st_size;
}

/* ---- a disk that is full ---- */

/* Append to a file until nothing fits. Returns how many bytes fitted. */
static int64_t
fill(int fd)
{
    static const char piece[PIECE];
    int64_t at = size_of(fd), all = 0, put = 1;
    for (int i = 0; i < 100 && put > 0; i++) {
        put = wf_sys_pwrite(fd, piece, sizeof piece, at + all);
        all += put > 0 ? put : 0;
    }
    WEFT_SIM_CHECK(put == -ENOSPC);
    return all;
}

static void
use_full_disk(void)
{
    static const char piece[PIECE];
    int old = open_file("old", 0), other = open_file("other", 0);
    WEFT_SIM_CHECK(wf_sys_write(old, piece, PIECE) == PIECE);
    sleep_until(1500);
    int64_t room = fill(other);
    WEFT_SIM_CHECK(room < 4096 && room == size_of(other));
    WEFT_SIM_SOMETIMES("a write is short", room % PIECE);
    WEFT_SIM_CHECK(wf_sys_open("new", O_CREAT | O_RDWR, 0600) == -ENOSPC);
    WEFT_SIM_CHECK(wf_sys_pwrite(old, piece, PIECE, 0) == PIECE);
    WEFT_SIM_CHECK(wf_sys_pwrite(old, piece, PIECE, PIECE - 1) == PIECE - 1 ||
                   size_of(old) == PIECE);
    WEFT_SIM_CHECK(wf_sys_pwrite(old, piece, 1, 9000) == -ENOSPC);
    WEFT_SIM_CHECK(!wf_sys_fsync(old));
    /* An unlinked file frees its room when its last descriptor is closed. */
    WEFT_SIM_CHECK(!wf_sys_unlink("old"));
    WEFT_SIM_CHECK(fill(other) == 0);
    WEFT_SIM_CHECK(!wf_sys_close(old));
    WEFT_SIM_CHECK(fill(other) == PIECE);
    WEFT_SIM_CHECK(!wf_sys_close(open_file("other", O_TRUNC)));
    WEFT_SIM_CHECK(!wf_sys_close(open_file("new", 0)));
    WEFT_SIM_CHECK(wf_sys_pwrite(other, piece, PIECE, 0) == PIECE);
    WEFT_SIM_CHECK(wf_sys_pwrite(other, piece, PIECE, 9000) == -ENOSPC);
    sleep_until(2500);
    WEFT_SIM_CHECK(wf_sys_pwrite(other, piece, PIECE, 9000) == PIECE);
    WEFT_SIM_CHECK(!wf_sys_close(other));
}

/* ---- a disk that fails ---- */

static void
use_failing_disk(void)
{
    char piece[PIECE] = {0};
    int fd = open_file("log", 0), null = open_file("/dev/null", 0);
    memset(piece, 'a', sizeof piece);
    WEFT_SIM_CHECK(wf_sys_write(fd, piece, SYNCED) == SYNCED);
    WEFT_SIM_CHECK(!wf_sys_fsync(fd));
    WEFT_SIM_CHECK(wf_sys_write(fd, piece, SYNCED) == SYNCED);
    sleep_until(3500);
    WEFT_SIM_CHECK(wf_sys_write(null, piece, 1) == 1);
    WEFT_SIM_CHECK(wf_sys_write(fd, piece, 1) == -EIO);
    WEFT_SIM_CHECK(wf_sys_pread(fd, piece, 1, 0) == -EIO);
    WEFT_SIM_CHECK(wf_sys_fsync(fd) == -EIO);
    sleep_until(4500);
    /* Reads return what the system has in memory, but it does not write these
     * bytes to the disk again. */
    memset(piece, 0, sizeof piece);
    WEFT_SIM_CHECK(wf_sys_pread(fd, piece, PIECE, 0) == 2 * SYNCED);
    WEFT_SIM_CHECK(piece[2 * SYNCED - 1] == 'a');
    WEFT_SIM_CHECK(!wf_sys_fsync(fd));
    WEFT_SIM_CHECK(wf_sys_pwrite(fd, "b", 1, 0) == 1);
    WEFT_SIM_CHECK(!wf_sys_fsync(fd));
    sleep_until(600000); /* the host loses power before that */
}

static void
look_after_power(void)
{
    char first;
    int fd = open_file("log", 0);
    int64_t size = size_of(fd);
    WEFT_SIM_CHECK(weft_sim_now_ns() >= 5500u * MS);
    WEFT_SIM_CHECK(size >= SYNCED && size <= 2 * SYNCED);
    WEFT_SIM_CHECK(wf_sys_pread(fd, &first, 1, 0) == 1 && first == 'b');
    WEFT_SIM_SOMETIMES("a sync that fails loses bytes", size == SYNCED);
    WEFT_SIM_SOMETIMES("a sync that fails keeps a part",
                       size > SYNCED && size < 2 * SYNCED);
    WEFT_SIM_SOMETIMES("a sync that fails keeps all", size == 2 * SYNCED);
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

/* The bytes that are lost with the power free their room. */
static void
lose_room(void)
{
    static int64_t all;
    int fd = open_file("last", 0);
    if (begun == 3) {
        (void)fill(fd);
        WEFT_SIM_CHECK(size_of(fd) == all);
        WEFT_SIM_CHECK(!wf_sys_close(fd));
        return;
    }
    WEFT_SIM_CHECK(!wf_sys_fsync(fd)); /* the file exists from now on, also
                                        * after the loss of power */
    sleep_until(6500);
    all = fill(fd);
    sleep_until(600000);
}

static void
own(void *arg)
{
    (void)arg;
    if (++begun == 1) {
        use_full_disk();
        use_failing_disk();
    }
    if (begun == 2)
        look_after_power();
    lose_room();
}

/* ---- by chance ---- */

static uint32_t n_short, n_full, n_failed, n_open, n_whole, n_begun;

static void
note_write(int64_t put)
{
    n_short += put > 0 && put < PIECE;
    n_full += put == -ENOSPC;
    n_failed += put == -EIO;
    n_whole += put == PIECE;
    WEFT_SIM_CHECK(put > 0 || put == -ENOSPC || put == -EIO || put == -EINTR);
}

static void
use_by_chance(void)
{
    char piece[PIECE] = {0};
    for (int i = 0; i < 50; i++) {
        int fd = wf_sys_open(i % 2 ? "even" : "odd", O_CREAT | O_RDWR, 0600);
        n_open += fd == -ENOSPC;
        WEFT_SIM_CHECK(fd >= 0 || fd == -ENOSPC || fd == -EINTR);
        if (fd < 0)
            continue;
        int64_t put = wf_sys_write(fd, piece, PIECE);
        note_write(put);
        if (put > 0)
            WEFT_SIM_CHECK(size_of(fd) >= put);
        WEFT_SIM_CHECK(!wf_sys_close(fd));
        (void)wf_sys_unlink(i % 2 ? "even" : "odd");
    }
}

/* ---- short reads and writes ---- */

static uint32_t n_part, n_interrupted;

static void
note_part(int64_t moved)
{
    WEFT_SIM_CHECK(moved == -EINTR || (moved > 0 && moved <= PIECE));
    n_interrupted += moved == -EINTR;
    n_part += moved > 0 && moved < PIECE;
}

static void
read_and_write(void)
{
    char piece[PIECE] = {0};
    int fd;
    while ((fd = wf_sys_open("part", O_CREAT | O_RDWR, 0600)) == -EINTR)
        n_interrupted++;
    for (int i = 0; i < 20; i++) {
        note_part(wf_sys_pwrite(fd, piece, PIECE, i * (int)PIECE));
        if (size_of(fd) >= (int64_t)PIECE)
            note_part(wf_sys_pread(fd, piece, PIECE, 0));
    }
    int err;
    while ((err = wf_sys_fsync(fd)) == -EINTR)
        n_interrupted++;
    WEFT_SIM_CHECK(!err && !wf_sys_close(fd));
}

static void
save_and_load(void)
{
    static uint8_t bytes[5 * PIECE];
    struct weft_str found;
    struct weft_arena arena;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)weft_sim_random(256);
    weft_arena_init(&arena, 0);
    WEFT_SIM_CHECK(!weft_file_save("whole", bytes, sizeof bytes, 0600));
    WEFT_SIM_CHECK(!weft_file_load("whole", sizeof bytes, &arena, &found));
    WEFT_SIM_CHECK(found.len == sizeof bytes &&
                   memcmp(found.ptr, bytes, sizeof bytes) == 0);
    weft_arena_fini(&arena);
}

static void
use_in_parts(void)
{
    weft_sim_faults(WEFT_SIM_SHORT);
    read_and_write();
    for (int i = 0; i < 5; i++)
        save_and_load();
    weft_sim_faults(0);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- hosts that serve, and one that does not ---- */

static bool done, client_done;

static void *
work(void *arg)
{
    while (!done) {
        use_by_chance();
        sleep_until(weft_sim_now_ns() / MS + 10);
    }
    return arg;
}

/* A host that serves, so it may lose power. */
static void
serve(void *arg)
{
    pthread_t worker;
    (void)arg;
    n_begun++;
    WEFT_SIM_CHECK(!wf_sys_thread(&worker, work, NULL));
    weft_sim_wait_for_others();
    done = true;
    wf_sys_join(worker);
}

/* A host that does not serve, so it keeps its power. */
static void
use(void *arg)
{
    static bool has_begun;
    (void)arg;
    WEFT_SIM_CHECK(!has_begun);
    has_begun = true;
    sleep_until(9000);
    weft_sim_faults(WEFT_SIM_DISK_FULL | WEFT_SIM_DISK_ERROR |
                    WEFT_SIM_POWER_OFF);
    use_by_chance();
    sleep_until(14000);
    weft_sim_faults(0);
    uint32_t n = n_begun;
    sleep_until(15001); /* hosts that lost power are back */
    WEFT_SIM_CHECK(n_begun <= n + 1);
    n = n_begun;
    sleep_until(20000);
    WEFT_SIM_CHECK(n_begun == n);
    use_in_parts();
    client_done = true;
}

static void
set_up(void)
{
    n_short = n_full = n_failed = n_open = n_whole = n_begun = begun = 0;
    n_part = n_interrupted = 0;
    done = client_done = false;
    weft_sim_host_new("owner", own, NULL);
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", use, NULL);
    weft_sim_plan("disk-full owner at 1 s for 1 s;"
                  "disk-error owner at 3 s for 1 s;"
                  "power-off owner at 5 s for 500 ms;"
                  "disk-full owner at 6 s;"
                  "power-off owner at 7 s for 100 ms");
}

static void
check(void)
{
    WEFT_SIM_CHECK(begun == 3 && client_done);
    WEFT_SIM_SOMETIMES("by chance, a write is short", n_short > 0);
    WEFT_SIM_SOMETIMES("by chance, a write does not fit", n_full > 0);
    WEFT_SIM_SOMETIMES("by chance, a file does not fit", n_open > 0);
    WEFT_SIM_SOMETIMES("by chance, a write fails", n_failed > 0);
    WEFT_SIM_SOMETIMES("by chance, no write fails",
                       n_short + n_full + n_open + n_failed == 0);
    WEFT_SIM_SOMETIMES("by chance, the power goes", n_begun > 1);
    WEFT_SIM_SOMETIMES("by chance, the power stays", n_begun == 1);
    WEFT_SIM_CHECK(n_whole > 0);
    WEFT_SIM_SOMETIMES("a part of a file is moved", n_part > 0);
    WEFT_SIM_SOMETIMES("a file is interrupted", n_interrupted > 0);
    WEFT_SIM_SOMETIMES("no part is moved", n_part + n_interrupted == 0);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "disk", .set_up = set_up, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
