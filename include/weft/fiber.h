/* SPDX-License-Identifier: MIT */
/*
 * weft/fiber.h: straight-line code that waits without holding a thread.
 *
 * A fiber is a function with a stack of its own. A few worker threads run all
 * fibers. While a fiber waits, its worker runs other fibers; after the wait the
 * fiber may continue on another worker. So a fiber must hold no pthread lock
 * while it waits, and after the wait it must not use an address of a
 * thread-local variable (such as errno) that it took before. Call functions
 * that block a thread through weft_blocking.
 *
 * Everything that waits here also works on a plain thread, which then sleeps.
 * Every waiting call has a twin that takes a deadline.
 *
 * Cancel: after a fiber is cancelled, each of its calls that would wait returns
 * WEFT_ECANCEL; a call that need not wait still succeeds. The first 16 such
 * errors come at once. Before each later error weft pauses the fiber, for 1 ms,
 * 2 ms, 4 ms, and so on up to 64 ms. So a loop that ignores the error, such as
 * `while (!ready) weft_cond_wait(&cond, &mutex)`, still ends by its condition,
 * lets other fibers run, and does not use a whole core. Between
 * weft_shield_begin and weft_shield_end a fiber waits as if it were not
 * cancelled, for work that must be done in any case, such as cleaning up.
 */
#ifndef WEFT_FIBER_H
#define WEFT_FIBER_H

#include <weft/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the runtime: one per process ---- */

/** How a worker gets events from the kernel, and sends. */
enum weft_poller {
    /** What the environment variable WEFT_POLLER says, "epoll" or "uring"; if
     * it is not set, WEFT_POLLER_EPOLL. */
    WEFT_POLLER_AUTO,
    /** epoll reports events; each reply is sent by a system call of its own. */
    WEFT_POLLER_EPOLL,
    /** As WEFT_POLLER_EPOLL, but bytes that a fiber writes while its worker has
     * other ready fibers are sent at the worker's next poll, all in one system
     * call of io_uring. This takes less CPU with many connections. Where the
     * kernel has no io_uring, or forbids it, this is WEFT_POLLER_EPOLL. */
    WEFT_POLLER_URING,
};

/** Zero in any field means the default. max_fibers and max_blocking may be
 * WEFT_UNLIMITED. */
struct weft_runtime_options {
    uint32_t workers;      /* threads, 1..256; default: one per usable core */
    uint32_t max_fibers;   /* fibers alive at once; default 1,048,576, at most
                              16,777,216 */
    size_t stack_size;     /* bytes per fiber, 8 KiB..1 GiB; default 128 KiB */
    size_t guard_size;     /* bytes below each stack that trap; default 64 KiB,
                              at most 1 GiB */
    uint32_t max_blocking; /* threads of weft_blocking, without those that wait
                              in calls of weft; default 64 */
    enum weft_poller poller; /* default WEFT_POLLER_AUTO */
    /* Bind each worker to one of the cores that the process may use, so that
     * the kernel never runs two workers on one core while another core is free.
     * For a machine that runs nothing else. */
    bool pin_workers;
};

/**
 * Start the workers. Without this call the first fiber, server or client starts
 * them with the defaults.
 *
 * Shape    options may be NULL
 * Owner    options is borrowed for the call
 * Blocks   never     Thread  any plain thread
 * Errors   -EALREADY: the workers run, -EINVAL: an option is out of range,
 *          -ENOMEM, an errno of starting a thread
 */
WEFT_API weft_err
weft_runtime_start(const struct weft_runtime_options *options);

/**
 * Wait until every fiber has ended, then end the workers and free their memory.
 * Timers and background fibers go on until nothing else is left; then weft
 * stops the timers, and cancels the fibers.
 * Afterwards weft_runtime_start may be called again. If fibers are left at the
 * deadline, the runtime goes on, but its timers may have been stopped;
 * weft_fiber_list says what these fibers wait for. If the workers do not run,
 * the call does nothing.
 *
 * After the stop weft does not read from connections that were closed. If the
 * peer of such a connection still sends, bytes for the peer that the kernel has
 * not sent yet are lost. So a program that needs its last bytes to arrive waits
 * for an answer before it stops the runtime.
 *
 * Shape    deadline_ns monotonic
 * Blocks   until every fiber has ended, or the deadline
 * Thread   a plain thread, while no other thread uses weft
 * Errors   -EDEADLK: called by a fiber, or by a function that a fiber has given
 *          to weft_blocking; WEFT_ETIMEOUT with a deadline: fibers are left
 */
