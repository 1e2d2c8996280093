/* SPDX-License-Identifier: MIT */
/*
 * weft/fiber.h: straight-line code that waits without holding a thread.
 *
 * A fiber is a function with a stack of its own. A few worker threads run all
 * fibers. While a fiber waits, its worker runs others, and it may continue on
 * another worker. So in a fiber: keep no address of a thread-local variable
 * (and no errno) over a call that waits, hold no pthread lock over one, and
 * call what blocks a thread through weft_blocking.
 *
 * Everything that waits here also works on a plain thread, which then sleeps.
 * Every waiting call has a twin that takes a deadline.
 *
 * Cancel: once a fiber is cancelled, each of its calls that would wait returns
 * WEFT_ECANCEL, now and later; a call that need not wait succeeds as ever. The
 * first 16 return at once. Each later one first pauses its fiber for 1 ms, the
 * next for 2 ms and so on up to 64 ms: so a loop that ignores the error, such
 * as `while (!ready) weft_cond_wait(&cond, &mutex)`, still ends by its
 * condition, and neither keeps others from running nor burns a core. Between
 * weft_shield_begin and weft_shield_end a fiber waits as if it were not
 * cancelled: for what must be cleaned up in any case.
 */
#ifndef WEFT_FIBER_H
#define WEFT_FIBER_H

#include <weft/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the runtime: one per process ---- */

/** How a worker meets the kernel. */
enum weft_poller {
    /** WEFT_POLLER_EPOLL, or what WEFT_POLLER of the environment says: "epoll"
     * or "uring". */
    WEFT_POLLER_AUTO,
    /** epoll reports events; each reply is sent by a system call of its own. */
    WEFT_POLLER_EPOLL,
    /** As epoll, but what a worker's fibers write while others are ready is
     * sent when the worker polls next, all in one system call of io_uring. This
     * takes less CPU with many connections. Where the kernel has no io_uring,
     * or forbids it, this is WEFT_POLLER_EPOLL. */
    WEFT_POLLER_URING,
};

/** Zero in any field means the default. max_fibers and max_blocking may be
 * WEFT_UNLIMITED. */
struct weft_runtime_options {
    uint32_t workers;      /* threads; the cores this process may use, 1..256 */
    uint32_t max_fibers;   /* alive at once; 1,048,576, at most 16,777,216 */
    size_t stack_size;     /* bytes per fiber, at least 8 KiB; 128 KiB */
    size_t guard_size;     /* bytes below each stack that trap; 64 KiB */
    uint32_t max_blocking; /* threads of weft_blocking at work; 64 */
    enum weft_poller poller; /* WEFT_POLLER_AUTO */
    /* Bind each worker to one of the cores that the process may use. For a
     * machine that runs nothing else: the kernel then never runs two workers on
     * one core while another core is free. */
    bool pin_workers;
};

/**
 * Start the workers. Without this call the first fiber, server or client starts
 * them with the defaults.
 *
 * Shape    options may be NULL
 * Owner    options is borrowed for the call
 * Blocks   never     Thread  any plain thread
 * Errors   -EALREADY: they run, -EINVAL: an option is out of range, -ENOMEM,
 *          errno of making threads
 */
WEFT_API weft_err
weft_runtime_start(const struct weft_runtime_options *options);

/**
 * Wait until every fiber has ended, then end the workers and give the memory
 * back. Timers go on until only fibers of timers are left, and are stopped
 * then. weft no longer reads from connections that were closed: if the peer of
 * one still sends, bytes that the kernel has not sent to it yet are lost. So a
 * program whose last bytes count waits for an answer before it stops.
 * Afterwards weft_runtime_start may be called again. If fibers are left at the
 * deadline, the runtime goes on, and only its timers may have been stopped;
 * weft_fiber_list says what these fibers wait for.
 *
 * Shape    deadline_ns monotonic
 * Blocks   until every fiber has ended, or the deadline
 * Thread   a plain thread, while no other uses weft
 * Errors   -EDEADLK: called by a fiber, or by a function that one has given to
 *          weft_blocking; WEFT_ETIMEOUT with a deadline: fibers are left
 */
