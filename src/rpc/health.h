/* SPDX-License-Identifier: MIT */
/*
 * The method "weft.health", which every server has, unless a service of the
 * server declares a method of this name. The method has no arguments, and
 * returns a string: "SERVING", or "STOPPING" while the server stops. It is the
 * only call that a server answers while it stops. Source: the health checking
 * protocol of gRPC.
 */
#ifndef WEFT_RPC_HEALTH_H
#define WEFT_RPC_HEALTH_H

#include "rpc/server.h"

/* The service with the method alone. wf_idl_service has the method, too. */
extern const struct weft_service wf_health_service;

/* True if a call of this name may be one of the method: the name of a service
 * may come first. */
bool wf_health_is_named(struct weft_str name);

#endif
