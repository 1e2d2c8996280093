/* SPDX-License-Identifier: MIT */
/*
 * weft/sim.h: a whole cluster of weft servers and clients in one process, from
 * one number.
 *
 * A program that is linked with libweft-sim instead of libweft runs its own
 * handlers and clients on simulated hosts: their threads are coroutines of one
 * thread, time jumps to the next event when all wait, and the network is a
 * queue. What happens follows from the seed, so a failure happens again, each
 * time, with the same seed.
 *
 * A scenario makes hosts; each has a function that runs on its first thread, as
 * main() would: it may start the runtime, servers, clients and fibers, and must
 * not know that it is simulated. See docs/simulate.md.
 */
#ifndef WEFT_SIM_H
#define WEFT_SIM_H

#include <weft/base.h>
#include <weft/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A simulated host. */
typedef struct {
    uint32_t index;
} weft_sim_host;

/** How latencies are distributed above their minimum. */
enum weft_sim_latency {
    WEFT_SIM_EXPONENTIAL,
    WEFT_SIM_CONSTANT, /* always the mean */
    WEFT_SIM_UNIFORM,  /* even, between min_ns and 2 * mean_ns - min_ns */
    WEFT_SIM_TAILED,   /* exponential; one in a hundred is 25 times as long */
};

/** How bytes pass between two hosts. Zero in any field means the default. */
struct weft_sim_link {
    uint64_t min_ns, mean_ns;      /* latency, one way; 20 us, 50 us */
    uint64_t bytes_per_s;          /* of all connections; 1,250,000,000 */
    uint32_t loss_ppm;             /* segments that are lost and sent again;
                              0, at most 999,999 */
    enum weft_sim_latency latency; /* WEFT_SIM_EXPONENTIAL */
};

/** What is simulated. */
struct weft_sim_scenario {
    const char *name;
    /** Makes the hosts of one run, before its time begins. */
    void (*set_up)(void);
    /** Called at the end of a run that has not failed, to look at what the
     * hosts have left in memory of the scenario; NULL: not needed. */
    void (*check)(void);
    /** A run that lasts longer has failed: something hangs. 0: 600 s. */
    uint64_t limit_ns;
    /** Called at each step of a thread, to look at what must hold always; it
     * calls WEFT_SIM_CHECK, and nothing of weft but weft/sim.h. It runs on the
     * stack of whichever fiber or thread makes the step. NULL: not needed. */
    void (*invariant)(void);
    /** These kinds of faults (weft_sim_fault) happen from the beginning until a
     * time that is drawn, at most faults_ns (0: 5 s). From then on all is
     * quiet: no fault comes by chance, links that were cut by chance are
     * restored, and hosts that died by chance run again. 0: none. */
    uint32_t faults;
    uint64_t faults_ns;
    /** A run that lasts longer in quiet has failed. 0: limit_ns is enough. */
    uint64_t quiet_ns;
    /** A call of the ledger that ends more than slack_ns after its deadline
     * fails the run. 0: 60 ms; hosts that pause or stall need more. */
    uint64_t slack_ns;
};

/**
 * Run a scenario as a program, with the options that docs/simulate.md lists:
 * `--seeds 1..1000` for many runs, `--seed 17 --trace` for one, `--shrink` for
 * the fewest faults that make it fail. Without an option it runs the seeds
 * 1..100. Each seed is run in a process of its own, as many at once as there
 * are cores.
 *
 * Shape    argc and argv of main
 * Owner    all is borrowed; scenario->name lives as long as the call
 * Blocks   until all is run     Thread  main, before any other use of weft
 * Errors   the exit status: 0, 1: a run failed, 2: an option is wrong, 3: the
 *          scenario asks for what cannot be simulated
 */
WEFT_API int weft_sim_main(int argc, char **argv,
                           const struct weft_sim_scenario *scenario);

/**
 * Make a host, whose first thread runs main(arg). Its address is 10.0.0.N, N
 * from 1 on in the order of making; its name can be dialled.
 *
 * Owner    name is copied, arg lives as long as the run
 * Blocks   never     Thread  set_up
 * Errors   none; 250 hosts at most, one more ends the process
 */