WEFT_API weft_err weft_runtime_stop(void);
WEFT_API weft_err weft_runtime_stop_until(uint64_t deadline_ns);

/**
 * How many workers there are; 0 before the start.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint32_t weft_runtime_workers(void);

/* ---- fibers ---- */

/** A fiber's id; {0} names none. It stays safe to use when the fiber ended. */
typedef struct {
    uint64_t id;
} weft_fiber;

/**
 * Start a fiber that runs fn(arg). It runs soon, on any worker.
 *
 * Shape    fiber may be NULL
 * Owner    arg is handed to fn
 * Blocks   never     Thread  any
 * Errors   WEFT_EFIBERS: max_fibers are alive or there is no memory for a
 *          stack; errors of weft_runtime_start if it is the first
 */
WEFT_API weft_err weft_fiber_start(void (*fn)(void *arg), void *arg,
                                   weft_fiber *fiber) WEFT_CHECKED;

/** Bytes of a fiber's name, with the zero at its end. */
#define WEFT_FIBER_NAME 32

/** Zero in any field means the default. */
struct weft_fiber_options {
    const char *name;  /* for lists and messages, at most 31 bytes; none */
    size_t stack_size; /* bytes, 8 KiB..1 GiB; that of the runtime */
    bool keep_result;  /* until weft_fiber_join_result; no */
};

/**
 * Start a fiber with options. A stack of a size of its own is made for this
 * fiber and given back at its end, which takes two system calls or three; the
 * others come from a pool.
 *
 * Shape    options and fiber may be NULL, but not fiber with keep_result
 * Owner    options is borrowed for the call, the name is copied; arg is handed
 *          to fn
 * Blocks   never     Thread  any
 * Errors   -EINVAL: an option is out of range, or nobody could take the result;
 *          errors of weft_fiber_start
 */
WEFT_API weft_err weft_fiber_start_with(
    const struct weft_fiber_options *options, void (*fn)(void *arg), void *arg,
    weft_fiber *fiber) WEFT_CHECKED;

/**
 * Set the result of the calling fiber, for weft_fiber_join_result; NULL until
 * then. Nothing happens on a plain thread or in a fiber that keeps no result.
 *
 * Owner    result is handed to the one that joins
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_set_result(void *result);

/**
 * Wait until a fiber has ended and take its result, which one caller gets. A
 * fiber with keep_result must be joined by this call: until then its id stays
 * valid, and it counts in max_fibers, though its stack holds no memory.
 *
 * Shape    result may be NULL; deadline_ns monotonic
 * Owner    *result is given
 * Blocks   until the fiber has ended, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: the result can still be
 *          taken; -ESRCH: the fiber keeps none, or it was taken; -EDEADLK: it
 *          is the caller itself. *result is NULL
 */
WEFT_API weft_err weft_fiber_join_result(weft_fiber fiber, void **result)
    WEFT_CHECKED;
WEFT_API weft_err weft_fiber_join_result_until(weft_fiber fiber,
                                               uint64_t deadline_ns,
                                               void **result) WEFT_CHECKED;

/**
 * Wait until a fiber has ended; at once if it has, or if the id is old.
 *
 * Blocks   until the fiber has ended     Thread  any
 * Errors   WEFT_ECANCEL, -EDEADLK: it is the caller itself
 */
WEFT_API weft_err weft_fiber_join(weft_fiber fiber);

/**
 * As join, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Blocks   until the fiber has ended or the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL, -EDEADLK: it is the caller itself
 */
WEFT_API weft_err weft_fiber_join_until(weft_fiber fiber, uint64_t deadline_ns);

