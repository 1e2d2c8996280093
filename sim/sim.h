/* SPDX-License-Identifier: MIT */
/*
 * The module header of the simulator: a kernel, a network and a clock for many
 * hosts, in one thread of one process, behind the seam of src/base/sys.h.
 *
 * One run is one struct ws_run. The hosts of a run have threads, which are
 * coroutines of the one real thread. Only the loop of run.c jumps into a
 * thread. A thread jumps back to the loop in each call of the seam that waits,
 * and in other calls when the run's random numbers say so. Time is a number
 * that grows by a little at each call of the seam, and jumps to the next event
 * when no thread can run. So everything that happens follows from the seed.
 *
 * Ideas: FoundationDB's simulation (one thread, faults by chance, a seed that
 * replays), TigerBeetle's VOPR (which faults exist is drawn for each run).
 *
 * One file, because most files of this folder use most of this file.
 *
 *   run.c       runs the threads of all hosts; waits, time
 *   strategy.c  chooses the thread that runs, and for how long
 *   event.c     events at set times
 *   host.c      hosts, their memory and variables
 *   clock.c     the clocks of hosts
 *   seam.c      the system calls of weft
 *   file.c      descriptors, and what they refer to
 *   epoll.c     epoll, poll
 *   counter.c   eventfd, timerfd
 *   pipe.c      pipes, which never wait
 *   socket.c    the calls of the socket interface
 *   tcp.c       begins and ends connections
 *   tcp_io.c    reads, writes and poll of connections
 *   tcp_calls.c other calls of connections; tcp_options.c: their options
 *   tcp_timer.c ends connections whose peer is silent
 *   tcp_power.c connections of a host that loses power
 *   unix.c      unix sockets and their bytes; unix_calls.c: calls
 *   disk.c      names and files; disk_calls.c: calls of files
 *   os_calls.c  the system calls of src/os
 *   close.c     close(2) of code that calls libc
 *   segment.c   segments that are under way
 *   address.c   finds hosts and listeners by address
 *   names.c     look-ups of names
 *   link.c      how fast links are, and which are cut
 *   fault.c     faults by chance
 *   swarm.c     hosts that die and links that are cut by chance; quiet
 *   maybe.c     places in the code that misbehave on purpose
 *   plan.c      faults at set times
 *   mark.c      marks: what has to happen in some run
 *   ledger.c    checks what has to hold of calls
 *   total.c     counts calls and faults of all runs
 *   trace.c     prints and hashes what happens
 *   left.c      finds what a host leaves at its end, and lists waits
 *   main.c      seeds, options
 *   shrink.c    finds fewer faults for the same failure
 *   left_out.c  hosts that never begin
 */
#ifndef WEFT_SIM_SIM_H
#define WEFT_SIM_SIM_H

#include <weft/sim.h>

#include "base/base.h"
#include "fiber/context.h"

#include <stdio.h>

/* ---- events ---- */

/* An event at a set time. The struct is a member of the object that the event
 * changes. */
struct ws_event {
    uint64_t at_ns, seq;
    uint32_t place; /* in the heap, from 1 on; 0: not scheduled */
    void (*happen)(struct ws_event *event);
    bool background; /* the event does not keep a run going */
};

/* Schedule an event; an event that was scheduled before is moved. Of two events
 * at the same time, the event that was scheduled first happens first. */
void ws_event_at(struct ws_event *event, uint64_t at_ns);
void ws_event_cancel(struct ws_event *event);

/* Remove the next event that is due at `now_ns`. NULL: no event is due. */
struct ws_event *ws_event_next(uint64_t now_ns);

/* When the next event is due; WEFT_NEVER if there is none. */
uint64_t ws_event_due_ns(void);

/* True if an event is scheduled that is not in the background. */
bool ws_event_is_any(void);

/* ---- hosts ---- */

#define WS_HOSTS_MAX 250
#define WS_FAILURE 512      /* bytes */
#define WS_FAULTS_MAX 65536 /* faults that shrinking can drop */
#define WS_KEYS 8
#define WS_NAME 32      /* bytes; a run never drops a host with a longer name */
#define WS_WITHOUT 4096 /* bytes of the names of dropped hosts */

