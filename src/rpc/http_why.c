/* SPDX-License-Identifier: MIT */
/* Writes the text of an error of the client of HTTP: where, which request, what
 * failed, and what the system said. */
#include "rpc/http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 60u /* bytes of a line that cannot be read */

/* Append to x->text; what does not fit is cut off. */
static void
say(struct weft_http_exchange *x, const char *a, const char *b)
{
    size_t len = strlen(x->text);
    (void)snprintf(x->text + len, sizeof x->text - len, "%s%s", a, b);
}

/* As say, for bytes of the user or of the server. */
static void
say_quoted(struct weft_http_exchange *x, const char *before, struct weft_str s)
{
    char text[4 * SHOWN + 1];
    s.len = WF_MIN(s.len, SHOWN);
    (void)wf_escape_text(text, sizeof text, s);
    say(x, before, "`");
    say(x, text, "`");
}

static void
say_number(struct weft_http_exchange *x, const char *before, uint64_t n,
           const char *after)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    say(x, before, text);
    say(x, after, "");
}

static void
why_not_written(struct weft_http_exchange *x,
                const struct weft_http_request *request, weft_err err)
{
    struct weft_str key = {0};
    say(x, "the request was not sent: ", "");
    if (err == -EINVAL) {
        say(x, "the method or the path cannot stand in a request", "");
        return;
    }
    key = request->headers.items[x->refused].key;
    say_quoted(x,
               wf_http_is_reserved(key) ? "only weft may write the header "
                                        : "HTTP cannot carry the header ",
               key);
}

static void
why_no_connection(struct weft_http_exchange *x)
{
    say(x, "no connection could be made", "");
    if (x->cause == WEFT_ETIMEOUT)
        say_number(x, " within ", x->http->options.connect_timeout_ms, " ms");
    else if (x->cause == WEFT_EADDRESS) /* weft_http_new has checked its form */
        say(x, ": its host is unknown", "");
    else
        say(x, ": ", weft_err_text(x->cause));
}

static void
why_late(struct weft_http_exchange *x, weft_err err)
{
    static const char *const texts[] = {
        [WF_HTTP_WRITES] = "the request was not sent in time",
        [WF_HTTP_CONNECTS] = "no connection was made in time",
        [WF_HTTP_AWAITS] = "no response came in time",
        [WF_HTTP_READS] = "the response did not go on in time",
    };
    say(x, texts[x->stage], "");
    if (err == WEFT_EREADTIMEOUT)
        say(x, ": ", weft_err_text(err));
}

static void
why_broken(struct weft_http_exchange *x)
{
    say(x,
        x->stage == WF_HTTP_READS ? "the connection ended within the response"
        : x->is_kept ? "the kept connection ended before a response came"
                     : "the connection ended before a response came",
        ": ");
    say(x, weft_err_text(x->cause), "");
}

static void
why_unreadable(struct weft_http_exchange *x, weft_err err)
{
    say(x, "the response cannot be read: ", weft_err_text(err));
    if (x->odd.ptr)
        say_quoted(x, ": the server sent ", x->odd);
}

static bool
is_of_bytes(weft_err err)
{
    return err == WEFT_EPROTOCOL || err == WEFT_EVERSION ||
           err == WEFT_EHEADER || err == WEFT_ETRANSFORM ||
           err == WEFT_EMSGTYPE;
}

weft_err
wf_exchange_explain(struct weft_http_exchange *x,
                    const struct weft_http_request *request, weft_err err)
{
    x->text[0] = '\0';
    say(x, x->http->address, ": ");
    say_quoted(x, "", weft_str_of(x->what));
    say(x, ": ", "");
    if (x->stage == WF_HTTP_WRITES && (err == -EINVAL || err == WEFT_EHEADER))
        why_not_written(x, request, err);
    else if (err == WEFT_ECONNECT)
        why_no_connection(x);
    else if (err == WEFT_ETIMEOUT || err == WEFT_EREADTIMEOUT)
        why_late(x, err);
    else if (err == WEFT_EBROKEN)
        why_broken(x);
    else if (is_of_bytes(err))
        why_unreadable(x, err);
    else if (err == WEFT_ETOOBIG)
        say_number(x, "the body is larger than body_size: ",
                   x->http->options.body_size, " bytes");
    else
        say(x, weft_err_text(err), "");
    return err;
}
