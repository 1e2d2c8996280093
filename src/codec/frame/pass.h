/* SPDX-License-Identifier: MIT */
/*
 * Skipping whole messages while their bytes arrive, in any protocol: without a
 * frame this finds their end. Each function stops wherever the bytes end and
 * resumes from there, so only the bytes of a partial number are examined twice.
 * Private to codec.
 *
 * WEFT_ETRUNC: call again when more bytes follow. extra as for wf_skip_run.
 */
#ifndef WEFT_CODEC_PASS_H
#define WEFT_CODEC_PASS_H

#include "codec/binary/binary.h"
#include "codec/json/json.h"

struct wf_pass {
    bool is_head_due; /* of binary and compact */
    union {
        struct wf_skip skip;       /* binary, compact */
        struct wf_tjson_pass json; /* JSON */
    };
};

/* Recognize a connection by its first bytes: sets framing, protocol and guess.
 * WEFT_OK with an unknown framing: there are too few bytes to decide. Errors:
 * WEFT_EUNKNOWNPROTO; WEFT_ESIZE: a frame of no bytes. */
weft_err wf_sniff(struct wf_cutter *cutter, const struct weft_chain *in)
    WEFT_CHECKED;

#endif
