/* SPDX-License-Identifier: MIT */
/* Reads and writes whole messages: the frame, the head and the struct of each
 * message. */
#include "codec/codec.h"

#include <stddef.h>

/* ---- TApplicationException: what an error reply carries ---- */

static const struct weft_type text_type = {.wire = WEFT_STRING,
                                           .size = sizeof(struct weft_str)};
static const struct weft_type code_type = {.wire = WEFT_I32,
                                           .size = sizeof(int32_t)};

static const struct weft_field app_fields[] = {
    {.name = "message",
     .type = &text_type,
     .offset = offsetof(struct wf_app_exception, text),
     .has_bit = 0,
     .id = 1},
    {.name = "type",
     .type = &code_type,
     .offset = offsetof(struct wf_app_exception, type),
     .has_bit = 1,
     .id = 2},
};

const struct weft_struct wf_app_exception_desc = {
    .name = "TApplicationException",
    .fields = app_fields,
    .n_fields = 2,
    .size = sizeof(struct wf_app_exception),
    .has_offset = offsetof(struct wf_app_exception, has),
    .kind = WEFT_RECORD_EXCEPTION,
};

/* ---- reading ---- */

weft_err
wf_envelope_open(const struct wf_cutter *cutter, struct weft_chain *message,
                 struct weft_arena *arena, struct wf_frame *frame)
{
    *frame = (struct wf_frame){.dialect.framing = WEFT_UNFRAMED,
                               .dialect.protocol = cutter->protocol};
    if (cutter->mode == WF_CUT_UNFRAMED)
        return WEFT_OK;
    return wf_frame_open(message, cutter->limits, arena, frame);
}

weft_err
wf_envelope_read(const struct weft_struct *desc, enum weft_protocol proto,
                 struct weft_reader *r, void *record)
{
    weft_err err = weft_struct_read(desc, proto, r, record);
    if (!err)
        err = wf_message_read_end(proto, r);
    return !err && weft_reader_left(r) > 0 ? WEFT_ETRAILING : err;
}

/* ---- writing ---- */

void
wf_refused_text(char *to, size_t size, const struct weft_refused *refused)
{
    snprintf(to, size, "field `%s` of `%s` is not set", refused->field->name,
             refused->in->name);
}

static void
write_message(struct weft_writer *w, const struct wf_envelope *e)
{
    enum weft_protocol protocol = e->frame->dialect.protocol;
    wf_message_write(protocol, w, e->head.name, e->head.type, e->head.seqid);
    weft_struct_write(e->desc, protocol, w, e->record);
    wf_message_write_end(protocol, w);
}

/* Write the envelope in a dialect without headers; in a framed dialect the
 * length comes before the message. */
static weft_err
write_plain(const struct wf_envelope *e, struct weft_writer *w)
{
    struct wf_length_mark mark;
    bool framed = e->frame->dialect.framing == WEFT_FRAMED;
    if (framed)
        wf_length_begin(w, &mark);
    write_message(w, e);
    if (framed)
        wf_length_end(w, &mark);
    return weft_writer_fini(w);
}

weft_err
wf_envelope_write(const struct wf_envelope *e, struct weft_chain *out)
{
    struct weft_writer w;
    struct weft_chain body = {0};
    bool plain = e->frame->dialect.framing <= WEFT_UNFRAMED;
    weft_writer_init(&w, plain ? out : &body);
    if (e->owner)
        weft_writer_owner(&w, e->owner, e->ref, e->unref);
    weft_err err;
    if (plain) {
        err = write_plain(e, &w);
    } else {
        write_message(&w, e);
        err = weft_writer_fini(&w);
    }
    if (WEFT_UNLIKELY(err && e->refused))
        *e->refused = weft_writer_refused(&w);
    if (err)
        weft_chain_clear(&body);
    if (err || plain)
        return err;
    return e->frame->dialect.framing == WEFT_HTTP
               ? wf_http_close(e->frame, &body, out)
               : wf_frame_close(e->frame, &body, out);
}
