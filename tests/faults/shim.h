/* SPDX-License-Identifier: MIT */
/*
 * Makes the system calls of src/base/sys.h fail, transfer less or be
 * interrupted, and counts them. Set a mode while no other thread runs, or
 * expect that other threads see the change late.
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

/* Install the shim. It makes the real calls until a function below asks for
 * something else. */
void shim_install(void);

/* Let the nth call of a kind (1: the next one) fail with -err; nth 0: let none
 * fail. */
void shim_fail(enum shim_call call, uint32_t nth, int err);
/* That call alone, or also all later ones until shim_heal. The shim treats the
 * last two alike; SHIM_FOR_GOOD tells a test not to call shim_heal. */
enum shim_how { SHIM_ONCE, SHIM_UNTIL_HEALED, SHIM_FOR_GOOD };
void shim_fail_as(enum shim_call call, uint32_t nth, int err,
                  enum shim_how how);
void shim_heal(void);
/* How many calls have failed since shim_fail. */
uint32_t shim_failures(void);

/* While on, reads and writes at random transfer only a part, or fail with EINTR
 * or EAGAIN. Like the kernel, the shim then makes epoll report an event,
 * because there is more to do. */
void shim_reduce(bool on);

/* How many calls of this kind there were since the program began. */
uint64_t shim_count(enum shim_call call);

/* How many bytes of a text are still where one of the last reads put them. Call
 * it on the worker that read. */
size_t shim_read_into(const void *text, size_t len);

/* From now on, count the bytes that are sent directly from this text. */
void shim_watch(const void *text, size_t len);
size_t shim_sent_from_watched(void);

#endif
