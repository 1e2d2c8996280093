/* SPDX-License-Identifier: MIT */
/*
 * The module header of rpc, the last folder: only tests and tools include it.
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