/* A block that a host got from weft's malloc or mmap. */
struct ws_memory {
    struct wf_link link;
    size_t size;
    void *mapped; /* NULL: the bytes follow this struct */
};

struct ws_clock {
    uint64_t since_ns, shown_ns; /* at since_ns the clock showed shown_ns */
    int64_t wall_ns;             /* how much more the wall clock shows */
    int32_t ppm;                 /* how much faster the clock runs than the time
                                    of the run */
};

struct ws_host {
    const char *name;
    uint32_t index;
    uint32_t address; /* IPv4, host order */
    void (*main)(void *arg);
    void *arg;
    enum { WS_OFF, WS_ON } power;
    uint8_t *globals; /* variables of the host while it does not run */
    struct wf_list threads, memory;
    struct ws_file **files; /* the index is the descriptor */
    struct wf_list disk;    /* list of ws_node; outlives the process */
    uint64_t n_nodes;
    bool loses_power; /* the process ends because power is lost */
    bool dark;        /* the host has no power, so its kernel is silent */
    uint32_t n_files, cap_files;
    void (*leave[WS_KEYS])(void *); /* destructors of pthread keys */
    uint32_t n_keys;
    uint16_t next_port;
    struct ws_clock clock;
    /* no thread runs: frozen by the scenario, or paused by chance */
    bool frozen, paused;
    struct ws_event go_on;       /* ends a pause */
    bool serves;                 /* main has called weft_sim_wait_for_others */
    uint64_t safe_until_ns;      /* until when the host keeps its power */
    struct ws_event come_back;   /* restarts the host after a fault by chance */
    uint32_t n_restarts;         /* restarts that plans still have for it */
    bool disk_fails;             /* each read, write or sync of a file fails */
    bool names_fail, names_slow; /* look-ups of names fail, or are slow */
    /* free bytes; SIZE_MAX: the disk is not full */
    size_t disk_room;
    /* the host never begins: shrinking dropped it */
    bool left_out;
    struct ws_thread *first; /* the thread of main; NULL: main has ended */
    bool waits_for_others;
};

/* Map memory for a host, and let LSan search this memory for pointers;
 * MAP_FAILED: no memory. ws_unmap unmaps a whole mapping. ws_unmap also clears
 * what ASan has stored about stacks in the mapping, because the next mapping
 * may get the same address. */
void *ws_map(size_t n, int prot, int flags);
int ws_unmap(void *p, size_t n);

/* Copy the host's variables to the place where its code accesses them. */
void ws_host_enter(struct ws_host *host);

/* The host of an id. If there is no such host, the process ends. */
struct ws_host *ws_host_of(weft_sim_host id);

/* Freeze all threads of a host for `ns`; see weft_sim_freeze. */
void ws_host_pause(struct ws_host *host, uint64_t ns);

/* Let a host lose power, and restart it after `ns`. Does not return if the
 * caller runs on that host. */
void ws_host_lose_power(struct ws_host *host, uint64_t ns);

/* Kill a host, and restart it after `ns`. The caller must not run on that
 * host. */
void ws_host_die(struct ws_host *host, uint64_t ns);

/* True if the host is dead, and will be restarted. */
bool ws_host_comes_back(const struct ws_host *host);

/* End now the faults of the host that happened by chance and have a set end. */
void ws_host_recover(struct ws_host *host);

/* In runs with losses of power, draw for how long a host that begins keeps its
 * power. */
void ws_power_keep(struct ws_host *host);

static inline bool
ws_host_is_held(const struct ws_host *host)
{
    return host->frozen || host->paused;
}

/* Free the threads, descriptors and memory of a host. The connections of the
 * host end as the connections of a killed process do, or vanish if the host
 * loses power. */
void ws_host_end(struct ws_host *host);
void ws_host_begin(struct ws_host *host);

/* ---- clocks ---- */

#define WS_DRIFT_MAX 500000 /* ppm */

void ws_clock_draw(struct ws_host *host);
void ws_clock_drift(struct ws_host *host, int32_t ppm);
void ws_clock_jump(struct ws_host *host, int64_t ns);
uint64_t ws_clock_shows(const struct ws_clock *clock, uint64_t ns);

/* What a host's clock shows at a time of the run. */
uint64_t ws_shown(const struct ws_host *host, uint64_t ns);

