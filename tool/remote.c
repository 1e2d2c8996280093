/* SPDX-License-Identifier: MIT */
/*
 * The tool's client, reports of how a call ended, and the IDL that a server
 * sends.
 */
#include "tool.h"

#include "idl/idl.h"

#include <inttypes.h>

/* ---- weft.idl ---- */

enum wt_code
wt_fetch_idl(struct wt_options *o, struct weft_arena *arena,
             struct wi_texts *texts)
{
    struct weft_client *client;
    struct weft_idl_text *items;
    struct weft_call_info info = {.app_type = -1};
    struct weft_call_options options = {.info = &info};
    enum wt_code code = wt_new_client(o, &client);
    if (code)
        return code;
    weft_err err = wi_fetch_texts(client, arena, &options, &items, &texts->n);
    weft_client_free(client);
    texts->items = items;
    if (!err && texts->n > 0)
        return WT_OK;
    if (err && !weft_err_is_peer(err)) {
        code = wt_report_call(o, NULL, err, &info);
        if (code != WT_CONNECT)
            wt_help("with --idl FILE the server is not asked for its IDL");
        return code;
    }
    wt_error("the server at %s does not send its IDL", o->address);
    wt_help("name a file with --idl FILE");
    return WT_PEER;
}

/* ---- the client ---- */

enum wt_code
wt_new_client_of(const struct wt_options *o, const char *target,
                 const struct weft_upstream_options *upstream,
                 struct weft_client **client)
{
    struct weft_client_options options = {.dialect = o->dialect,
                                          .service = o->service,
                                          .call_timeout_ms = o->timeout_ms,
                                          .upstream = upstream};
    weft_err err = weft_client_new(target, &options, client);
    if (!err)
        return WT_OK;
    if (err == WEFT_EADDRESS) {
        wt_error("`%s` is no address", target);
        wt_help("write HOST:PORT, [IPV6]:PORT, unix:PATH or http://HOST/PATH; "
                "for many servers list:ADDRESS,ADDRESS, file:PATH, "
                "dns:HOST:PORT, srv:NAME, etcd:HOST:PORT/PREFIX, "
                "zk:HOST:PORT/PATH or consul:HOST:PORT/SERVICE");
        return WT_USAGE;
    }
    wt_error("no client of %s: %s", target, weft_err_text(err));
    return err == WEFT_EUNKNOWNPROTO ? WT_USAGE : WT_BROKEN;
}

enum wt_code
wt_new_client(const struct wt_options *o, struct weft_client **client)
{
    return wt_new_client_of(o, o->address, NULL, client);
}

/* ---- how calls end ---- */

/* Begin the report of an error in the call `name`. `name` is NULL for a call
 * that the tool makes by itself; then the report names the address, unless
 * info->text says where the call failed. */
static void
begin_error(const struct wt_options *o, const char *name,
            const struct weft_call_info *info)
{
    fputs("weft: error: ", stderr);
    if (name)
        fprintf(stderr, "%s: ", name);
    else if (info->text.len == 0)
        fprintf(stderr, "%s: ", o->address);
}

static enum wt_code
report_peer(const char *name, weft_err err, const struct weft_call_info *info)
{
    fprintf(stderr, "weft: error: %s: the server answered: ", name);
    if (info->text.len > 0)
        wt_put_safe(stderr, info->text);
    else
        fputs(weft_err_text(err), stderr);
    if (info->app_type >= 0)
        fprintf(stderr, " (application exception %" PRId32 ")", info->app_type);
    fputc('\n', stderr);
    if (err == WEFT_ENOMETHOD - WEFT_PEER)
        wt_help(
            "the server does not have this method: is this its IDL? a server "
            "of several services on one port needs --service NAME");
    return WT_PEER;
}

static enum wt_code
report_business(const char *name, const struct weft_call_info *info)
{
    fprintf(stderr, "weft: error: %s: business status %" PRId32 ": ", name,
            info->business);
    wt_put_safe(stderr, info->text);
    fputc('\n', stderr);
    return WT_BUSINESS;
}

/* Report what the library knows of a failure: what failed, where, and the
 * system's error. */
static void
report_why(const struct wt_options *o, const char *name, weft_err err,
           const struct weft_call_info *info)
{
    begin_error(o, name, info);
    if (info->text.len > 0)
        wt_put_safe(stderr, info->text);
    else
        fputs(weft_err_text(err), stderr);
    fprintf(stderr, " (%s)\n", weft_err_name(err));
}

static enum wt_code
report_local(const struct wt_options *o, const char *name, weft_err err,
             const struct weft_call_info *info)
{
    report_why(o, name, err, info);
    if (err == WEFT_EBROKEN)
        wt_help("does the server speak %s? --dialect chooses another",
                o->dialect_name);
    else if (err == WEFT_EHEADER && o->dialect.framing < WEFT_THEADER)
        wt_help("%s has no headers; --dialect theader, ttheader or http does",
                o->dialect_name);
    return err == WEFT_EHEADER || err == WEFT_EUNKNOWNPROTO ? WT_USAGE
                                                            : WT_BROKEN;
}

/* The list of servers is empty, or could not be found. */
static enum wt_code
report_no_server(const struct wt_options *o, const char *name, weft_err err,
                 const struct weft_call_info *info)
{
    report_why(o, name, err, info);
    if (strncmp(o->address, "list:", 5) == 0)
        wt_help("write the servers behind list: as HOST:PORT,HOST:PORT");
    else if (strncmp(o->address, "file:", 5) == 0)
        wt_help("write the servers into this file, one HOST:PORT a line");
    else if (strncmp(o->address, "etcd:", 5) == 0)
        wt_help("is etcd running at this address, and are servers registered "
                "below this prefix?");
    else if (strncmp(o->address, "consul:", 7) == 0)
        wt_help("is an agent of Consul running at this address, and does it "
                "know healthy servers of this service?");
    else if (strncmp(o->address, "zk:", 3) == 0)
        wt_help("is ZooKeeper running at one of these addresses, and are "
                "servers registered below this node?");
    else
        wt_help("does the name service know this name?");
    return WT_CONNECT;
}

enum wt_code
wt_report_call(const struct wt_options *o, const char *name, weft_err err,
               const struct weft_call_info *info)
{
    if (err == WEFT_EBUSINESS - WEFT_PEER || err == WEFT_EBUSINESS)
        return report_business(name, info);
    if (weft_err_is_peer(err))
        return report_peer(name, err, info);
    switch (err) {
    case WEFT_ECONNECT:
        report_why(o, name, err, info);
        wt_help("is the server running, and is this its address?");
        return WT_CONNECT;
    case WEFT_ENOENDPOINT:
        return report_no_server(o, name, err, info);
    case WEFT_ETIMEOUT:
        report_why(o, name, err, info);
        wt_help("--timeout-ms N waits longer; a server of another dialect may "
                "not answer at all");
        return WT_TIMEOUT;
    default:
        return report_local(o, name, err, info);
    }
}
