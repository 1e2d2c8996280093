/* SPDX-License-Identifier: MIT */
/*
 * The state of skipping a whole message while its bytes arrive, in any
 * protocol. The cutter skips a message without a frame to find its end. Each
 * protocol has a function that skips the bytes that have arrived. Its next call
 * begins after these bytes. Only the bytes of a partial head or number are
 * examined twice. Private to codec.
 */
#ifndef WEFT_CODEC_PASS_H
#define WEFT_CODEC_PASS_H

#include "codec/binary/binary.h"
#include "codec/json/json.h"

struct wf_pass {
    bool is_head_due; /* binary, compact: the head is not yet skipped */
    union {
        struct wf_skip skip;       /* binary, compact */
        struct wf_tjson_pass json; /* JSON */
    };
};

/* Recognize a connection by its first bytes: set mode, protocol and guess.
 * Returns WEFT_OK with WF_CUT_UNKNOWN if there are too few bytes to decide.
 * Errors: WEFT_EUNKNOWNPROTO; WEFT_ESIZE: a frame of no bytes. */
weft_err wf_sniff(struct wf_cutter *cutter, const struct weft_chain *in)
    WEFT_CHECKED;

#endif