/* ws_true: the time of the run at which the clock of a host shows `shown`.
 * ws_lasts: how long that clock takes to move by `ns`, in time of the run. */
uint64_t ws_true(const struct ws_host *host, uint64_t shown);
uint64_t ws_lasts(const struct ws_host *host, uint64_t ns);

/* ---- which thread runs ---- */

/* Draw how the run switches between threads. */
void ws_strategy_draw(void);
const char *ws_strategy_name(void);

/* Let all runs use the strategy of this name. false: there is no such
 * strategy. */
bool ws_strategy_choose(const char *name);
bool ws_strategy_is_chosen(void);

/* Let each atomic operation be a step, or not, as the strategy and the stalls
 * of the run need. */
void ws_strategy_arm(void);

/* Choose which ready thread runs next, and how many steps this thread may
 * do. */
struct ws_thread *ws_strategy_next(void);

/* Note that `thread`, the current thread, has called ws_yield. */
void ws_strategy_yielded(struct ws_thread *thread);

/* ---- faults by chance ---- */

/* Draw which kinds of faults this run has, and the sizes of buffers and
 * segments. */
void ws_faults_draw(void);

/* True if a fault of this kind happens here. The fault is added to the
 * trace. */
bool ws_fault(enum weft_sim_fault kind);

/* How often a kind of fault happens now: returns n if the fault happens once in
 * n chances, such as calls of ws_fault. 0: never. */
uint32_t ws_fault_rate(enum weft_sim_fault kind);

/* Kill hosts and cut links as often as the kinds of faults now demand. */
void ws_swarm_set(void);

/* Begin the scenario's faults, if the scenario has any, and plan their end. */
void ws_quiet_plan(void);

/* True if the run has been quiet for longer than the scenario allows. */
bool ws_quiet_lasts_too_long(void);

/* By chance, let the current thread's host have a fault. ws_step calls this
 * function at some steps. */
void ws_whim(void);

/* By chance, let the current thread wait for a while at this step. true: the
 * thread has waited. */
bool ws_stall(void);

/* Print what was drawn: the kinds of faults and their rates, the sizes of
 * buffers, how threads switch. */
void ws_tell_drawn(FILE *to);

/* Let places of WEFT_MAYBE misbehave, or not. ws_maybe_tell prints how often
 * each place has misbehaved. */
void ws_maybe_set(bool on);
void ws_maybe_tell(FILE *to);

/* Print the plans of the run; print how many of their statements had no time to
 * happen, if any. */
void ws_plan_tell(FILE *to);
void ws_plan_tell_missed(FILE *to);

/* A kind of faults by its name in a plan; 0: there is no such kind. */
uint32_t ws_fault_named(const char *name);
const char *ws_fault_name(
    uint32_t nth); /* `nth` counts from 0; NULL: there is no such kind */

/* Number a fault that is about to happen, by chance or because the scenario
 * says so. false: the fault must not happen, because shrinking dropped it. */
bool ws_fault_may_happen(void);

/* ---- marks ---- */

/* Share the counts of marks with the processes that this process starts, so
 * that this process learns which marks their runs hit. */
void ws_marks_share(void);

/* Print how often the runs have hit each mark. */
void ws_marks_tell(FILE *to);

/* Print the marks that no run has hit. Returns how many marks were printed. */
uint32_t ws_marks_tell_missed(FILE *to);

/* ---- totals over all runs ---- */

enum ws_total { WS_CALLS, WS_EXECUTIONS, WS_FAULTS, WS_TOTALS };

/* Share the totals with the processes that this process starts, which add to
 * the totals. */
void ws_totals_share(void);
void ws_total_add(enum ws_total total, uint64_t n);
uint64_t ws_total(enum ws_total total);

/* ---- the ledger ---- */

/* Note that a host has died, so that its calls need not end. */
void ws_ledger_lose(const struct ws_host *host);

/* At the end of a run, check that all calls have ended. */
void ws_ledger_check(void);

/* ---- threads and waits ---- */

