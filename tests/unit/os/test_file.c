/* SPDX-License-Identifier: MIT */
/* Files, from fibers and from plain threads, and what a cancel and a deadline
 * do when every thread is busy. */
#include "unit/fiber/fibers.h"

#include <weft/os.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/weft-files-XXXXXX";
static char path[64];
static struct weft_arena arena;

static void
both(void (*fn)(void *arg))
{
    (void)unlink(path);
    run_fiber(fn, NULL);
    (void)unlink(path);
    fn(NULL);
}

/* ---- descriptors ---- */

static void
write_and_read(void *unused)
{
    int fd = 7;
    char text[16];
    size_t n;
    struct stat st;
    (void)unused;
    CHECK(weft_file_open(path, O_RDWR, 0, &fd) == -ENOENT && fd == -1);
    CHECK(weft_file_open(path, O_RDWR | O_CREAT | O_EXCL, 0640, &fd) ==
          WEFT_OK);
    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    CHECK(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0640);
    CHECK(weft_file_read(fd, text, 8, &n) == WEFT_EEOF && n == 0);
    CHECK(weft_file_write(fd, "hello", 5, &n) == WEFT_OK && n == 5);
    CHECK(weft_file_write(fd, " world", 6, NULL) == WEFT_OK);
    CHECK(weft_file_pwrite(fd, "J", 1, 0, &n) == WEFT_OK && n == 1);
    CHECK(weft_file_pread(fd, text, 5, 0, &n) == WEFT_OK && n == 5);
    CHECK(memcmp(text, "Jello", 5) == 0);
    CHECK(weft_file_pread(fd, text, 16, 6, &n) == WEFT_OK && n == 5);
    CHECK(memcmp(text, "world", 5) == 0);
    CHECK(weft_file_pread(fd, text, 16, 11, &n) == WEFT_EEOF && n == 0);
    CHECK(weft_file_pread(fd, text, 16, -1, &n) == -EINVAL && n == 0);
    CHECK(lseek(fd, 0, SEEK_CUR) == 11); /* pread and pwrite do not move it */
    CHECK(lseek(fd, 9, SEEK_SET) == 9);
    CHECK(weft_file_read(fd, text, 16, &n) == WEFT_OK && n == 2);
    CHECK(weft_file_sync(fd) == WEFT_OK);
    close(fd);
    CHECK(weft_file_read(fd, text, 1, &n) == -EBADF && n == 0);
    CHECK(weft_file_write(fd, text, 1, &n) == -EBADF && n == 0);
    CHECK(weft_file_pwrite(fd, text, 1, 0, &n) == -EBADF);
    CHECK(weft_file_sync(fd) == -EBADF);
}

static void
a_file_is_written_and_read(void **state)
{
    (void)state;
    mode_t was = umask(0);
    both(write_and_read);
    umask(was);
}

/* ---- whole files ---- */

static char large[300001];

static void
save_and_load(void *unused)
{
    struct weft_str back;
    struct stat st;
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, sizeof large};
    (void)unused;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        CHECK(weft_file_save(path, large, n, 0600) == WEFT_OK);
        CHECK(weft_file_load(path, n, &arena, &back) == WEFT_OK);
        CHECK(back.len == n && back.ptr && !memcmp(back.ptr, large, n));
        CHECK(back.ptr[n] == '\0');
        if (n > 0)
            CHECK(weft_file_load(path, n - 1, &arena, &back) == -EFBIG &&
                  !back.ptr && back.len == 0);
        CHECK(weft_file_load(path, WEFT_UNLIMITED_SIZE, &arena, &back) ==
              WEFT_OK);
        CHECK(back.len == n);
    }
    /* the new content is shorter than the old */
    CHECK(weft_file_save(path, "x", 1, 0777) == WEFT_OK);
    CHECK(weft_file_load(path, 9, &arena, &back) == WEFT_OK && back.len == 1);
    CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(weft_file_load("/no/such/file", 9, &arena, &back) == -ENOENT);
    CHECK(weft_file_load("/proc", 9, &arena, &back) == -EISDIR);
    CHECK(weft_file_save("/proc", "x", 1, 0) == -EISDIR);
    CHECK(weft_file_save("/dev/full", "x", 1, 0) == -ENOSPC);
}

