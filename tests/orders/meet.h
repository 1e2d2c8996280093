/* SPDX-License-Identifier: MIT */
/*
 * Two threads meet at a chosen place: the first stands before its n-th atomic
 * step while the other runs. A test does so for each n until the first thread
 * has no more steps. So each order of the two with one interruption happens, in
 * each run of the test.
 *
 * If the other thread has to wait for the first (it sleeps, or spins for long),
 * the first goes on, and from then on the two run side by side.
 */
#ifndef WEFT_TESTS_ORDERS_MEET_H
#define WEFT_TESTS_ORDERS_MEET_H

#include <stdbool.h>
#include <stdint.h>

/* Start the other thread. Call this once, before any thread of weft starts. */
void meet_begin(void);

/* Set whether the first thread goes on as soon as the other has woken a thread.
 * A test needs this if the other thread then waits in a way that is not seen,
 * such as for the end of a thread. */
void meet_go_on_after_wake(bool on);

/* The calling thread stops before its n-th atomic step from now on, or where it
 * sleeps if that comes first. `other` runs there on the other thread. */
void meet_arm(uint32_t n, void (*other)(void *arg), void *arg);

/* As meet_arm, but for the next thread that is woken. */
void meet_arm_woken(uint32_t n, void (*other)(void *arg), void *arg);

/* Undo meet_arm_woken. Returns false if a thread was woken before. */
bool meet_take_back(void);

/* Do not stop the calling thread any more. Returns false if it was stopped
 * before. */
bool meet_disarm(void);

/* The calling thread has done its part. If it was not stopped, the other thread
 * runs now. */
void meet_end(void);

/* Wait until the other thread has ended. Returns true if the first thread was
 * stopped before an atomic step. false: it slept or had ended, so a higher n
 * makes no difference. */
bool meet_wait(void);

#endif
