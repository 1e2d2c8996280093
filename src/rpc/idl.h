/* SPDX-License-Identifier: MIT */
/* A server that tells its IDL: the method "weft.idl", which takes nothing and
 * returns map<string, string>, the name of a file to its text. */
#ifndef WEFT_RPC_IDL_H
#define WEFT_RPC_IDL_H

#include "rpc/server.h"

/* The first file is the one of the first service. */
extern const struct weft_service wf_idl_service;

/* Does any service carry its IDL, and is the method not there yet? */
bool wf_idl_is_told(const struct wf_routes *routes);

#endif
