/* SPDX-License-Identifier: MIT */
/*
 * The module header of codec: what other folders use beyond <weft/codec.h>.
 * Codec handles bytes only: no I/O, no clock.
 *
 *   binary/     has the cursors, and reads and writes binary and compact
 *   desc/       handles values by their descriptors
 *   json/       reads and writes Thrift's JSON protocol
 *   text/       reads and writes the JSON that people write
 *   frame/      opens and closes frames (lengths, headers and zlib around a
 *               message), and finds where a message ends
 *   http/       reads and writes HTTP/1.1, whose bodies are messages
 *   proto.c     calls the functions of the protocol that is chosen
 *   message.c   fills in limits, and reads the head of a message
 *   envelope.c  reads and writes whole messages: frame, head and struct
 */
#ifndef WEFT_CODEC_CODEC_H
#define WEFT_CODEC_CODEC_H

#include <weft/codec.h>

#include "buf/buf.h"
#include "codec/http/http.h"

/* ---- limits ---- */

/* Copy the limits: replace each zero by its default, and reduce limits that are
 * too large. `asked` may be NULL. */
struct weft_limits wf_limits_of(const struct weft_limits *asked);

/* ---- the cutter ---- */

#define WF_LARGEST_FRAME 0x3fffffffu /* bytes; the limit of THeader */

/* A way to divide the input of a connection into messages. wf_frame_open finds
 * the framing of each frame, so frames with and without headers may
 * alternate. */
enum wf_cut_mode {
    WF_CUT_UNKNOWN = 0, /* not known until the first bytes arrive */
    WF_CUT_FRAMED,      /* four bytes of length before each message */
    WF_CUT_UNFRAMED,    /* messages back to back */
    WF_CUT_ZLIB, /* inflate first; another cutter cuts the inflated bytes */
    WF_CUT_HTTP, /* parse first; another cutter cuts the bodies */
};

/* The protocol that a connection seems to speak, if weft cannot cut its
 * input. */
enum wf_guess {
    WF_GUESS_UNKNOWN = 0,
    WF_GUESS_TLS,
    WF_GUESS_HTTP2,
    WF_GUESS_SSH,
    WF_GUESS_MESH,   /* Kitex' mesh header */
    WF_GUESS_STREAM, /* TTHeader streaming */
    WF_GUESS_HTTP,   /* this build or the options exclude it */
    WF_GUESS_ZLIB,   /* this build or the options exclude it */
    WF_GUESSES,
};

/* The state of cutting one connection's input. Before the first byte all
 * members except `limits` are zero. */
struct wf_cutter {
    const struct weft_limits *limits; /* borrowed; the result of wf_limits_of */
    struct wf_pass *pass;             /* state of a partial message, or NULL */
    size_t passed;    /* bytes of the partial message that were skipped */
    uint8_t mode;     /* enum wf_cut_mode */
    uint8_t protocol; /* enum weft_protocol, for WF_CUT_UNFRAMED */
    uint8_t guess;    /* enum wf_guess; valid after WEFT_EUNKNOWNPROTO */
};

/* Where the first message of the input lies. */
struct wf_cut {
    size_t head; /* bytes in front of the message; the caller drops them */
    size_t body; /* bytes of the message itself */
    size_t need; /* fewest input bytes for a whole message; 0: not known yet */
    bool whole;  /* false: `head` and `body` are 0, more input is needed */
};

/* The limits are borrowed until wf_cutter_fini. */
static inline void
wf_cutter_init(struct wf_cutter *cutter, const struct weft_limits *limits)
{
    *cutter = (struct wf_cutter){.limits = limits};
}

/* Free the state of a partial message. May be called twice. */
void wf_cutter_fini(struct wf_cutter *cutter);

weft_err wf_cut_slow(struct wf_cutter *cutter, const struct weft_chain *in,
                     struct wf_cut *out) WEFT_CHECKED;