WEFT_API weft_err weft_runtime_stop(void);
WEFT_API weft_err weft_runtime_stop_until(uint64_t deadline_ns);

/**
 * The number of workers; 0 if the runtime does not run.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint32_t weft_runtime_workers(void);

/* ---- fibers ---- */

/** The id of a fiber, which stays safe to use after the fiber's end. {0} names
 * no fiber. */
typedef struct {
    uint64_t id;
} weft_fiber;

/**
 * Start a fiber that runs fn(arg), on any worker.
 *
 * Shape    fiber may be NULL
 * Owner    arg is handed to fn
 * Blocks   never     Thread  any
 * Errors   WEFT_EFIBERS: max_fibers are alive or there is no memory for a
 *          stack; if the workers do not run, errors of weft_runtime_start
 */
WEFT_API weft_err weft_fiber_start(void (*fn)(void *arg), void *arg,
                                   weft_fiber *fiber) WEFT_CHECKED;

/** The size of a fiber's name, in bytes, with its NUL. */
#define WEFT_FIBER_NAME 32

/** Zero in any field means the default. */
struct weft_fiber_options {
    const char *name;  /* for lists and messages, at most 31 bytes; default:
                          none */
    size_t stack_size; /* bytes, 8 KiB..1 GiB; default: the runtime's */
    bool keep_result;  /* for weft_fiber_join_result; default false */
    bool background;   /* weft_runtime_stop does not wait for the fiber's work:
                          it cancels the fiber when only background fibers and
                          timers are left; default false */
};

/**
 * Start a fiber with options. If stack_size is set, the fiber's stack is mapped
 * at its start and unmapped at its end, by a few system calls. Other stacks
 * come from a pool.
 *
 * Shape    options and fiber may be NULL, but not fiber with keep_result
 * Owner    options is borrowed for the call, the name is copied; arg is handed
 *          to fn
 * Blocks   never     Thread  any
 * Errors   -EINVAL: an option is out of range, or keep_result without fiber;
 *          errors of weft_fiber_start
 */
WEFT_API weft_err weft_fiber_start_with(
    const struct weft_fiber_options *options, void (*fn)(void *arg), void *arg,
    weft_fiber *fiber) WEFT_CHECKED;

/**
 * Set the result of the calling fiber, for weft_fiber_join_result. Before this
 * call the result is NULL. The call has no effect on a plain thread, or in a
 * fiber that keeps no result.
 *
 * Owner    result is handed to the caller of weft_fiber_join_result
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_set_result(void *result);

/**
 * Wait until a fiber has ended, and take its result. Only one caller gets the
 * result. A fiber with keep_result must be joined by this call. Before the join
 * the id of the fiber stays valid, and the fiber counts in max_fibers, but
 * after the fiber's end its stack takes no memory.
 *
 * Shape    result may be NULL; deadline_ns monotonic
 * Owner    *result is given
 * Blocks   until the fiber has ended, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: the result can still be
 *          taken; -ESRCH: the fiber keeps no result, or the result was taken;
 *          -EDEADLK: the fiber is the caller. *result is NULL then
 */
WEFT_API weft_err weft_fiber_join_result(weft_fiber fiber, void **result)
    WEFT_CHECKED;
WEFT_API weft_err weft_fiber_join_result_until(weft_fiber fiber,
                                               uint64_t deadline_ns,
                                               void **result) WEFT_CHECKED;

/**
 * Wait until a fiber has ended. The call returns at once if the fiber had ended
 * before: its id is stale then.
 *
 * Blocks   until the fiber has ended     Thread  any
 * Errors   WEFT_ECANCEL, -EDEADLK: the fiber is the caller
 */
WEFT_API weft_err weft_fiber_join(weft_fiber fiber);

/**
 * As weft_fiber_join, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Blocks   until the fiber has ended or the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL, -EDEADLK: the fiber is the caller
 */
WEFT_API weft_err weft_fiber_join_until(weft_fiber fiber, uint64_t deadline_ns);

