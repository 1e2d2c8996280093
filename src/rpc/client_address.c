/* SPDX-License-Identifier: MIT */
/* Parses the address of a client: an address as in weft/net.h, or the URL of an
 * HTTP server. */
#include "rpc/client.h"
#include "rpc/headers.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static weft_err
copy_text(struct weft_str text, char **copy)
{
    *copy = wf_sys_malloc((size_t)text.len + 1);
    if (!*copy)
        return -ENOMEM;
    memcpy(*copy, text.ptr, text.len);
    (*copy)[text.len] = '\0';
    return WEFT_OK;
}

/* Copy the host and port of a URL. If the URL has no port, use port 80. */
static weft_err
copy_authority(struct weft_client *client, struct weft_str authority)
{
    char text[300];
    if (authority.len == 0 || authority.len > 256 ||
        memchr(authority.ptr, '@', authority.len))
        return WEFT_EADDRESS;
    memcpy(text, authority.ptr, authority.len);
    text[authority.len] = '\0';
    const char *last = strrchr(text, ']');
    if (!strchr(last ? last : text, ':'))
        memcpy(text + authority.len, ":80", sizeof ":80");
    weft_err err = copy_text(authority, &client->host);
    return err ? err : copy_text(weft_str_of(text), &client->address);
}

static weft_err
take_url(struct weft_client *client, const char *rest)
{
    struct weft_dialect *d = &client->options.dialect;
    if (d->framing == WEFT_FRAMED && d->around == WEFT_ALONE)
        d->framing = WEFT_HTTP;
    if (!wf_is_in_http(d))
        return WEFT_EADDRESS;
    struct weft_str authority = {rest, (uint32_t)strcspn(rest, "/?#")};
    const char *path = rest + authority.len;
    weft_err err = copy_authority(client, authority);
    if (err || !*path)
        return err;
    if (client->options.path || !wf_http_path_is_valid(path))
        return WEFT_EADDRESS;
    return copy_text(weft_str_of(path), &client->path);
}

/* Copy the path of the options, if there is one. */
static weft_err
take_path(struct weft_client *client)
{
    const char *path = client->options.path;
    if (!path)
        return WEFT_OK;
    if (!wf_http_path_is_valid(path) ||
        !wf_is_in_http(&client->options.dialect))
        return -EINVAL;
    return copy_text(weft_str_of(path), &client->path);
}

weft_err
wf_client_take_target(struct weft_client *client, const char *target)
{
    weft_err err = copy_text(weft_str_of(target), &client->address);
    return err ? err : take_path(client);
}

weft_err
wf_client_take_address(struct weft_client *client, const char *address)
{
    static const char scheme[] = "http://";
    bool local = strncmp(address, "unix:", 5) == 0;
    weft_err err = WEFT_OK;
    if (strncasecmp(address, scheme, sizeof scheme - 1) == 0)
        err = take_url(client, address + sizeof scheme - 1);
    else
        err = copy_text(weft_str_of(address), &client->address);
    if (!err)
        err = wf_address_check(client->address);
    if (!err && !client->host)
        err = copy_text(local ? WEFT_STR("localhost") : weft_str_of(address),
                        &client->host);
    return err ? err : take_path(client);
}

weft_err
wf_client_take_service(struct weft_client *client)
{
    const char *service = client->options.service;
    if (!service)
        return WEFT_OK;
    return copy_text(weft_str_of(service), &client->service);
}