WEFT_API weft_sim_host weft_sim_host_new(const char *name,
                                         void (*main)(void *arg), void *arg);

/**
 * Set the links between all hosts from now on, in the place of what
 * weft_sim_link_between has set.
 *
 * Owner    link is borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_link(const struct weft_sim_link *link);

/**
 * Set the link from one host to another from now on. Both ways need two calls.
 *
 * Owner    link is borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_link_between(weft_sim_host from, weft_sim_host to,
                                    const struct weft_sim_link *link);

/**
 * Let nothing pass from one host to another any more; false: let all pass
 * again. Both ways need two calls. What is under way still arrives.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_cut(weft_sim_host from, weft_sim_host to, bool cut);

/** Kinds of faults that come by chance. */
enum weft_sim_fault {
    WEFT_SIM_NO_MEMORY = 1,     /* malloc and mmap */
    WEFT_SIM_NO_DESCRIPTOR = 2, /* EMFILE of socket, accept, eventfd, ... */
    WEFT_SIM_NO_THREAD = 4,
    WEFT_SIM_INTERRUPTED = 8, /* EINTR of what waits: epoll_wait, poll, futex;
                              conditions wake without a cause */
    WEFT_SIM_RESET = 16,      /* a connection, by whatever lies between */
    WEFT_SIM_SLOW = 32,       /* segments that take up to a second */
    WEFT_SIM_CORRUPT = 64,    /* a bit of a segment arrives flipped */
    WEFT_SIM_PAUSE = 128,     /* a host freezes for up to a second */
    WEFT_SIM_CLOCK = 256,     /* clocks drift, wall clocks jump up to an hour */
    WEFT_SIM_MAYBE = 512,     /* places of WEFT_MAYBE, also those in weft */
    WEFT_SIM_DISK_FULL = 1024,  /* ENOSPC of files, and short writes */
    WEFT_SIM_DISK_ERROR = 2048, /* EIO of reads, writes and syncs of files */
    WEFT_SIM_POWER_OFF = 4096,  /* of a host that serves, for up to a second */
    WEFT_SIM_STALL = 8192,      /* of a thread, for up to 32 ms, anywhere */
    WEFT_SIM_NAMES = 16384, /* look-ups: slow, failing, with another answer */
    WEFT_SIM_SHORT = 32768, /* reads and writes of files, and EINTR there */
    WEFT_SIM_KILL = 65536,  /* a host that serves, for up to a second */
    WEFT_SIM_CUT = 131072,  /* a link, or all of a host, for up to two */
};

/**
 * From now on, faults of these kinds happen on all hosts. Which of them this
 * run has, and how often, is drawn once. Short writes and segments of any
 * length belong to every run. Only hosts that serve lose their power or are
 * killed: those whose main function has called weft_sim_wait_for_others at
 * least once. Such a host still serves while it starts again.
 *
 * Shape    kinds is a set of weft_sim_fault; 0: no more faults
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_faults(uint32_t kinds);

/**
 * Kill the process of a host: its memory and descriptors are gone. Its peers
 * see what they see when a process dies. Does nothing to a host that is dead.
 *
 * Blocks   never; does not return if it is the caller's own host
 * Thread   any of a run     Errors  none
 */
WEFT_API void weft_sim_kill(weft_sim_host host);

/**
 * Take the power of a host away, until weft_sim_restart. Its process is gone,
 * and so is its kernel: unlike after weft_sim_kill, no peer hears of it, and
 * nothing that is sent there arrives. What comes for an old connection after
 * the restart is answered with a reset.
 *
 * What the kernel has not written to the disk is lost: a write that was not
 * synced may be on the disk as a whole, in part or not at all, and a file that
 * was never synced may be gone. Does nothing to a host without power.
 * After weft_sim_kill it still takes the writes that were not synced.
 *
 * Blocks   never; does not return if it is the caller's own host
 * Thread   any of a run     Errors  none
 */
WEFT_API void weft_sim_power_off(weft_sim_host host);

/**
 * Start the process of a host again after it was killed or has ended. Does
 * nothing to a host that lives.
 *
 * Blocks   never     Thread  any of a run     Errors  none
 */
