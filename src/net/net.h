/* SPDX-License-Identifier: MIT */
/*
 * The module header of net: sockets, on which protocols are built.
 *
 *   sock.h       a socket: its id, its life
 *   poll.h       the poller, an epoll for each worker
 *   event.c      what the poller does with an event of a socket
 *   read.c       one reader for each socket at a time
 *   write.h      the write queue: any thread pushes, one thread writes
 *   flush.h      writes that are deferred to the next poll
 *   ring.h       sends deferred writes in one system call, by io_uring
 *   accept.h     listening sockets
 *   dial.h       connects to an address
 *   linger.h     closes without a reset
 *   addr.h       addresses as text
 *   resolve.h    finds the addresses of a name; names.c gives them to users
 *   conns.h      the connections of one server
 *   stop.h       lets several callers stop one listener or server
 *   conn.h       the connection of weft/net.h; conn.c begins and ends it and
 *                writes to it, conn_read.c reads from it
 *   listen.c     the listener of weft/net.h
 *   wait.h       waits for a descriptor of any library; select.c waits for
 *                several
 */
#ifndef WEFT_NET_NET_H
#define WEFT_NET_NET_H

#include <weft/net.h>

#include "net/accept.h"
#include "net/conns.h"
#include "net/dial.h"
#include "net/sock.h"
#include "net/stop.h"

#endif
