/* SPDX-License-Identifier: MIT */
/*
 * The module header of the compiler for programs that need the checked tree and
 * not C: weft's tool and libweft-idl. The program weftc needs only wc.h.
 *
 *   main.c      the command line
 *   wc.h        the whole compiler, text in, text out
 *   session.c   one run: files in, the result of its mode out
 *   load.c      files, and the files that these include
 *   host.h      a host that reads and writes real files
 *   core/       a run's memory, and the tree
 *   report/     shows diagnostics
 *   parse/      bytes to tokens to a tree
 *   check/      what the grammar does not express
 *   emit/       writes the C code
 *   tools/      everything else that weftc does
 */
#ifndef WC_COMPILER_H
#define WC_COMPILER_H

#include "core/core.h"
#include "host.h"
#include "report/report.h"

/** Begin a run; the arena, the options and the host outlive the run. */
void wc_init(struct wc *c, struct weft_arena *arena,
             const struct wc_options *options, const struct wc_host *host);

/** Load a file of the command line and all files that this file includes;
 * returns NULL after a report. */
struct wc_file *wc_load(struct wc *c, const char *name);

/** Check all loaded files; false: there are errors. */
bool wc_check_all(struct wc *c);

#endif
