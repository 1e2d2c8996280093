/* SPDX-License-Identifier: MIT */
/* The module header of net: sockets, on which protocols are built. */
#ifndef WEFT_NET_NET_H
#define WEFT_NET_NET_H

#include <weft/net.h>

#include "net/accept.h"
#include "net/conns.h"
#include "net/dial.h"
#include "net/sock.h"
#include "net/stop.h"

#endif