/**
 * Ask a fiber to end: the call in which it waits, and all later calls that
 * would wait, return WEFT_ECANCEL (see the head of this file). Nothing else
 * stops the fiber. A stale id is legal.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_cancel(weft_fiber fiber);

/**
 * Has the calling fiber been cancelled? A shield does not hide the cancel.
 * Always false on a plain thread.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_fiber_cancelled(void);

/**
 * Begin and end a section in which a cancel ends no wait: no call returns
 * WEFT_ECANCEL. A cancel during the section takes effect after the section.
 * Sections nest; the end of a fiber ends its sections. A plain thread cannot be
 * cancelled, so there the two functions do nothing.
 *
 *     weft_shield_begin();
 *     err = weft_mutex_lock(&mutex);
 *     weft_shield_end();
 *
 * Blocks   never     Thread  any
 * Errors   none; an end without a begin aborts the process
 */
WEFT_API void weft_shield_begin(void);
WEFT_API void weft_shield_end(void);

/**
 * The id of the calling fiber; {0} on a plain thread.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API weft_fiber weft_fiber_self(void);

/**
 * Let other ready fibers run first. A plain thread yields its core.
 *
 * Blocks   until a worker runs the fiber again     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_yield(void);

/**
 * Sleep until a deadline or for some milliseconds.
 *
 * Shape    deadline_ns monotonic; ms below 0 counts as 0. The call ends up to
 *          0.2 ms late if a worker is free, and never early
 * Blocks   that long     Thread  any     Errors  WEFT_ECANCEL
 */
WEFT_API weft_err weft_sleep_until(uint64_t deadline_ns);
WEFT_API weft_err weft_sleep_ms(int64_t ms);

/* ---- timers: functions that run at a set time ---- */

/** The id of a timer, which stays safe to use after the timer's end. {0} names
 * no timer. */
typedef struct {
    uint64_t id;
} weft_timer;

/**
 * Run fn(arg) at a set time, once or every period, on a fiber of its own: fn
 * may wait as any fiber may. The fiber lives as long as the timer, so no later
 * run can fail for lack of memory. Runs never overlap: if a run takes longer
 * than the period, the times that have passed are skipped, and the next run is
 * at the next of the times first_ns + k * period_ns. A cancel of the timer's
 * fiber ends the timer, too. weft_runtime_stop stops a timer when only timers
 * and background fibers are left.
 *
 * Shape    first_ns monotonic; if it has passed, the first run is at once;
 *          period_ns 0 means once; a run begins up to 0.2 ms late if a worker
 *          is free, and never early. timer may be NULL
 * Owner    arg is handed to fn; *timer is the caller's
 * Blocks   never     Thread  any
 * Errors   -ENOMEM; WEFT_EFIBERS: a timer counts in max_fibers; if the workers
 *          do not run, errors of weft_runtime_start
 */
WEFT_API weft_err weft_timer_start(void (*fn)(void *arg), void *arg,
                                   uint64_t first_ns, uint64_t period_ns,
                                   weft_timer *timer) WEFT_CHECKED;

/**
 * Stop a timer: after the return fn does not run, and will not run again. If fn
 * runs now, the call waits for its end, and no cancel ends this wait: so fn
 * must not wait for the caller. fn itself may make this call, which then
 * returns at once; the present run is the last one. A stale id is legal. To
 * interrupt fn, cancel its fiber, whose id fn can publish: weft_fiber_self().
 *
 * Shape    deadline_ns monotonic
 * Blocks   until fn has returned, or the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT with a deadline: fn still runs, for the last time
 */
WEFT_API void weft_timer_stop(weft_timer timer);
WEFT_API weft_err weft_timer_stop_until(weft_timer timer, uint64_t deadline_ns);

/* ---- a list of all fibers ---- */

/** What a fiber waits for. */
enum weft_wait {
    WEFT_WAIT_NONE, /* the fiber does not wait */
    WEFT_WAIT_MUTEX,
    WEFT_WAIT_RWLOCK,
    WEFT_WAIT_COND,
    WEFT_WAIT_SEM,
    WEFT_WAIT_SEND,     /* until a channel takes an item */
    WEFT_WAIT_RECEIVE,  /* until a channel has an item */
    WEFT_WAIT_SELECT,   /* weft_select */
    WEFT_WAIT_GROUP,    /* weft_group_wait */
    WEFT_WAIT_ONCE,     /* until another task has run a weft_once */
    WEFT_WAIT_JOIN,     /* for the end of a fiber */
    WEFT_WAIT_SLEEP,    /* for a time; also for a limiter */
    WEFT_WAIT_TIMER,    /* the fiber of a timer: for its next run */
    WEFT_WAIT_PAUSE,    /* cancelled: see the head of this file */
    WEFT_WAIT_FD,       /* for a descriptor */
    WEFT_WAIT_BLOCKING, /* for a function in weft_blocking */
    WEFT_WAIT_READ,     /* for bytes of a connection */
    WEFT_WAIT_WRITE,    /* until a connection takes more bytes */
    WEFT_WAIT_ACCEPT,   /* for a new connection */
    WEFT_WAIT_REPLY,    /* for the reply to a call */
    WEFT_WAIT_CALLS,    /* until a connection has fewer calls in flight */
    WEFT_WAIT_END,      /* for the end of handlers or connections */
};

