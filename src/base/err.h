/* SPDX-License-Identifier: MIT */
/* Sorts errors by their origin: the bands of weft/err.def. */
#ifndef WEFT_BASE_ERR_H
#define WEFT_BASE_ERR_H

#include <weft/base.h>

/* Whose fault an error is; see weft/err.def. */
enum wf_band {
    WF_BAND_HOST, /* an errno, and WEFT_OK */
    WF_BAND_BYTES,
    WF_BAND_NETWORK,
    WF_BAND_CALL,
    WF_BAND_NONE, /* it is no error of weft */
};

/* The band of an error. One that the peer reported has the same band as if it
 * were our own. */
enum wf_band wf_err_band(weft_err err);

#endif