struct ws_thread {
    struct wf_link link; /* of its host */
    struct ws_host *host;
    struct wf_context context; /* where the thread continues, and its stack */
    uint8_t *stack;
    void *(*run)(void *);
    void *arg;
    uint64_t number;   /* unique in the run; names and orders threads, because
                          pointers differ from run to run */
    uint64_t priority; /* for the strategy `priority` */
    uint32_t ready;    /* index in ws.ready, plus 1; 0: not ready */
    const void *waits; /* key of what the thread waits for */
    const char *why;   /* what the thread waits for, as text */
    uint64_t since_ns;
    int result; /* of the wait */
    bool ended, detached;
    bool looks_up; /* the thread looks up names */
    bool held;     /* ready, but the host is frozen */
    struct ws_event timeout;
    const void *values[WS_KEYS];
    uint8_t *locals; /* its thread-locals while another thread runs */
};

struct ws_thread *ws_thread_new(struct ws_host *host, void *(*run)(void *),
                                void *arg);
void ws_thread_free(struct ws_thread *thread);

/* Keep the ready threads of a frozen host from running; ws_threads_release lets
 * these threads run again. */
void ws_threads_hold(struct ws_host *host);
void ws_threads_release(struct ws_host *host);

/* Wait until ws_wake is called with the same key, or until a time of the run. 0
 * or -ETIMEDOUT. */
int ws_wait(const void *key, const char *why, uint64_t until_ns);

/* Wake the first `n` of the host's threads that wait for a key. Returns how
 * many threads were woken. */
uint32_t ws_wake(struct ws_host *host, const void *key, uint32_t n);

/* True if a thread of the host waits for the key. */
bool ws_is_awaited(const struct ws_host *host, const void *key);

/* If no thread of a host runs, end the process: the code of the user has called
 * weft where it must not. */
void ws_need_host(void);

/* Begin a call of the seam: let time pass, and perhaps let another thread
 * run. */
void ws_step(void);

/* Add an event to the trace: what happened, to which number, with which
 * result. */
void ws_did(const char *what, int64_t number, int64_t result);

/* Called when a main function or a host has ended. If all main functions that
 * still run are in weft_sim_wait_for_others, wake their threads. */
void ws_main_ended(void);

/* Let another ready thread run, if there is one. */
void ws_yield(void);

/* ---- one run ---- */

struct ws_run {
    const struct weft_sim_scenario *scenario;
    uint64_t seed, random;
    uint64_t now_ns;
    struct ws_host **hosts;
    uint32_t n_hosts;
    struct ws_host *entered; /* the host whose variables are in the section */
    struct ws_thread *current;
    struct ws_thread **ready;
    uint32_t n_ready, cap_ready;
    uint64_t n_threads, n_steps, n_switches;
    uint64_t until_switch; /* steps left until another thread may run */
    uint64_t hash, n_events;
    FILE *trace;              /* NULL: only the hash is kept */
    bool runs;                /* the hosts of the run are running */
    bool story;               /* trace only ws_say and faults */
    char failure[WS_FAILURE]; /* empty: the run has not failed */
    uint32_t n_faults;
    /* for each number: 1 if that fault may happen; NULL: all may */
    const uint8_t *only;
    size_t send_buffer, receive_buffer, segment; /* bytes; of all sockets */
    /* some pair of hosts has a link of its own */
    bool has_own_links;
    bool *cut;                /* WS_HOSTS_MAX x WS_HOSTS_MAX; see ws_cut */
    bool has_whims;           /* ws_whim has something to do */
    bool has_stalls;          /* ws_stall has something to do */
    char without[WS_WITHOUT]; /* hosts that never begin; commas between them */
    bool in_check;            /* the scenario's check runs, or has run */
    const char *script;       /* a plan from the command line; NULL: none */
};

extern struct ws_run ws;

/* true: no segment passes from host `from` to host `to`. */
static inline bool *
ws_cut(uint32_t from, uint32_t to)
{
    return &ws.cut[from * WS_HOSTS_MAX + to];
}

/* Returns a random number; ws_below: a random number below a bound; ws_chance:
 * true once in `n` times. */
uint64_t ws_random(void);
uint64_t ws_below(uint64_t bound);
bool ws_chance(uint32_t n);

/* The current thread's host; NULL outside of all threads. */
static inline struct ws_host *
ws_self(void)
{
    return ws.current ? ws.current->host : NULL;
}