static void
whole_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)(i * 13 + i / 251);
    both(save_and_load);
    weft_arena_reset(&arena);
}

/* A file of /proc has no size, and this one has more bytes than the first piece
 * takes. */
static void
a_file_that_does_not_tell_its_size(void **state)
{
    (void)state;
    struct weft_str back;
    char want[65536];
    int fd = open("/proc/self/smaps", O_RDONLY);
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len < sizeof want; len += (size_t)n)
        n = read(fd, want + len, sizeof want - len);
    close(fd);
    assert_true(len > 8192);
    assert_int_equal(
        weft_file_load("/proc/self/smaps", 16 << 20, &arena, &back), WEFT_OK);
    assert_true(back.len > 8192);
    assert_memory_equal(back.ptr, want, 64);
    assert_non_null(strstr(back.ptr + back.len - 64, "VmFlags"));
    assert_int_equal(weft_file_load("/proc/self/smaps", 5000, &arena, &back),
                     -EFBIG);
}

static void
a_pipe_without_a_writer(void **state)
{
    (void)state;
    struct weft_str back;
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(weft_file_load(path, 9, &arena, &back), WEFT_OK);
    assert_int_equal(back.len, 0);
}

static void
an_arena_without_room(void **state)
{
    (void)state;
    struct weft_arena small;
    struct weft_str back;
    (void)unlink(path);
    assert_int_equal(weft_file_save(path, large, 9000, 0600), WEFT_OK);
    weft_arena_init(&small, 4096);
    assert_int_equal(weft_file_load(path, 9000, &small, &back), WEFT_EBUDGET);
    assert_null(back.ptr);
    weft_arena_fini(&small);
}

/* ---- all threads are busy ---- */

/* No call begins, so none has an effect. */
static void
too_late(void *unused)
{
    uint64_t now = weft_now_ns();
    int fd = 5;
    size_t n = 9;
    char byte;
    struct weft_str back = {"x", 1};
    (void)unused;
    CHECK(weft_file_open_until(path, O_CREAT, 0600, now, &fd) == WEFT_ETIMEOUT);
    CHECK(fd == -1);
    CHECK(weft_file_read_until(0, &byte, 1, now, &n) == WEFT_ETIMEOUT);
    CHECK(n == 0);
    n = 9;
    CHECK(weft_file_write_until(1, "x", 1, now, &n) == WEFT_ETIMEOUT);
    CHECK(n == 0);
    CHECK(weft_file_pread_until(0, &byte, 1, 0, now, &n) == WEFT_ETIMEOUT);
    CHECK(weft_file_pwrite_until(1, "x", 1, 0, now, &n) == WEFT_ETIMEOUT);
    CHECK(weft_file_sync_until(1, now) == WEFT_ETIMEOUT);
    CHECK(weft_file_save_until(path, "x", 1, 0600, now) == WEFT_ETIMEOUT);
    CHECK(weft_file_load_until(path, 1, now, &arena, &back) == WEFT_ETIMEOUT);
    CHECK(!back.ptr && back.len == 0);
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_file_save(path, "x", 1, 0600) == WEFT_ECANCEL);
    CHECK(access(path, F_OK) == -1);
}

static void
what_does_not_begin(void **state)
{
    struct weft_runtime_options one = {.workers = 2, .max_blocking = 1};
    workers_stop(state);
    assert_int_equal(weft_runtime_start(&one), WEFT_OK);
    (void)unlink(path);
    struct holder h = {.begun = {0}};
    CHECK(sem_init(&h.end, 0, 0) == 0);
    weft_fiber fiber = spawn(hold_in_fiber, &h);
    assert_int_equal(weft_sem_take(&h.begun), WEFT_OK);
    run_fiber(too_late, NULL);
    sem_post(&h.end);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    sem_destroy(&h.end);
}

static int
start(void **state)
{
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    weft_arena_init(&arena, 0);
    return two_workers(state);
}

static int
stop(void **state)
{
    (void)unlink(path);
    (void)rmdir(folder);
    weft_arena_fini(&arena);
    return workers_stop(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_written_and_read),
        cmocka_unit_test(whole_files),
        cmocka_unit_test(a_file_that_does_not_tell_its_size),
        cmocka_unit_test(a_pipe_without_a_writer),
        cmocka_unit_test(an_arena_without_room),
        cmocka_unit_test(what_does_not_begin),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
