/* SPDX-License-Identifier: MIT */
/*
 * Proof that every call ends exactly once.
 *
 * The word of a place is 0 (free), or a sequence number with CLAIMED (a caller
 * prepares it) or WAITING. The moves, each one exchange:
 *
 *   enter   0 -> (seq, CLAIMED) -> (seq, WAITING)   by the caller
 *   take    (seq, WAITING) -> 0                     by reply, failure, caller
 *
 * 1. take succeeds for one of them. The caller that took its own call off has
 *    timed out, or was cancelled; nobody else touches the call any more. Who
 *    else took it writes the result, then `done`, and then wakes the task.
 * 2. The caller that could not take it waits for `done`: so the call stays on
 *    its stack as long as anybody touches it. The waking needs only the task,
 *    which is read before `done`, and is never unmapped.
 * 3. A late reply finds another word: its number is used again only after 2^32
 *    calls of the connection.
 * 4. A broken connection: the socket's error is set, then every place is taken
 *    once (failed). A caller enters, then pushes its request, which looks at
 *    the error. Both fence between, so either the failure finds the place, or
 *    the push returns the error, and the caller takes the call off itself.
 *
 * Attacked by tests/stress/stress_calls.c.
 */
#include "rpc/line.h"

#include <errno.h>

enum { WAITING = 1, CLAIMED = 2 };

#define WORD(seq, state) ((uint64_t)(seq) << 2 | (state))
#define HINT_MAX ((size_t)256 << 10)

static struct wf_place *
place_of(struct wf_line *line, uint32_t seq)
{
    return &line->places[seq & (line->size - 1)];
}

/* Take the call of that number off; NULL: it is not there. */
static struct wf_waiting *
take(struct wf_line *line, uint32_t seq)
{
    struct wf_place *place = place_of(line, seq);
    uint64_t word = WORD(seq, WAITING);
    if (wf_load(&place->word, acquire) != word)
        return NULL;
    struct wf_waiting *call = place->call;
    if (!wf_cas(&place->word, &word, 0, acq_rel))
        return NULL;
    wf_sub(&line->n_waiting, 1, relaxed); /* a bound, no order */
    return call;
}

static void
complete(struct wf_waiting *call, struct weft_chain *reply, weft_err err)
{
    struct wf_task *task = call->task;
    if (reply)
        weft_chain_splice(reply, &call->reply);
    call->err = err;
    wf_store(&call->done, true, release); /* the caller may be gone now */
    wf_wake(task);
}

/* ---- callers ---- */

weft_err
wf_line_enter(struct wf_line *line, struct wf_waiting *call, uint32_t *seq)
{
    if (!call) {
        *seq = wf_add(&line->next_seq, 1, relaxed);
        return WEFT_OK;
    }
    if (wf_add(&line->n_waiting, 1, relaxed) >= line->max) {
        wf_sub(&line->n_waiting, 1, relaxed);
        return WEFT_ETOOMANYCALLS;
    }
    for (;;) { /* max < size, so some number finds a free place */
        *seq = wf_add(&line->next_seq, 1, relaxed);
        struct wf_place *place = place_of(line, *seq);
        uint64_t free = 0;
        if (!wf_cas(&place->word, &free, WORD(*seq, CLAIMED), acq_rel))
            continue;
        place->call = call;
        wf_store(&place->word, WORD(*seq, WAITING), release);
        wf_fence(); /* the place, then the socket's error: see 4 */
        return WEFT_OK;
    }
}

bool
wf_line_leave(struct wf_line *line, uint32_t seq)
{
    return take(line, seq) != NULL;
}

/* ---- replies ---- */

static void
deliver(struct wf_line *line, struct weft_chain *message)
{
    struct weft_message head;
    weft_err err =
        wf_message_peek(message, 0, line->limits.name_size, NULL, &head);
    if (err == WEFT_EBUDGET) { /* the name lies in two runs */
        size_t size = WF_MIN(message->len, (size_t)line->limits.name_size + 12);
        if (weft_chain_pull(message, size))
            err = wf_message_peek(message, 0, line->limits.name_size, NULL,
                                  &head);
    }
    if (err) {
        wf_sock_fail(line->sock, err);
    } else {
        struct wf_waiting *call = take(line, (uint32_t)head.seqid);
        if (call)
            complete(call, message, WEFT_OK);
        else
            wf_add(&line->strays, 1, relaxed);
    }
    weft_chain_clear(message);
}

