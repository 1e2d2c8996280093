/* SPDX-License-Identifier: MIT */
/*
 * The module header of base, the lowest layer: it includes no other folder, and
 * every other folder may include it. Layers: base < buf < codec < fiber < net <
 * os < rpc; scripts/layers.txt says which of them a folder may include.
 */
#ifndef WEFT_BASE_BASE_H
#define WEFT_BASE_BASE_H

#include <weft/base.h>

#include "base/arena.h"
#include "base/atomic.h"
#include "base/check.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/list.h"
#include "base/log.h"
#include "base/maybe.h"
#include "base/mutant.h"
#include "base/option.h"
#include "base/slab.h"
#include "base/spin.h"
#include "base/state.h"
#include "base/sys.h"

#endif
