/* SPDX-License-Identifier: MIT */
/*
 * weft/os.h: the operating system for straight-line code: programs and their
 * streams, files, signals. Every call works on fibers and on plain threads.
 * While a fiber waits here, its worker runs other fibers.
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
 * Read the bytes that are there from a pipe, a terminal or another descriptor
 * that can be polled; wait if there are none.
 *
 * Shape    n > 0; *got gets how many bytes were read, 1..n, or 0 on an error;
 *          deadline_ns monotonic
 * Owner    fd is the caller's and non-blocking; buf is borrowed for the call
 * Blocks   until there is a byte, or the deadline     Thread  any
 * Errors   WEFT_EEOF: no more bytes come; WEFT_ECANCEL, WEFT_ETIMEOUT with a
 *          deadline, errors of weft_fd_wait, an errno of read
 */
WEFT_API weft_err weft_fd_read(int fd, void *buf, size_t n, size_t *got)
    WEFT_CHECKED;
WEFT_API weft_err weft_fd_read_until(int fd, void *buf, size_t n,
                                     uint64_t deadline_ns, size_t *got)
    WEFT_CHECKED;

/**
 * Write n bytes to a descriptor that can be polled; wait while the descriptor
 * takes no more bytes. If the reader of a pipe is gone, the call fails, and no
 * SIGPIPE is sent.
 *
 * Shape    n bytes at ptr; *put gets how many were written: n, or on an error
 *          fewer; put may be NULL; deadline_ns monotonic
 * Owner    fd is the caller's and non-blocking; ptr is borrowed for the call
 * Blocks   until all is written, or the deadline     Thread  any
 * Errors   -EPIPE: no reader; WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline,
 *          errors of weft_fd_wait, -EIO or another errno of write
 */
WEFT_API weft_err weft_fd_write(int fd, const void *ptr, size_t n, size_t *put)
    WEFT_CHECKED;
WEFT_API weft_err weft_fd_write_until(int fd, const void *ptr, size_t n,
                                      uint64_t deadline_ns, size_t *put)
    WEFT_CHECKED;

/* ---- processes ---- */

/** What a standard stream of a started process is. */
enum weft_stream {
    WEFT_STREAM_INHERIT = 0, /* the stream of this process */
    WEFT_STREAM_NULL,        /* /dev/null */
    WEFT_STREAM_PIPE,        /* a pipe to this process: weft_process_fd */
};

/** Zero in any field means the default; only file is needed. */
struct weft_process_options {
    const char *file;        /* if it has no slash, PATH is searched */
    const char *const *argv; /* ends in NULL; default: {file, NULL} */
    const char *const *envp; /* ends in NULL; default: the environment of
                                this process */
    const char *cwd; /* where a relative `file` begins, too; default: the
                        working directory of this process */
    enum weft_stream in, out, err; /* default WEFT_STREAM_INHERIT */
};

/**
 * Start a program. The program begins with no signal blocked and none ignored.
 * The only descriptors that are open in the program are its standard streams.
 *
 * Shape    deadline_ns monotonic; it bounds the wait for a thread, as in
 *          weft_blocking_until
 * Owner    options and all that it points to are borrowed for the call;
 *          *process is given, end it with weft_process_free
 * Blocks   on a thread of weft_blocking, until the program has been loaded
 * Thread   any
 * Errors   the error of exec, such as -ENOENT (also of cwd), -EACCES or
 *          -ENOEXEC; WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: no program
 *          runs; -EINVAL: file is NULL, or in, out or err is no weft_stream;
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
 * This process's end of a standard stream that is WEFT_STREAM_PIPE: for
 * weft_fd_write if stream is 0, for weft_fd_read if stream is 1 or 2. It is
 * non-blocking and close-on-exec.
 *
 * Shape    stream is 0, 1 or 2; returns -1 if it is no pipe, or was closed
 * Owner    the descriptor belongs to `process`
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int weft_process_fd(const struct weft_process *process, int stream);

/**
 * Close the caller's end of a standard stream of `process`. After stream 0 is
 * closed, the program finds the end of its input when it has read all bytes.
 * Closing twice is legal.
 *
 * Shape    stream is 0, 1 or 2
 * Owner    the descriptor is closed; no task may be waiting for it
 * Blocks   never     Thread  one at a time for each stream     Errors  none
 */
WEFT_API void weft_process_close(struct weft_process *process, int stream);