/* Run a scenario once. true: nothing failed. `trace` and `only` as in struct
 * ws_run. */
bool ws_run_once(const struct weft_sim_scenario *scenario, uint64_t seed,
                 FILE *trace, const uint8_t *only);

/* How a run in a process of its own has ended. */
struct ws_verdict {
    bool failed;
    /* the scenario's check has run */
    bool in_check;
    uint32_t n_faults, n_hosts;
    char hosts[WS_HOSTS_MAX][WS_NAME];
    char failure[WS_FAILURE];
};

/* Drop hosts and faults from a run that fails, as long as the run fails in the
 * same way. Writes to `only`, an array of WS_FAULTS_MAX, which faults are left,
 * and to ws.without which hosts were dropped. Returns the number of runs that
 * were tried. */
uint32_t ws_shrink(const struct weft_sim_scenario *scenario, uint64_t seed,
                   uint8_t *only);

/* True if ws.without contains the name. */
bool ws_is_left_out(const char *name);

/* End the process if ws.without names a host that does not exist. */
void ws_check_left_out(void);

/* Add an event to the trace, as text. */
void ws_say(const char *fmt, ...) WEFT_PRINTF(1, 2);

/* Print the last lines of the trace, after a failure. */
void ws_trace_last(FILE *to);

/* Check that a host whose main function has ended left nothing: no fiber, no
 * other thread, no block of bytes. */
void ws_check_left(struct ws_host *host);

/* Store as text what each thread and fiber waits for. ws_waits_tell prints the
 * text. */
void ws_waits_keep(void);
void ws_waits_tell(FILE *to);

/* Note that the run has failed, and why; the first reason is kept. */
void ws_fail(const char *fmt, ...) WEFT_PRINTF(1, 2);

/* The exit status of ws_die. */
#define WS_DIED 3

/*
 * End the process: something cannot be simulated, or the simulator has no
 * memory.
 */
_Noreturn void ws_die(const char *fmt, ...) WEFT_PRINTF(1, 2);

/* End the process if a function of weft/sim.h is called before
 * weft_sim_main. */
void ws_within(const char *function);
void *ws_alloc(size_t n);

/* ---- descriptors ---- */

struct ws_watch;
struct ws_socket_ops;

/* What a descriptor refers to. */
struct ws_file {
    const struct ws_file_ops *ops;
    struct ws_host *host;
    uint32_t refs;
    struct wf_list watches; /* of epolls */
};

struct ws_file_ops {
    const char *what;
    bool has_mode; /* read and write check the open mode */
    ssize_t (*read)(struct ws_file *file, const struct iovec *iov, int n,
                    bool peek);
    ssize_t (*write)(struct ws_file *file, const struct iovec *iov, int n);
    /* returns the events that hold now */
    uint32_t (*poll)(struct ws_file *file);
    /* free the file, whose last reference was given up */
    void (*end)(struct ws_file *file);
    const struct ws_socket_ops *socket; /* NULL: the file is no socket */
};

void ws_file_init(struct ws_file *file, const struct ws_file_ops *ops);
void ws_file_ref(struct ws_file *file);
void ws_file_unref(struct ws_file *file);

/* Make a descriptor for a file. The descriptor takes over the caller's
 * reference; -EMFILE. */
int ws_fd_new(struct ws_file *file);
int ws_fd_close(int fd);
void ws_fd_close_all(struct ws_host *host);
uint32_t ws_fd_count(const struct ws_host *host);

/* The file of a descriptor. NULL: there is no such descriptor, or its file has
 * other operations than `ops`. If `ops` is NULL, all files are accepted. */
struct ws_file *ws_fd(int fd, const struct ws_file_ops *ops);

#define WS_ANY ((uint32_t)~0u) /* all events */

/* Called after a file has changed. Each epoll watch for one of these events
 * reports a new edge (EPOLLET), and each thread that waits for the file checks
 * the file again. */
void ws_file_changed(struct ws_file *file, uint32_t events);

/* How many bytes the buffers `iov` hold. ws_iov_fill copies bytes into the
 * buffers, after the first `skip` bytes, and returns how many bytes fitted. */
size_t ws_iov_size(const struct iovec *iov, int n);
size_t ws_iov_fill(const struct iovec *iov, int n, size_t skip,
                   const void *from, size_t len);

