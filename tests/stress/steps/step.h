/* SPDX-License-Identifier: MIT */
/*
 * The compiler includes this before each file of the library, in a build for
 * tests. Before each atomic step the thread may yield or sleep. So threads
 * often meet within a few instructions, where they seldom meet otherwise.
 */
#ifndef WEFT_TESTS_STEP_H
#define WEFT_TESTS_STEP_H

void wf_test_step(void);

#define WF_ATOMIC_STEP() wf_test_step()

#endif