/**
 * The number (pid) of the process. After a wait for its end has succeeded,
 * another process may have this number.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int32_t weft_process_id(const struct weft_process *process);

/** How a process ended. */
struct weft_exit {
    int32_t code;   /* its exit status, 0..255; 0 if a signal ended it */
    int32_t signal; /* the signal that ended it; 0: none */
};

/**
 * Wait until a process has ended. Any number of tasks may wait for the process,
 * also after its end; all tasks get the same result. If the kernel has no pidfd
 * (before Linux 5.3), the call checks every 10 ms.
 *
 * Shape    deadline_ns monotonic
 * Owner    process and end are the caller's
 * Blocks   until it has ended, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline; -ECHILD: the result is
 *          lost, because this process ignores SIGCHLD or waits for children by
 *          other means; errors of weft_fd_wait
 */
WEFT_API weft_err weft_process_wait(struct weft_process *process,
                                    struct weft_exit *end) WEFT_CHECKED;
WEFT_API weft_err weft_process_wait_until(struct weft_process *process,
                                          uint64_t deadline_ns,
                                          struct weft_exit *end) WEFT_CHECKED;

/**
 * Send a signal to a process. No other process can get the signal, unless this
 * process also waits for children by other means.
 *
 * Shape    signal of signal.h; 0 only checks whether a signal could be sent
 * Blocks   never     Thread  any
 * Errors   -ESRCH: a wait has found that the process has ended; -EINVAL: no
 *          such signal; -EPERM
 */
WEFT_API weft_err weft_process_kill(struct weft_process *process, int signal)
    WEFT_CHECKED;

/**
 * Free a process. If the process has not ended, weft first kills it by SIGKILL
 * and waits for its end, so that no zombie is left. NULL is legal.
 *
 * Owner    process is taken, with its streams
 * Blocks   until the process has ended; a cancel does not end this wait
 * Thread   any, while no other task uses it     Errors  none
 */
WEFT_API void weft_process_free(struct weft_process *process);

/* ---- files: on a thread of weft_blocking ---- */

/*
 * A poller cannot wait for a file. So each of these functions makes its system
 * calls on a thread of weft_blocking, or, if the caller is a plain thread, on
 * that thread. A cancel or a deadline ends a call only before its system calls
 * have begun; after that the call waits for their end.
 */

/**
 * Open a file as open(2) does.
 *
 * Shape    flags of fcntl.h, O_CLOEXEC is added; mode of a file that is made,
 *          less the umask; deadline_ns monotonic
 * Owner    path is borrowed for the call; *fd is given, end it with close(2)
 * Blocks   until the file is open     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline, errors of
 *          weft_blocking, an errno of open; *fd is then -1
 */
WEFT_API weft_err weft_file_open(const char *path, int flags, uint32_t mode,
                                 int *fd) WEFT_CHECKED;
WEFT_API weft_err weft_file_open_until(const char *path, int flags,
                                       uint32_t mode, uint64_t deadline_ns,
                                       int *fd) WEFT_CHECKED;

/**
 * Make one read: at the descriptor's position, which then moves, or at an
 * offset.
 *
 * Shape    n > 0; *got gets how many bytes were read, 0..n: fewer than n near
 *          the end of the file, or if the system returns no more at once;
 *          offset in bytes, deadline_ns monotonic
 * Owner    fd is the caller's; buf is borrowed for the call
 * Blocks   until the bytes are read     Thread  any
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
 * Write n bytes: at the descriptor's position, which then moves, or at an
 * offset.
 *
 * Shape    n bytes at ptr; *put gets how many were written: n, or on an error
 *          fewer; put may be NULL; offset in bytes, deadline_ns monotonic
 * Owner    fd is the caller's; ptr is borrowed for the call
 * Blocks   until the bytes are written     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: nothing was written;
 *          errors of weft_blocking, -EIO or another errno of write or pwrite
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
 * Wait until the disk has all bytes that were written: fsync(2).
 *
 * Shape    deadline_ns monotonic
 * Owner    fd is the caller's
 * Blocks   until the disk has them     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline, errors of
 *          weft_blocking, an errno of fsync
 */
WEFT_API weft_err weft_file_sync(int fd) WEFT_CHECKED;
WEFT_API weft_err weft_file_sync_until(int fd, uint64_t deadline_ns)
    WEFT_CHECKED;

