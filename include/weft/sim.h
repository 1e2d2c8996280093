/* SPDX-License-Identifier: MIT */
/*
 * weft/sim.h: a whole cluster of weft servers and clients, simulated in one
 * process.
 *
 * A program that is linked with libweft-sim instead of libweft runs its own
 * handlers and clients on simulated hosts. Their threads are coroutines of one
 * thread, time jumps to the next event when all threads wait, and the network
 * is a queue. One number, the seed, decides all that happens: the same seed
 * gives the same failure, each time.
 *
 * A scenario makes hosts. Each host has a function, like main(), which runs on
 * its first thread. The function may start the runtime, servers, clients and
 * fibers, and need not know that it is simulated. See docs/simulate.md.
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
    WEFT_SIM_UNIFORM,  /* equally likely from min_ns to 2 * mean_ns - min_ns */
    WEFT_SIM_TAILED,   /* exponential; one in a hundred is 25 times as long */
};

/** How bytes pass between two hosts. Zero in any field means the default. */
struct weft_sim_link {
    uint64_t min_ns, mean_ns; /* latency, one way; default 20 us, 50 us */
    /* of all connections together; default 1,250,000,000 */
    uint64_t bytes_per_s;
    uint32_t loss_ppm;             /* segments in a million that are lost and
                                      sent again; default 0, at most 999,999 */
    enum weft_sim_latency latency; /* default WEFT_SIM_EXPONENTIAL */
};

/** Hosts and what they do, and what makes a run fail. */
struct weft_sim_scenario {
    const char *name;
    /** Makes the hosts of one run, before its time begins. */
    void (*set_up)(void);
    /** Called at the end of a run that has not failed. It checks what the hosts
     * have written to variables of the scenario. NULL: no check. */
    void (*check)(void);
    /** A run that lasts longer fails, because something hangs. 0: 600 s. */
    uint64_t limit_ns;
    /** Called at each step of a thread. It checks what must always hold, with
     * WEFT_SIM_CHECK, and calls nothing of weft but weft/sim.h. It runs on the
     * stack of the fiber or thread that makes the step. NULL: no check. */
    void (*invariant)(void);
    /** These kinds of faults (weft_sim_fault) happen from the beginning until a
     * time that is drawn, at most faults_ns (0: 5 s). Then the quiet time
     * begins: no fault comes by chance, links that were cut by chance work
     * again, and hosts that died by chance run again. 0: no faults. */
    uint32_t faults;
    uint64_t faults_ns;
    /** If the quiet time lasts longer, the run fails. 0: only limit_ns bounds
     * it. */
    uint64_t quiet_ns;
    /** If a call of the ledger ends more than slack_ns after its deadline, the
     * run fails. 0: 60 ms. Hosts that pause or stall need more. */
    uint64_t slack_ns;
};

/**
 * Run a scenario as a program, with the options that docs/simulate.md lists:
 * `--seeds 1..1000` for many runs, `--seed 17 --trace` for one, `--shrink` for
 * fewer faults that still make a run fail. Without an option the program runs
 * the seeds 1..100. Each seed has a process of its own; as many run at once as
 * there are cores.
 *
 * Shape    argc and argv of main
 * Owner    all are borrowed for the call
 * Blocks   until all seeds have run
 * Thread   main, before any other use of weft
 * Errors   the exit status: 0: all runs passed, 1: a run failed, 2: an option
 *          is wrong, 3: the scenario does what cannot be simulated
 */
WEFT_API int weft_sim_main(int argc, char **argv,
                           const struct weft_sim_scenario *scenario);

/**
 * Make a host, whose first thread runs main(arg). The address of the N-th host
 * is 10.0.0.N; clients can also use the host's name.
 *
 * Shape    a name of 1 to 63 bytes without spaces, commas and semicolons, by
 *          which plans and options know the host
 * Owner    name is copied, arg must live as long as the run
 * Blocks   never     Thread  set_up
 * Errors   none; the 251st host, a wrong name or one that is taken ends the
 *          process
 */
