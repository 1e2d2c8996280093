/* SPDX-License-Identifier: MIT */
/*
 * The module header of rpc, the last folder: only tests and tools include it.
 *
 * The server:
 *   server.h          what its files share; server.c is its life
 *   server_options.c  a copy of what its options point to
 *   server_waits.c    what a stop waits for, in words
 *   service.c         a whole server in one call
 *   route.h           from the name of a method to its handler
 *   idl.h             the method by which it sends its IDL
 *   serve.c           reads a connection: accept, read, cut, run
 *   input.h           makes messages of the bytes
 *   batch.h           runs the messages of one read
 *   server_conn.c     sends the replies of a connection, and ends it
 *
 * A call of it:
 *   call.h            from its message to its reply; call_life.c makes and
 *                     frees it, call.c runs the handler
 *   charge.c          its message counts in the memory of the server
 *   call_headers.c    what a handler asks and says, and the headers
 *   call_reply.c      makes the reply
 *   result_check.h    in debug builds, a look at where a result points
 *   local.c           calls without a connection
 *
 * The client:
 *   client.h          what its files share; client.c makes it and calls,
 *                     client_life.c has its memory and its counters
 *   client_address.c  where it connects to
 *   client_connect.c  which connection a call takes
 *   client_conn.h     one connection; client_pending.c has the calls that wait
 *                     on it
 *   client_http.c     the same over HTTP
 *   client_call.h     one call: its request, its reply
 *   client_why.c      why a call failed, in a text
 *
 * Both:
 *   headers.h         headers beside a message
 *   unpack.h          what lies between bytes and messages: zlib, HTTP
 */
#ifndef WEFT_RPC_RPC_H
#define WEFT_RPC_RPC_H

#include <weft/rpc.h>

#include "base/base.h"
#include "buf/buf.h"
#include "codec/codec.h"
#include "fiber/fiber.h"
#include "net/net.h"

#endif
