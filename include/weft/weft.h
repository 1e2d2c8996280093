/* SPDX-License-Identifier: MIT */
/* weft/weft.h: all of libweft. Other libraries have idl.h and sim.h. */
#ifndef WEFT_WEFT_H
#define WEFT_WEFT_H

#include <weft/base.h>
#include <weft/buf.h>
#include <weft/codec.h>
#include <weft/combine.h>
#include <weft/fiber.h>
#include <weft/http.h>
#include <weft/net.h>
#include <weft/os.h>
#include <weft/rpc.h>
#include <weft/upstream.h>

#endif