/**
 * Ask a fiber to end: the call that it waits in, and all later ones that would
 * wait, return WEFT_ECANCEL (see the head of this file). It is not stopped
 * otherwise. An old id is legal.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_cancel(weft_fiber fiber);

/**
 * Has the calling fiber been cancelled? Says so within a shield, too; false on
 * a plain thread.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API bool weft_fiber_cancelled(void);

/**
 * Begin and end a section whose waits no cancel ends: none of its calls returns
 * WEFT_ECANCEL. A cancel that comes meanwhile counts after the section.
 * Sections nest; the end of a fiber ends its sections. A plain thread cannot be
 * cancelled, so both do nothing there.
 *
 *     weft_shield_begin();
 *     err = weft_mutex_lock(&mutex);
 *     weft_shield_end();
 *
 * Blocks   never     Thread  any
 * Errors   none; an end without a begin aborts
 */
WEFT_API void weft_shield_begin(void);
WEFT_API void weft_shield_end(void);

/**
 * Id of the calling fiber; {0} on a plain thread.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API weft_fiber weft_fiber_self(void);

/**
 * Let others run first. On a plain thread it yields the processor.
 *
 * Blocks   until the scheduler comes back     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_yield(void);

/**
 * Sleep until a deadline or for some milliseconds.
 *
 * Shape    deadline_ns monotonic; ms >= 0. Wakes up to 0.2 ms late, never early
 * Blocks   that long     Thread  any     Errors  WEFT_ECANCEL
 */
WEFT_API weft_err weft_sleep_until(uint64_t deadline_ns);
WEFT_API weft_err weft_sleep_ms(int64_t ms);

/* ---- timers: functions that run at a set time ---- */

/** A timer's id; {0} names none. It stays safe to use when the timer ended. */
typedef struct {
    uint64_t id;
} weft_timer;

/**
 * Run fn(arg) at a set time, once or again every period, on a fiber of its own:
 * it may wait as any fiber may. That fiber lives as long as the timer, so a
 * timer that was started needs nothing more to run. Runs never overlap: if one
 * takes longer than the period, the times that passed meanwhile are skipped,
 * and the next run is at the next of the times first_ns + k * period_ns. A
 * cancel of its fiber ends the timer, too. weft_runtime_stop stops a timer when
 * no fibers but those of timers are left.
 *
 * Shape    first_ns monotonic; if it has passed, the first run is at once;
 *          period_ns 0 means once; up to 0.2 ms late, never early. timer may be
 *          NULL
 * Owner    arg is handed to fn; *timer is the caller's
 * Blocks   never     Thread  any
 * Errors   -ENOMEM; WEFT_EFIBERS: a timer counts in max_fibers; errors of
 *          weft_runtime_start if it is the first
 */
WEFT_API weft_err weft_timer_start(void (*fn)(void *arg), void *arg,
                                   uint64_t first_ns, uint64_t period_ns,
                                   weft_timer *timer) WEFT_CHECKED;

/**
 * Stop a timer: after that its function does not run and will not. If it runs
 * now, its end is waited for, and no cancel ends this wait; fn must not wait
 * for its caller. fn itself may call this: then its present run is the last
 * one. An old id is legal. To interrupt fn, cancel its fiber, whose id
 * fn can publish: weft_fiber_self().
 *
 * Shape    deadline_ns monotonic
 * Blocks   until fn has returned, or the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT with a deadline: fn still runs, for the last time
 */
WEFT_API void weft_timer_stop(weft_timer timer);
WEFT_API weft_err weft_timer_stop_until(weft_timer timer, uint64_t deadline_ns);

/* ---- the fibers that there are ---- */

