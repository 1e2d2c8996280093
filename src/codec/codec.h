/* SPDX-License-Identifier: MIT */
/*
 * The door of codec: what <weft/codec.h> leaves out. The cutter finds where a
 * message of a connection ends; heads and application exceptions are read and
 * written here for server and client alike. Bytes only: no I/O, no clock.
 */
#ifndef WEFT_CODEC_CODEC_H
#define WEFT_CODEC_CODEC_H

#include <weft/codec.h>

#include "buf/buf.h"

/* ---- limits ---- */

/* The limits with every zero replaced by its default; asked may be NULL. */
struct weft_limits wf_limits_of(const struct weft_limits *asked);

/* ---- the cutter ---- */

enum wf_framing {
    WF_FRAMING_UNKNOWN = 0, /* until the first bytes have come */
    WF_FRAMING_FRAMED,      /* each message behind four bytes of length */
    WF_FRAMING_NONE,        /* messages back to back */
};

/* A connection's place in its input. All zero but limits is a fresh one. */
struct wf_cutter {
    const struct weft_limits *limits; /* of wf_limits_of; outlives the cutter */
    struct wf_skip *skip; /* of a partial message without a frame, or NULL */
    size_t passed;        /* bytes that skip has seen */
    uint8_t framing;      /* enum wf_framing */
};

/* Where the first message of the input is. */
struct wf_cut {
    size_t head; /* bytes to drop in front of it */
    size_t body; /* bytes of the message itself */
    size_t need; /* bytes of both, at least, if not whole; 0: not known yet */
    bool whole;  /* false: head and body are 0, wait for more */
};

/* The limits are borrowed until fini. */
static inline void
wf_cutter_init(struct wf_cutter *cutter, const struct weft_limits *limits)
{
    *cutter = (struct wf_cutter){.limits = limits};
}

/* Free what a partial message has taken. Harmless twice. */
void wf_cutter_fini(struct wf_cutter *cutter);

weft_err wf_cut_slow(struct wf_cutter *cutter, const struct weft_chain *in,
                     struct wf_cut *out) WEFT_CHECKED;

/*
 * Look for the end of the first message. When it is whole, the caller takes it
 * off the input (drop head, cut body) before the next look; when not, only
 * bytes at the end may be added. Bytes seen once are not looked at again; to
 * come to them costs a step per slice, which wf_chain_compact bounds.
 *
 * Errors: WEFT_EUNKNOWNPROTO, WEFT_ETOOBIG, WEFT_ESIZE, and without a frame
 * WEFT_EWIRETYPE, WEFT_EDEPTH, WEFT_EVERSION; -ENOMEM. Nothing can be cut from
 * this input any more.
 */
static inline weft_err
wf_cut(struct wf_cutter *cutter, const struct weft_chain *in,
       struct wf_cut *out)
{
    const struct weft_slice *first = in->head;
    if (WEFT_UNLIKELY(cutter->framing != WF_FRAMING_FRAMED || !first ||
                      first->len < 4))
        return wf_cut_slow(cutter, in, out);
    uint32_t len = weft_load_be32(first->ptr);
    if (WEFT_UNLIKELY(len - 1 >= cutter->limits->message_size ||
                      in->len - 4 < len))
        return wf_cut_slow(cutter, in, out);
    *out = (struct wf_cut){4, len, (size_t)len + 4, true};
    return WEFT_OK;
}

/* ---- messages ---- */

/*
 * The head of the message at that offset of the input, whole or not, so that
 * an error can be answered with its sequence id. The name is a view of the
 * input, or a copy in the arena, which may be NULL: then a name that lies in
 * two runs is WEFT_EBUDGET. Errors as weft_bin_read_message.
 */
weft_err wf_message_peek(const struct weft_chain *in, size_t off,
                         uint32_t name_size, struct weft_arena *arena,
                         struct weft_message *m) WEFT_CHECKED;

/*
 * The same in every protocol: the head of a message, what is behind its struct
 * (nothing but in JSON), and passing over the struct. Errors as
 * weft_bin_read_message and weft_struct_read; WEFT_EUNKNOWNPROTO.
 */
weft_err wf_message_read(enum weft_protocol proto, struct weft_reader *r,
                         uint32_t name_size, struct weft_message *m)
    WEFT_CHECKED;
weft_err wf_message_read_end(enum weft_protocol proto, struct weft_reader *r)
    WEFT_CHECKED;
weft_err wf_struct_skip(enum weft_protocol proto, struct weft_reader *r)
    WEFT_CHECKED;
void wf_message_write(enum weft_protocol proto, struct weft_writer *w,
                      struct weft_str name, int32_t type, int32_t seqid);
void wf_message_write_end(enum weft_protocol proto, struct weft_writer *w);

/* The length in front of a message, written when its end is known. */
struct wf_frame {
    uint8_t *at;   /* of the four bytes; NULL: there was no room */
    size_t before; /* bytes of the chain up to the message */
};

/* Leave room for the length / fill it in. Errors stick in the writer. */
void wf_frame_begin(struct weft_writer *w, struct wf_frame *frame);
void wf_frame_end(struct weft_writer *w, const struct wf_frame *frame);

/* Write the struct of a TApplicationException: 1 message, 2 type. */
void wf_write_app_exception(struct weft_writer *w, struct weft_str text,
                            int32_t type);

/* Read one; other fields are passed over, absent ones are an absent string and
 * 0. text is a view as of weft_bin_read_str. */
weft_err wf_read_app_exception(struct weft_reader *r, struct weft_str *text,
                               int32_t *type) WEFT_CHECKED;

#endif
