/* SPDX-License-Identifier: MIT */
/* How weft reads the quota of a cgroup if open and read fail, are interrupted
 * or return a part. */
#include "unit/fiber/fibers.h"

#include "fiber/cores.h"

#include <fcntl.h>

#define FIRST 1000000 /* the first number that stands for a descriptor */

/* The content of a file; a read returns at most `part` bytes of it. */
static struct {
    const char *text;
    size_t at, part;
    int tries, opens, closes;
    int interrupts;  /* reads that return -EINTR first */
    bool ends_badly; /* after its text a read returns -EIO */
} file;

static const char *cgroup, *quota;

static int
shim_open(const char *path, int flags, mode_t mode)
{
    (void)mode;
    CHECK(flags == (O_RDONLY | O_CLOEXEC));
    file.tries++;
    bool is_cgroup = strcmp(path, "/proc/self/cgroup") == 0;
    if (!is_cgroup && strcmp(path, "/sys/fs/cgroup/a/cpu.max") != 0)
        return -ENOENT;
    file.text = is_cgroup ? cgroup : quota;
    file.at = 0;
    return FIRST + file.opens++;
}

static ssize_t
shim_read(int fd, void *buf, size_t n)
{
    CHECK(fd == FIRST + file.opens - 1);
    if (file.interrupts > 0) {
        file.interrupts--;
        return -EINTR;
    }
    size_t left = strlen(file.text) - file.at;
    n = WF_MIN(n, WF_MIN(left, file.part));
    memcpy(buf, file.text + file.at, n);
    file.at += n;
    return left == 0 && file.ends_badly ? -EIO : (ssize_t)n;
}

static int
shim_close(int fd)
{
    CHECK(fd == FIRST + file.closes++);
    return 0;
}

static uint32_t
cores(size_t part, int interrupts, bool ends_badly)
{
    memset(&file, 0, sizeof file);
    cgroup = "0::/a\n";
    quota = "300000 100000\n";
    file.part = part;
    file.interrupts = interrupts;
    file.ends_badly = ends_badly;
    uint32_t n = wf_cores_of_cgroups("");
    assert_int_equal(file.opens, 2);
    assert_int_equal(file.closes, 2);
    return n;
}

static void
a_file_comes_in_parts(void **state)
{
    (void)state;
    for (size_t part = 1; part < 20; part++)
        assert_int_equal(cores(part, 0, false), 3);
}

static void
a_signal_is_no_end(void **state)
{
    (void)state;
    assert_int_equal(cores(4, 3, false), 3);
}

static void
an_error_ends_a_file(void **state)
{
    (void)state;
    assert_int_equal(cores(100, 0, true), 3);
}

/* weft opens a path of 4,096 bytes with its NUL, but no longer one. */
static void
a_path_has_a_limit(void **state)
{
    static const char top[] = "/sys/fs/cgroup";
    static char line[5000];
    (void)state;
    for (size_t len = 4095; len <= 4096; len++) {
        memset(&file, 0, sizeof file);
        memset(line, 0, sizeof line);
        memset(line, 'a', 3 + len - strlen(top));
        memcpy(line, "0::/", 4);
        cgroup = line;
        file.part = sizeof line;
        assert_int_equal(wf_cores_of_cgroups(""), 0);
        assert_int_equal(file.tries > 1, len == 4095);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_comes_in_parts),
        cmocka_unit_test(a_signal_is_no_end),
        cmocka_unit_test(an_error_ends_a_file),
        cmocka_unit_test(a_path_has_a_limit),
    };
    alarm(120);
    wf_shim.open = shim_open;
    wf_shim.read = shim_read;
    wf_shim.close = shim_close;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