/** What a fiber waits for. */
enum weft_wait {
    WEFT_WAIT_NONE, /* it does not wait */
    WEFT_WAIT_MUTEX,
    WEFT_WAIT_RWLOCK,
    WEFT_WAIT_COND,
    WEFT_WAIT_SEM,
    WEFT_WAIT_SEND,     /* until a channel takes an item */
    WEFT_WAIT_RECEIVE,  /* until a channel has an item */
    WEFT_WAIT_SELECT,   /* weft_select */
    WEFT_WAIT_GROUP,    /* weft_group_wait */
    WEFT_WAIT_ONCE,     /* until another has run a weft_once */
    WEFT_WAIT_JOIN,     /* for the end of a fiber */
    WEFT_WAIT_SLEEP,    /* for a time; also for a limiter */
    WEFT_WAIT_TIMER,    /* a timer, for the time of its next run */
    WEFT_WAIT_PAUSE,    /* a cancelled fiber goes on waiting: see above */
    WEFT_WAIT_FD,       /* for a descriptor */
    WEFT_WAIT_BLOCKING, /* for a function in weft_blocking */
    WEFT_WAIT_READ,     /* for bytes of a connection */
    WEFT_WAIT_WRITE,    /* until a connection takes more bytes */
    WEFT_WAIT_ACCEPT,   /* for a connection */
    WEFT_WAIT_REPLY,    /* for the reply to a call */
    WEFT_WAIT_CALLS,    /* a server's connection: too many calls in flight */
    WEFT_WAIT_END,      /* for the end of handlers or connections */
};

/**
 * The name of a reason in a few words, such as "reply to a call"; never NULL.
 *
 * Owner    static
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API const char *weft_wait_text(enum weft_wait wait);

enum weft_fiber_state {
    WEFT_FIBER_READY,   /* it may run, and no worker has come to it yet */
    WEFT_FIBER_RUNNING, /* a worker runs it */
    WEFT_FIBER_WAITING,
    WEFT_FIBER_ENDED, /* and nobody has taken its result */
};

/** One fiber, as it was a moment ago. */
struct weft_fiber_info {
    weft_fiber fiber;
    char name[WEFT_FIBER_NAME]; /* empty: none */
    enum weft_fiber_state state;
    enum weft_wait waits_for; /* WEFT_WAIT_NONE unless it waits */
    uint64_t since_ns;        /* monotonic, when its wait began, perhaps 0.1 ms
                                 early; 0 unless it waits */
    uint64_t deadline_ns;     /* of the wait; WEFT_NEVER: none */
};

/**
 * Call visit(user, info) for each fiber, in no order. A fiber that starts or
 * ends meanwhile may be missing. Nothing is locked: visit may do anything. It
 * takes time in proportion to the largest number of fibers that were ever alive
 * at once.
 *
 * Owner    user is handed to visit; info is borrowed for its call
 * Blocks   never, but visit may     Thread  any     Errors  none
 */
WEFT_API void weft_fiber_list(void (*visit)(void *user,
                                            const struct weft_fiber_info *info),
                              void *user);

/* ---- mutex and condition ---- */

/** Who waits; private. All zero is empty. */
struct weft_waitq {
    uint32_t lock;
    struct weft_waitnode *head, *tail;
};

/** A lock that its waiters get in order. All zero is unlocked. */
struct weft_mutex {
    uint32_t state;
    struct weft_waitq waiters;
};

/**
 * Lock. It may be held while its fiber waits, and is no recursive lock. A fiber
 * that is cancelled still gets a mutex that is free.
 *
 * Blocks   until it is unlocked     Thread  any     Errors  WEFT_ECANCEL: it is
 *          not locked
 */
WEFT_API weft_err weft_mutex_lock(struct weft_mutex *mutex) WEFT_CHECKED;

/**
 * As lock, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Owner    mutex is the caller's
 * Blocks   until it is unlocked or the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL: it is not locked
 */
