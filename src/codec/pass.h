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

#include "codec/skip.h"

/* Brackets are counted, not matched: what is in them is the reader's affair. */
struct wf_json_pass {
    uint32_t depth; /* 0: before the first */
    bool in_string, is_escaped;
};

struct wf_pass {
    bool is_head_due; /* of binary and compact */
    union {
        struct wf_skip skip;      /* binary, compact */
        struct wf_json_pass json; /* JSON */
    };
};

/* The head of a compact message up to its name, which is pending then, and the
 * struct is due. WEFT_ETRUNC: nothing has been read. */
weft_err wf_compact_pass_head(struct wf_skip *skip, struct weft_reader *r,
                              uint32_t name_size) WEFT_CHECKED;

/* As wf_skip_run, for compact values. */
weft_err wf_compact_pass(struct wf_skip *skip, struct weft_reader *r,
                         int64_t extra) WEFT_CHECKED;

/* A message in JSON, which begins with a bracket. Errors: WEFT_EVERSION,
 * WEFT_EDEPTH: more brackets than that depth of values can have. */
weft_err wf_json_pass(struct wf_json_pass *pass, struct weft_reader *r,
                      uint32_t depth) WEFT_CHECKED;

/* What the first bytes of a connection are: sets framing, protocol and guess.
 * WEFT_OK with the framing unknown: too few are there to say. Errors:
 * WEFT_EUNKNOWNPROTO; WEFT_ESIZE: a frame of no bytes. */
weft_err wf_sniff(struct wf_cutter *cutter, const struct weft_chain *in)
    WEFT_CHECKED;

#endif
