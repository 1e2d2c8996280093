/* SPDX-License-Identifier: MIT */
/*
 * weft/os.h: what straight-line code asks of the operating system: programs,
 * their streams, files and signals. Every call works on fibers and on plain
 * threads. A fiber that waits here lets its worker run others.
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
 * Write n bytes to such a descriptor; wait while it takes no more. If nobody
 * reads any more there is an error and no SIGPIPE.
 *
 * Shape    n bytes at ptr; *put gets how many were written: n, or on an error
 *          fewer; put may be NULL; deadline_ns monotonic
 * Owner    fd is the caller's and non-blocking; ptr is borrowed for the call
 * Blocks   until all is written, or the deadline     Thread  any
 * Errors   -EPIPE: nobody reads; WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline,
 *          errors of weft_fd_wait, -EIO or another errno of write
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
 * Errors   the error of exec, such as -ENOENT (also of cwd), -EACCES or
 *          -ENOEXEC; WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: it was not
 *          started; -EINVAL: file is NULL, or in, out or err is no weft_stream;
 *          -ENOMEM, errors of weft_blocking, an errno of pipe or fork; *process
 *          is then NULL
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
WEFT_API weft_err weft_process_kill(struct weft_process *process, int signal)
    WEFT_CHECKED;

/**
 * Free a process. If it has not ended, it is killed by SIGKILL first: no zombie
 * is left. NULL is legal.
 *
 * Owner    process is taken, with its streams
 * Blocks   until it has ended; a cancel does not end it
 * Thread   any, while no other uses it     Errors  none
 */
WEFT_API void weft_process_free(struct weft_process *process);

/* ---- files: on a thread of weft_blocking ---- */

/*
 * A file has no readiness that could be waited for: each of these calls makes
 * its system calls on a thread of weft_blocking, on a plain thread right there.
 * A cancel or a deadline ends a call only before that has begun; afterwards the
 * call waits for its end.
 */

/**
 * Open a file as open(2) does.
 *
 * Shape    flags of fcntl.h, O_CLOEXEC is added; mode of a file that is made,
 *          less the umask; deadline_ns monotonic
 * Owner    path is borrowed for the call; *fd is given, end it with close(2)
 * Blocks   until it is open     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline, errors of
 *          weft_blocking, an errno of open; *fd is then -1
 */
WEFT_API weft_err weft_file_open(const char *path, int flags, uint32_t mode,
                                 int *fd) WEFT_CHECKED;
WEFT_API weft_err weft_file_open_until(const char *path, int flags,
                                       uint32_t mode, uint64_t deadline_ns,
                                       int *fd) WEFT_CHECKED;

/**
 * Read once, at the descriptor's position, which moves, or at an offset.
 *
 * Shape    n > 0; *got gets how many bytes were read, 0..n: fewer than n near
 *          the end of the file, or if the system gives no more at once; offset
 *          in bytes, deadline_ns monotonic
 * Owner    fd is the caller's; buf is borrowed for the call
 * Blocks   until it is read     Thread  any
 * Errors   WEFT_EEOF: the end of the file; WEFT_ECANCEL, WEFT_ETIMEOUT with a
 *          deadline, errors of weft_blocking, an errno of read or pread
 *          (-EINVAL: offset is negative)
 */
WEFT_API weft_err weft_file_read(int fd, void *buf, size_t n, size_t *got)
    WEFT_CHECKED;
WEFT_API weft_err weft_file_read_until(int fd, void *buf, size_t n,
                                       uint64_t deadline_ns, size_t *got)
    WEFT_CHECKED;
WEFT_API weft_err weft_file_pread(int fd, void *buf, size_t n, int64_t offset,
                                  size_t *got) WEFT_CHECKED;
WEFT_API weft_err weft_file_pread_until(int fd, void *buf, size_t n,
                                        int64_t offset, uint64_t deadline_ns,
                                        size_t *got) WEFT_CHECKED;

/**
 * Write all of it, at the descriptor's position, which moves, or at an offset.
 *
 * Shape    n bytes at ptr; *put gets how many were written: n, or on an error
 *          fewer; put may be NULL; offset in bytes, deadline_ns monotonic
 * Owner    fd is the caller's; ptr is borrowed for the call
 * Blocks   until it is written     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: nothing was written;
 *          errors of weft_blocking, an errno of write or pwrite
 *          (-EINVAL: offset is negative)
 */
WEFT_API weft_err weft_file_write(int fd, const void *ptr, size_t n,
                                  size_t *put) WEFT_CHECKED;
WEFT_API weft_err weft_file_write_until(int fd, const void *ptr, size_t n,
                                        uint64_t deadline_ns, size_t *put)
    WEFT_CHECKED;
WEFT_API weft_err weft_file_pwrite(int fd, const void *ptr, size_t n,
                                   int64_t offset, size_t *put) WEFT_CHECKED;