WEFT_API weft_sim_host weft_sim_host_new(const char *name,
                                         void (*main)(void *arg), void *arg);

/**
 * Set the links between all hosts from now on. They replace those that
 * weft_sim_link_between has set.
 *
 * Owner    link is borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_link(const struct weft_sim_link *link);

/**
 * Set the link from one host to another from now on. For both directions make
 * two calls.
 *
 * Owner    link is borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_link_between(weft_sim_host from, weft_sim_host to,
                                    const struct weft_sim_link *link);

/**
 * Cut the link from one host to another: nothing that is sent later passes;
 * segments that are under way still arrive. cut false: let all segments pass
 * again. For both directions make two calls.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_cut(weft_sim_host from, weft_sim_host to, bool cut);

/** Kinds of faults that come by chance. */
enum weft_sim_fault {
    WEFT_SIM_NO_MEMORY = 1,     /* malloc and mmap fail */
    WEFT_SIM_NO_DESCRIPTOR = 2, /* socket, accept, eventfd, ...: EMFILE */
    WEFT_SIM_NO_THREAD = 4,     /* no thread can be started */
    WEFT_SIM_INTERRUPTED = 8,   /* epoll_wait, poll and futex: EINTR; conditions
                                   wake without a signal */
    WEFT_SIM_RESET = 16,        /* connections are reset by the network */
    WEFT_SIM_SLOW = 32,         /* segments take up to a second */
    WEFT_SIM_CORRUPT = 64,      /* a bit of a segment changes on its way */
    WEFT_SIM_PAUSE = 128, /* no thread of a host runs, for up to a second */
    WEFT_SIM_CLOCK = 256, /* clocks drift, wall clocks jump up to an hour */
    WEFT_SIM_MAYBE = 512, /* WEFT_MAYBE is true, also in weft itself */
    WEFT_SIM_DISK_FULL = 1024,  /* files: ENOSPC and short writes */
    WEFT_SIM_DISK_ERROR = 2048, /* reads, writes and syncs of files: EIO */
    WEFT_SIM_POWER_OFF = 4096,  /* a host that serves has no power for up to a
                                   second */
    WEFT_SIM_STALL = 8192,      /* a thread stands still for up to 32 ms */
    WEFT_SIM_NAMES = 16384,     /* slow or failing look-ups, partial answers */
    WEFT_SIM_SHORT = 32768,     /* files: short reads and writes, and EINTR;
                                unix sockets: short reads */
    WEFT_SIM_KILL = 65536,      /* a host that serves is dead for up to a
                                   second */
    WEFT_SIM_CUT = 131072,      /* a link, or all links of a host, are cut for
                                   up to 2 s */
};

/**
 * Let faults of these kinds happen on all hosts from now on. Each run draws
 * once which of the kinds it has, and how often. Short writes and segments of
 * any length are part of every run. Only hosts that serve lose their power or
 * are killed: those whose main function has called weft_sim_wait_for_others at
 * least once. A host that starts again still counts as one that serves.
 *
 * Shape    kinds is a set of weft_sim_fault; 0: no more faults
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_faults(uint32_t kinds);

/**
 * Kill the process of a host. Its memory and descriptors are gone, and its
 * kernel ends its connections. Does nothing to a host that is dead.
 *
 * Blocks   never; does not return if it is the caller's own host
 * Thread   any of a run     Errors  none
 */
WEFT_API void weft_sim_kill(weft_sim_host host);

/**
 * Switch the power of a host off, until weft_sim_restart. The process and the
 * kernel are gone. Unlike after weft_sim_kill, no peer is told, and nothing
 * that is sent to the host arrives. After the restart, the kernel answers
 * segments of old connections with a reset.
 *
 * Bytes that the kernel has not written to the disk are lost: a write that was
 * not synced may be on the disk as a whole, in part or not at all, and a file
 * that was never synced may be gone. This also holds for a host that was killed
 * before. Does nothing to a host without power.
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
 * Freeze a host, or let it go on. No thread of a frozen host runs, but its
 * clocks go on, and its kernel receives and acknowledges bytes until its
 * buffers are full. Does nothing to a host that is dead; a kill ends the
 * freeze.
 *
 * Blocks   if it is the caller's own host, until another host lets it go on
 * Thread   any of a run     Errors  none
 */
