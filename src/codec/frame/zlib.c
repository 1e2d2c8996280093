/* SPDX-License-Identifier: MIT */
/*
 * Runs zlib from chain to chain. If a whole connection is compressed, each
 * direction is one zlib stream, which is flushed after each message. In THeader
 * each compressed message is a zlib stream of its own. zlib writes directly
 * into the thread's block.
 */
#include "codec/frame/frame.h"

#include <errno.h>

#if WF_ZLIB

#include <limits.h>
#include <zlib.h>

/* With a window of 4 KiB and tables of the same size, deflating takes 32 KiB of
 * memory instead of 256 KiB. */
#define WINDOW_BITS 12
#define MEM_LEVEL 5

/* The least output room for one call of zlib. */
#define ROOM ((size_t)512)

#define STREAM_HEADER 2u /* bytes that begin a stream (RFC 1950) */

/* zlib allocates its memory when the first bytes after a stream's header
 * arrive, so a peer that only begins a stream costs no memory. */
struct wf_inflater {
    z_stream z;
    bool has_begun;
    bool is_ended; /* the end of the stream was read */
};

struct wf_deflater {
    z_stream z;
    bool has_begun;
};

static void *
alloc_state(void *opaque, uInt items, uInt size)
{
    (void)opaque;
    return wf_sys_malloc((size_t)items * size);
}

static void
free_state(void *opaque, void *ptr)
{
    (void)opaque;
    wf_sys_free(ptr);
}

static weft_err
error_of(int code)
{
    switch (code) {
    case Z_OK:
    case Z_STREAM_END:
    case Z_BUF_ERROR: /* no progress without more input or room */
        return WEFT_OK;
    case Z_MEM_ERROR:
        return -ENOMEM;
    default:
        return WEFT_ETRANSFORM;
    }
}

/* What call() needs to run zlib: a stream, a function, input and output. */
struct flow {
    z_stream *z;
    int (*fn)(z_stream *z, int flush); /* inflate or deflate */
    struct weft_chain *in, *out;
};

/* Call zlib once: zlib reads the first slice and writes to new room of at most
 * `limit` bytes. Drop the bytes that zlib has read. If zlib has filled the
 * room, the next call of this function may get more output. */
static weft_err
call(const struct flow *flow, int flush, size_t limit, int *code)
{
    z_stream *z = flow->z;
    const struct weft_slice *first = flow->in->head;
    size_t room, shown = first ? WF_MIN(first->len, (size_t)UINT_MAX) : 0;
    uint8_t *at = weft_chain_reserve(flow->out, WF_MIN(limit, ROOM), &room);
    if (!at)
        return -ENOMEM;
    room = WF_MIN(room, limit);
    z->next_in = (Bytef *)(uintptr_t)(first ? first->ptr : NULL);
    z->avail_in = (uInt)shown;
    z->next_out = at;
    z->avail_out = (uInt)room;
    *code = flow->fn(z, flush);
    WF_DCHECK(z->avail_out <= room && z->avail_in <= shown);
    weft_err err = weft_chain_commit(flow->out, at, room - z->avail_out);
    weft_chain_drop(flow->in, shown - z->avail_in);
    return err ? err : error_of(*code);
}

/* ---- inflating ---- */

static weft_err
begin_inflate(struct wf_inflater *inflater)
{
    *inflater =
        (struct wf_inflater){.z.zalloc = alloc_state, .z.zfree = free_state};
    weft_err err = error_of(inflateInit(&inflater->z));
    inflater->has_begun = !err;
    return err;
}

weft_err
wf_inflater_new(struct wf_inflater **inflater)
{
    *inflater = wf_sys_zalloc(sizeof **inflater);
    return *inflater ? WEFT_OK : -ENOMEM;
}

void
wf_inflater_free(struct wf_inflater *inflater)
{
    if (inflater && inflater->has_begun)
        (void)inflateEnd(&inflater->z);
    wf_sys_free(inflater);
}

