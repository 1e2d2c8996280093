/* SPDX-License-Identifier: MIT */
/*
 * Files, while the disk fails at times, and calls move only a part of the bytes
 * or are interrupted. What a call says that it has written is there. An error
 * is reported, also by a sync, and leaves no descriptor open.
 */
#include "fibers.h"

#include <weft/os.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SIZE 20000
#define ROUNDS 10

static weft_sim_host host;
static uint8_t wanted[SIZE]; /* bytes of the file, as far as calls succeeded */

static void
fill(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)below(256);
}

static bool
may_fail(weft_err err)
{
    WEFT_SIM_CHECK(!err || err == -EIO || err == -ENOSPC || err == -EMFILE);
    return err != WEFT_OK;
}

/* Write a piece anywhere in the file, and read it again. */
static void
use_piece(int fd)
{
    static uint8_t bytes[SIZE], back[SIZE];
    size_t at = below(SIZE), n = 1 + below(SIZE - at), put, got, have = 0;
    fill(bytes, n);
    weft_err err = weft_file_pwrite(fd, bytes, n, (int64_t)at, &put);
    WEFT_SIM_CHECK(put <= n && (err || put == n));
    memcpy(wanted + at, bytes, put);
    if (may_fail(err))
        return;
    while (have < n) {
        err = weft_file_pread(fd, back + have, n - have, (int64_t)(at + have),
                              &got);
        if (may_fail(err))
            return;
        have += got;
    }
    WEFT_SIM_CHECK(!memcmp(bytes, back, n));
}

static void
write_pieces(const char *path)
{
    int fd;
    size_t put;
    if (may_fail(weft_file_open(path, O_RDWR | O_CREAT, 0600, &fd)))
        return;
    weft_err err = weft_file_pwrite(fd, wanted, SIZE, 0, &put);
    for (int i = 0; i < ROUNDS && !may_fail(err); i++) {
        use_piece(fd);
        err = weft_file_sync(fd);
    }
    WEFT_SIM_CHECK(!close(fd));
}

static void
save_and_load(const char *path)
{
    struct weft_arena arena;
    struct weft_str bytes;
    size_t n = below(SIZE);
    fill(wanted, n);
    if (may_fail(weft_file_save(path, wanted, n, 0600)))
        return;
    weft_arena_init(&arena, 0);
    weft_err err = weft_file_load(path, SIZE, &arena, &bytes);
    if (!may_fail(err))
        WEFT_SIM_CHECK(bytes.len == n && !memcmp(bytes.ptr, wanted, n));
    if (n > 0) {
        err = weft_file_load(path, n - 1, &arena, &bytes);
        WEFT_SIM_CHECK(err == -EFBIG || may_fail(err));
    }
    weft_arena_fini(&arena);
}

/* The disk fails: a sync must say so. */
static void
fail_to_sync(void)
{
    int fd;
    size_t put;
    weft_sim_faults(0);
    WEFT_SIM_CHECK(!weft_file_open("sync", O_RDWR | O_CREAT, 0600, &fd));
    WEFT_SIM_CHECK(!weft_file_write(fd, "x", 1, &put));
    weft_sim_disk_error(host, true);
    WEFT_SIM_CHECK(weft_file_sync(fd) == -EIO);
    weft_sim_disk_error(host, false);
    WEFT_SIM_CHECK(!close(fd));
}

static void
use_files(void *arg)
{
    (void)arg;
    weft_sim_faults(WEFT_SIM_SHORT | WEFT_SIM_INTERRUPTED |
                    WEFT_SIM_DISK_ERROR | WEFT_SIM_DISK_FULL);
    for (int i = 0; i < ROUNDS; i++) {
        save_and_load("whole");
        write_pieces("pieces");
    }
    fail_to_sync();
}

static void
be_host(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(2)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_fiber_join(start(use_files, NULL)));
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    host = weft_sim_host_new("host", be_host, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "files",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
