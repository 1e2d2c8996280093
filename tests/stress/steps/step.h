/* SPDX-License-Identifier: MIT */
/*
 * Read before every file of a library that is built to be attacked: each atomic
 * step may first give the processor away or sleep for a while, so that threads
 * meet in windows that are a few instructions wide otherwise.
 */
#ifndef WEFT_TESTS_STEP_H
#define WEFT_TESTS_STEP_H

void wf_test_step(void);

#define WF_ATOMIC_STEP() wf_test_step()

#endif
