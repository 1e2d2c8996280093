/* SPDX-License-Identifier: MIT */
/*
 * The writing cursor. Bytes that are written but not committed lie in [start,
 * at), and the room after these bytes is [at, end). `start`, `at` and `end` are
 * NULL before the first byte and after an error.
 */
#include "codec/codec.h"

#include <errno.h>

/* The least room to reserve, so that the heads and numbers of a struct fit. */
#define LEAST_ROOM ((size_t)512)

void
weft_writer_init(struct weft_writer *w, struct weft_chain *chain)
{
    *w = (struct weft_writer){.chain = chain, .depth = WEFT_DEPTH};
}

void
weft_writer_owner(struct weft_writer *w, void *owner, void (*ref)(void *owner),
                  void (*unref)(void *owner))
{
    w->owner = owner;
    w->ref = ref;
    w->unref = unref;
}

void
weft_writer_fail(struct weft_writer *w, weft_err err)
{
    if (!w->err)
        w->err = err;
    w->at = w->end = w->start = NULL;
}

/* Commit the written bytes, and release the rest of the room. */
static bool
commit(struct weft_writer *w)
{
    size_t len = (size_t)(w->at - w->start);
    weft_err err = len ? weft_chain_commit(w->chain, w->start, len) : WEFT_OK;
    if (err)
        weft_writer_fail(w, err);
    w->at = w->end = w->start = NULL;
    return !w->err;
}

bool
weft_write_room(struct weft_writer *w, size_t len)
{
    if (w->err || !commit(w))
        return false;
    size_t room;
    uint8_t *at = weft_chain_reserve(w->chain, WF_MAX(len, LEAST_ROOM), &room);
    if (!at) {
        weft_writer_fail(w, -ENOMEM);
        return false;
    }
    w->at = w->start = at;
    w->end = at + room;
    return true;
}

static void
append_ref(struct weft_writer *w, const void *ptr, size_t len)
{
    if (!commit(w))
        return;
    w->ref(w->owner);
    weft_err err =
        weft_chain_append_ref(w->chain, ptr, len, w->unref, w->owner);
    if (err) {
        w->unref(w->owner);
        weft_writer_fail(w, err);
    }
}

void
weft_write_bytes_slow(struct weft_writer *w, const void *ptr, size_t len)
{
    if (len > INT32_MAX || (ptr == NULL && len > 0))
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || len == 0)
        return;
    if (w->owner && len >= WEFT_REF_MIN) {
        append_ref(w, ptr, len);
        return;
    }
    if ((size_t)(w->end - w->at) >= len) {
        wf_buf_note_copy(len);
        memcpy(w->at, ptr, len);
        w->at += len;
        return;
    }
    weft_err err = commit(w) ? weft_chain_append(w->chain, ptr, len) : WEFT_OK;
    if (err)
        weft_writer_fail(w, err);
}

weft_err
weft_writer_fini(struct weft_writer *w)
{
    if (!w->err)
        (void)commit(w);
    return w->err;
}

/* ---- frames ---- */

static size_t
count_written(const struct weft_writer *w)
{
    return w->chain->len + (size_t)(w->at - w->start);
}

void
wf_length_begin(struct weft_writer *w, struct wf_length_mark *frame)
{
    *frame = (struct wf_length_mark){0};
    if (!weft_write_ready(w, 4))
        return;
    frame->at = w->at;
    weft_store_be32(w->at, 0);
    w->at += 4;
    frame->before = count_written(w);
}

/* Write the length. Its four bytes may already be committed, but this function
 * may still change the committed bytes, because no other code has seen the
 * chain yet. */
void
wf_length_end(struct weft_writer *w, const struct wf_length_mark *frame)
{
    if (w->err || !frame->at)
        return;
    WF_DCHECK(count_written(w) >= frame->before);
    size_t len = count_written(w) - frame->before;
    if (len > INT32_MAX)
        weft_writer_fail(w, WEFT_EVALUE);
    else
        weft_store_be32(frame->at, (uint32_t)len);
}
