/* SPDX-License-Identifier: MIT */
/*
 * Makes and frees clients of HTTP, and keeps their connections between
 * requests. A request takes the connection that was used last, so that few
 * connections are in use and the others reach their idle time-out. There is no
 * timer for this time-out: connections that have reached it are closed when the
 * client next keeps or takes one.
 */
#include "rpc/http.h"

#include <errno.h>
#include <string.h>

#define MAX_KEPT 1024u
#define SIZE_MOST ((size_t)INT32_MAX)

static struct weft_http_options
fill_in(const struct weft_http_options *asked)
{
    struct weft_http_options o = asked ? *asked : (struct weft_http_options){0};
    o.connect_timeout_ms = wf_option(o.connect_timeout_ms, 10000);
    o.call_timeout_ms = wf_option(o.call_timeout_ms, 30000);
    o.read_timeout_ms = wf_option(o.read_timeout_ms, WEFT_NONE);
    o.dead_timeout_ms = wf_option(o.dead_timeout_ms, 20000);
    o.idle_timeout_ms = wf_option(o.idle_timeout_ms, 30000);
    o.max_kept = o.max_kept == WEFT_NONE ? 0 : wf_option(o.max_kept, 8);
    o.head_size = wf_option_size(o.head_size, (size_t)64 << 10);
    o.body_size = wf_option_size(o.body_size, (size_t)16 << 20);
    o.head_size = WF_MIN(o.head_size, SIZE_MOST);
    o.body_size = WF_MIN(o.body_size, SIZE_MOST);
    return o;
}

/* The header Host repeats the address. A path of a unix socket is no host. */
static weft_err
take_address(struct weft_http *http, const char *address)
{
    size_t size = strlen(address) + 1;
    weft_err err = wf_address_check(address);
    if (err)
        return err;
    http->address = wf_sys_malloc(size);
    if (!http->address)
        return -ENOMEM;
    memcpy(http->address, address, size);
    bool is_local = strncmp(address, "unix:", 5) == 0;
    http->host = is_local ? "localhost" : http->address;
    return wf_http_host_is_valid(weft_str_of(http->host)) ? WEFT_OK
                                                          : WEFT_EADDRESS;
}

weft_err
weft_http_new(const char *address, const struct weft_http_options *options,
              struct weft_http **out)
{
    struct weft_http_options o = fill_in(options);
    *out = NULL;
    if (o.max_kept > MAX_KEPT)
        return -EINVAL;
    struct weft_http *http =
        wf_sys_zalloc(sizeof *http + o.max_kept * sizeof http->kept[0]);
    if (!http)
        return -ENOMEM;
    http->options = o;
    weft_err err = take_address(http, address);
    if (err)
        weft_http_free(http);
    else
        *out = http;
    return err;
}

void
weft_http_free(struct weft_http *http)
{
    if (!http)
        return;
    if (wf_load(&http->n_open, acquire) > 0)
        WF_MISUSED("weft_http_free: an exchange is open");
    while (http->n_kept > 0)
        weft_conn_close(http->kept[--http->n_kept].conn);
    wf_sys_free(http->address);
    wf_sys_free(http);
}

/* ---- kept connections ---- */

/* Returns the connection that was kept last, or NULL. */
static struct weft_conn *
pop(struct weft_http *http, uint64_t *until_ns)
{
    struct wf_kept_conn kept = {NULL, 0};
    wf_spin_lock(&http->lock);
    if (http->n_kept > 0)
        kept = http->kept[--http->n_kept];
    wf_spin_unlock(&http->lock);
    *until_ns = kept.until_ns;
    return kept.conn;
}

/* True if the server has sent nothing since the last response, and has not
 * ended the connection. A cancel of the task is no reason to think so: the next
 * wait of the task reports it. */
static bool
is_quiet(struct weft_conn *conn)
{
    weft_err err = weft_conn_wait_until(conn, 1, 0);
    return err == WEFT_ETIMEOUT || err == WEFT_ECANCEL;
}

struct weft_conn *
wf_http_take_kept(struct weft_http *http)
{
    struct weft_conn *conn;
    uint64_t until_ns;
    while ((conn = pop(http, &until_ns)) != NULL) {
        if (weft_now_ns() < until_ns && is_quiet(conn))
            return conn;
        weft_conn_close(conn);
    }
    return NULL;
}

/* Take the oldest connection from the list, if its time is over. */
static struct weft_conn *
shift_old(struct weft_http *http, uint64_t now)
{
    struct weft_conn *conn = NULL;
    wf_spin_lock(&http->lock);
    if (http->n_kept > 0 && http->kept[0].until_ns <= now) {
        conn = http->kept[0].conn;
        memmove(http->kept, http->kept + 1,
                --http->n_kept * sizeof http->kept[0]);
    }
    wf_spin_unlock(&http->lock);
    return conn;
}

static bool
push(struct weft_http *http, struct weft_conn *conn, uint64_t until_ns)
{
    wf_spin_lock(&http->lock);
    bool has_room = http->n_kept < http->options.max_kept;
    if (has_room)
        http->kept[http->n_kept++] = (struct wf_kept_conn){conn, until_ns};
    wf_spin_unlock(&http->lock);
    return has_room;
}

void
wf_http_keep(struct weft_http *http, struct weft_conn *conn)
{
    uint64_t now = weft_now_ns();
    struct weft_conn *old;
    while ((old = shift_old(http, now)) != NULL)
        weft_conn_close(old);
    if (weft_conn_len(conn) > 0 ||
        !push(http, conn, wf_timeout_end(now, http->options.idle_timeout_ms)))
        weft_conn_close(conn);
}
