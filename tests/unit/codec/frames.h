/* SPDX-License-Identifier: MIT */
/* Frames for tests: opened from bytes, described in one line of text,
 * closed. */
#ifndef WEFT_TESTS_UNIT_CODEC_FRAMES_H
#define WEFT_TESTS_UNIT_CODEC_FRAMES_H

#include "unit/codec/bytes.h"

#include <stdio.h>

struct opened {
    struct weft_arena arena;
    struct weft_limits limits;
    struct weft_chain message;
    struct wf_frame frame;
    weft_err err;
};

/* Open the body of a frame that comes in pieces of `piece` bytes. */
static inline void
open_bytes(struct opened *o, const uint8_t *bytes, size_t len, size_t piece,
           const struct weft_limits *asked)
{
    o->limits = wf_limits_of(asked);
    weft_arena_init(&o->arena, o->limits.memory);
    o->message = chain_of(bytes, len, piece);
    memset(&o->frame, 0xaa, sizeof o->frame);
    o->err = wf_frame_open(&o->message, &o->limits, &o->arena, &o->frame);
}

static inline void
opened_free(struct opened *o)
{
    weft_chain_clear(&o->message);
    weft_arena_fini(&o->arena);
}

/* Open a whole frame with its length, given in hexadecimal. */
static inline weft_err
open_hex(struct opened *o, const char *hex)
{
    uint8_t bytes[1024];
    size_t len = unhex(hex, bytes);
    open_bytes(o, bytes + 4, len - 4, len, NULL);
    return o->err;
}

static inline void
print_bytes(FILE *out, const void *ptr, size_t len)
{
    for (const uint8_t *b = ptr; len > 0; len--, b++)
        if (*b > ' ' && *b < 0x7f && *b != '\\')
            fputc(*b, out);
        else
            fprintf(out, "\\%02x", *b);
}

/* Returns a text like "theader binary flags 0 seq 7 trace=1 | <bytes of the
 * message>". The caller frees it. */
static inline char *
tell(const struct wf_frame *f, const struct weft_chain *message)
{
    static const char *const framings[] = {"framed", "unframed", "theader",
                                           "ttheader", "ttheader-framed"};
    static const char *const protocols[] = {"binary", "compact", "json", "old"};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    fprintf(out, "%s %s", framings[f->dialect.framing],
            protocols[f->dialect.protocol]);
    fprintf(out, "%s%s", f->dialect.zlib ? " zlib" : "",
            f->has_crc ? " crc" : "");
    if (f->dialect.framing >= WEFT_THEADER)
        fprintf(out, " flags %x seq %d", f->flags, f->seqid);
    for (uint32_t i = 0; i < f->headers.len; i++) {
        struct weft_header h = f->headers.items[i];
        fputc(' ', out);
        print_bytes(out, h.key.ptr, h.key.len);
        fputc('=', out);
        print_bytes(out, h.value.ptr, h.value.len);
    }
    uint8_t *bytes = flatten(message);
    fputs(" | ", out);
    print_bytes(out, bytes, message->len);
    free(bytes);
    fclose(out);
    return text;
}

/* Close a frame around a copy of the message. */
static inline weft_err
close_again(const struct wf_frame *frame, const struct weft_chain *message,
            struct weft_chain *out)
{
    struct weft_chain copy = {0};
    if (weft_chain_share(message, 0, message->len, &copy))
        abort();
    weft_err err = wf_frame_close(frame, &copy, out);
    if (copy.len > 0)
        abort();
    return err;
}

#endif
