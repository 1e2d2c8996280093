/* SPDX-License-Identifier: MIT */
/*
 * Included before every file of a test build of the library. Before each atomic
 * step the thread may yield or sleep, so that threads often meet at places
 * where this is rare otherwise, because they are only a few instructions wide.
 */
#ifndef WEFT_TESTS_STEP_H
#define WEFT_TESTS_STEP_H

void wf_test_step(void);

#define WF_ATOMIC_STEP() wf_test_step()

#endif
