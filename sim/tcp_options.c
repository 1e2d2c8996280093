/* SPDX-License-Identifier: MIT */
/*
 * Options of TCP sockets. The values have the limits of Linux's net/ipv4/tcp.c.
 * An option that is not in this file can be set, but has no effect.
 */
#include "tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define SECONDS_MAX 32767 /* of TCP_KEEPIDLE and TCP_KEEPINTVL */
#define PROBES_MAX 127

static int
set_of_socket(struct ws_tcp *tcp, int name, int value)
{
    bool kept_alive = tcp->keeps_alive;
    switch (name) {
    case SO_REUSEADDR:
        tcp->reuses = value != 0;
        break;
    case SO_REUSEPORT:
        tcp->shares = value != 0;
        break;
    case SO_KEEPALIVE:
        tcp->keeps_alive = value != 0;
        if (!value)
            ws_event_cancel(&tcp->probe);
        else if (!kept_alive)
            ws_keepalive_start(tcp);
        break;
    default:
        break;
    }
    return 0;
}

static int
set_linger(struct ws_tcp *tcp, const void *v, socklen_t n)
{
    struct linger linger;
    if (n < sizeof linger)
        return -EINVAL;
    memcpy(&linger, v, sizeof linger);
    tcp->abort = linger.l_onoff && !linger.l_linger;
    return 0;
}

static int
set_number(uint32_t *to, int value, int least, int most)
{
    if (value < least || value > most)
        return -EINVAL;
    *to = (uint32_t)value;
    return 0;
}

static int
set_of_tcp(struct ws_tcp *tcp, int name, int value)
{
    int err;
    switch (name) {
    case TCP_NODELAY:
        tcp->no_delay = value != 0;
        return 0;
    case TCP_USER_TIMEOUT:
        err = set_number(&tcp->user_timeout_ms, value, 0, INT32_MAX);
        if (!err)
            ws_persist_set(tcp);
        return err;
    case TCP_KEEPIDLE:
        err = set_number(&tcp->idle_s, value, 1, SECONDS_MAX);
        if (!err)
            ws_keepalive_set_idle(tcp);
        return err;
    case TCP_KEEPINTVL:
        return set_number(&tcp->interval_s, value, 1, SECONDS_MAX);
    case TCP_KEEPCNT:
        return set_number(&tcp->max_probes, value, 1, PROBES_MAX);
    default:
        return 0;
    }
}

int
ws_tcp_set(struct ws_file *file, int level, int name, const void *v,
           socklen_t n)
{
    struct ws_tcp *tcp = (void *)file;
    int value;
    if (n < sizeof value)
        return -EINVAL;
    memcpy(&value, v, sizeof value);
    if (level == SOL_SOCKET && name == SO_LINGER)
        return set_linger(tcp, v, n);
    return level == SOL_SOCKET    ? set_of_socket(tcp, name, value)
           : level == IPPROTO_TCP ? set_of_tcp(tcp, name, value)
                                  : 0;
}

/* ---- reading ---- */

static int
get_of_socket(struct ws_tcp *tcp, int name, int *value)
{
    switch (name) {
    case SO_ERROR:
        *value = tcp->error;
        tcp->error = 0;
        return 0;
    case SO_DOMAIN:
        *value = tcp->family;
        return 0;
    case SO_TYPE:
        *value = SOCK_STREAM;
        return 0;
    case SO_PROTOCOL:
        *value = IPPROTO_TCP;
        return 0;
    case SO_ACCEPTCONN:
        *value = tcp->state == WS_LISTENING;
        return 0;
    case SO_REUSEADDR:
        *value = tcp->reuses;
        return 0;
    case SO_REUSEPORT:
        *value = tcp->shares;
        return 0;
    case SO_KEEPALIVE:
        *value = tcp->keeps_alive;
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

static int
get_of_tcp(const struct ws_tcp *tcp, int name, int *value)
{
    switch (name) {
    case TCP_NODELAY:
        *value = tcp->no_delay;
        return 0;
    case TCP_USER_TIMEOUT:
        *value = (int)tcp->user_timeout_ms;
        return 0;
    case TCP_KEEPIDLE:
        *value = (int)tcp->idle_s;
        return 0;
    case TCP_KEEPINTVL:
        *value = (int)tcp->interval_s;
        return 0;
    case TCP_KEEPCNT:
        *value = (int)tcp->max_probes;
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

int
ws_tcp_get(struct ws_file *file, int level, int name, void *v, socklen_t *n)
{
    struct ws_tcp *tcp = (void *)file;
    int value = 0;
    int err = level == SOL_SOCKET    ? get_of_socket(tcp, name, &value)
              : level == IPPROTO_TCP ? get_of_tcp(tcp, name, &value)
                                     : -EOPNOTSUPP;
    if (err)
        return err;
    *n = WF_MIN(*n, (socklen_t)sizeof value);
    memcpy(v, &value, *n);
    return 0;
}
