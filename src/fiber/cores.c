/* SPDX-License-Identifier: MIT */
/*
 * Reads the CPU quota of this process. /proc/self/cgroup names the cgroup of
 * the process, one line for each hierarchy: "0::/a/b" in version 2,
 * "4:cpu,cpuacct:/a/b" in version 1. The quota of a cgroup also limits all
 * cgroups below it. So the process may use the least of three quotas: that of
 * /a/b, that of /a, and that of the root. In a container the file may name a
 * path of the host that does not exist in the container; then the quota of the
 * root is used. Source: cgroups(7), cgroup-v2 and sched-bwc of the kernel's
 * documentation.
 */
#include "fiber/cores.h"

#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_PATH 4096u

/* Read the first bytes of a file as a string. false: the file cannot be
 * opened. */
static bool
read_file(const char *path, char *text, size_t size)
{
    int fd = wf_sys_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    size_t len = 0, room = size - 1;
    ssize_t n;
    while (len < room && (n = wf_sys_read(fd, text + len, room - len)))
        if (n > 0)
            len += (size_t)n;
        else if (n != -EINTR)
            break;
    text[len] = '\0';
    (void)wf_sys_close(fd);
    return true;
}

/* Returns the quota of one cgroup, in cores; 0: there is no quota. Version 2
 * has the quota and the period in one file; version 1 has a file for each. */
static uint32_t
quota_in(const char *dir, bool is_v2)
{
    char path[MAX_PATH + 64], text[64];
    long long quota = -1, period = 100000;
    snprintf(path, sizeof path, "%s/%s", dir,
             is_v2 ? "cpu.max" : "cpu.cfs_quota_us");
    if (!read_file(path, text, sizeof text) ||
        sscanf(text, "%lld %lld", &quota, &period) < 1)
        return 0; /* the text may be "max" */
    if (!is_v2) {
        snprintf(path, sizeof path, "%s/cpu.cfs_period_us", dir);
        if (read_file(path, text, sizeof text))
            (void)sscanf(text, "%lld", &period);
    }
    if (quota <= 0 || period <= 0)
        return 0;
    long long cores = quota / period + (quota % period != 0);
    return cores > UINT32_MAX ? 0 : (uint32_t)cores;
}

/* Returns the least of the quotas of a cgroup and of all cgroups above it; 0:
 * there is no quota. */
static uint32_t
least_quota(const char *root, const char *mount, const char *cgroup, bool is_v2)
{
    char dir[MAX_PATH];
    uint32_t least = 0;
    snprintf(dir, sizeof dir, "%s/sys/fs/cgroup%s", root, mount);
    size_t top = strlen(dir);
    if (top + strlen(cgroup) >= sizeof dir)
        return 0;
    strcpy(dir + top, cgroup);
    for (;;) {
        uint32_t quota = quota_in(dir, is_v2);
        if (quota && (!least || quota < least))
            least = quota;
        char *slash = strrchr(dir + top, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

static bool
has_cpu(const char *controllers)
{
    for (const char *at = controllers; (at = strstr(at, "cpu")); at += 3)
        if ((at == controllers || at[-1] == ',') &&
            (at[3] == ',' || at[3] == '\0'))
            return true;
    return false;
}

/* A line of /proc/self/cgroup names a cgroup. Returns the least of the quotas
 * of this cgroup and of all cgroups above it; 0: there is no quota. Writes a
 * NUL into the line. */
static uint32_t
quota_of_line(const char *root, char *line)
{
    char mount[256];
    char *controllers = strchr(line, ':');
    char *cgroup = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!cgroup)
        return 0;
    *cgroup++ = '\0';
    controllers++;
    if (*controllers == '\0') {
        uint32_t quota = least_quota(root, "", cgroup, true);
        return quota ? quota : least_quota(root, "/unified", cgroup, true);
    }
    if (!has_cpu(controllers))
        return 0;
    snprintf(mount, sizeof mount, "/%s", controllers);
    uint32_t quota = least_quota(root, mount, cgroup, false);
    return quota ? quota : least_quota(root, "/cpu", cgroup, false);
}

uint32_t
wf_cores_of_cgroups(const char *root)
{
    char path[MAX_PATH], text[MAX_PATH], *rest;
    uint32_t least = 0;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    if (!read_file(path, text, sizeof text))
        return 0;
    for (char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        uint32_t quota = quota_of_line(root, line);
        if (quota && (!least || quota < least))
            least = quota;
    }
    return least;
}
