/* SPDX-License-Identifier: MIT */
/*
 * The module header of rpc, the last folder: only tests and tools include it.
 *
 * The server:
 *   server.h          shared declarations; server.c starts and stops a server
 *   server_options.c  copies what a server's options point to
 *   server_waits.c    logs what a stop waits for
 *   service.c         runs a whole server in one call
 *   route.h           finds the handler of a method by its name
 *   idl.h             the method by which a server sends its IDL
 *   serve.c           reads a connection: accept, read, cut, run
 *   input.h           makes messages of the bytes
 *   batch.h           runs the messages of one read
 *   server_conn.c     sends replies, and ends connections
 *   counters.h        what a server counts, for weft_server_get_stats
 *
 * A call of the server:
 *   call.h            a call, from message to reply; call_life.c makes and
 *                     frees calls, call.c runs the handler
 *   charge.c          counts a call's message in the server's memory
 *   call_headers.c    what a handler reads and adds, and the headers
 *   call_reply.c      makes the reply
 *   result_check.h    checks in debug builds where a result points
 *   local.c           calls without a connection
 *
 * The client:
 *   client.h          shared declarations; client.c makes and frees clients,
 *                     client_life.c has the memory and counters of clients
 *   client_address.c  where a client connects to
 *   client_connect.c  which connection a call uses
 *   client_conn.h     one connection; client_pending.c has the calls that wait
 *                     on a connection
 *   client_http.c     what is different over HTTP
 *   client_call.h     one call: writes its request, reads its reply;
 *                     client_run.c begins a call and ends it
 *   pending.c         calls that were begun, and are awaited later
 *   client_why.c      writes why a call failed
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
