/* SPDX-License-Identifier: MIT */
/*
 * The module header of core, which all other folders use.
 *
 *   run.h       one run of the compiler: its memory, texts and names
 *   ast.h       the tree of a file, which the parser builds
 */
#ifndef WC_CORE_H
#define WC_CORE_H

#include "core/ast.h"
#include "core/run.h"

#endif
