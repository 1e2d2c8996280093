/* SPDX-License-Identifier: MIT */
/* Replaces zlib.c in builds without zlib. */
#include "codec/frame/frame.h"

#if !WF_ZLIB

weft_err
wf_inflater_new(struct wf_inflater **inflater)
{
    *inflater = NULL;
    return WEFT_ETRANSFORM;
}

void
wf_inflater_free(struct wf_inflater *inflater)
{
    (void)inflater;
}

weft_err
wf_inflate(struct wf_inflater *inflater, struct weft_chain *in,
           struct weft_chain *out, size_t limit)
{
    (void)inflater, (void)in, (void)out, (void)limit;
    return WEFT_ETRANSFORM;
}

weft_err
wf_zlib_unpack(struct weft_chain *chain, size_t limit)
{
    (void)chain, (void)limit;
    return WEFT_ETRANSFORM;
}

bool
wf_inflater_is_partial(const struct wf_inflater *inflater)
{
    (void)inflater;
    return false;
}

weft_err
wf_deflater_new(struct wf_deflater **deflater)
{
    *deflater = NULL;
    return WEFT_ETRANSFORM;
}

void
wf_deflater_free(struct wf_deflater *deflater)
{
    (void)deflater;
}

weft_err
wf_deflate(struct wf_deflater *deflater, struct weft_chain *in,
           struct weft_chain *out)
{
    (void)deflater, (void)in, (void)out;
    return WEFT_ETRANSFORM;
}

weft_err
wf_zlib_pack(struct weft_chain *chain)
{
    (void)chain;
    return WEFT_ETRANSFORM;
}

#endif