/* ---- epoll ---- */

int ws_epoll_new(void);
int ws_epoll_ctl(int ep, int op, int fd, struct epoll_event *e);
int ws_epoll_wait(int ep, struct epoll_event *e, int n, uint64_t until_ns);
/* true if `ep` is an epoll without a ready event */
bool ws_epoll_is_idle(int ep);
int ws_poll(struct pollfd *fds, unsigned n, int ms);

/* Put the watches of a changed file on the ready lists of their epolls.
 * ws_watches_drop frees the watches of a file that is closed. */
void ws_watches_mark(struct ws_file *file, uint32_t events);
void ws_watches_drop(struct ws_file *file);

/* ---- pipes ---- */

int ws_pipe(int fds[2]);

/* ---- counters and timers ---- */

int ws_eventfd(unsigned init);
int ws_timerfd(void);
int ws_timerfd_set(int fd, int flags, const struct itimerspec *t,
                   struct itimerspec *was);

/* Schedule the timers of a host anew, because the speed of its clock has
 * changed. `before`: the clock before the change. */
void ws_timers_move(struct ws_host *host, const struct ws_clock *before);

/* ---- sockets ---- */

int ws_socket(int family, int type);
int ws_bind(int fd, const struct sockaddr *a, socklen_t n);
int ws_listen(int fd, int backlog);
int ws_accept(int fd);
int ws_connect(int fd, const struct sockaddr *a, socklen_t n);
int ws_shutdown(int fd, int how);
int ws_name(int fd, struct sockaddr *a, socklen_t *n, bool peer);
int ws_setsockopt(int fd, int level, int name, const void *v, socklen_t n);
int ws_getsockopt(int fd, int level, int name, void *v, socklen_t *n);
int ws_ioctl(int fd, unsigned long request, int *value);

/* How one kind of socket implements these calls. */
struct ws_socket_ops {
    int (*bind)(struct ws_file *file, const struct sockaddr *a, socklen_t n);
    int (*name)(struct ws_file *file, struct sockaddr *a, socklen_t *n,
                bool peer);
    int (*listen)(struct ws_file *file, int backlog);
    int (*accept)(struct ws_file *file);
    int (*connect)(struct ws_file *file, const struct sockaddr *a, socklen_t n);
    int (*shutdown)(struct ws_file *file, int how);
    int (*set)(struct ws_file *file, int level, int name, const void *v,
               socklen_t n);
    int (*get)(struct ws_file *file, int level, int name, void *v,
               socklen_t *n);
    int (*ioctl)(struct ws_file *file, unsigned long request, int *value);
};

int ws_tcp_socket(int family);
int ws_unix_socket(void);

/* True if segments pass from one host to the other now. */
bool ws_link_passes(const struct ws_host *from, const struct ws_host *to);

/* True if from now on each probe of keepalive gets an answer. */
bool ws_tcp_all_answer(void);

/* End the connections of a host that has lost its power, without sending a
 * segment. */
void ws_tcp_vanish(const struct ws_host *host);

/* The time at which a segment that leaves now arrives; WEFT_NEVER: the segment
 * is lost. */
uint64_t ws_link_arrival(const struct ws_host *from, const struct ws_host *to,
                         size_t size);

/* ---- names ---- */

#define WS_GIVEN_NAME 64 /* bytes */
#define WS_ANSWER_MAX 16 /* hosts of a name */

/* What a name stands for. */
struct ws_answer {
    bool given; /* the scenario has set the name */
    uint32_t n, hosts[WS_ANSWER_MAX];
};

/* Let a name stand for *answer from now on. Returns what the name stood for
 * before. */
struct ws_answer ws_name_give(const char *text, const struct ws_answer *answer);

/* Let the slow look-ups of a host end now. */
void ws_names_hurry(struct ws_host *host);

int ws_getaddrinfo(const char *text, const char *port,
                   const struct addrinfo *hints, struct addrinfo **found);

/* ---- the disk ---- */

/* Lose by chance what the host has not synced, because the host has lost its
 * power. */
void ws_disk_lose(struct ws_host *host);

/* ---- the seam ---- */

/* Route all system calls of weft to the simulator. */
void ws_seam_install(void);

#endif
