/* SPDX-License-Identifier: MIT */
/*
 * The module header of os.
 *
 *   file.c       reads and writes files, on threads that may block
 *   process.c    starts programs, with their streams
 *   stream.c     reads and writes descriptors that can be polled
 *   signals.c    receives signals as a channel
 */
#ifndef WEFT_OS_OS_H
#define WEFT_OS_OS_H

#include <weft/os.h>

#include "base/base.h"
#include "fiber/fiber.h"

/* As weft_signals_new. If `once` is true, the first signal gives all signals in
 * `numbers` their default action, so that a second signal ends the process. */
weft_err wf_signals_new(const int *numbers, uint32_t n, bool once,
                        struct weft_signals **signals) WEFT_CHECKED;

#endif