/*
 * Find the end of the first message. If the message is whole, the caller
 * removes the message from the input (drop `head` bytes, cut `body` bytes)
 * before the next call; if not, the caller may only append bytes. Only the
 * bytes of a partial head or number are examined twice. To reach the new bytes,
 * the cutter steps over the slices before them; wf_chain_compact bounds the
 * number of slices.
 *
 * Errors: WEFT_EUNKNOWNPROTO, WEFT_ETOOBIG, WEFT_ESIZE, and for a message
 * without a frame WEFT_EWIRETYPE, WEFT_EDEPTH, WEFT_EVERSION; -ENOMEM. After an
 * error nothing more can be cut from this input.
 */
static inline weft_err
wf_cut(struct wf_cutter *cutter, const struct weft_chain *in,
       struct wf_cut *out)
{
    const struct weft_slice *first = in->head;
    if (WEFT_UNLIKELY(cutter->mode != WF_CUT_FRAMED || !first ||
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

/* Read and write the heads of old binary messages, as weft_bin_read_message and
 * weft_bin_write_message do for strict binary messages. */
weft_err wf_old_read_message(struct weft_reader *r, uint32_t name_size,
                             struct weft_message *m) WEFT_CHECKED;
void wf_old_write_message(struct weft_writer *w, struct weft_str name,
                          int32_t type, int32_t seqid);

/*
 * Read the head of the message at offset `off` of the input; the rest of the
 * message may be missing. A server needs the sequence id to refuse a message; a
 * client needs the id to find the call of a reply. The name is a view of the
 * input, or a copy in the arena. The arena may be NULL; without an arena, the
 * function returns WEFT_EBUDGET for a name that lies in two runs. Errors: those
 * of wf_message_read.
 */
weft_err wf_message_peek(const struct weft_chain *in, size_t off,
                         uint32_t name_size, struct weft_arena *arena,
                         struct weft_message *m) WEFT_CHECKED;

/*
 * Call the functions of the protocol `proto`. wf_message_read reads the head of
 * a message. wf_message_read_end reads the end of the message after the struct;
 * only JSON has bytes there. wf_struct_skip skips a struct. Errors: those of
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

/* The place of the length in front of a message. The writer fills the length in
 * after the message, because only then the length is known. */
struct wf_length_mark {
    uint8_t *at; /* the four bytes of the length; NULL: the writer has failed */
    size_t before; /* bytes of the chain before the message */
};

/* wf_length_begin reserves four bytes for the length, and wf_length_end fills
 * the length in. Errors stick in the writer. */
void wf_length_begin(struct weft_writer *w, struct wf_length_mark *mark);
void wf_length_end(struct weft_writer *w, const struct wf_length_mark *mark);

/* ---- what surrounds a message ---- */

/* A frame that has been opened, or that will be closed around a message. */
struct wf_frame {
    struct weft_dialect dialect;
    bool has_crc;     /* TTHeader: the payload is checked by crc32c */
    uint8_t guess;    /* enum wf_guess; valid after WEFT_EUNKNOWNPROTO */
    uint16_t flags;   /* THeader, TTHeader: the received flags */
    int32_t seqid;    /* THeader, TTHeader: the id in the header */
    const char *path; /* the path of an HTTP request; NULL: "/" */
    struct weft_headers headers; /* the items lie in the caller's arena */
};

/*
 * Open one frame: remove its headers and transforms, so that the chain holds
 * only the message. The caller has removed the length before the frame (see
 * wf_cut). Sets all members of *frame. The limits bound the inflated bytes and
 * the memory of headers. The headers lie in the arena; a header without a key
 * is dropped.
 *
 * An integer key of TTHeader becomes ":" and the name of the key in
 * codec/frame/ttheader.def; a key without a name becomes ":" and its number.
 * The ACL token of TTHeader becomes RPC_TRANSIT_gdpr-token. If a TTHeader has a
 * crc32c, this function checks the crc32c and sets has_crc.
 *
 * Errors: WEFT_EFRAME (impossible offsets, lengths or counts, an unknown info
 * block), WEFT_ETRANSFORM (a transform that is unknown or not in this build),
 * WEFT_ECHECKSUM, WEFT_ETOOBIG, WEFT_EUNKNOWNPROTO, WEFT_EBUDGET, -ENOMEM.
 */
weft_err wf_frame_open(struct weft_chain *message,
                       const struct weft_limits *limits,
                       struct weft_arena *arena, struct wf_frame *frame)
    WEFT_CHECKED;

/*
 * Close a frame around a message: move the message, with what surrounds it, to
 * the end of `out`. On an error the message is cleared and `out` is unchanged.
 * This function handles framed and unframed dialects, too, but not HTTP, and
 * not the zlib stream of a connection.
 *
 * Errors: WEFT_EHEADER (a header that this dialect cannot carry, or headers
 * that are too long together), WEFT_ETRANSFORM, WEFT_ETOOBIG, -ENOMEM;
 * WEFT_EUNKNOWNPROTO: the framing has no number for the protocol (TTHeader for
 * JSON), or the framing is HTTP.
 */
weft_err wf_frame_close(const struct wf_frame *frame,
                        struct weft_chain *message, struct weft_chain *out)
    WEFT_CHECKED;

/* Returns how many bytes a header takes in a frame of dialect `d`. The dialect
 * must be able to carry the header. */
size_t wf_header_size(const struct weft_dialect *d,
                      const struct weft_header *header);

/* True if every frame of dialect `d` has room for `n` headers. `bytes` is the
 * sum of their sizes (wf_header_size), and with HTTP also of the request's
 * path. */
bool wf_headers_have_room(const struct weft_dialect *d, uint32_t n,
                          size_t bytes);

/* True if `key` is the key of the header with the checksum. Only weft may set
 * this header in TTHeader; callers set wf_frame.has_crc instead. */
bool wf_ttheader_owns(struct weft_str key);

/* The first two bytes of frames with headers. Bytes 4 to 7 of such a frame are
 * the sequence id. */
#define WF_THEADER_MAGIC 0x0fffu
#define WF_TTHEADER_MAGIC 0x1000u

/* Find the protocol of a message by its first byte; white space before JSON is
 * skipped. Errors: WEFT_EUNKNOWNPROTO. */
weft_err wf_protocol_of(const struct weft_chain *message, uint8_t *protocol)
    WEFT_CHECKED;

/* ---- zlib ---- */

/* The limit for the inflated size of a message that has `len` compressed
 * bytes. */
static inline size_t
wf_zlib_most(size_t len, uint32_t ratio)
{
    return WF_MAX(WEFT_INFLATE_FREE, (size_t)ratio * len);
}

/* A connection that is one zlib stream in each direction. */

struct wf_inflater;
struct wf_deflater;

/* Errors: -ENOMEM; WEFT_ETRANSFORM: there is no zlib in this build.
 * wf_inflater_free and wf_deflater_free accept NULL. */
weft_err wf_inflater_new(struct wf_inflater **inflater) WEFT_CHECKED;
void wf_inflater_free(struct wf_inflater *inflater);
weft_err wf_deflater_new(struct wf_deflater **deflater) WEFT_CHECKED;
void wf_deflater_free(struct wf_deflater *deflater);

/*
 * Inflate the input, and append at most `limit` bytes to `out`. If the call
 * appends exactly `limit` bytes, use these bytes and call again: the input or
 * zlib's window may hold more. Errors: WEFT_ETRANSFORM (malformed, or bytes
 * after the end of the stream), -ENOMEM; the stream cannot be used after an
 * error.
 */
weft_err wf_inflate(struct wf_inflater *inflater, struct weft_chain *in,
                    struct weft_chain *out, size_t limit) WEFT_CHECKED;

/* True if the input so far ends inside a block of the deflate format. In this
 * case only more input can complete a message. */
bool wf_inflater_is_partial(const struct wf_inflater *inflater);

/* Deflate all of the input and flush zlib, so that the peer can inflate all of
 * the input at once. Errors: -ENOMEM; the stream cannot be used after an
 * error. */
weft_err wf_deflate(struct wf_deflater *deflater, struct weft_chain *in,
                    struct weft_chain *out) WEFT_CHECKED;

/* ---- JSON of other programs (json/walk.c) ---- */

/*
 * Walk through the items of an object ('{') or an array ('['):
 *
 *     for (err = wf_walk_open(r, '{', &more); !err && more;
 *          err = wf_walk_next(r, '{', &more))
 *         one key and one value, whose error ends the walk
 *
 * Each value is read by one of the functions below, or skipped. All errors are
 * WEFT_ETRUNC, WEFT_EPROTOCOL, WEFT_EDEPTH (more levels than the reader
 * allows), WEFT_EBUDGET and WEFT_ESIZE.
 */
weft_err wf_walk_open(struct weft_reader *r, char open, bool *more)
    WEFT_CHECKED;
weft_err wf_walk_next(struct weft_reader *r, char open, bool *more)
    WEFT_CHECKED;
weft_err wf_walk_key(struct weft_reader *r, struct weft_str *key) WEFT_CHECKED;

weft_err wf_walk_skip(struct weft_reader *r) WEFT_CHECKED;
weft_err wf_walk_str(struct weft_reader *r, struct weft_str *text) WEFT_CHECKED;

/* A string in base64. */
weft_err wf_walk_binary(struct weft_reader *r, struct weft_str *bytes)
    WEFT_CHECKED;

/* A whole number from 0 to `most`, with quotes or without. */
weft_err wf_walk_number(struct weft_reader *r, uint64_t most, uint64_t *v)
    WEFT_CHECKED;

/* Check that only white space follows. WEFT_ETRAILING: more follows. */
weft_err wf_walk_end(struct weft_reader *r) WEFT_CHECKED;

/* Append bytes as a string in base64, with its quotes. -ENOMEM. */
weft_err wf_walk_put_binary(struct weft_chain *out, struct weft_str bytes)
    WEFT_CHECKED;

/* ---- text for people ---- */

/*
 * Copy text for a terminal or a log. Control characters (also U+0080 to U+009F)
 * and bytes that are not UTF-8 become \xNN. The copy has at most `size` bytes
 * with its NUL, and ends after a whole character. Returns the length of the
 * copy.
 */
size_t wf_escape_text(char *to, size_t size, struct weft_str text);

/* ---- envelopes (envelope.c): frame, head and struct ---- */

/* The struct of an error reply. */
struct wf_app_exception {
    struct weft_str text;
    int32_t type;
    struct {
        uint32_t w[1];
    } has;
};
extern const struct weft_struct wf_app_exception_desc;

/* Open the frame of a message that was cut (see wf_frame_open). Even after an
 * error *frame has the framing and the sequence id, if this function could read
 * both. */
weft_err wf_envelope_open(const struct wf_cutter *cutter,
                          struct weft_chain *message, struct weft_arena *arena,
                          struct wf_frame *frame) WEFT_CHECKED;

/* Read the struct of a message and the end of the message; the head has been
 * read before. Errors: those of weft_struct_read and wf_message_read_end;
 * WEFT_ETRAILING: bytes follow the message. */
weft_err wf_envelope_read(const struct weft_struct *desc,
                          enum weft_protocol proto, struct weft_reader *r,
                          void *record) WEFT_CHECKED;

/* A message that will be written. */
struct wf_envelope {
    const struct wf_frame *frame;
    struct weft_message head;
    const struct weft_struct *desc;
    const void *record;
    void *owner; /* keeps large strings in memory; NULL: copy large strings */
    void (*ref)(void *owner);
    void (*unref)(void *owner);
    struct weft_refused *refused; /* gets the refused field; may be NULL */
};

/* Write the text of an error: "field `name` of `Person` is not set". */
void wf_refused_text(char *to, size_t size, const struct weft_refused *refused);

/* Append the envelope. After an error `out` has a part of the envelope: clear
 * `out`. */
weft_err wf_envelope_write(const struct wf_envelope *e, struct weft_chain *out)
    WEFT_CHECKED;

#endif
