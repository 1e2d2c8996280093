/* SPDX-License-Identifier: MIT */
/* Reads the options with which a server registers itself, and finds the address
 * under which clients find it. */
#include "upstream/register.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WEIGHT_MOST 1000000u
#define TTL_MS 10000u
#define TTL_MS_LEAST 100u
#define TTL_MS_MOST 86400000u
#define LEAVE_TIMEOUT_MS 2000u
#define LINGER_MS 1000u
#define HOUR_MS 3600000u
#define TAGS_MOST 64u

static weft_err
refuse(const char *registry, weft_err err, const char *what)
{
    wf_log(WEFT_LOG_ERROR, "weft_server_add_registry: `%.200s`: %s", registry,
           what);
    return err;
}

/* True if the text can be in a string of JSON as it is. */
static bool
is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f ||
            *c == '"' || *c == '\\')
            return false;
    return *text != '\0';
}

/* ---- the registry ---- */

static weft_err
find_kind(const char *registry, struct wf_register_options *o)
{
    static const struct wf_registry_kind *const kinds[] = {
        &wf_registry_etcd, &wf_registry_consul, &wf_registry_zk};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(registry, kinds[i]->name, strlen(kinds[i]->name)) == 0)
            o->kind = kinds[i];
    if (!o->kind)
        return refuse(
            registry, WEFT_EADDRESS,
            "no such registry; it begins with `etcd:`, `consul:` or `zk:`");
    const char *name = registry + strlen(o->kind->name);
    weft_err err =
        o->kind->check ? o->kind->check(name) : wf_registry_check(name);
    return err ? refuse(registry, err, "it is not HOST:PORT/NAME") : err;
}

/* ---- the options ---- */

static weft_err
take_numbers(const char *registry, const struct weft_registry_options *given,
             struct wf_register_options *o)
{
    o->weight = wf_option(given->weight, 1);
    o->ttl_ms = wf_option(given->ttl_ms, TTL_MS);
    o->leave_timeout_ms = wf_option(given->leave_timeout_ms, LEAVE_TIMEOUT_MS);
    o->linger_ms = wf_option(given->linger_ms, LINGER_MS);
    if (o->linger_ms == WEFT_NONE)
        o->linger_ms = 0;
    if (o->weight > o->kind->weight_most)
        return refuse(registry, -EINVAL, "the weight is too large");
    if (o->ttl_ms < TTL_MS_LEAST || o->ttl_ms > TTL_MS_MOST)
        return refuse(registry, -EINVAL, "ttl_ms is not 100 to 86,400,000");
    if (o->leave_timeout_ms > HOUR_MS || o->linger_ms > HOUR_MS)
        return refuse(registry, -EINVAL,
                      "leave_timeout_ms or linger_ms is above 3,600,000");
    return WEFT_OK;
}

static weft_err
take_tags(const char *registry, const struct weft_registry_options *given,
          struct weft_arena *arena, struct wf_register_options *o)
{
    if (given->n_tags == 0)
        return WEFT_OK;
    if (given->n_tags > TAGS_MOST || !given->tags)
        return refuse(registry, -EINVAL, "there may be 64 tags");
    const char **tags =
        weft_arena_alloc(arena, given->n_tags * sizeof *o->tags);
    for (uint32_t i = 0; tags && i < given->n_tags; i++) {
        if (!given->tags[i] || !is_plain(given->tags[i]))
            return refuse(registry, -EINVAL,
                          "a tag is empty, or has a character other than "
                          "printable ASCII, or a quote or a backslash");
        tags[i] = weft_arena_printf(arena, "%s", given->tags[i]).ptr;
        if (!tags[i])
            return WEFT_EBUDGET;
    }
    o->tags = tags;
    o->n_tags = given->n_tags;
    return tags ? WEFT_OK : WEFT_EBUDGET;
}

static bool
is_wildcard(const char *address)
{
    return address[0] == ':' || strncmp(address, "0.0.0.0:", 8) == 0 ||
           strncmp(address, "[::]:", 5) == 0;
}

static weft_err
take_address(const char *registry, const struct weft_registry_options *given,
             struct weft_arena *arena, struct wf_register_options *o)
{
    const char *a = given->address;
    if (!a)
        return WEFT_OK;
    bool is_unix = strncmp(a, "unix:", 5) == 0;
    if (!is_plain(a) || strlen(a) >= WF_ADVERTISED - 5 || wf_address_check(a) ||
        is_wildcard(a) || (is_unix && !o->kind->has_unix))
        return refuse(registry, WEFT_EADDRESS,
                      "no client can connect to the address of the options; "
                      "give HOST:PORT");
    o->address = weft_arena_printf(arena, "%s", a).ptr;
    return o->address ? WEFT_OK : WEFT_EBUDGET;
}

weft_err
wf_register_options(const char *registry,
                    const struct weft_registry_options *given,
                    struct weft_arena *arena, struct wf_register_options *o)
{
    static const struct weft_registry_options none;
    if (!given)
        given = &none;
    *o = (struct wf_register_options){0};
    weft_err err = find_kind(registry, o);
    if (!err)
        err = take_numbers(registry, given, o);
    if (!err)
        err = take_tags(registry, given, arena, o);
    if (!err)
        err = take_address(registry, given, arena, o);
    if (err)
        return err;
    o->target = weft_arena_printf(arena, "%s", registry).ptr;
    if (!o->target)
        return WEFT_EBUDGET;
    o->name = o->target + strlen(o->kind->name);
    return WEFT_OK;
}

/* ---- the address ---- */

/* The address of the options, in which port 0 stands for that of the server. */
static weft_err
print_own(const struct wf_register_options *o, const struct weft_server *server,
          char address[WF_ADVERTISED])
{
    size_t n = strlen(o->address);
    bool has_port = strncmp(o->address, "unix:", 5) != 0;
    while (has_port && o->address[n - 1] == '0')
        n--;
    if (!has_port || o->address[n - 1] != ':')
        snprintf(address, WF_ADVERTISED, "%s", o->address);
    else if (weft_server_port(server) == 0)
        return WEFT_EADDRESS;
    else
        snprintf(address, WF_ADVERTISED, "%.*s%u", (int)n, o->address,
                 (unsigned)weft_server_port(server));
    return WEFT_OK;
}

weft_err
wf_register_address(const struct wf_register_options *o,
                    const struct weft_server *server,
                    char address[WF_ADVERTISED])
{
    if (o->address && !print_own(o, server, address))
        return WEFT_OK;
    bool is_one = wf_server_address(server, address, WF_ADVERTISED);
    bool is_unix = strncmp(address, "unix:", 5) == 0;
    if (!o->address && is_one && is_plain(address) &&
        (!is_unix || o->kind->has_unix))
        return WEFT_OK;
    wf_log(WEFT_LOG_ERROR,
           "weft_server_start: the server listens on `%s`, where no client "
           "can find it by `%.200s`; set `address` of struct "
           "weft_registry_options",
           address, o->target);
    return WEFT_EADDRESS;
}
