/* SPDX-License-Identifier: MIT */
/*
 * A tiny service next door, as a database would be: it knows the full names of
 * people. Its connections are plain descriptors; it knows nothing of weft.
 */
#ifndef NAMES_H
#define NAMES_H

/* A non-blocking connection: each message sent is answered by one. -1: none. */
int names_connect(void);

#endif
