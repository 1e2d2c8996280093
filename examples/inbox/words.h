/* SPDX-License-Identifier: MIT */
/* Names of the demo's users, and texts that they send. */
#ifndef INBOX_WORDS_H
#define INBOX_WORDS_H

#include <stdint.h>

enum { WORDS_MAX = 2000 }; /* bytes of the longest text */

/* Returns the next of a sequence of pseudorandom numbers. */
uint64_t words_random(uint64_t *state);

const char *words_name(int64_t user);

/* Write the n-th message of this user, which is the same in each run. Returns
 * its length. */
uint32_t words_say(char text[WORDS_MAX + 1], int64_t user, uint32_t n);

#endif