WEFT_API weft_err weft_file_pwrite_until(int fd, const void *ptr, size_t n,
                                         int64_t offset, uint64_t deadline_ns,
                                         size_t *put) WEFT_CHECKED;

/**
 * Let what was written reach the disk: fsync(2).
 *
 * Shape    deadline_ns monotonic
 * Owner    fd is the caller's
 * Blocks   until it has     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline, errors of
 *          weft_blocking, an errno of fsync
 */
WEFT_API weft_err weft_file_sync(int fd) WEFT_CHECKED;
WEFT_API weft_err weft_file_sync_until(int fd, uint64_t deadline_ns)
    WEFT_CHECKED;

/**
 * Read a whole file into an arena; a NUL follows it.
 *
 * Shape    max bytes at the most; WEFT_UNLIMITED_SIZE: less than 4 GiB;
 *          deadline_ns monotonic
 * Owner    path is borrowed for the call; the bytes are the arena's
 * Blocks   until it is read     Thread  any, one at a time with the arena
 * Errors   -EFBIG: it has more than max bytes; WEFT_EBUDGET: the arena has no
 *          room for it; WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline, errors of
 *          weft_blocking, an errno of open, fstat or read; *bytes is then
 *          absent
 */
WEFT_API weft_err weft_file_load(const char *path, size_t max,
                                 struct weft_arena *arena,
                                 struct weft_str *bytes) WEFT_CHECKED;
WEFT_API weft_err weft_file_load_until(const char *path, size_t max,
                                       uint64_t deadline_ns,
                                       struct weft_arena *arena,
                                       struct weft_str *bytes) WEFT_CHECKED;

/**
 * Make a file, or empty it, and write all of its bytes. After an error it may
 * have a part of them.
 *
 * Shape    n bytes at ptr; mode of a file that is made, less the umask;
 *          deadline_ns monotonic
 * Owner    path and ptr are borrowed for the call
 * Blocks   until it is written     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: it is as before; errors
 *          of weft_blocking, an errno of open, write or close
 */
WEFT_API weft_err weft_file_save(const char *path, const void *ptr, size_t n,
                                 uint32_t mode) WEFT_CHECKED;
WEFT_API weft_err weft_file_save_until(const char *path, const void *ptr,
                                       size_t n, uint32_t mode,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/* ---- signals ---- */

/**
 * Signals of the process as a channel. While they are taken, weft handles them,
 * whichever threads block them: one that a thread lets in is caught by a
 * handler, one that all threads block is read from the kernel. Do not set
 * actions for them meanwhile, and do not wait for them by other means. A
 * program that is started inherits none of it.
 *
 * A signal that comes again before it is received is received once.
 */
struct weft_signals;

/**
 * Take signals.
 *
 * Shape    n > 0 numbers of signal.h, each 1..64
 * Owner    numbers is borrowed for the call; *signals is given, end it with
 *          weft_signals_free
 * Blocks   never     Thread  any
 * Errors   -EBUSY: one of them is taken already, by this or by a
 *          weft_server_run; -EINVAL: no such signal, or one that cannot be
 *          taken: SIGKILL, SIGSTOP, and SIGSEGV, SIGBUS, SIGFPE, SIGILL,
 *          SIGTRAP, SIGSYS and SIGABRT, which are for the thread that made
 *          them; -ENOMEM, an errno of eventfd, signalfd or epoll_create1;
 *          *signals is then NULL
 */
WEFT_API weft_err weft_signals_new(const int *numbers, uint32_t n,
                                   struct weft_signals **signals) WEFT_CHECKED;

/**
 * Wait for one of them. If several have come, the lowest number is first.
 *
 * Shape    deadline_ns monotonic; of 0: only look
 * Owner    signals and number are the caller's
 * Blocks   until one comes, or the deadline     Thread  any, any number of them
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline, errors of weft_fd_wait
 */
WEFT_API weft_err weft_signals_recv(struct weft_signals *signals, int *number)
    WEFT_CHECKED;
WEFT_API weft_err weft_signals_recv_until(struct weft_signals *signals,
                                          uint64_t deadline_ns, int *number)
    WEFT_CHECKED;

/**
 * A descriptor that can be read from when one of them has come, for weft_select
 * and for poll; weft_signals_recv_until with a deadline of 0 then takes it.
 *
 * Owner    the descriptor is the signals'; only wait for it
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int weft_signals_fd(const struct weft_signals *signals);

/**
 * Take the signals no more: the actions from before are set again. What was
 * not received is lost. NULL is legal.
 *
 * Owner    signals is taken
 * Blocks   never     Thread  any, while no other uses it     Errors  none
 */
WEFT_API void weft_signals_free(struct weft_signals *signals);

#ifdef __cplusplus
}
#endif

#endif
