/* SPDX-License-Identifier: MIT */
/*
 * A small service beside the server, like a database: it knows the full names
 * of people. It does not use weft: its connections are plain descriptors.
 */
#ifndef NAMES_H
#define NAMES_H

/* Make a non-blocking connection. The service answers each message with one
 * message. Returns -1 on an error. */
int names_connect(void);

#endif