WEFT_API void weft_sim_restart(weft_sim_host host);

/**
 * Freeze a host, or let it go on. None of the threads of a frozen host runs,
 * but its clocks go on, and its kernel takes and acknowledges what comes until
 * its buffers are full. Does nothing to a host that is dead; a kill ends the
 * freeze.
 *
 * Blocks   if it is the caller's own host, until another lets it go on
 * Thread   any of a run     Errors  none
 */
WEFT_API void weft_sim_freeze(weft_sim_host host, bool on);

/**
 * Fill the disk of a host, or let it have room again. A full disk still takes
 * a few bytes, a drawn number below 4,096. After these, a write that makes a
 * file longer is short or fails with -ENOSPC, and no file can be made, until a
 * file is removed or shorter. A restart does not change that.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_disk_full(weft_sim_host host, bool on);

/**
 * Let the disk of a host fail, or work again. While it fails, each read, write
 * and sync of a file returns -EIO. After a sync that has failed, what was
 * written before it is read as it was written, but may never reach the disk,
 * even if a later sync returns 0; so it is with Linux. A restart does not
 * repair the disk.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_disk_error(weft_sim_host host, bool on);

/**
 * Let a name stand for these hosts: a look-up finds the address of each of them
 * in this order. The next call for the name replaces the answer. A name without
 * hosts is one that nobody knows, also if a host is called so.
 *
 * Shape    a name of 1 to 63 bytes, at most 16 hosts; more ends the process
 * Owner    name and hosts are borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_name(const char *name, const weft_sim_host *hosts,
                            size_t n);

/**
 * Let all look-ups of a host fail, with EAI_AGAIN, as if its name server were
 * gone; or let them work again. Addresses in numbers need no look-up.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_names_fail(weft_sim_host host, bool on);

/**
 * Let each look-up of a host take up to 5 seconds, or no time again. Its answer
 * is that of the moment at which it ends.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_names_slow(weft_sim_host host, bool on);

/**
 * Let both clocks of a host run faster or slower than the time of the run from
 * now on. The call does not make them jump, and a kill does not end the drift.
 *
 * Shape    ppm of -500,000..500,000; 0: as fast; other values end the process
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_drift(weft_sim_host host, int32_t ppm);

/**
 * Let the wall clock of a host jump. Its monotonic clock, the only one that
 * weft uses, does not jump. To let threads miss a span of monotonic time,
 * freeze their host.
 *
 * Shape    ns forward; negative: back
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_jump(weft_sim_host host, int64_t ns);

/**
 * The wall clock of the caller's host: nanoseconds since 1970. For code to
 * which a test can hand this clock; clock_gettime of the C library returns the
 * real time.
 *
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API uint64_t weft_sim_wall_ns(void);

/**
 * Say in words what goes wrong and when: `cut a b at 3 s for 2 s; kill a at
 * 4 s`. docs/simulate.md lists the statements. Times count from the beginning
 * of the run; a time that has passed means at once. If a statement is wrong,
 * the process says why, and ends.
 *
 * Shape    at most 4,095 bytes; hosts are those that were made before
 * Owner    fmt and what it names are borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_plan(const char *fmt, ...) WEFT_PRINTF(1, 2);

/**
 * Wait until the main functions of all hosts have ended, except those that wait
 * here. The main function of a server calls this, and then stops the server.
 *
 * Blocks   the thread, until then     Thread  a host's first     Errors  none
 */
WEFT_API void weft_sim_wait_for_others(void);

/**
 * Wait until the scenario's own faults have ended: from then on everything has
 * to recover. Returns at once if the scenario has none.
 *
 * Blocks   the thread, until then     Thread  a host's first     Errors  none
 */
WEFT_API void weft_sim_wait_for_quiet(void);

/**
 * Time of the run since its beginning, the same for all hosts.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint64_t weft_sim_now_ns(void);

/**
 * A number that follows from the seed.
 *
 * Shape    below bound, which is > 0
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API uint64_t weft_sim_random(uint64_t bound);

/**
 * The run has failed. Its first failure is printed, with the seed.
 *
 * Owner    fmt and what it names are borrowed for the call
 * Blocks   never     Thread  any of a run, check     Errors  none
 */
