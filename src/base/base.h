/* SPDX-License-Identifier: MIT */
/*
 * The module header of base, the floor of the house: it knows no other folder,
 * and every other folder stands on it. Layers: base < buf < codec < fiber < net
 * < rpc; a folder includes the doors to its left and nothing else.
 */
#ifndef WEFT_BASE_BASE_H
#define WEFT_BASE_BASE_H

#include <weft/base.h>

#include "base/arena.h"
#include "base/atomic.h"
#include "base/check.h"
#include "base/list.h"
#include "base/log.h"
#include "base/slab.h"
#include "base/spin.h"
#include "base/sys.h"

#endif
