/* SPDX-License-Identifier: MIT */
/* Hosts that never begin, because ws.without names them. */
#include "sim.h"

#include <string.h>

bool
ws_is_left_out(const char *name)
{
    size_t len = strlen(name), n;
    for (const char *at = ws.without; *at; at += n + (at[n] == ',')) {
        n = strcspn(at, ",");
        if (n == len && strncmp(at, name, n) == 0)
            return true;
    }
    return false;
}

static bool
is_host(const char *name, size_t len)
{
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if (strlen(ws.hosts[i]->name) == len &&
            memcmp(ws.hosts[i]->name, name, len) == 0)
            return true;
    return false;
}

void
ws_check_left_out(void)
{
    size_t n;
    for (const char *at = ws.without; *at; at += n + (at[n] == ',')) {
        n = strcspn(at, ",");
        if (!is_host(at, n))
            ws_die("--without names `%.*s`, but set_up makes no such host",
                   (int)n, at);
    }
}
