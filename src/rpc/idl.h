/* SPDX-License-Identifier: MIT */
/* The method "weft.idl", by which a server sends its IDL. The method has no
 * arguments and returns map<string, string>, from the name of each file to its
 * text. */
#ifndef WEFT_RPC_IDL_H
#define WEFT_RPC_IDL_H

#include "rpc/server.h"

/* The first file of its reply is that of the first service. */
extern const struct weft_service wf_idl_service;

/* Does a service include its IDL, and is the method not added yet? */
bool wf_idl_is_told(const struct wf_routes *routes);

#endif
