/* SPDX-License-Identifier: MIT */
/*
 * A host that fails, shortens, interrupts or counts calls, behind the seam of
 * src/base/sys.h. Set a mode while no other thread runs, or take that the
 * change is seen late.
 */
#ifndef WEFT_TESTS_SHIM_H
#define WEFT_TESTS_SHIM_H

#include "base/base.h"

enum shim_call {
#define WF_SYS(type, name, params, args, real) SHIM_##name,
#include "base/sys.def"
#undef WF_SYS
    SHIM_mmap,
    SHIM_malloc,
    SHIM_thread,
    SHIM_CALLS,
};

extern const char *const shim_names[SHIM_CALLS];

/* Put the shim in; every call is the real one until something is asked for. */
void shim_install(void);

/* Let the nth call of a kind (1: the next) fail with -err; 0: none. */
void shim_fail(enum shim_call call, uint32_t nth, int err);
/* How often that has happened since. */
uint32_t shim_failures(void);

/* Reads and writes do a part, or EINTR, or EAGAIN, as chance wills. As the real
 * kernel, it tells with an event when there is more. */
void shim_reduce(bool on);

/* How many there were since the program began. */
uint64_t shim_count(enum shim_call call);

/* How many bytes of a text lie where one of the last reads put them. To be
 * asked on the worker that read. */
size_t shim_read_into(const void *text, size_t len);

/* From here on, count the bytes that are sent from their place in this text. */
void shim_watch(const void *text, size_t len);
size_t shim_sent_from_watched(void);

#endif