/**
 * The text of a reason, such as "reply to a call"; never NULL.
 *
 * Owner    the text is static
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const char *weft_wait_text(enum weft_wait wait);

enum weft_fiber_state {
    WEFT_FIBER_READY,   /* the fiber can run, but no worker runs it yet */
    WEFT_FIBER_RUNNING, /* a worker runs it */
    WEFT_FIBER_WAITING,
    WEFT_FIBER_ENDED, /* its result has not been taken */
};

/** What weft_fiber_list says of a fiber. The fiber may have changed since. */
struct weft_fiber_info {
    weft_fiber fiber;
    char name[WEFT_FIBER_NAME]; /* empty: none */
    enum weft_fiber_state state;
    enum weft_wait waits_for; /* WEFT_WAIT_NONE: the fiber does not wait */
    uint64_t since_ns;        /* monotonic; about when the wait began: the time
                                 of its worker's last poll before the wait; 0:
                                 the fiber does not wait */
    uint64_t deadline_ns;     /* of the wait; WEFT_NEVER: none */
};

/**
 * Call visit(user, info) for each fiber, in any order. A fiber that starts or
 * ends meanwhile may be missing. No lock is held, so visit may do anything. The
 * call takes time in proportion to the largest number of fibers that were ever
 * alive at once.
 *
 * Owner    user is handed to visit; info is borrowed for its call
 * Blocks   never, but visit may     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_list(void (*visit)(void *user,
                                            const struct weft_fiber_info *info),
                              void *user);

/* ---- mutex and condition ---- */

/** A queue of waiters; private. All zero is empty. */
struct weft_waitq {
    uint32_t lock;
    struct weft_waitnode *head, *tail;
};

/** A lock; waiters get it in the order in which they came. All zero is
 * unlocked. */
struct weft_mutex {
    uint32_t state;
    struct weft_waitq waiters;
};

/**
 * Lock. A fiber may hold the mutex while it waits. The mutex is not recursive.
 * A cancelled fiber still gets a mutex that is free.
 *
 * Blocks   until the caller has the mutex     Thread  any
 * Errors   WEFT_ECANCEL: the caller does not have the mutex
 */
WEFT_API weft_err weft_mutex_lock(struct weft_mutex *mutex) WEFT_CHECKED;

/**
 * As weft_mutex_lock, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Owner    mutex is the caller's
 * Blocks   until the caller has the mutex, or the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL: the caller does not have the mutex
 */
