/* SPDX-License-Identifier: MIT */
/* The module header of net: sockets for protocols to stand on. */
#ifndef WEFT_NET_NET_H
#define WEFT_NET_NET_H

#include <weft/net.h>

#include "net/accept.h"
#include "net/conns.h"
#include "net/dial.h"
#include "net/sock.h"

#endif