weft_err
wf_inflate(struct wf_inflater *inflater, struct weft_chain *in,
           struct weft_chain *out, size_t limit)
{
    struct flow flow = {&inflater->z, inflate, in, out};
    size_t end = out->len + limit;
    WF_DCHECK(limit > 0);
    if (!inflater->has_begun) {
        if (in->len <= STREAM_HEADER)
            return WEFT_OK;
        weft_err err = begin_inflate(inflater);
        if (err)
            return err;
    }
    /* Without new input, zlib has more output only if zlib filled the room in
     * the last call. */
    if (in->len == 0 && inflater->z.avail_out > 0)
        return WEFT_OK;
    while (out->len < end && !inflater->is_ended) {
        int code;
        weft_err err = call(&flow, Z_SYNC_FLUSH, end - out->len, &code);
        if (err)
            return err;
        inflater->is_ended = code == Z_STREAM_END;
        if (in->len == 0 && inflater->z.avail_out > 0)
            break;
    }
    return inflater->is_ended && in->len > 0 ? WEFT_ETRANSFORM : WEFT_OK;
}

/* True if the input ends inside a deflate block. zlib adds 128 to
 * data_type if zlib has just decoded the end of a block. The low three bits of
 * data_type are the number of unused bits in the last byte. */
bool
wf_inflater_is_partial(const struct wf_inflater *inflater)
{
    const z_stream *z = &inflater->z;
    return inflater->has_begun && !inflater->is_ended &&
           (z->total_out == 0 || (z->data_type & (128 | 7)) != 128);
}

weft_err
wf_zlib_unpack(struct weft_chain *chain, size_t limit)
{
    struct wf_inflater inflater;
    struct weft_chain out = {0};
    if (limit == 0) /* no message fits, so none is inflated */
        return WEFT_ETOOBIG;
    weft_err err = begin_inflate(&inflater);
    if (err)
        return err;
    err = wf_inflate(&inflater, chain, &out, limit + 1);
    if (!err && out.len > limit)
        err = WEFT_ETOOBIG;
    if (!err && !inflater.is_ended)
        err = WEFT_ETRANSFORM;
    (void)inflateEnd(&inflater.z);
    weft_chain_clear(chain);
    weft_chain_splice(&out, chain);
    return err;
}

/* ---- deflating ---- */

static weft_err
begin_deflate(struct wf_deflater *deflater)
{
    *deflater =
        (struct wf_deflater){.z.zalloc = alloc_state, .z.zfree = free_state};
    weft_err err =
        error_of(deflateInit2(&deflater->z, Z_BEST_SPEED, Z_DEFLATED,
                              WINDOW_BITS, MEM_LEVEL, Z_DEFAULT_STRATEGY));
    deflater->has_begun = !err;
    return err;
}

weft_err
wf_deflater_new(struct wf_deflater **deflater)
{
    *deflater = wf_sys_zalloc(sizeof **deflater);
    return *deflater ? WEFT_OK : -ENOMEM;
}

void
wf_deflater_free(struct wf_deflater *deflater)
{
    /* The stream has not ended, so deflateEnd returns Z_DATA_ERROR, although
     * deflateEnd frees the memory. */
    if (deflater && deflater->has_begun)
        (void)deflateEnd(&deflater->z);
    wf_sys_free(deflater);
}

/* Deflate all of the input, and flush at its end. */
static weft_err
deflate_all(struct wf_deflater *deflater, int flush, struct weft_chain *in,
            struct weft_chain *out)
{
    struct flow flow = {&deflater->z, deflate, in, out};
    do {
        int code, now = in->head == in->tail ? flush : Z_NO_FLUSH;
        weft_err err = call(&flow, now, SIZE_MAX, &code);
        if (err)
            return err;
    } while (in->len > 0 || deflater->z.avail_out == 0);
    return WEFT_OK;
}

weft_err
wf_deflate(struct wf_deflater *deflater, struct weft_chain *in,
           struct weft_chain *out)
{
    if (in->len == 0)
        return WEFT_OK;
    weft_err err = deflater->has_begun ? WEFT_OK : begin_deflate(deflater);
    return err ? err : deflate_all(deflater, Z_SYNC_FLUSH, in, out);
}

weft_err
wf_zlib_pack(struct weft_chain *chain)
{
    struct wf_deflater deflater;
    struct weft_chain out = {0};
    weft_err err = begin_deflate(&deflater);
    if (err)
        return err;
    err = deflate_all(&deflater, Z_FINISH, chain, &out);
    (void)deflateEnd(&deflater.z);
    weft_chain_clear(chain);
    weft_chain_splice(&out, chain);
    return err;
}

#endif
