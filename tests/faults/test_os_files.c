/* SPDX-License-Identifier: MIT */
/* Files and streams over calls that are interrupted, transfer a part or fail.
 * The next calls of one kind get what a test has scripted: an error, 0, or at
 * most so many bytes; later calls are passed to the kernel. */
#include "unit/fiber/fibers.h"

#include <weft/os.h>

#include <fcntl.h>
#include <sys/stat.h>

#define STEPS 8
#define ALL 1000000 /* bytes: no limit */

enum call { OPEN, READ, PREAD, WRITE, PWRITE, FSYNC, FSTAT, CLOSE, CALLS };

static struct {
    int steps[STEPS];
    _Atomic int n, at; /* steps, and how many are done */
    _Atomic int made;  /* calls that were made */
} scripts[CALLS];

#define SCRIPT(call, ...)                                           \
    do {                                                            \
        const int steps[] = {__VA_ARGS__};                          \
        script(call, steps, (int)(sizeof steps / sizeof steps[0])); \
    } while (0)

static void
script(enum call call, const int *steps, int n)
{
    CHECK(n <= STEPS);
    memcpy(scripts[call].steps, steps, (size_t)n * sizeof *steps);
    wf_store(&scripts[call].at, 0, relaxed);
    wf_store(&scripts[call].made, 0, relaxed);
    wf_store(&scripts[call].n, n, release);
}

static int
step(enum call call)
{
    wf_add(&scripts[call].made, 1, relaxed);
    int at = wf_load(&scripts[call].at, relaxed);
    if (at >= wf_load(&scripts[call].n, acquire))
        return ALL;
    wf_add(&scripts[call].at, 1, relaxed);
    return scripts[call].steps[at];
}

static int
made(enum call call)
{
    return wf_load(&scripts[call].made, relaxed);
}

static ssize_t
passed_on(ssize_t result)
{
    return result < 0 ? -errno : result;
}

static size_t
part(size_t n, int step)
{
    return WF_MIN(n, (size_t)step);
}

static int
shim_open(const char *path, int flags, mode_t mode)
{
    int s = step(OPEN);
    CHECK(flags & O_CLOEXEC);
    return s < 0 ? s : (int)passed_on(open(path, flags, mode));
}

static ssize_t
shim_read(int fd, void *buf, size_t n)
{
    int s = step(READ);
    return s <= 0 ? s : passed_on(read(fd, buf, part(n, s)));
}

static ssize_t
shim_pread(int fd, void *buf, size_t n, off_t at)
{
    int s = step(PREAD);
    return s <= 0 ? s : passed_on(pread(fd, buf, part(n, s), at));
}

static ssize_t
shim_write(int fd, const void *buf, size_t n)
{
    int s = step(WRITE);
    return s <= 0 ? s : passed_on(write(fd, buf, part(n, s)));
}

static ssize_t
shim_pwrite(int fd, const void *buf, size_t n, off_t at)
{
    int s = step(PWRITE);
    return s <= 0 ? s : passed_on(pwrite(fd, buf, part(n, s), at));
}

static int
shim_fsync(int fd)
{
    int s = step(FSYNC);
    return s < 0 ? s : (int)passed_on(fsync(fd));
}

static int
shim_fstat(int fd, struct stat *st)
{
    int s = step(FSTAT);
    return s < 0 ? s : (int)passed_on(fstat(fd, st));
}

/* Like Linux, it closes the descriptor whatever it returns. */
static int
shim_close(int fd)
{
    int s = step(CLOSE), err = (int)passed_on(close(fd));
    return s < 0 ? s : err;
}

/* ---- a file ---- */

static char folder[] = "/tmp/weft-files-XXXXXX";
static char path[64];
static struct weft_arena arena;

static void
assert_content(const char *want)
{
    struct weft_str back;
    assert_int_equal(weft_file_load(path, 100, &arena, &back), WEFT_OK);
    assert_string_equal(back.ptr, want);
}

static int
begin(void **state)
{
    (void)state;
    memset(scripts, 0, sizeof scripts);
    return weft_file_save(path, "0123456789", 10, 0600);
}

/* ---- the tests ---- */

static void
what_is_interrupted_is_done_again(void **state)
{
    (void)state;
    int fd;
    char text[11] = "";
    size_t n;
    SCRIPT(OPEN, -EINTR, -EINTR);
    assert_int_equal(weft_file_open(path, O_RDWR, 0, &fd), WEFT_OK);
    assert_int_equal(made(OPEN), 3);
    SCRIPT(READ, -EINTR, -EINTR);
    assert_int_equal(weft_file_read(fd, text, 4, &n), WEFT_OK);
    assert_int_equal(n, 4);
    SCRIPT(PREAD, -EINTR, -EINTR);
    assert_int_equal(weft_file_pread(fd, text, 10, 2, &n), WEFT_OK);
    assert_int_equal(n, 8);
    assert_memory_equal(text, "23456789", 8);
    SCRIPT(WRITE, -EINTR, 1, -EINTR, 1);
    assert_int_equal(weft_file_write(fd, "abc", 3, &n), WEFT_OK);
    assert_int_equal(n, 3);
    assert_int_equal(made(WRITE), 5);
    SCRIPT(PWRITE, -EINTR, 1, -EINTR, 1);
    assert_int_equal(weft_file_pwrite(fd, "xyz", 3, 7, &n), WEFT_OK);
    assert_int_equal(n, 3);
    SCRIPT(FSYNC, -EINTR, -EINTR);
    assert_int_equal(weft_file_sync(fd), WEFT_OK);
    assert_int_equal(made(FSYNC), 3);
    close(fd);
    assert_content("0123abcxyz");
}

