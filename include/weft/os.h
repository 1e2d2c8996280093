/* SPDX-License-Identifier: MIT */
/*
 * weft/os.h: what straight-line code asks of the operating system: programs,
 * their streams, and files. Every call works on fibers and on plain threads. A
 * fiber that waits here lets its worker run others.
 */
#ifndef WEFT_OS_H
#define WEFT_OS_H

#include <weft/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_process;

/* ---- streams: descriptors that can be waited for ---- */

/**
 * Read what there is from a pipe, a terminal or another descriptor that can be
 * polled; wait if there is nothing.
 *
 * Shape    n > 0; *got gets how many bytes were read, 1..n, or 0 on an error;
 *          deadline_ns monotonic
 * Owner    fd is the caller's and non-blocking; buf is borrowed for the call
 * Blocks   until there is a byte, or the deadline     Thread  any
 * Errors   WEFT_EEOF: no more comes; WEFT_ECANCEL, WEFT_ETIMEOUT with a
 *          deadline, errors of weft_fd_wait, an errno of read
 */
WEFT_API weft_err weft_fd_read(int fd, void *buf, size_t n, size_t *got)
    WEFT_CHECKED;
WEFT_API weft_err weft_fd_read_until(int fd, void *buf, size_t n,
                                     uint64_t deadline_ns, size_t *got)
    WEFT_CHECKED;

/**
 * Write all of it to such a descriptor; wait while it takes no more. If nobody
 * reads any more there is an error and no SIGPIPE.
 *
 * Shape    n bytes at ptr; *put gets how many were written: n, or on an error
 *          fewer; put may be NULL; deadline_ns monotonic
 * Owner    fd is the caller's and non-blocking; ptr is borrowed for the call
 * Blocks   until all is written, or the deadline     Thread  any
 * Errors   -EPIPE: nobody reads; WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline,
 *          errors of weft_fd_wait, an errno of write
 */
WEFT_API weft_err weft_fd_write(int fd, const void *ptr, size_t n, size_t *put)
    WEFT_CHECKED;
WEFT_API weft_err weft_fd_write_until(int fd, const void *ptr, size_t n,
                                      uint64_t deadline_ns, size_t *put)
    WEFT_CHECKED;

/* ---- processes ---- */

/** Where a standard stream of a process leads. */
enum weft_stream {
    WEFT_STREAM_INHERIT = 0, /* where that of this process does */
    WEFT_STREAM_NULL,        /* to /dev/null */
    WEFT_STREAM_PIPE,        /* to this process: weft_process_fd */
};

/** Zero in any field means the default; only file is needed. */
struct weft_process_options {
    const char *file;        /* without a slash it is looked for in PATH */
    const char *const *argv; /* ends in NULL; {file, NULL} */
    const char *const *envp; /* ends in NULL; that of this process */
    const char *cwd; /* a relative file begins there; that of this process */
    enum weft_stream in, out, err; /* WEFT_STREAM_INHERIT */
};

/**
 * Start a program. It begins with no signal blocked and none ignored, and gets
 * no descriptor of this process but its standard streams.
 *
 * Shape    deadline_ns monotonic, for the beginning, as of weft_blocking_until
 * Owner    options and all that it points to are borrowed for the call;
 *          *process is given, end it with weft_process_free
 * Blocks   until the program has been loaded, on a thread of weft_blocking
 * Thread   any
 * Errors   what the exec says, such as -ENOENT (also of cwd), -EACCES or
 *          -ENOEXEC; WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: it was not
 *          started; -ENOMEM, errors of weft_blocking, an errno of pipe or fork;
 *          *process is then NULL
 */
WEFT_API weft_err weft_process_start(const struct weft_process_options *options,
                                     struct weft_process **process)
    WEFT_CHECKED;
WEFT_API weft_err weft_process_start_until(
    const struct weft_process_options *options, uint64_t deadline_ns,
    struct weft_process **process) WEFT_CHECKED;

/**
 * Our end of a standard stream that is WEFT_STREAM_PIPE: for weft_fd_write if
 * stream is 0, for weft_fd_read if it is 1 or 2. Non-blocking, close-on-exec.
 *
 * Shape    stream is 0, 1 or 2; -1: it is no pipe, or was closed
 * Owner    the descriptor is the process's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int weft_process_fd(const struct weft_process *process, int stream);

/**
 * Close our end of a stream, so that a program which reads to the end of its
 * input comes to it. Closing twice is legal.
 *
 * Shape    stream is 0, 1 or 2
 * Owner    the descriptor is closed; nobody may wait for it
 * Blocks   never     Thread  one at a time for each stream     Errors  none
 */
WEFT_API void weft_process_close(struct weft_process *process, int stream);

/**
 * The number of the process. Once somebody has waited for its end, the number
 * may be another's.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int32_t weft_process_id(const struct weft_process *process);

/** How a process ended. */
struct weft_exit {
    int32_t code;   /* what it returned, 0..255; 0 if a signal ended it */
    int32_t signal; /* that ended it; 0: none did */
};

/**
 * Wait until a process has ended. Any number may wait for it, now and later;
 * all get the same. Where the kernel has no pidfd (before Linux 5.3) the wait
 * looks every 10 ms.
 *
 * Shape    deadline_ns monotonic
 * Owner    process and end are the caller's
 * Blocks   until it has ended, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline; -ECHILD: this process
 *          ignores SIGCHLD or waits for children by other means, and how it
 *          ended is lost; errors of weft_fd_wait
 */
WEFT_API weft_err weft_process_wait(struct weft_process *process,
                                    struct weft_exit *end) WEFT_CHECKED;
WEFT_API weft_err weft_process_wait_until(struct weft_process *process,
                                          uint64_t deadline_ns,
                                          struct weft_exit *end) WEFT_CHECKED;

/**
 * Send a signal to a process. It never reaches another one, unless this process
 * waits for children by other means, too.
 *
 * Shape    signal of signal.h; 0 only asks whether it could be sent
 * Blocks   never     Thread  any
 * Errors   -ESRCH: it was waited for, and has ended; -EINVAL: no such signal;
 *          -EPERM
 */
WEFT_API weft_err weft_process_kill(struct weft_process *process, int signal);

/**
 * Free a process, which is killed by SIGKILL before if it has not ended: no
 * zombie is left. NULL is legal.
 *
 * Owner    process is taken, with its streams
 * Blocks   until it has ended; a cancel does not end it
 * Thread   any, while no other uses it     Errors  none
 */
WEFT_API void weft_process_free(struct weft_process *process);

#ifdef __cplusplus
}
#endif

#endif
