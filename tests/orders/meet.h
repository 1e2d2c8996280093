/* SPDX-License-Identifier: MIT */
/*
 * Two threads meet at a chosen place: one stands before its n-th atomic step
 * while the other one runs. A test does so for each n until the first thread
 * has no more steps, so every order of the two that has one interruption
 * happens, each time.
 *
 * If the other one has to wait for the first (it sleeps, or spins for long),
 * the first goes on, and the two run side by side from there on.
 */
#ifndef WEFT_TESTS_ORDERS_MEET_H
#define WEFT_TESTS_ORDERS_MEET_H

#include <stdbool.h>
#include <stdint.h>

/* Begin the thread that is the other one. Once, before any thread of weft. */
void meet_begin(void);

/* Set whether the first thread goes on as soon as the other one has woken a
 * thread. Needed if the other one then waits in a way that is not seen, such as
 * for the end of a thread. */
void meet_go_on_after_wake(bool on);

/* Let the calling thread stop before its n-th atomic step from here on, or
 * where it sleeps if that comes first. */
void meet_arm(uint32_t n, void (*other)(void *arg), void *arg);

/* As meet_arm, but for the next thread that is woken. */
void meet_arm_woken(uint32_t n, void (*other)(void *arg), void *arg);

/* Take meet_arm_woken back. false: a thread has been woken. */
bool meet_take_back(void);

/* Do not stop the calling thread any more. Returns whether it was still to be
 * stopped. */
bool meet_disarm(void);

/* The calling thread has done its part; if it was not stopped, the other one
 * runs now. */
void meet_end(void);

/* Wait until the other one has ended. true: the thread was stopped before an
 * atomic step; false: it slept or was done before, so a higher n has no use. */
bool meet_wait(void);

#endif