WEFT_API weft_err weft_mutex_lock_until(struct weft_mutex *mutex,
                                        uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Lock if that needs no waiting.
 *
 * Owner    mutex is the caller's
 * Blocks   never     Thread  any     Errors  false: it is locked already
 */
WEFT_API bool weft_mutex_try_lock(struct weft_mutex *mutex) WEFT_CHECKED;

/**
 * Unlock; if others wait, the first of them owns the mutex at once. The mutex
 * may be freed as soon as no other task can use it.
 *
 * Owner    mutex is the caller's
 * Blocks   never     Thread  the holder, perhaps on another thread by now
 * Errors   none; a mutex that is not locked aborts
 */
WEFT_API void weft_mutex_unlock(struct weft_mutex *mutex);

/** Something to wait for, with a mutex. All zero is ready. */
struct weft_cond {
    struct weft_waitq waiters;
};

/**
 * Unlock, wait for a signal, lock again. There are no spurious wake-ups, but
 * the condition may have changed before the mutex is locked again: wait in a
 * loop.
 *
 * Owner    both are the caller's
 * Blocks   until a signal, and then until the mutex is free (not cancellable)
 * Thread   the holder of the mutex
 * Errors   WEFT_ECANCEL; the mutex is held in every case
 */
WEFT_API weft_err weft_cond_wait(struct weft_cond *cond,
                                 struct weft_mutex *mutex);

/**
 * As wait, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Owner    both are the caller's
 * Blocks   as wait, or until the deadline     Thread  the holder of the mutex
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

/** A count; taking from it waits while it is zero. All zero: the count is 0. */
struct weft_sem {
    uint32_t count;
    struct weft_waitq waiters;
};

/**
 * Take one from the count, and wait while the count is zero.
 *
 * Owner    sem is the caller's
 * Blocks   while the count is 0     Thread  any     Errors  WEFT_ECANCEL
 */
WEFT_API weft_err weft_sem_take(struct weft_sem *sem) WEFT_CHECKED;

/**
 * As take, at most until the deadline.
 *
 * Shape    deadline_ns monotonic
 * Owner    sem is the caller's
 * Blocks   while the count is 0, or until the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECANCEL
 */
WEFT_API weft_err weft_sem_take_until(struct weft_sem *sem,
                                      uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Take one from the count if it is not zero.
 *
 * Owner    sem is the caller's
 * Blocks   never     Thread  any     Errors  false: the count is zero
 */
WEFT_API bool weft_sem_try_take(struct weft_sem *sem) WEFT_CHECKED;

/**
 * Add n to the count; wakes up to n waiters, in order.
 *
 * Shape    the count stays below 2^32
 * Owner    sem is the caller's
 * Blocks   never     Thread  any     Errors  none; a larger count aborts
 */
WEFT_API void weft_sem_give(struct weft_sem *sem, uint32_t n);

/* ---- channel ---- */

struct weft_chan;

/**
 * A queue of items of one size between fibers.
 *
 * Shape    item_size bytes, 1..65,536; capacity items, 0 hands each item over
 *          from a sender to a receiver that both wait
 * Owner    *chan is given; free it with weft_chan_free
 * Blocks   never     Thread  any
 * Errors   -EINVAL: item_size is out of range, -ENOMEM; *chan is NULL
 */
WEFT_API weft_err weft_chan_new(size_t item_size, uint32_t capacity,
                                struct weft_chan **chan) WEFT_CHECKED;

/**
 * Free a channel that nobody uses any more; items in it are lost. NULL is
 * legal.
 *
 * Owner    taken
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_chan_free(struct weft_chan *chan);

/**
 * Send a copy of an item.
 *
 * Shape    item has the channel's item_size
 * Owner    item is borrowed for the call
 * Blocks   while the channel is full     Thread  any
 * Errors   WEFT_ECLOSED, WEFT_ECANCEL: it was not sent
 */
WEFT_API weft_err weft_chan_send(struct weft_chan *chan, const void *item)
    WEFT_CHECKED;

/**
 * As send, at most until the deadline. A deadline of 0 never waits.
 *
 * Shape    item has the channel's item_size; deadline_ns monotonic
 * Owner    item is borrowed for the call
 * Blocks   while the channel is full, until the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECLOSED, WEFT_ECANCEL: it was not sent
 */
WEFT_API weft_err weft_chan_send_until(struct weft_chan *chan, const void *item,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Receive an item.
 *
 * Shape    item has room for the channel's item_size
 * Owner    item is the caller's
 * Blocks   while the channel is empty     Thread  any
 * Errors   WEFT_ECLOSED: it is closed and empty, WEFT_ECANCEL
 */
WEFT_API weft_err weft_chan_recv(struct weft_chan *chan, void *item)
    WEFT_CHECKED;

/**
 * As recv, at most until the deadline. A deadline of 0 never waits.
 *
 * Shape    item has room for the channel's item_size; deadline_ns monotonic
 * Owner    item is the caller's
 * Blocks   while the channel is empty, until the deadline     Thread  any
 * Errors   WEFT_ETIMEOUT, WEFT_ECLOSED: closed and empty, WEFT_ECANCEL
 */
WEFT_API weft_err weft_chan_recv_until(struct weft_chan *chan, void *item,
                                       uint64_t deadline_ns) WEFT_CHECKED;

/**
 * No more sends: senders that wait get WEFT_ECLOSED, receivers still get what
 * is queued. Closing twice is legal.
 *
 * Owner    chan is the caller's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void weft_chan_close(struct weft_chan *chan);

/* ---- wait group ---- */

/** Counts work that is under way. All zero is none. */
struct weft_group {
    uint32_t count;
    struct weft_waitq waiters;
};

/**
 * n more pieces of work begin. Call it before the work is started, not by the
 * work itself.
 *
 * Shape    the count stays below 2^32
 * Owner    group is the caller's
 * Blocks   never     Thread  any     Errors  none; a larger count aborts
 */
WEFT_API void weft_group_add(struct weft_group *group, uint32_t n);

/**
 * One piece has ended. After the last one the group may be freed by those who
 * waited.
 *
 * Owner    group is the caller's
 * Blocks   never     Thread  any
 * Errors   none; an end without a begin aborts
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

/** Something that is to happen once. All zero: it has not. */
struct weft_once {
    uint32_t state;
    struct weft_waitq waiters;
};

/**
 * Run fn(arg) unless that has been done for this once; if somebody else is
 * running it, wait for the end. fn may wait, and must not call this for the
 * same once.
 *
 * Shape    deadline_ns monotonic, for waiting for somebody else
 * Owner    arg is handed to fn
 * Blocks   until fn has returned, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: somebody else still
 *          runs it
 */
WEFT_API weft_err weft_once(struct weft_once *once, void (*fn)(void *arg),
                            void *arg) WEFT_CHECKED;
WEFT_API weft_err weft_once_until(struct weft_once *once, void (*fn)(void *arg),
                                  void *arg, uint64_t deadline_ns) WEFT_CHECKED;

/* ---- read-write lock ---- */

/** Many readers or one writer, served in the order in which they came. All zero
 * is unlocked. */
struct weft_rwlock {
    uint32_t readers, writer;
    struct weft_waitq waiters;
};

/**
 * Lock for reading. It may be held while its fiber waits, and is not recursive:
 * a reader that locks again may wait for a writer that waits for it.
 *
 * Shape    deadline_ns monotonic
 * Owner    lock is the caller's
 * Blocks   while a writer has it or waits in front, or until the deadline
 * Thread   any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: it is not locked
 */
WEFT_API weft_err weft_rwlock_read(struct weft_rwlock *lock) WEFT_CHECKED;
WEFT_API weft_err weft_rwlock_read_until(struct weft_rwlock *lock,
                                         uint64_t deadline_ns) WEFT_CHECKED;

/**
 * As weft_rwlock_read, for writing.
 *
 * Shape    deadline_ns monotonic
 * Owner    lock is the caller's
 * Blocks   while anybody has it or waits in front, or until the deadline
 * Thread   any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: it is not locked
 */
WEFT_API weft_err weft_rwlock_write(struct weft_rwlock *lock) WEFT_CHECKED;
WEFT_API weft_err weft_rwlock_write_until(struct weft_rwlock *lock,
                                          uint64_t deadline_ns) WEFT_CHECKED;

/**
 * Lock for reading, or for writing, if that needs no waiting.
 *
 * Owner    lock is the caller's
 * Blocks   never     Thread  any     Errors  false: it is not locked
 */
WEFT_API bool weft_rwlock_try_read(struct weft_rwlock *lock) WEFT_CHECKED;
WEFT_API bool weft_rwlock_try_write(struct weft_rwlock *lock) WEFT_CHECKED;

/**
 * Unlock. The lock may be freed as soon as nobody else can want it.
 *
 * Owner    lock is the caller's
 * Blocks   never     Thread  any; the holder, for reading or for writing
 * Errors   none; a lock that is not held in this way aborts
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
 * Begin with a full bucket.
 *
 * Shape    rate tokens a second, 1..10^9; burst > 0 tokens that it can hold
 * Owner    limiter is the caller's
 * Blocks   never     Thread  one at a time
 * Errors   -EINVAL: rate or burst is out of range
 */
WEFT_API weft_err weft_limiter_init(struct weft_limiter *limiter, uint32_t rate,
                                    uint32_t burst) WEFT_CHECKED;

/**
 * Take n tokens if they are there.
 *
 * Shape    n is at most burst
 * Owner    limiter is the caller's
 * Blocks   never     Thread  any
 * Errors   false: they are not there, or n is larger than burst
 */
WEFT_API bool weft_limiter_try_take(struct weft_limiter *limiter, uint32_t n)
    WEFT_CHECKED;

/**
 * Take n tokens and wait until they are there; callers are served in order.
 * What cannot be there by the deadline is refused at once, and costs nothing.
 * If a caller is cancelled, those that come after it wait less.
 *
 * Shape    n is at most burst; deadline_ns monotonic
 * Owner    limiter is the caller's
 * Blocks   until the tokens are there     Thread  any
 * Errors   WEFT_ETIMEOUT with a deadline, WEFT_ECANCEL: nothing was taken;
 *          -EINVAL: n is larger than burst
 */
WEFT_API weft_err weft_limiter_take(struct weft_limiter *limiter, uint32_t n)
    WEFT_CHECKED;
WEFT_API weft_err weft_limiter_take_until(struct weft_limiter *limiter,
                                          uint32_t n, uint64_t deadline_ns)
    WEFT_CHECKED;

/* ---- fiber-local values ---- */

/** A key; the same in every fiber, each of which has its own value. */
typedef struct {
    uint32_t index;
} weft_local;

/** Keys of one process at the most. */
#define WEFT_LOCALS 64

/**
 * Make a key, for the life of the process.
 *
 * Shape    destroy is called with each fiber's value that is not NULL when the
 *          fiber ends; may be NULL
 * Owner    key is the caller's
 * Blocks   never     Thread  any     Errors  WEFT_EFULL: all keys are in use
 */
WEFT_API weft_err weft_local_new(void (*destroy)(void *value), weft_local *key)
    WEFT_CHECKED;

/**
 * The calling fiber's value (or plain thread's); NULL until it is set.
 *
 * Owner    the user's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API void *weft_local_get(weft_local key);

/**
 * Set the calling fiber's value.
 *
 * Owner    value is the user's until destroy
 * Blocks   never     Thread  any     Errors  -ENOMEM
 */
WEFT_API weft_err weft_local_set(weft_local key, void *value) WEFT_CHECKED;

/* ---- waiting for descriptors and signals ---- */

enum weft_fd_events {
    WEFT_FD_READ = 1,
    WEFT_FD_WRITE = 2,
};

/**
 * Wait until a descriptor of any library can be read or written, on the same
 * poller that serves all sockets. Any number of fibers may wait for one
 * descriptor. What is ready already is found without a wait, also if the
 * deadline has passed.
 *
 * Shape    events is a set of weft_fd_events; deadline_ns monotonic; returns
 *          the set that is ready, > 0. An error or hang-up counts as both
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

/** Cases of one select at the most. */
#define WEFT_SELECT_MAX 64

enum weft_select_kind {
    WEFT_SELECT_NONE, /* never happens */
    WEFT_SELECT_RECV, /* receive an item: chan and item are set */
    WEFT_SELECT_SEND, /* send an item: chan and item are set */
    WEFT_SELECT_FD,   /* a descriptor is ready: fd and events are set */
};

/** One thing to wait for. Set what its kind says; all else is zero. */
struct weft_select_case {
    enum weft_select_kind kind;
    int fd, events; /* as for weft_fd_wait */
    struct weft_chan *chan;
    void *item; /* room for one, or what is to be sent, which is only read */
    /* Of the case that has happened: */
    int found;      /* the set of events that are ready */
    weft_err err;   /* WEFT_ECLOSED: nothing was sent or received; -EBADF: fd is
                     not open */
    void *words[8]; /* private */
};

/**
 * Wait until one of n cases can happen, and let it happen: that one alone, so
 * an item is received or sent for at most one case. Of several that are ready
 * each has a chance of at least 1 in n, whatever their order. A closed channel
 * is ready: a send gets err WEFT_ECLOSED, and so does a receive when no item is
 * left. What is ready is found without a wait, also if the deadline has passed
 * or the fiber is cancelled. Returns the index of the case. A channel or
 * descriptor may be in several cases.
 *
 * Shape    n is 1..WEFT_SELECT_MAX; deadline_ns monotonic, 0 never waits
 * Owner    cases and items are the caller's, descriptors must stay open
 * Blocks   until a case has happened, or the deadline     Thread  any
 * Errors   WEFT_ECANCEL, WEFT_ETIMEOUT with a deadline: none has happened;
 *          -EINVAL: n, or a member of a case; with descriptors as
 *          weft_fd_wait_until; -ENOMEM on a plain thread
 */
WEFT_API int weft_select(struct weft_select_case *cases, uint32_t n)
    WEFT_CHECKED;
WEFT_API int weft_select_until(struct weft_select_case *cases, uint32_t n,
                               uint64_t deadline_ns) WEFT_CHECKED;

/* ---- functions that block a thread ---- */

/**
 * Run fn(arg) on a thread that may block, and wait for its end. If the caller
 * is a plain thread, fn runs on that thread.
 *
 * While fn waits in a call of weft, its thread does not count in max_blocking,
 * and another thread can be started: so fn may wait for a fiber that calls
 * weft_blocking itself. There are at most 256 threads beyond max_blocking.
 * While there are such threads, the newest function is run first. If all
 * threads wait, a further function waits until one of them is free. A thread
 * that waits in another way, such as in pthread_join, counts in max_blocking.
 *
 * Owner    arg is handed to fn
 * Blocks   until fn has returned     Thread  any
 * Errors   after each of them fn has not run and will not. WEFT_ECANCEL: the
 *          fiber was cancelled before fn began; -EAGAIN, for one of two causes:
 *          (1) no thread can be made, and every thread that there is waits in a
 *          call of weft; (2) every thread has waited in calls of weft for a
 *          second, and none has begun or ended a wait in that time
 */
WEFT_API weft_err weft_blocking(void (*fn)(void *arg), void *arg) WEFT_CHECKED;

/**
 * As weft_blocking, with a deadline for the beginning of fn: once fn runs, the
 * call waits for its end. After a deadline that has passed before the call, fn
 * does not run, on plain threads neither.
 *
 * Shape    deadline_ns monotonic
 * Owner    arg is handed to fn
 * Blocks   until fn has returned, or the deadline and fn has not begun
 * Thread   any
 * Errors   WEFT_ETIMEOUT: fn has not run and will not; as weft_blocking
 */
WEFT_API weft_err weft_blocking_until(void (*fn)(void *arg), void *arg,
                                      uint64_t deadline_ns) WEFT_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
