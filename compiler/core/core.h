/* SPDX-License-Identifier: MIT */
/*
 * The module header of core, on which all other folders stand: one run of the
 * compiler with its memory, texts and names (run.h), and the tree that the
 * parser builds and everybody else reads (ast.h).
 */
#ifndef WC_CORE_H
#define WC_CORE_H

#include "core/ast.h"
#include "core/run.h"

#endif
