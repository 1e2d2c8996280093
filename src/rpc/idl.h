/* SPDX-License-Identifier: MIT */
/* The method "weft.idl", by which a server sends its IDL. The method has no
 * arguments and returns map<string, string>, from the name of each file to its
 * text. */
#ifndef WEFT_RPC_IDL_H
#define WEFT_RPC_IDL_H

#include "rpc/server.h"

/* The service with the methods "weft.idl" and "weft.health". The first IDL file
 * in a reply comes from the first added service that includes its IDL. */
extern const struct weft_service wf_idl_service;

/* True if a service includes its IDL. */
bool wf_idl_is_told(const struct wf_routes *routes);

#endif