WEFT_API void weft_sim_freeze(weft_sim_host host, bool on);

/**
 * Fill the disk of a host, or give it space again. A full disk still takes a
 * few bytes, a drawn number below 4,096. After these, a write that makes a file
 * longer is short or fails with -ENOSPC, and no file can be made, until a file
 * is removed or becomes shorter. A restart does not change that.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_disk_full(weft_sim_host host, bool on);

/**
 * Let the disk of a host fail, or work again. While it fails, each read, write
 * and sync of a file returns -EIO. After a sync has failed, reads still return
 * the bytes that were written before it, but these may never reach the disk,
 * even if a later sync returns 0; Linux does the same. A restart does not
 * repair the disk.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_disk_error(weft_sim_host host, bool on);

/**
 * Let a name stand for these hosts: a look-up finds their addresses, in this
 * order. The next call for the name replaces the answer. With no hosts the name
 * does not exist, even if a host has this name.
 *
 * Shape    a name of 1 to 63 bytes, at most 16 hosts; more ends the process
 * Owner    name and hosts are borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_name(const char *name, const weft_sim_host *hosts,
                            size_t n);

/**
 * Let all look-ups of a host fail with EAI_AGAIN, as without a name server, or
 * let them work again. Numeric addresses need no look-up.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_names_fail(weft_sim_host host, bool on);

/**
 * Let each look-up of a host take up to 5 seconds, or no time again. The answer
 * is that of the moment at which the look-up ends.
 *
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_names_slow(weft_sim_host host, bool on);

/**
 * Let both clocks of a host run faster or slower than the time of the run from
 * now on. The call does not make the clocks jump, and a kill does not end the
 * drift.
 *
 * Shape    ppm of -500,000..500,000; 0: no drift; other values end the process
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_drift(weft_sim_host host, int32_t ppm);

/**
 * Let the wall clock of a host jump. The monotonic clock, the only one that
 * weft uses, does not jump. To let threads miss a span of monotonic time,
 * freeze their host.
 *
 * Shape    ns forward, or back if it is negative
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_jump(weft_sim_host host, int64_t ns);

/**
 * The wall clock of the caller's host: nanoseconds since 1970. Pass this
 * function to code that takes its clock as a parameter; clock_gettime of the C
 * library returns the real time.
 *
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API uint64_t weft_sim_wall_ns(void);

/**
 * Plan faults at set times, as text: `cut a b at 3 s for 2 s; kill a at 4 s`.
 * docs/simulate.md lists the statements. Times count from the beginning of the
 * run; a time that has passed means at once. If a statement is wrong, the
 * process says why, and ends.
 *
 * Shape    at most 4,095 bytes; hosts are those that were made before
 * Owner    fmt and its arguments are borrowed for the call
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API void weft_sim_plan(const char *fmt, ...) WEFT_PRINTF(1, 2);

/**
 * Wait until the main functions of all hosts have ended, except those that wait
 * here. The main function of a server calls this, and then stops the server.
 *
 * Blocks   the thread, until then
 * Thread   the first of a host     Errors  none
 */
WEFT_API void weft_sim_wait_for_others(void);

/**
 * Wait until the quiet time begins: the `faults` of the scenario have ended,
 * and from then on everything has to recover. Returns at once if `faults` is 0.
 *
 * Blocks   the thread, until then
 * Thread   the first of a host     Errors  none
 */
WEFT_API void weft_sim_wait_for_quiet(void);

/**
 * The time since the beginning of the run, which is the same for all hosts.
 *
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint64_t weft_sim_now_ns(void);

/**
 * A random number, drawn with the seed.
 *
 * Shape    bound > 0; returns a number below it
 * Blocks   never     Thread  any of a run, set_up     Errors  none
 */
WEFT_API uint64_t weft_sim_random(uint64_t bound);

