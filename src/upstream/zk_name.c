/* SPDX-License-Identifier: MIT */
/* The name of a session with ZooKeeper: ADDRESS[,ADDRESS].../PATH. */
#include "upstream/zk.h"

#include <string.h>

static bool
is_path(const char *path)
{
    size_t n = strlen(path);
    if (n < 2 || n > WF_ZK_PATH_MOST)
        return false;
    for (const char *part = path; *part; part += strcspn(part + 1, "/") + 1) {
        size_t len = strcspn(part + 1, "/");
        if (len == 0 || (len == 1 && part[1] == '.') ||
            (len == 2 && part[1] == '.' && part[2] == '.'))
            return false;
    }
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c == 0x7f)
            return false;
    return true;
}

weft_err
wf_zk_check(const char *name)
{
    const char *path = strchr(name, '/');
    uint32_t n = 0;
    if (!path || !is_path(path))
        return WEFT_EADDRESS;
    while (name <= path) {
        char address[300];
        size_t len = strcspn(name, ",/");
        if (len >= sizeof address || ++n > WF_ZK_SERVERS)
            return WEFT_EADDRESS;
        memcpy(address, name, len);
        address[len] = '\0';
        weft_err err = wf_address_check(address);
        if (err)
            return err;
        name += len + 1;
    }
    return WEFT_OK;
}

weft_err
wf_zk_take_name(struct wf_zk *zk, const char *name)
{
    const char *path = strchr(name, '/');
    zk->path = weft_arena_printf(&zk->arena, "%s", path);
    if (!zk->path.ptr)
        return WEFT_EBUDGET;
    while (name <= path) {
        size_t len = strcspn(name, ",/");
        struct weft_str text = weft_arena_str(&zk->arena, name, len);
        if (!text.ptr)
            return WEFT_EBUDGET;
        zk->addresses[zk->n++] = text.ptr;
        name += len + 1;
    }
    return WEFT_OK;
}