/* Deliver what is whole. */
static weft_err
cut(struct wf_line *line, struct wf_cut *last)
{
    weft_err err;
    while (!(err = wf_cut(&line->cutter, &line->in, last)) && last->whole) {
        struct weft_chain message = {0};
        weft_chain_drop(&line->in, last->head);
        err = weft_chain_cut(&line->in, last->body, &message);
        if (err)
            break;
        deliver(line, &message);
    }
    return err;
}

static weft_err
read_replies(struct wf_line *line)
{
    struct wf_cut last = {0};
    bool drained = false;
    weft_err err = cut(line, &last);
    while (!err && !drained) {
        struct wf_read_room room = {
            .need = last.need, .hint = line->hint, .limit = SIZE_MAX};
        size_t before = line->in.len;
        err = wf_sock_read(line->sock, &line->in, &room, &drained);
        line->hint = WF_MIN(line->in.len - before, HINT_MAX);
        weft_err bad = cut(line, &last);
        err = err ? err : bad;
    }
    (void)wf_chain_compact(&line->in); /* no memory: no harm */
    return err;
}

static void
readable(struct wf_sock *s)
{
    struct wf_line *line = s->owner;
    uint32_t seen = wf_sock_read_begin(s);
    do {
        weft_err err = read_replies(line);
        if (err) {
            wf_sock_fail(s, err);
            return; /* the reader's role is kept: there is no more */
        }
    } while (!wf_sock_read_end(s, &seen));
}

/* ---- life ---- */

static void
failed(struct wf_sock *s, weft_err why)
{
    struct wf_line *line = s->owner;
    wf_fence(); /* the socket's error, then the places: see 4 */
    for (uint32_t i = 0; i < line->size; i++) {
        uint64_t word = wf_load(&line->places[i].word, acquire);
        if ((word & 3) != WAITING)
            continue;
        struct wf_waiting *call = take(line, (uint32_t)(word >> 2));
        if (call)
            complete(call, NULL, why);
    }
}

static void
closed(struct wf_sock *s)
{
    struct wf_line *line = s->owner;
    wf_cutter_fini(&line->cutter);
    weft_chain_clear(&line->in);
    wf_sys_free(line);
}

static const struct wf_sock_ops ops = {readable, failed, closed, NULL};

weft_err
wf_line_new(int fd, const struct weft_client_options *options,
            struct wf_line **out)
{
    uint32_t size = 16;
    while (size <= options->max_calls)
        size *= 2;
    struct wf_line *line =
        wf_sys_zalloc(sizeof *line + size * sizeof line->places[0]);
    struct wf_sock *s = line ? wf_sock_new(fd, &ops, line) : NULL;
    if (!s) {
        wf_sys_free(line);
        (void)wf_sys_close(fd);
        return -ENOMEM;
    }
    line->sock = s;
    line->limits = options->limits;
    line->size = size;
    line->max = options->max_calls;
    wf_cutter_init(&line->cutter, &line->limits);
    line->cutter.framing =
        options->framing == WEFT_FRAMED ? WF_FRAMING_FRAMED : WF_FRAMING_NONE;
    s->max_queued = options->max_queued;
    s->write_timeout_ms = options->write_timeout_ms;
    weft_err err = wf_sock_watch(s);
    if (err) {
        wf_sock_fail(s, err);
        wf_sock_unref(s);
        return err;
    }
    *out = line;
    return WEFT_OK;
}

struct wf_line *
wf_line_ref(uint64_t sock_id)
{
    struct wf_sock *s = wf_sock_ref(sock_id);
    return s ? s->owner : NULL;
}

void
wf_line_unref(struct wf_line *line)
{
    wf_sock_unref(line->sock);
}
