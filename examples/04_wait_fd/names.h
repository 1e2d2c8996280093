/* SPDX-License-Identifier: MIT */
/*
 * A tiny service beside the server, like a database: it knows the full names of
 * people. Its connections are plain descriptors, and it does not use weft.
 */
#ifndef NAMES_H
#define NAMES_H

/* A non-blocking connection: each message sent is answered by one. -1: none. */
int names_connect(void);

#endif
