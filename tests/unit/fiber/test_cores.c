/* SPDX-License-Identifier: MIT */
/* The CPU quota of a process, read from copies of the kernel's cgroup files. */
#include "fibers.h"

#include "fiber/cores.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static void
put(const char *path, const char *text)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *at = full + strlen(root) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        CHECK(mkdir(full, 0777) == 0 || errno == EEXIST);
        *at = '/';
    }
    FILE *f = fopen(full, "we");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int
make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/weft_cores_XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int
remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#define CG "/sys/fs/cgroup"

static void
without_a_quota_there_is_no_limit(void **state)
{
    (void)state;
    assert_int_equal(wf_cores_of_cgroups(root), 0);
    put("/proc/self/cgroup", "0::/a\n");
    assert_int_equal(wf_cores_of_cgroups(root), 0);
    put(CG "/a/cpu.max", "max 100000\n");
    assert_int_equal(wf_cores_of_cgroups(root), 0);
}

static void
the_least_quota_of_version_2_counts(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/system.slice/x.service\n");
    put(CG "/system.slice/x.service/cpu.max", "350000 100000\n");
    assert_int_equal(wf_cores_of_cgroups(root), 4);
    put(CG "/system.slice/cpu.max", "40000 20000\n"); /* another period */
    assert_int_equal(wf_cores_of_cgroups(root), 2);
    put(CG "/cpu.max", "10000 100000\n");
    assert_int_equal(wf_cores_of_cgroups(root), 1);
}

static void
a_path_of_the_host_leaves_the_root(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/kubepods/pod1/abc\n");
    put(CG "/cpu.max", "300000 100000\n");
    assert_int_equal(wf_cores_of_cgroups(root), 3);
}

static void
version_1_is_nested_too(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "5:cpuset:/only\n4:cpu,cpuacct:/a/b\n0::/c\n");
    put(CG "/cpuset/only/cpu.cfs_quota_us", "100000\n"); /* must be ignored */
    put(CG "/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n");
    put(CG "/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
    put(CG "/cpu,cpuacct/a/cpu.cfs_period_us", "50000\n");
    assert_int_equal(wf_cores_of_cgroups(root), 5);
    put("/proc/self/cgroup", "2:cpu:/x\n");
    put(CG "/cpu/x/cpu.cfs_quota_us", "600000\n");
    assert_int_equal(wf_cores_of_cgroups(root), 6);
}

/* The sanitizers would report a byte written past the end of the buffer. */
static void
a_long_file_is_read_in_part(void **state)
{
    (void)state;
    char text[9000];
    memset(text, ' ', sizeof text - 1);
    memcpy(text, "200000 100000", 13);
    text[sizeof text - 1] = '\0';
    put("/proc/self/cgroup", "0::/a\n");
    put(CG "/a/cpu.max", text);
    assert_int_equal(wf_cores_of_cgroups(root), 2);
    memset(text, '\n', sizeof text - 1);
    put("/proc/self/cgroup", text);
    assert_int_equal(wf_cores_of_cgroups(root), 0);
}

static void
odd_files_are_no_limit(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "nonsense\n0:\n:::\n0::/a\n");
    put(CG "/a/cpu.max", "");
    put(CG "/cpu.max", "100000 0\n");
    assert_int_equal(wf_cores_of_cgroups(root), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_quota_there_is_no_limit),
        TEST(the_least_quota_of_version_2_counts),
        TEST(a_path_of_the_host_leaves_the_root),
        TEST(version_1_is_nested_too),
        TEST(a_long_file_is_read_in_part),
        TEST(odd_files_are_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
