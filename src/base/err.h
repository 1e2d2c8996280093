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
    WF_BAND_NONE, /* not an error of weft */
};

/* The band of an error. It is the same whether the peer has reported the error
 * or not. */
enum wf_band wf_err_band(weft_err err);

#endif
