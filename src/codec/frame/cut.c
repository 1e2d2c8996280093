/* SPDX-License-Identifier: MIT */
/*
 * Stage: cut. Finds where a message ends. A frame begins with its length. A
 * message without a frame has no length, so its values are skipped up to its
 * end; skipping can stop and resume at any byte. Every limit is checked before
 * memory is allocated.
 */
#include "codec/codec.h"
#include "codec/frame/pass.h"

#include <errno.h>

#define VERSION 0x8001u /* the first two bytes of a strict message */

void
wf_cutter_fini(struct wf_cutter *cutter)
{
    wf_sys_free(cutter->pass);
    cutter->pass = NULL;
    cutter->passed = 0;
}

static weft_err
cut_framed(const struct wf_cutter *cutter, const struct weft_chain *in,
           struct wf_cut *out)
{
    uint8_t b[4];
    if (weft_chain_copy_out(in, 0, b, sizeof b) < sizeof b)
        return WEFT_OK;
    uint32_t len = weft_load_be32(b);
    if (len == 0 || len > INT32_MAX)
        return WEFT_ESIZE;
    if (len > cutter->limits->message_size)
        return WEFT_ETOOBIG;
    out->need = (size_t)len + 4;
    out->whole = in->len >= out->need;
    if (out->whole) {
        out->head = 4;
        out->body = len;
    }
    return WEFT_OK;
}

/* Skip the head up to the name. An old message begins with the length of the
 * name, and has its type after the name. After this call the rest of the head
 * is pending (struct wf_skip), and the next value is the struct of the
 * message. */
static weft_err
pass_head(struct wf_skip *skip, struct weft_reader *r, bool is_old,
          uint32_t name_size)
{
    size_t size = is_old ? 4 : 8;
    const uint8_t *b = wf_reader_peek(r, size);
    if (!b)
        return WEFT_ETRUNC;
    if (!is_old && weft_load_be32(b) >> 16 != VERSION)
        return WEFT_EVERSION;
    uint32_t name = weft_load_be32(b + size - 4);
    if (name > name_size)
        return WEFT_ESIZE;
    wf_reader_pass(r, size);
    skip->pending = (size_t)name + (is_old ? 5 : 4);
    skip->wire = WEFT_STRUCT;
    return WEFT_OK;
}

static void
begin_pass(const struct wf_cutter *cutter, struct wf_pass *pass)
{
    pass->is_head_due = cutter->protocol != WEFT_JSON;
    if (cutter->protocol == WEFT_JSON)
        pass->json = (struct wf_tjson_pass){0};
    else
        wf_skip_init(&pass->skip, WEFT_STOP, cutter->limits->depth,
                     WEFT_ETOOBIG);
}

static weft_err
run_pass(const struct wf_cutter *cutter, struct wf_pass *pass,
         struct weft_reader *r, int64_t extra)
{
    const struct weft_limits *limits = cutter->limits;
    bool is_compact = cutter->protocol == WEFT_COMPACT;
    if (cutter->protocol == WEFT_JSON)
        return wf_tjson_pass(&pass->json, r, limits->depth);
    if (pass->is_head_due) {
        bool is_old = cutter->protocol == WEFT_OLD_BINARY;
        weft_err err =
            is_compact ? wf_compact_pass_head(&pass->skip, r, limits->name_size)
                       : pass_head(&pass->skip, r, is_old, limits->name_size);
        if (err)
            return err;
        pass->is_head_due = false;
    }
    return is_compact ? wf_compact_pass(&pass->skip, r, extra)
                      : wf_skip_run(&pass->skip, r, extra);
}

/* Remember how far a partial message was skipped. */
static weft_err
keep(struct wf_cutter *cutter, const struct wf_pass *pass, size_t passed)
{
    cutter->passed = passed;
    if (cutter->pass)
        return WEFT_OK;
    cutter->pass = wf_sys_malloc(sizeof *pass);
    if (!cutter->pass)
        return -ENOMEM;
    *cutter->pass = *pass;
    return WEFT_OK;
}

static weft_err
cut_unframed(struct wf_cutter *cutter, const struct weft_chain *in,
             struct wf_cut *out)
{
    size_t limit = cutter->limits->message_size;
    struct wf_pass fresh, *pass = cutter->pass;
    if (!pass) {
        pass = &fresh;
        begin_pass(cutter, pass);
    }
    struct weft_reader r;
    WF_DCHECK(cutter->passed <= in->len); /* bytes are only appended */
    weft_reader_init(&r, in, NULL, 0);
    wf_reader_pass(&r, cutter->passed);
    weft_err err =
        run_pass(cutter, pass, &r, (int64_t)limit - (int64_t)in->len);

    size_t passed = in->len - weft_reader_left(&r);
    if (passed > limit || (err == WEFT_ETRUNC && in->len >= limit))
        return WEFT_ETOOBIG;
    if (err == WEFT_ETRUNC) {
        if (cutter->protocol != WEFT_JSON && pass->skip.pending > 0)
            out->need = passed + pass->skip.pending;
        return keep(cutter, pass, passed);
    }
    if (err)
        return err;
    WF_DCHECK(passed > 0 && passed <= in->len);
    wf_cutter_fini(cutter);
    out->need = out->body = passed;
    out->whole = true;
    return WEFT_OK;
}

weft_err
wf_cut_slow(struct wf_cutter *cutter, const struct weft_chain *in,
            struct wf_cut *out)
{
    *out = (struct wf_cut){0};
    if (in->len == 0)
        return WEFT_OK;
    if (cutter->mode == WF_CUT_UNKNOWN) {
        weft_err err = wf_sniff(cutter, in);
        if (err)
            return err;
    }
    switch (cutter->mode) {
    case WF_CUT_FRAMED:
        return cut_framed(cutter, in, out);
    case WF_CUT_UNFRAMED:
        return cut_unframed(cutter, in, out);
    default:
        return WEFT_OK; /* the caller waits for input, or unpacks the input */
    }
}