WEFT_API weft_err weft_mutex_lock_until(struct weft_mutex *mutex,
                                        uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Lock if that needs no wait.
 *
 * Owner    mutex is the caller's
 * Blocks   never     Thread  any     Errors  false: the mutex is not free
 */
WEFT_API bool weft_mutex_try_lock(struct weft_mutex *mutex) WEFT_CHECKED;

/**
 * Unlock. If other tasks wait, the first of them owns the mutex at once. The
 * mutex may be freed as soon as no other task can use it.
 *
 * Owner    mutex is the caller's
 * Blocks   never     Thread  the task that has locked it, on any thread
 * Errors   none; if the mutex is not locked, the process aborts
 */
WEFT_API void weft_mutex_unlock(struct weft_mutex *mutex);

/** A condition variable, for use with a mutex. All zero is ready for use. */
struct weft_cond {
    struct weft_waitq waiters;
};

/**
 * Unlock the mutex, wait for a signal, and lock the mutex again. There are no
 * spurious wake-ups, but another task may change the condition before the mutex
 * is locked again. So wait in a loop.
 *
 * Owner    both are the caller's
 * Blocks   until a signal, then until the mutex is free; no cancel ends the
 *          second wait
 * Thread   the holder of the mutex
 * Errors   WEFT_ECANCEL; the mutex is held in every case
 */
WEFT_API weft_err weft_cond_wait(struct weft_cond *cond,
                                 struct weft_mutex *mutex);

/**
 * As weft_cond_wait, but it waits for the signal only until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Owner    both are the caller's
 * Blocks   until a signal or the deadline, then until the mutex is free;
 *          neither the deadline nor a cancel ends the second wait
 * Thread   the holder of the mutex
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL; the mutex is held in every case
 */
WEFT_API weft_err weft_cond_wait_until(struct weft_cond *cond,
                                       struct weft_mutex *mutex,
                                       uint64_t deadline_ns);

/**
 * Wake one waiter, or all.
 *
 * Owner    cond is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_cond_signal(struct weft_cond *cond);
WEFT_API void weft_cond_broadcast(struct weft_cond *cond);

/* ---- semaphore ---- */

/** A count; a take waits while the count is 0. All zero: the count is 0. */
struct weft_sem {
    uint32_t count;
    struct weft_waitq waiters;
};

/**
 * Wait while the count is 0, then take one from it.
 *
 * Owner    sem is the caller's
 * Blocks   while the count is 0     Thread  any     Errors  WEFT_ECANCEL
 */
WEFT_API weft_err weft_sem_take(struct weft_sem *sem) WEFT_CHECKED;

/**
 * As weft_sem_take, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Owner    sem is the caller's
 * Blocks   while the count is 0, or until the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL
 */
WEFT_API weft_err weft_sem_take_until(struct weft_sem *sem,
                                      uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Take one from the count if it is not 0.
 *
 * Owner    sem is the caller's
 * Blocks   never     Thread  any     Errors  false: the count is 0
 */
WEFT_API bool weft_sem_try_take(struct weft_sem *sem) WEFT_CHECKED;

/**
 * Add n to the count, and wake up to n waiters, in order.
 *
 * Shape    the count stays below 2^32
 * Owner    sem is the caller's
 * Blocks   never     Thread  any
 * Errors   none; a larger count aborts the process
 */
WEFT_API void weft_sem_give(struct weft_sem *sem, uint32_t n);

/* ---- channel ---- */

struct weft_chan;

/**
 * A queue of items of one size between fibers.
 *
 * Shape    item_size bytes, 1..65,536; capacity items; with capacity 0 a send
 *          waits for a receiver
 * Owner    *chan is given; free it with weft_chan_free
 * Blocks   never     Thread  any
 * Errors   -EINVAL: item_size is out of range, -ENOMEM; *chan is NULL
 */
WEFT_API weft_err weft_chan_new(size_t item_size, uint32_t capacity,
                                struct weft_chan **chan) WEFT_CHECKED;

/**
 * Free a channel that no task uses any more. Its items are lost. NULL is legal.
 *
 * Owner    chan is taken
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_chan_free(struct weft_chan *chan);

/**
 * Send a copy of an item.
 *
 * Shape    item has the channel's item_size
 * Owner    item is borrowed for the call
 * Blocks   while the channel is full     Thread  any
 * Errors   WEFT_ECLOSED, WEFT_ECANCEL: the item was not sent
 */
WEFT_API weft_err weft_chan_send(struct weft_chan *chan, const void *item)
    WEFT_CHECKED;

/**
 * As weft_chan_send, at most until the deadline. With deadline 0 the call never
 * waits.
 *
 * Shape    item has the channel's item_size; deadline_ns monotonic
 * Owner    item is borrowed for the call
 * Blocks   while the channel is full, or until the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECLOSED, WEFT_ECANCEL: the item was not sent
 */
WEFT_API weft_err weft_chan_send_until(struct weft_chan *chan, const void *item,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Receive an item.
 *
 * Shape    item has room for the channel's item_size
 * Owner    item is the caller's
 * Blocks   while the channel is empty     Thread  any
 * Errors   WEFT_ECLOSED: the channel is closed and empty, WEFT_ECANCEL
 */
WEFT_API weft_err weft_chan_recv(struct weft_chan *chan, void *item)
    WEFT_CHECKED;

/**
 * As weft_chan_recv, at most until the deadline. With deadline 0 the call never
 * waits.
 *
 * Shape    item has room for the channel's item_size; deadline_ns monotonic
 * Owner    item is the caller's
 * Blocks   while the channel is empty, or until the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECLOSED: the channel is closed and empty,
 *          WEFT_ECANCEL
 */
WEFT_API weft_err weft_chan_recv_until(struct weft_chan *chan, void *item,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Close a channel: senders get WEFT_ECLOSED, also those that wait. Receivers
 * first get the items that are queued. Closing twice is legal.
 *
 * Owner    chan is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_chan_close(struct weft_chan *chan);

/* ---- wait group ---- */

/** Counts the pieces of work that have not ended. All zero: there are none. */
struct weft_group {
    uint32_t count;
    struct weft_waitq waiters;
};

/**
 * Count n more pieces of work. Call this before the work starts, not in the
 * work itself.
 *
 * Shape    the count stays below 2^32
 * Owner    group is the caller's
 * Blocks   never     Thread  any
 * Errors   none; a larger count aborts the process
 */
WEFT_API void weft_group_add(struct weft_group *group, uint32_t n);

/**
 * Count one piece of work less, because it has ended. After the last piece a
 * task that has waited may free the group.
 *
 * Owner    group is the caller's
 * Blocks   never     Thread  any
 * Errors   none; if the count is 0, the process aborts
 */
WEFT_API void weft_group_done(struct weft_group *group);

/**
 * Wait until the count is 0.
 *
 * Shape    deadline_ns monotonic
 * Owner    group is the caller's
 * Blocks   until all pieces have ended, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline
 */
WEFT_API weft_err weft_group_wait(struct weft_group *group) WEFT_CHECKED;
WEFT_API weft_err weft_group_wait_until(struct weft_group *group,
                                        uint64_t deadline_ns) WEFT_CHECKED;

/* ---- once ---- */

/** Lets a function run once. All zero: no function has run. */
struct weft_once {
    uint32_t state;
    struct weft_waitq waiters;
};

/**
 * Run fn(arg), unless a call with the same weft_once has run its fn already. If
 * another task is running its fn, wait until that fn has ended. fn may wait,
 * but must not make this call with the same weft_once.
 *
 * Shape    deadline_ns monotonic, for the wait for another task
 * Owner    arg is handed to fn
 * Blocks   until fn has returned, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: another task still runs
 *          its fn
 */
WEFT_API weft_err weft_once(struct weft_once *once, void (*fn)(void *arg),
                            void *arg) WEFT_CHECKED;
WEFT_API weft_err weft_once_until(struct weft_once *once, void (*fn)(void *arg),
                                  void *arg, uint64_t deadline_ns) WEFT_CHECKED;

/* ---- read-write lock ---- */

/** A lock for many readers or one writer. Tasks get the lock in the order in
 * which they came. All zero is unlocked. */
struct weft_rwlock {
    uint32_t readers, writer;
    struct weft_waitq waiters;
};

/**
 * Lock for reading. A fiber may hold the lock while it waits. The lock is not
 * recursive: a reader that locks again may wait for a writer that waits for
 * this reader.
 *
 * Shape    deadline_ns monotonic
 * Owner    lock is the caller's
 * Blocks   while a writer has the lock or came before, or until the deadline
 * Thread   any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: the caller does not
 *          have the lock
 */
WEFT_API weft_err weft_rwlock_read(struct weft_rwlock *lock) WEFT_CHECKED;
WEFT_API weft_err weft_rwlock_read_until(struct weft_rwlock *lock,
                                         uint64_t deadline_ns) WEFT_CHECKED;

/**
 * As weft_rwlock_read, for writing.
 *
 * Shape    deadline_ns monotonic
 * Owner    lock is the caller's
 * Blocks   while another task has the lock or came before, or until the
 *          deadline
 * Thread   any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: the caller does not
 *          have the lock
 */
WEFT_API weft_err weft_rwlock_write(struct weft_rwlock *lock) WEFT_CHECKED;
WEFT_API weft_err weft_rwlock_write_until(struct weft_rwlock *lock,
                                          uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Lock for reading, or for writing, if that needs no wait.
 *
 * Owner    lock is the caller's
 * Blocks   never     Thread  any
 * Errors   false: the caller would have to wait
 */
WEFT_API bool weft_rwlock_try_read(struct weft_rwlock *lock) WEFT_CHECKED;
WEFT_API bool weft_rwlock_try_write(struct weft_rwlock *lock) WEFT_CHECKED;

/**
 * Unlock. The lock may be freed as soon as no other task can use it.
 *
 * Owner    lock is the caller's
 * Blocks   never     Thread  the task that has locked it, on any thread
 * Errors   none; if the lock is not held in this way, the process aborts
 */
WEFT_API void weft_rwlock_read_unlock(struct weft_rwlock *lock);
WEFT_API void weft_rwlock_write_unlock(struct weft_rwlock *lock);

/* ---- rate limiter ---- */

/** A token bucket. Fields are private. */
struct weft_limiter {
    uint64_t full_ns, behind_ns;
    uint32_t rate, burst;
    struct weft_waitq waiters;
    bool is_led;
};

/**
 * Make a limiter whose bucket is full.
 *
 * Shape    rate tokens a second, 1..10^9; the bucket holds burst > 0 tokens
 * Owner    limiter is the caller's
 * Blocks   never     Thread  one at a time
 * Errors   -EINVAL: rate or burst is out of range
 */
WEFT_API weft_err weft_limiter_init(struct weft_limiter *limiter, uint32_t rate,
                                    uint32_t burst) WEFT_CHECKED;

/**
 * Take n tokens if the bucket has them.
 *
 * Shape    n is at most burst
 * Owner    limiter is the caller's
 * Blocks   never     Thread  any
 * Errors   false: the bucket has fewer, or n is larger than burst
 */
WEFT_API bool weft_limiter_try_take(struct weft_limiter *limiter, uint32_t n)
    WEFT_CHECKED;

/**
 * Wait until the bucket has n tokens, and take them; callers are served in
 * order. If the bucket cannot have the tokens by the deadline, the call fails
 * at once and takes none. If a caller is cancelled, the callers after it wait
 * less.
 *
 * Shape    n is at most burst; deadline_ns monotonic
 * Owner    limiter is the caller's
 * Blocks   until the bucket has the tokens     Thread  any
 * Errors   WEFT_ETIMEOUT with a deadline, WEFT_ECANCEL: nothing was taken;
 *          -EINVAL: n is larger than burst
 */
WEFT_API weft_err weft_limiter_take(struct weft_limiter *limiter, uint32_t n)
    WEFT_CHECKED;
WEFT_API weft_err weft_limiter_take_until(struct weft_limiter *limiter,
                                          uint32_t n, uint64_t deadline_ns)
    WEFT_CHECKED;

/* ---- fiber-local values ---- */

/** A key of fiber-local values. Each fiber and each plain thread has a value of
 * its own for the key. */
typedef struct {
    uint32_t index;
} weft_local;

/** The most keys of a process. */
#define WEFT_LOCALS 64

/**
 * Make a key, for the life of the process.
 *
 * Shape    a fiber or plain thread that ends calls destroy with its own value
 *          of the key, unless the value or destroy is NULL
 * Owner    key is the caller's
 * Blocks   never     Thread  any     Errors  WEFT_EFULL: all keys are in use
 */
WEFT_API weft_err weft_local_new(void (*destroy)(void *value), weft_local *key)
    WEFT_CHECKED;

/**
 * The value of the calling fiber or plain thread; NULL until it is set.
 *
 * Owner    the value is the user's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void *weft_local_get(weft_local key);

/**
 * Set the value of the calling fiber or plain thread.
 *
 * Owner    value is the user's until destroy; destroy is not called for the old
 *          value
 * Blocks   never     Thread  any     Errors  -ENOMEM: the value is unchanged
 */
WEFT_API weft_err weft_local_set(weft_local key, void *value) WEFT_CHECKED;

/* ---- waiting for descriptors ---- */

enum weft_fd_events {
    WEFT_FD_READ = 1,
    WEFT_FD_WRITE = 2,
};

/**
 * Wait until a descriptor, such as one of another library, can be read or
 * written. The poller that serves all sockets waits for the descriptor. Any
 * number of fibers may wait for one descriptor. A descriptor that is ready
 * already is found without a wait, also if the deadline has passed.
 *
 * Shape    events is a set of weft_fd_events; deadline_ns monotonic; returns
 *          the ready ones of events, > 0. After an error or hang-up of the
 *          descriptor all events are ready
 * Owner    fd is the caller's, and must stay open meanwhile
 * Blocks   until it is ready or the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL, -EINVAL: no events; -EBADF: fd is not
 *          open; -ENOMEM, errors of weft_runtime_start, another errno of poll,
 *          epoll_ctl or epoll_create1
 */
WEFT_API int weft_fd_wait_until(int fd, int events, uint64_t deadline_ns)
    WEFT_CHECKED;

/**
 * As weft_fd_wait_until, without a deadline.
 *
 * Shape    as weft_fd_wait_until
 * Owner    fd is the caller's, and must stay open meanwhile
 * Blocks   until it is ready     Thread  any
 * Errors   as weft_fd_wait_until, but no WEFT_ETIMEOUT
 */
WEFT_API int weft_fd_wait(int fd, int events) WEFT_CHECKED;

/* ---- select: waiting for one of several ---- */

/** The most cases of a select. */
#define WEFT_SELECT_MAX 64

enum weft_select_kind {
    WEFT_SELECT_NONE, /* never happens */
    WEFT_SELECT_RECV, /* receive an item: chan and item are set */
    WEFT_SELECT_SEND, /* send an item: chan and item are set */
    WEFT_SELECT_FD,   /* a descriptor is ready: fd and events are set */
};

/** One thing to wait for. The caller sets the members that the comment of its
 * kind names; all others are zero. */
struct weft_select_case {
    enum weft_select_kind kind;
    int fd, events; /* as for weft_fd_wait */
    struct weft_chan *chan;
    void *item; /* memory for an item to receive, or the item to send */
    /* Set in the case that has happened: */
    int found;      /* the events that are ready */
    weft_err err;   /* WEFT_ECLOSED: nothing was sent or received; -EBADF: fd is
                     not open */
    void *words[8]; /* private */
};

/**
 * Wait until one of n cases is ready, and let only that case happen: an item is
 * received or sent for at most one case. If several cases are ready, the choice
 * is random: each of them happens with a chance of at least 1 in n. A closed
 * channel is ready: a send gets err WEFT_ECLOSED, and so does a receive when no
 * item is left. A case that is ready is found without a wait, also if the
 * deadline has passed or the fiber is cancelled. Returns the index of the case.
 * Several cases may have the same channel or descriptor.
 *
 * Shape    n is 1..WEFT_SELECT_MAX; deadline_ns monotonic; with deadline 0 the
 *          call never waits
 * Owner    cases and items are the caller's, descriptors must stay open
 * Blocks   until a case has happened, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: none has happened;
 *          -EINVAL: n is out of range, or a case lacks a member; -ENOMEM on a
 *          plain thread; if a case has a descriptor, errors of
 *          weft_fd_wait_until
 */
WEFT_API int weft_select(struct weft_select_case *cases, uint32_t n)
    WEFT_CHECKED;
WEFT_API int weft_select_until(struct weft_select_case *cases, uint32_t n,
                               uint64_t deadline_ns) WEFT_CHECKED;

/* ---- functions that block a thread ---- */

/**
 * Run fn(arg) on a thread that may block, and wait until fn has returned. If
 * the caller is a plain thread, fn runs on that thread.
 *
 * While fn waits in a call of weft, its thread does not count in max_blocking,
 * and weft may start another thread. So fn may wait for a fiber that itself
 * calls weft_blocking. There are at most 256 threads beyond max_blocking. While
 * there are such threads, the newest function is run first. If all threads
 * wait, a further function waits until one of them is free. A thread that waits
 * in another way, such as in pthread_join, counts in max_blocking.
 *
 * Owner    arg is handed to fn
 * Blocks   until fn has returned     Thread  any
 * Errors   after each of these fn has not run and will not run. WEFT_ECANCEL:
 *          the fiber was cancelled before fn began; -EAGAIN, for one of two
 *          causes: (1) no thread can be made, and all threads wait in calls of
 *          weft; (2) all threads have waited in calls of weft for a second, and
 *          none has begun or ended a wait in that time
 */
WEFT_API weft_err weft_blocking(void (*fn)(void *arg), void *arg) WEFT_CHECKED;

/**
 * As weft_blocking, but with a deadline for the beginning of fn: after fn has
 * begun, the call waits for its end. If the deadline has passed before the
 * call, fn does not run, also on a plain thread.
 *
 * Shape    deadline_ns monotonic
 * Owner    arg is handed to fn
 * Blocks   until fn has returned; until the deadline if fn has not begun
 * Thread   any
 * Errors   WEFT_ETIMEOUT, and as weft_blocking
 */
WEFT_API weft_err weft_blocking_until(void (*fn)(void *arg), void *arg,
                                      uint64_t deadline_ns) WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
