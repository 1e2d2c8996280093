/* SPDX-License-Identifier: MIT */
/*
 * Where a message ends. With a frame its length says so; without, the message
 * itself is passed over, which may stop and go on anywhere. Every limit is
 * checked before anything is taken from the host.
 */
#include "codec/codec.h"
#include "codec/skip.h"

#include <errno.h>

#define VERSION 0x8001u           /* the first two bytes of a strict message */
#define LARGEST_FRAME 0x3fffffffu /* more is no length in any dialect */

void
wf_cutter_fini(struct wf_cutter *cutter)
{
    wf_sys_free(cutter->skip);
    cutter->skip = NULL;
    cutter->passed = 0;
}

/*
 * A length and the version behind it, or the version at once. WEFT_OK with the
 * framing unknown: too little is there to say.
 */
static weft_err
recognise(struct wf_cutter *cutter, const struct weft_chain *in)
{
    uint8_t b[8];
    size_t n = weft_chain_copy_out(in, 0, b, sizeof b);
    if (n < 4)
        return WEFT_OK;
    uint32_t word = weft_load_be32(b);
    if (word >> 16 == VERSION) {
        cutter->framing = WF_FRAMING_NONE;
        return WEFT_OK;
    }
    if (word == 0)
        return WEFT_ESIZE;
    if (word > LARGEST_FRAME || word < 4)
        return WEFT_EUNKNOWNPROTO;
    if (n < 8)
        return WEFT_OK;
    if (weft_load_be32(b + 4) >> 16 != VERSION)
        return WEFT_EUNKNOWNPROTO;
    cutter->framing = WF_FRAMING_FRAMED;
    return WEFT_OK;
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

/* Version, type and name's length; then name and sequence id are pending and
 * the struct is due. */
static weft_err
begin_message(const struct wf_cutter *cutter, struct wf_skip *skip,
              struct weft_reader *r)
{
    const uint8_t *b = wf_reader_peek(r, 8);
    if (!b)
        return WEFT_ETRUNC;
    if (weft_load_be32(b) >> 16 != VERSION)
        return WEFT_EVERSION;
    uint32_t name = weft_load_be32(b + 4);
    if (name > cutter->limits->name_size)
        return WEFT_ESIZE;
    wf_reader_pass(r, 8);
    skip->is_head_due = false;
    skip->pending = (size_t)name + 4;
    skip->wire = WEFT_STRUCT;
    return WEFT_OK;
}

/* The message is partial: remember how far it was passed. */
static weft_err
keep(struct wf_cutter *cutter, const struct wf_skip *skip, size_t passed)
{
    cutter->passed = passed;
    if (cutter->skip)
        return WEFT_OK;
    cutter->skip = wf_sys_malloc(sizeof *skip);
    if (!cutter->skip)
        return -ENOMEM;
    *cutter->skip = *skip;
    return WEFT_OK;
}

static weft_err
cut_unframed(struct wf_cutter *cutter, const struct weft_chain *in,
             struct wf_cut *out)
{
    size_t limit = cutter->limits->message_size;
    struct wf_skip fresh, *skip = cutter->skip;
    if (!skip) {
        skip = &fresh;
        wf_skip_init(skip, WEFT_STOP, cutter->limits->depth, WEFT_ETOOBIG);
        skip->is_head_due = true;
    }
    struct weft_reader r;
    weft_reader_init(&r, in, NULL, 0);
    wf_reader_pass(&r, cutter->passed);
    weft_err err = WEFT_OK;
    if (skip->is_head_due)
        err = begin_message(cutter, skip, &r);
    if (!err)
        err = wf_skip_run(skip, &r, (int64_t)limit - (int64_t)in->len);

    size_t passed = in->len - weft_reader_left(&r);
    if (passed > limit || (err == WEFT_ETRUNC && in->len >= limit))
        return WEFT_ETOOBIG;
    if (err == WEFT_ETRUNC) {
        out->need = skip->pending ? passed + skip->pending : 0;
        return keep(cutter, skip, passed);
    }
    if (err)
        return err;
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
    weft_err err = WEFT_OK;
    if (cutter->framing == WF_FRAMING_UNKNOWN)
        err = recognise(cutter, in);
    if (err || cutter->framing == WF_FRAMING_UNKNOWN)
        return err;
    if (cutter->framing == WF_FRAMING_FRAMED)
        return cut_framed(cutter, in, out);
    return in->len > 0 ? cut_unframed(cutter, in, out) : WEFT_OK;
}
