/* SPDX-License-Identifier: MIT */
/*
 * Follows a prefix of etcd v3, or a key, through its JSON gateway. Each reading
 * has a revision. The watch after it begins with the next revision, so that no
 * change is lost in between. What has changed does not matter: all is read
 * again. If the watch ends or is refused, because etcd is
 * restarted or has dropped old revisions, this counts as a change, too.
 */
#include "upstream/etcd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PAUSE_MS 100u
#define REFRESH_MS 60000u
#define LINE_SIZE ((size_t)64 << 10) /* of a watch; a longer one is a change */

/* ---- requests ---- */

static weft_err
put(struct weft_chain *out, const char *text)
{
    return weft_chain_append(out, text, strlen(text));
}

/* Append the end of the range that has all keys with this prefix: the prefix
 * with its last byte increased. A byte of 0xff cannot be increased, and is left
 * out; for etcd the end "\0" means: to the last key. */
static weft_err
put_range_end(struct weft_chain *out, struct weft_str prefix,
              struct weft_arena *arena)
{
    char *end = weft_arena_alloc(arena, (size_t)prefix.len + 1);
    uint32_t n = prefix.len;
    if (!end)
        return WEFT_EBUDGET;
    memcpy(end, prefix.ptr, n);
    while (n > 0 && (uint8_t)end[n - 1] == 0xff)
        n--;
    if (n > 0)
        end[n - 1] = (char)(end[n - 1] + 1);
    else
        end[n++] = '\0';
    return wf_walk_put_binary(out, (struct weft_str){end, n});
}

/* Append "key" and, for a prefix, "range_end". For etcd the key "\0" is the
 * first one. */
static weft_err
put_keys(struct weft_chain *out, const struct wf_etcd *etcd,
         struct weft_arena *arena)
{
    static const struct weft_str first = {"\0", 1};
    struct weft_str prefix = etcd->prefix;
    weft_err err = put(out, "{\"key\":");
    if (!err)
        err = wf_walk_put_binary(out, prefix.len > 0 ? prefix : first);
    if (err || etcd->on_value)
        return err;
    err = put(out, ",\"range_end\":");
    return err ? err : put_range_end(out, prefix, arena);
}

/* {before "key":..,"range_end":.. after} */
static weft_err
write_body(const struct wf_etcd *etcd, const char *before, const char *after,
           struct weft_arena *arena, struct weft_str *body)
{
    struct weft_chain out = {0};
    weft_err err = put(&out, before);
    if (!err)
        err = put_keys(&out, etcd, arena);
    if (!err)
        err = put(&out, after);
    if (!err)
        return wf_registry_flatten(&out, arena, body);
    weft_chain_clear(&out);
    return err;
}

static weft_err
fail(struct wf_etcd *etcd, weft_err err, struct weft_str text)
{
    return wf_registry_explain(etcd->why, "etcd", err, text);
}

/* ---- an answer ---- */

static weft_err
add_value(struct weft_str key, struct weft_str value, struct weft_arena *arena,
          struct wf_registry_list *list)
{
    struct weft_endpoint endpoint;
    weft_err err = wf_registry_read_value(value, arena, &endpoint);
    if (err == WEFT_EBUDGET)
        return err;
    if (err) {
        wf_log_limited(WEFT_LOG_WARN,
                       "etcd: the value of the key `%.*s` is left out: it is "
                       "neither an address nor {\"address\":..,\"weight\":..}",
                       WEFT_FMT(key));
        return WEFT_OK;
    }
    return wf_registry_add(list, arena, &endpoint);
}

/* {"key":"..","value":".."}; etcd leaves an empty value out. */
static weft_err
read_pair(struct weft_reader *r, struct weft_str *key, struct weft_str *value)
{
    struct weft_str name;
    bool more;
    *key = *value = weft_str_of("");
    weft_err err = wf_walk_open(r, '{', &more);
    while (!err && more) {
        err = wf_walk_key(r, &name);
        if (!err && weft_str_eq(name, WEFT_STR("key")))
            err = wf_walk_binary(r, key);
        else if (!err && weft_str_eq(name, WEFT_STR("value")))
            err = wf_walk_binary(r, value);
        else if (!err)
            err = wf_walk_skip(r);
        if (!err)
            err = wf_walk_next(r, '{', &more);
    }
    return err;
}

/* Add the values to the list, or keep the last one if there is no list. */
static weft_err
read_pairs(struct weft_reader *r, struct weft_arena *arena,
           struct wf_registry_list *list, struct weft_str *last)
{
    struct weft_str key, value;
    bool more;
    weft_err err = wf_walk_open(r, '[', &more);
    while (!err && more) {
        err = read_pair(r, &key, &value);
        if (!err && list)
            err = add_value(key, value, arena, list);
        *last = value.ptr ? value : weft_str_of("");
        if (!err)
            err = wf_walk_next(r, '[', &more);
    }
    return err;
}

/* {"revision":"5",...}; etcd writes 64-bit numbers in quotes. */
static weft_err
read_revision(struct weft_reader *r, uint64_t *revision)
{
    struct weft_str name;
    bool more;
    weft_err err = wf_walk_open(r, '{', &more);
    while (!err && more) {
        err = wf_walk_key(r, &name);
        if (!err && weft_str_eq(name, WEFT_STR("revision")))
            err = wf_walk_number(r, INT64_MAX - 1, revision);
        else if (!err)
            err = wf_walk_skip(r);
        if (!err)
            err = wf_walk_next(r, '{', &more);
    }
    return err;
}