WEFT_API void weft_sim_fail(const char *fmt, ...) WEFT_PRINTF(1, 2);

/** Fail with this text unless it holds. */
#define WEFT_SIM_CHECK(holds) \
    ((holds) ? (void)0 : weft_sim_fail("%s:%d: %s", __FILE__, __LINE__, #holds))

/**
 * Should this place misbehave? Use WEFT_MAYBE.
 *
 * Owner    name lives as long as the run
 * Blocks   never     Thread  any of a run     Errors  none
 */
WEFT_API bool weft_sim_maybe(const char *name);

/** Is true now and then while WEFT_SIM_MAYBE is among the faults, so that the
 * code there can misbehave on purpose: `if (full || WEFT_MAYBE("full"))`. Which
 * names do so, and how often, is drawn for each run. In a program without the
 * simulator it is the constant false. */
#ifdef WEFT_SIM
#define WEFT_MAYBE(name) weft_sim_maybe(name)
#else
#define WEFT_MAYBE(name) false
#endif

/** What WEFT_SIM_SOMETIMES stores: its name, and where it stands. */
struct weft_sim_mark {
    const char *name, *file;
    uint32_t line;
};

/**
 * Note that the condition of a mark was true. Use WEFT_SIM_SOMETIMES.
 *
 * Owner    mark is static
 * Blocks   never     Thread  any of a run, check     Errors  none
 */
WEFT_API void weft_sim_mark(const struct weft_sim_mark *mark);

/** `holds` must be true here in at least one of many runs. If it never is, or
 * no run comes here, the scenario does not test what it is meant to. `--seeds`
 * lists the names for which that is so. In a program without the simulator the
 * macro does nothing, and does not evaluate `holds`. */
#ifdef WEFT_SIM
#define WEFT_SIM_SOMETIMES(name, holds)                                      \
    do {                                                                     \
        static const struct weft_sim_mark weft_sim_it = {name, __FILE__,     \
                                                         __LINE__};          \
        static const struct weft_sim_mark *const weft_sim_entry              \
            __attribute__((section("weft_sim_marks"), used)) = &weft_sim_it; \
        if (holds)                                                           \
            weft_sim_mark(&weft_sim_it);                                     \
    } while (0)
#else
#define WEFT_SIM_SOMETIMES(name, holds) ((void)0)
#endif

/**
 * Begin a call in the ledger of the run, which checks what has to hold of it:
 * it ends once, not long after its deadline; its reply is that of no other
 * call; it runs at most once, unless it may be repeated; it has run if it
 * succeeds, and does not run if it was not sent. At the end of the run no call
 * may be left that has not ended, unless its host has died. A call that is
 * tried again is one call. Returns its number, from 1 on, which its request has
 * to carry.
 *
 * Shape    deadline_ns of the host's clock; WEFT_NEVER: it has none
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API uint64_t weft_sim_call_begin(uint64_t deadline_ns, bool may_repeat);

/**
 * A handler runs the call of this number, or has the effect that must not be
 * repeated. Use WEFT_SIM_RUNS in code that is also built without the simulator.
 *
 * Shape    number as its request carries it; 0: it is not in the ledger
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API void weft_sim_call_run(uint64_t number);

/**
 * A call has ended, with this error and as far as its caller knows.
 *
 * Shape    reach of struct weft_call_info, WEFT_CALL_MAYBE_HANDLED of a one-way
 *          call; reply is the number that the reply carries, if it succeeds
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API void weft_sim_call_end(uint64_t number, weft_err err,
                                enum weft_call_reach reach, uint64_t reply);

/** As weft_sim_call_run; nothing in a program without the simulator. */
#ifdef WEFT_SIM
#define WEFT_SIM_RUNS(number) weft_sim_call_run(number)
#else
#define WEFT_SIM_RUNS(number) ((void)0)
#endif

/**
 * A line of the trace, and of the story.
 *
 * Owner    fmt and what it names are borrowed for the call
 * Blocks   never     Thread  any of a run     Errors  none
 */
WEFT_API void weft_sim_note(const char *fmt, ...) WEFT_PRINTF(1, 2);

#ifdef __cplusplus
}
#endif

#endif
