/* SPDX-License-Identifier: MIT */
/* Sorts errors by their origin: the bands of weft/err.def. */
#ifndef WEFT_BASE_ERR_H
#define WEFT_BASE_ERR_H

#include <weft/base.h>

/* The origin of an error; see weft/err.def. */
enum wf_band {
    WF_BAND_HOST, /* an errno, and WEFT_OK */
    WF_BAND_BYTES,
    WF_BAND_NETWORK,
    WF_BAND_CALL,
    WF_BAND_NONE, /* not an error of weft */
};

/* Returns the band of an error. WEFT_PEER makes no difference: an error that
 * the peer has reported has the same band as the same error when it occurs
 * here. */
enum wf_band wf_err_band(weft_err err);

#endif
