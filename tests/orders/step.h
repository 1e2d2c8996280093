/* SPDX-License-Identifier: MIT */
/* The compiler includes this before each file of the library: a thread may stop
 * before each of its atomic steps. See meet.h. */
#ifndef WEFT_TESTS_ORDERS_STEP_H
#define WEFT_TESTS_ORDERS_STEP_H

void wf_test_step(void);

#define WF_ATOMIC_STEP() wf_test_step()

#endif
