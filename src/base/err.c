/* SPDX-License-Identifier: MIT */
/*
 * Says what a weft_err means: its name, its text, its band, whether the call
 * may be repeated, and its type as an exception of Thrift. The rows of the
 * table come from weft/err.def.
 */
#include "base/base.h"

#include <errno.h>
#include <string.h>

#define BAND_SHIFT 12 /* a band is 4,096 numbers */
#define MAX_ERRNO 4095

struct row {
    weft_err err;
    bool retryable;
    int8_t thrift;
    const char *name, *text;
};

static const struct row rows[] = {
    {WEFT_OK, false, 0, "WEFT_OK", "success"},
#define WEFT_ERROR(name, number, retryable, thrift, text) \
    {number, retryable, thrift, "WEFT_" #name, text},
#include <weft/err.def>
#undef WEFT_ERROR
};

/* Returns the error without WEFT_PEER, the offset of errors that the peer has
 * reported. */
static weft_err
strip(weft_err err)
{
    return weft_err_is_peer(err) ? err + WEFT_PEER : err;
}

enum wf_band
wf_err_band(weft_err err)
{
    uint32_t number = 0u - (uint32_t)strip(err);
    return WF_MIN(number >> BAND_SHIFT, (uint32_t)WF_BAND_NONE);
}

static const struct row *
find(weft_err err)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].err == err)
            return &rows[i];
    return NULL;
}

static bool
is_errno(weft_err err)
{
    return err < 0 && err >= -MAX_ERRNO;
}

const char *
weft_err_name(weft_err err)
{
    err = strip(err);
    const struct row *row = find(err);
    const char *name = row ? row->name : NULL;
    if (is_errno(err))
        name = strerrorname_np(-err);
    return name ? name : "unknown";
}

const char *
weft_err_text(weft_err err)
{
    err = strip(err);
    const struct row *row = find(err);
    const char *text = row ? row->text : NULL;
    if (is_errno(err))
        text = strerrordesc_np(-err);
    return text ? text : "unknown";
}

bool
weft_err_is_peer(weft_err err)
{
    return err < -WEFT_PEER;
}

/* If a peer reports an error of the network, the peer's handler got this error
 * from a call to a third party. So the handler has begun, and the caller must
 * not repeat the call. WEFT_ETOOMANYCONNS is different: the server itself
 * reports this error, and runs no handler. */
bool
weft_err_is_retryable(weft_err err)
{
    const struct row *row = find(strip(err));
    return row && row->retryable &&
           (!weft_err_is_peer(err) || wf_err_band(err) == WF_BAND_CALL ||
            strip(err) == WEFT_ETOOMANYCONNS);
}

bool
weft_err_is_connection(weft_err err)
{
    static const weft_err errors[] = {
        WEFT_ECONNECT,     WEFT_EBROKEN,       WEFT_ECLOSED,  WEFT_EEOF,
        WEFT_EREADTIMEOUT, WEFT_EWRITETIMEOUT, WEFT_EIDLE,    -EPIPE,
        -ECONNRESET,       -ECONNREFUSED,      -ECONNABORTED, -ENOTCONN,
        -ETIMEDOUT,        -EHOSTUNREACH,      -ENETUNREACH,  -ENETDOWN,
        -ENETRESET,        -EHOSTDOWN,         -ESHUTDOWN};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i] == err)
            return true;
    return false;
}

int32_t
weft_err_thrift(weft_err err)
{
    const int32_t internal_error = 6;
    const struct row *row = find(strip(err));
    return row ? row->thrift : internal_error;
}