static weft_err
read_answer(struct weft_str text, struct weft_arena *arena,
            struct wf_registry_list *list, struct weft_str *last,
            uint64_t *revision)
{
    struct weft_reader r;
    struct weft_str name;
    bool more;
    *revision = 0;
    weft_reader_init_flat(&r, text.ptr, text.len, arena, 0);
    weft_err err = wf_walk_open(&r, '{', &more);
    while (!err && more) {
        err = wf_walk_key(&r, &name);
        if (!err && weft_str_eq(name, WEFT_STR("header")))
            err = read_revision(&r, revision);
        else if (!err && weft_str_eq(name, WEFT_STR("kvs")))
            err = read_pairs(&r, arena, list, last);
        else if (!err)
            err = wf_walk_skip(&r);
        if (!err)
            err = wf_walk_next(&r, '{', &more);
    }
    if (!err)
        err = wf_walk_end(&r);
    return err || *revision > 0 ? err : WEFT_EPROTOCOL;
}

weft_err
wf_etcd_read(struct weft_str text, struct weft_arena *arena,
             struct wf_registry_list *list, uint64_t *revision)
{
    struct weft_str last;
    return read_answer(text, arena, list, &last, revision);
}

weft_err
wf_etcd_read_value(struct weft_str text, struct weft_arena *arena,
                   struct weft_str *value, uint64_t *revision)
{
    *value = (struct weft_str){0};
    return read_answer(text, arena, NULL, value, revision);
}

/* Tell the list, or the value. */
static weft_err
tell(struct wf_etcd *etcd, struct weft_str body, struct weft_arena *arena,
     uint64_t *revision)
{
    struct wf_registry_list list = {0};
    struct weft_str value;
    weft_err err = etcd->on_value
                       ? wf_etcd_read_value(body, arena, &value, revision)
                       : wf_etcd_read(body, arena, &list, revision);
    if (err)
        return fail(etcd, err, body);
    err = etcd->on_value ? etcd->on_value(value, etcd->user)
                         : etcd->on_list(list.items, list.len, etcd->user);
    return err ? fail(etcd, err, (struct weft_str){0}) : WEFT_OK;
}

static weft_err
read_now(struct wf_etcd *etcd, struct weft_arena *arena, uint64_t *revision)
{
    struct weft_http_request request = {.path = "/v3/kv/range",
                                        .is_idempotent = true};
    struct weft_http_response r = {0};
    weft_err err = write_body(etcd, "", "}", arena, &request.body);
    if (!err)
        err = weft_http_call(etcd->http, &request, arena, &r);
    if (err)
        return fail(etcd, err, r.text);
    if (r.status != 200)
        return fail(etcd, WEFT_EHTTP, r.body);
    return tell(etcd, r.body, arena, revision);
}

/* ---- the watch ---- */

/* True if a line of the watch tells of a change, or cannot be understood. The
 * first line only says that the watch was created. */
static bool
is_change(struct weft_str line)
{
    static const char created[] = "\"created\":true";
    static const char *const news[] = {"\"events\"", "\"canceled\"",
                                       "\"error\""};
    for (size_t i = 0; i < sizeof news / sizeof *news; i++)
        if (memmem(line.ptr, line.len, news[i], strlen(news[i])))
            return true;
    return !memmem(line.ptr, line.len, created, sizeof created - 1);
}

/* Take whole lines. Returns true after a change. */
static bool
take_lines(struct weft_chain *in)
{
    size_t end;
    while ((end = weft_chain_find(in, 0, '\n')) != SIZE_MAX) {
        const uint8_t *bytes = weft_chain_pull(in, end + 1);
        if (!bytes || is_change((struct weft_str){(const char *)bytes,
                                                  (uint32_t)end + 1}))
            return true;
        weft_chain_drop(in, end + 1);
    }
    return in->len > LINE_SIZE;
}

/* Read the watch until a change, or until the list is to be read anyway. */
static weft_err
await_line(struct weft_http_exchange *x, uint64_t until_ns)
{
    struct weft_chain in = {0};
    size_t before;
    weft_err err;
    do {
        before = in.len;
        err = weft_http_read_until(x, until_ns, &in);
    } while (!err && in.len > before && !take_lines(&in));
    weft_chain_clear(&in);
    return err == WEFT_ECANCEL ? err : WEFT_OK;
}

static weft_err
await_change(struct wf_etcd *etcd, struct weft_arena *arena, uint64_t revision)
{
    char after[64];
    struct weft_http_request request = {.path = "/v3/watch",
                                        .is_idempotent = true};
    struct weft_http_response r = {0};
    struct weft_http_exchange *x;
    uint32_t refresh_ms = wf_option(etcd->refresh_ms, REFRESH_MS);
    (void)snprintf(after, sizeof after, ",\"start_revision\":\"%llu\"}}",
                   (unsigned long long)revision + 1);
    weft_err err =
        write_body(etcd, "{\"create_request\":", after, arena, &request.body);
    if (!err)
        err = weft_http_open(etcd->http, &request, arena, &r, &x);
    if (err)
        return fail(etcd, err, r.text);
    err = r.status == 200 ? await_line(x, wf_timeout_from_now(refresh_ms))
                          : WEFT_EHTTP;
    weft_http_close(x);
    return err ? fail(etcd, err, (struct weft_str){0}) : WEFT_OK;
}

weft_err
wf_etcd_follow(struct wf_etcd *etcd)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    uint64_t revision;
    weft_err err;
    do {
        weft_arena_reset(&arena);
        err = read_now(etcd, &arena, &revision);
        if (!err)
            err = await_change(etcd, &arena, revision);
        if (!err)
            err = weft_sleep_ms(wf_option(etcd->pause_ms, PAUSE_MS));
    } while (!err);
    weft_arena_fini(&arena);
    return err;
}
