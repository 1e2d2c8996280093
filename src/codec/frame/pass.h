/* SPDX-License-Identifier: MIT */
/*
 * Passing over whole messages as their bytes arrive, in any protocol: where
 * there is no frame this finds the end. Each stops wherever the bytes end and
 * goes on from there, so that no byte is looked at twice but those of a number
 * that was not whole. Private to codec.
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

/* What the first bytes of a connection are: sets framing, protocol and guess.
 * WEFT_OK with the framing unknown: too few are there to say. Errors:
 * WEFT_EUNKNOWNPROTO; WEFT_ESIZE: a frame of no bytes. */
weft_err wf_sniff(struct wf_cutter *cutter, const struct weft_chain *in)
    WEFT_CHECKED;

#endif