/* A call that fails says how many bytes it has written. */
static void
what_fails_half_way(void **state)
{
    (void)state;
    int fd;
    char text[4];
    size_t n;
    assert_int_equal(weft_file_open(path, O_RDWR, 0, &fd), WEFT_OK);
    SCRIPT(WRITE, 2, -ENOSPC);
    assert_int_equal(weft_file_write(fd, "abcd", 4, &n), -ENOSPC);
    assert_int_equal(n, 2);
    assert_int_equal(made(WRITE), 2);
    SCRIPT(PWRITE, 1, 0); /* must not be repeated for ever */
    assert_int_equal(weft_file_pwrite(fd, "abcd", 4, 8, &n), -EIO);
    assert_int_equal(n, 1);
    SCRIPT(READ, -EIO);
    assert_int_equal(weft_file_read(fd, text, 4, &n), -EIO);
    assert_int_equal(n, 0);
    SCRIPT(PREAD, 0);
    assert_int_equal(weft_file_pread(fd, text, 4, 0, &n), WEFT_EEOF);
    SCRIPT(FSYNC, -EIO);
    assert_int_equal(weft_file_sync(fd), -EIO);
    close(fd);
    assert_content("ab234567a9");
}

static void
a_whole_file_in_parts(void **state)
{
    (void)state;
    struct weft_str back;
    SCRIPT(READ, -EINTR, 3, -EINTR, 1, 1);
    assert_int_equal(weft_file_load(path, 10, &arena, &back), WEFT_OK);
    assert_int_equal(back.len, 10);
    assert_string_equal(back.ptr, "0123456789");
    SCRIPT(READ, 3, -EIO);
    assert_int_equal(weft_file_load(path, 10, &arena, &back), -EIO);
    assert_null(back.ptr);
    SCRIPT(FSTAT, -EIO);
    SCRIPT(CLOSE, ALL);
    assert_int_equal(weft_file_load(path, 10, &arena, &back), -EIO);
    assert_int_equal(made(CLOSE), 1);
    SCRIPT(OPEN, -EMFILE);
    SCRIPT(CLOSE, ALL);
    assert_int_equal(weft_file_load(path, 10, &arena, &back), -EMFILE);
    assert_int_equal(made(CLOSE), 0);

    SCRIPT(WRITE, -EINTR, 3, -EINTR, 1);
    assert_int_equal(weft_file_save(path, "abcdef", 6, 0600), WEFT_OK);
    assert_content("abcdef");
    SCRIPT(CLOSE, -EINTR); /* the file is closed all the same */
    assert_int_equal(weft_file_save(path, "ghi", 3, 0600), WEFT_OK);
    assert_content("ghi");
    SCRIPT(CLOSE, -EIO); /* the bytes may not be stored */
    assert_int_equal(weft_file_save(path, "jkl", 3, 0600), -EIO);
    SCRIPT(WRITE, 1, -ENOSPC);
    SCRIPT(CLOSE, -EIO); /* the first error is returned */
    assert_int_equal(weft_file_save(path, "jkl", 3, 0600), -ENOSPC);
    assert_int_equal(made(CLOSE), 1);
    SCRIPT(OPEN, -EMFILE);
    SCRIPT(CLOSE, ALL);
    assert_int_equal(weft_file_save(path, "jkl", 3, 0600), -EMFILE);
    assert_int_equal(made(CLOSE), 0);
}

/* ---- streams ---- */

static void
a_stream_in_parts(void **state)
{
    (void)state;
    int fds[2];
    size_t n = 9;
    char text[8] = "";
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    SCRIPT(WRITE, -EINTR, 1, -EAGAIN, -EINTR, 1, 1);
    assert_int_equal(weft_fd_write(fds[1], "abcdef", 6, &n), WEFT_OK);
    assert_int_equal(n, 6);
    assert_int_equal(made(WRITE), 7);
    SCRIPT(READ, -EINTR, -EAGAIN, 4);
    assert_int_equal(weft_fd_read(fds[0], text, 8, &n), WEFT_OK);
    assert_int_equal(n, 4);
    assert_int_equal(made(READ), 3);
    assert_int_equal(weft_fd_read(fds[0], text + 4, 4, &n), WEFT_OK);
    assert_int_equal(n, 2);
    assert_string_equal(text, "abcdef");

    SCRIPT(WRITE, 2, 0);
    assert_int_equal(weft_fd_write(fds[1], "abcdef", 6, &n), -EIO);
    assert_int_equal(n, 2);
    SCRIPT(WRITE, 2, -ENOSPC);
    assert_int_equal(weft_fd_write(fds[1], "abcdef", 6, &n), -ENOSPC);
    assert_int_equal(n, 2);
    SCRIPT(READ, -EIO);
    assert_int_equal(weft_fd_read(fds[0], text, 8, &n), -EIO);
    assert_int_equal(n, 0);
    SCRIPT(READ, 0);
    assert_int_equal(weft_fd_read(fds[0], text, 8, &n), WEFT_EEOF);
    assert_int_equal(n, 0);
    close(fds[0]);
    close(fds[1]);
}

static int
start(void **state)
{
    (void)state;
    alarm(120);
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    weft_arena_init(&arena, 0);
    wf_shim.open = shim_open;
    wf_shim.read = shim_read;
    wf_shim.pread = shim_pread;
    wf_shim.write = shim_write;
    wf_shim.pwrite = shim_pwrite;
    wf_shim.fsync = shim_fsync;
    wf_shim.fstat = shim_fstat;
    wf_shim.close = shim_close;
    workers_start(2);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)rmdir(folder);
    weft_arena_fini(&arena);
    return weft_runtime_stop();
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_interrupted_is_done_again),
        TEST(what_fails_half_way),
        TEST(a_whole_file_in_parts),
        TEST(a_stream_in_parts),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
