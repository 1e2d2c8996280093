/* SPDX-License-Identifier: MIT */
/*
 * The module header of base, the lowest layer: it includes no other folder, and
 * every other folder may include it. Layers: base < buf < codec < fiber < net <
 * os < rpc; scripts/layers.txt says which layers each folder may include.
 *
 *   sys.h       every call of the system, and of the allocator
 *   state.h     attributes of variables that outlive a function
 *   atomic.h    atomics, with a hook before each step
 *   check.h     checks that abort
 *   err.h       errors and their bands; err.c has their texts
 *   log.h       messages, one line for each event
 *   option.h    what zero, none and unlimited mean in an option
 *   clock.c     the clock that users read
 *   str.c       makes and compares struct weft_str
 *   hex.h       hexadecimal digits
 *   list.h      lists whose links are members of the items
 *   arena.h     memory that is freed as a whole
 *   slab.h      slots that are named by ids
 *   spin.h      a lock for a few instructions
 *   maybe.h     places that misbehave on purpose in the simulator
 *   mutant.h    faults that a test plants
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