/**
 * Read a whole file into an arena; a NUL follows its bytes.
 *
 * Shape    max is the most bytes that the file may have; a file of 4 GiB and
 *          more cannot be read; deadline_ns monotonic
 * Owner    path is borrowed for the call; the bytes are the arena's
 * Blocks   until the file is read     Thread  any, one at a time with the arena
 * Errors   -EFBIG: the file has more than max bytes, or too many for a view;
 *          WEFT_EBUDGET: the arena has no memory for it; WEFT_ECANCEL,
 *          WEFT_ETIMEOUT with a deadline, errors of weft_blocking, an errno of
 *          open, fstat or read; *bytes is then absent
 */
WEFT_API weft_err weft_file_load(const char *path, size_t max,
                                 struct weft_arena *arena,
                                 struct weft_str *bytes) WEFT_CHECKED;
WEFT_API weft_err weft_file_load_until(const char *path, size_t max,
                                       uint64_t deadline_ns,
                                       struct weft_arena *arena,
                                       struct weft_str *bytes) WEFT_CHECKED;

/**
 * Make a file, or empty a file that exists, and write its bytes. After an error
 * the file may have a part of the bytes.
 *
 * Shape    n bytes at ptr; mode of a file that is made, less the umask;
 *          deadline_ns monotonic
 * Owner    path and ptr are borrowed for the call
 * Blocks   until the bytes are written     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: the file is unchanged;
 *          errors of weft_blocking, -EIO or another errno of open, write or
 *          close
 */
WEFT_API weft_err weft_file_save(const char *path, const void *ptr, size_t n,
                                 uint32_t mode) WEFT_CHECKED;
WEFT_API weft_err weft_file_save_until(const char *path, const void *ptr,
                                       size_t n, uint32_t mode,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/* ---- signals ---- */

/**
 * Signals of the process, to be received like items of a channel. While signals
 * are taken, weft handles them, whether threads block them or not: a handler
 * catches a signal that some thread does not block, and weft reads from the
 * kernel a signal that all threads block. Meanwhile do not set actions for
 * these signals, and do not wait for them by other means. A program that this
 * process starts does not inherit the handler.
 *
 * A signal that comes several times before it is received is received once.
 */
struct weft_signals;

/**
 * Take signals: let weft handle them.
 *
 * Shape    n > 0 numbers of signal.h, each 1..64
 * Owner    numbers is borrowed for the call; *signals is given, end it with
 *          weft_signals_free
 * Blocks   never     Thread  any
 * Errors   -EBUSY: one of the signals is taken already, by weft_signals_new or
 *          weft_server_run; -EINVAL: no such signal, or one that cannot be
 *          taken: SIGKILL, SIGSTOP, and SIGSEGV, SIGBUS, SIGFPE, SIGILL,
 *          SIGTRAP, SIGSYS and SIGABRT, which are for the thread that caused
 *          them; -ENOMEM, an errno of eventfd, signalfd, epoll or sigaction;
 *          *signals is then NULL
 */
WEFT_API weft_err weft_signals_new(const int *numbers, uint32_t n,
                                   struct weft_signals **signals) WEFT_CHECKED;

/**
 * Receive a signal. If several have come, the signal with the lowest number is
 * received first.
 *
 * Shape    deadline_ns monotonic; with deadline 0 the call does not wait
 * Owner    signals and number are the caller's
 * Blocks   until a signal comes, or the deadline
 * Thread   any, also several at once
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline, errors of weft_fd_wait
 */
WEFT_API weft_err weft_signals_recv(struct weft_signals *signals, int *number)
    WEFT_CHECKED;
WEFT_API weft_err weft_signals_recv_until(struct weft_signals *signals,
                                          uint64_t deadline_ns, int *number)
    WEFT_CHECKED;

/**
 * A descriptor that becomes readable when a signal has come, for weft_select
 * and poll. weft_signals_recv_until with a deadline of 0 then receives the
 * signal.
 *
 * Owner    the descriptor belongs to `signals`; the caller may only wait for it
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API int weft_signals_fd(const struct weft_signals *signals);

/**
 * Give the signals back: their earlier actions are set again. Signals that were
 * not received are lost. NULL is legal.
 *
 * Owner    signals is taken
 * Blocks   never     Thread  any, while no other task uses it     Errors  none
 */
WEFT_API void weft_signals_free(struct weft_signals *signals);

#ifdef __cplusplus
}
#endif

#endif