/**
 * Let the run fail. Its first failure is printed, with the seed. On a host the
 * run ends here, so the code after a check may rely on it.
 *
 * Owner    fmt and its arguments are borrowed for the call
 * Blocks   never; returns only in check and in set_up
 * Thread   any of a run, check     Errors  none
 */
WEFT_API void weft_sim_fail(const char *fmt, ...) WEFT_PRINTF(1, 2);

/** Let the run fail unless this is true. The failure is the source text. */
#define WEFT_SIM_CHECK(holds) \
    ((holds) ? (void)0 : weft_sim_fail("%s:%d: %s", __FILE__, __LINE__, #holds))

/**
 * Should this place misbehave? Call it through WEFT_MAYBE.
 *
 * Owner    name lives as long as the run
 * Blocks   never     Thread  any of a run     Errors  none
 */
WEFT_API bool weft_sim_maybe(const char *name);

/** Is sometimes true while WEFT_SIM_MAYBE is among the faults, so that code can
 * misbehave on purpose: `if (full || WEFT_MAYBE("full"))`. Each run draws the
 * names for which it is true, and how often. In a program without the simulator
 * it is the constant false. */
#ifdef WEFT_SIM
#define WEFT_MAYBE(name) weft_sim_maybe(name)
#else
#define WEFT_MAYBE(name) false
#endif

/** What WEFT_SIM_SOMETIMES stores: its name, and its place in the source. */
struct weft_sim_mark {
    const char *name, *file;
    uint32_t line;
};

/**
 * Note that the condition of a mark was true. Call it through
 * WEFT_SIM_SOMETIMES.
 *
 * Owner    mark is static
 * Blocks   never     Thread  any of a run, check     Errors  none
 */
WEFT_API void weft_sim_mark(const struct weft_sim_mark *mark);

/** A mark: `holds` must be true here in at least one of many runs. Otherwise
 * the scenario does not test what it is meant to test, and `--seeds` lists the
 * name of the mark. In a program without the simulator the macro does nothing,
 * and does not evaluate `holds`. */
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
 * Begin a call in the ledger of the run. The ledger checks that each call ends
 * once, not long after its deadline; that it gets no other call's reply; that
 * it runs at most once, unless may_repeat; that it has run if it succeeds; that
 * it does not run if it was not sent; and that it has ended at the end of the
 * run, unless its host has died. If a client tries a call again, that is still
 * one call of the ledger. Returns the call's number, from 1 on, which the
 * request has to carry.
 *
 * Shape    deadline_ns of the host's clock; WEFT_NEVER: there is none
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API uint64_t weft_sim_call_begin(uint64_t deadline_ns, bool may_repeat);

/**
 * Tell the ledger that a handler runs the call of this number, or does the part
 * of it that must not be repeated. Code that is also built without the
 * simulator uses WEFT_SIM_RUNS.
 *
 * Shape    number as the request carries it; 0: the call is not in the ledger
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API void weft_sim_call_run(uint64_t number);

/**
 * Tell the ledger that a call has ended, with this error and reach.
 *
 * Shape    reach of struct weft_call_info, WEFT_CALL_MAYBE_HANDLED for a oneway
 *          call; reply is the number that the reply carries, if the call
 *          succeeds
 * Blocks   never     Thread  any of a host     Errors  none
 */
WEFT_API void weft_sim_call_end(uint64_t number, weft_err err,
                                enum weft_call_reach reach, uint64_t reply);

/** As weft_sim_call_run, but in a program without the simulator it does
 * nothing. */
#ifdef WEFT_SIM
#define WEFT_SIM_RUNS(number) weft_sim_call_run(number)
#else
#define WEFT_SIM_RUNS(number) ((void)0)
#endif

/**
 * Add a line to the trace and to the story.
 *
 * Owner    fmt and its arguments are borrowed for the call
 * Blocks   never     Thread  any of a run     Errors  none
 */
WEFT_API void weft_sim_note(const char *fmt, ...) WEFT_PRINTF(1, 2);

#ifdef __cplusplus
}
#endif

#endif
