/* SPDX-License-Identifier: MIT */
/*
 * Hosts. Each host is a simulated process. The variables of weft exist once, in
 * one section; while a host does not run, the values of its variables are in a
 * copy. The variables keep their addresses, so pointers to them stay valid.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if WF_ASAN
#include <sanitizer/lsan_interface.h>
#endif

#define FIRST_PORT 32768
#define SEPARATORS " \t\n,;" /* of names, in plans and options */
#define LOOK_NS 1000000u     /* between two checks of threads */
#define LOOKS 1000           /* the wait ends after this many checks */

extern uint8_t __start_wf_global[], __stop_wf_global[];

/* This variable ensures that the section exists in a program that uses little
 * of weft. */
static __attribute__((used)) WF_GLOBAL uint64_t first_global;

static uint8_t *fresh; /* the variables of a new process */

#if WF_ASAN
static bool some_host_has_died;

/* When a host dies, memory that its code got from libc stays allocated, without
 * a pointer to it. LSan would report such memory as a leak. */
__attribute__((weak, visibility("default"))) int
__lsan_is_turned_off(void)
{
    return some_host_has_died;
}
#endif

static size_t
globals_size(void)
{
    return (size_t)(__stop_wf_global - __start_wf_global);
}

void
ws_host_enter(struct ws_host *host)
{
    if (ws.entered == host)
        return;
    if (ws.entered)
        memcpy(ws.entered->globals, __start_wf_global, globals_size());
    memcpy(__start_wf_global, host->globals, globals_size());
    ws.entered = host;
}

static bool
looks_up(const struct ws_host *host)
{
    const struct wf_link *link = host->threads.head.next;
    for (; link != &host->threads.head; link = link->next)
        if (((const struct ws_thread *)(const void *)link)->looks_up)
            return true;
    return false;
}

/* Wait for threads that outlive the runtime: a thread that looks up a name,
 * because getaddrinfo cannot be interrupted, and a thread of weft_blocking,
 * which frees its cache after the runtime has stopped counting the thread. */
static void
await_threads(const struct ws_host *host)
{
    static const char key; /* no thread wakes this key */
    const struct wf_link *all = &host->threads.head;
    for (int i = 0; looks_up(host) || (all->next->next != all && i < LOOKS);
         i++)
        (void)ws_wait(&key, "for threads to end", ws.now_ns + LOOK_NS);
}

static void *
run_main(void *arg)
{
    struct ws_host *host = arg;
    host->main(host->arg);
    ws_say("main ends");
    await_threads(host);
    uint32_t left = ws_fd_count(host);
    if (left)
        ws_fail("%s: main ends with %u descriptors open", host->name, left);
    return NULL;
}

void
ws_host_begin(struct ws_host *host)
{
    if (ws.entered == host)
        ws.entered = NULL;
    memcpy(host->globals, fresh, globals_size());
    host->n_keys = 0;
    host->power = WS_ON;
    host->dark = false;
    host->waits_for_others = false;
    ws_event_cancel(&host->come_back);
    ws_power_keep(host);
    host->first = ws_thread_new(host, run_main, host);
    host->first->detached = true;
}

void *
ws_map(size_t n, int prot, int flags)
{
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#if WF_ASAN
    if (p != MAP_FAILED)
        __lsan_register_root_region(p, n);
#endif
    return p;
}

int
ws_unmap(void *p, size_t n)
{
#if WF_ASAN
    __lsan_unregister_root_region(p, n);
    __asan_unpoison_memory_region(p, n);
#endif
    return munmap(p, n);
}

static void
free_memory(struct ws_host *host)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&host->memory))) {
        struct ws_memory *m = (void *)link;
        if (m->mapped)
            (void)ws_unmap(m->mapped, m->size);
        free(m);
    }
}

void
ws_host_end(struct ws_host *host)
{
    host->power = WS_OFF;
    host->frozen = host->paused = false;
    ws_event_cancel(&host->go_on);
    while (!wf_list_is_empty(&host->threads))
        ws_thread_free((void *)host->threads.head.next);
    host->first = NULL;
    if (host->loses_power) {
        host->dark = true;
        ws_tcp_vanish(host);
    }
    ws_fd_close_all(host);
    ws_ledger_lose(host);
    if (host->loses_power)
        ws_disk_lose(host);
    host->loses_power = false;
    free_memory(host);
#if WF_ASAN
    some_host_has_died = true;
#endif
    ws_main_ended();
}

static const char others; /* key of weft_sim_wait_for_others */

bool
ws_host_comes_back(const struct ws_host *host)
{
    return host->power == WS_OFF && !host->left_out &&
           (host->come_back.place || host->n_restarts > 0);
}

static bool
only_waiters_are_left(void)
{
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if ((ws.hosts[i]->first && !ws.hosts[i]->waits_for_others) ||
            ws_host_comes_back(ws.hosts[i]))
            return false;
    return true;
}

void
ws_main_ended(void)
{
    if (!only_waiters_are_left())
        return;
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        (void)ws_wake(ws.hosts[i], &others, UINT32_MAX);
}

void
weft_sim_wait_for_others(void)
{
    if (!ws_self())
        ws_die("weft_sim_wait_for_others is called outside of all hosts");
    ws_self()->waits_for_others = ws_self()->serves = true;
    if (only_waiters_are_left())
        ws_main_ended();
    else
        (void)ws_wait(&others, "for others", WEFT_NEVER);
}

/* ---- freezing ---- */

static void
go_on(struct ws_event *event)
{
    struct ws_host *host = WF_CONTAINER(event, struct ws_host, go_on);
    host->paused = false;
    if (!host->frozen)
        ws_threads_release(host);
}

void
ws_host_pause(struct ws_host *host, uint64_t ns)
{
    ws_event_at(&host->go_on, ws.now_ns + ns);
    host->paused = true;
    ws_threads_hold(host);
    if (host == ws_self())
        ws_yield();
}

void
weft_sim_freeze(weft_sim_host id, bool on)
{
    struct ws_host *host = ws_host_of(id);
    if (on == host->frozen || host->power == WS_OFF ||
        (on && !ws_fault_may_happen()))
        return;
    ws_say("%s %s", host->name, on ? "is frozen" : "goes on");
    host->frozen = on;
    if (on)
        ws_threads_hold(host);
    else if (!host->paused)
        ws_threads_release(host);
    if (host == ws_self())
        ws_yield();
}

/* ---- making, killing ---- */

static void come_back(struct ws_event *event);

static bool
is_taken(const char *name)
{
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if (strcmp(ws.hosts[i]->name, name) == 0)
            return true;
    return false;
}

weft_sim_host
weft_sim_host_new(const char *name, void (*main)(void *arg), void *arg)
{
    ws_within("weft_sim_host_new");
    if (!fresh) {
        fresh = ws_alloc(globals_size());
        memcpy(fresh, __start_wf_global, globals_size());
        ws.hosts = ws_alloc(WS_HOSTS_MAX * sizeof *ws.hosts);
        ws.cut = ws_alloc(WS_HOSTS_MAX * WS_HOSTS_MAX);
    }
    if (!name || !*name || name[strcspn(name, SEPARATORS)] ||
        strlen(name) >= WS_GIVEN_NAME)
        ws_die("a host of the name `%s`, expected 1 to %d bytes without "
               "spaces, commas and semicolons",
               name ? name : "", WS_GIVEN_NAME - 1);
    if (!main)
        ws_die("host %s has no main function", name);
    if (is_taken(name))
        ws_die("there are two hosts of the name %s", name);
    if (ws.n_hosts == WS_HOSTS_MAX)
        ws_die("more than %d hosts", WS_HOSTS_MAX);
    struct ws_host *host = ws_alloc(sizeof *host);
    host->name = memcpy(ws_alloc(strlen(name) + 1), name, strlen(name) + 1);
    host->index = ws.n_hosts;
    host->address = 0x0a000001u + ws.n_hosts;
    host->main = main;
    host->arg = arg;
    host->next_port = FIRST_PORT;
    host->disk_room = SIZE_MAX;
    host->go_on.happen = go_on;
    host->come_back.happen = come_back;
    ws_clock_draw(host);
    host->globals = ws_alloc(globals_size());
    wf_list_init(&host->threads);
    wf_list_init(&host->memory);
    wf_list_init(&host->disk);
    ws.hosts[ws.n_hosts++] = host;
    host->left_out = ws_is_left_out(name);
    if (!host->left_out)
        ws_host_begin(host);
    return (weft_sim_host){host->index};
}

struct ws_host *
ws_host_of(weft_sim_host id)
{
    if (id.index >= ws.n_hosts)
        ws_die("there is no host %u", id.index);
    return ws.hosts[id.index];
}

/* End the process of a host. Does not return if the caller runs on that
 * host. */
static void
end_process(struct ws_host *host)
{
    if (host == ws_self()) {
        host->power = WS_OFF; /* the loop of run.c ends the host */
        ws_yield();
    }
    ws_host_end(host);
}

void
weft_sim_kill(weft_sim_host id)
{
    struct ws_host *host = ws_host_of(id);
    if (host->power == WS_OFF || !ws_fault_may_happen())
        return;
    ws_say("fault %u: %s is killed", ws.n_faults - 1, host->name);
    end_process(host);
}

void
weft_sim_power_off(weft_sim_host id)
{
    struct ws_host *host = ws_host_of(id);
    if (host->dark || !ws_fault_may_happen())
        return;
    ws_say("fault %u: %s loses power", ws.n_faults - 1, host->name);
    host->loses_power = true; /* ws_host_end reads the flag */
    end_process(host);
}

void
ws_host_die(struct ws_host *host, uint64_t ns)
{
    ws_event_at(&host->come_back, ws.now_ns + ns);
    end_process(host);
}

void
ws_host_recover(struct ws_host *host)
{
    if (host->come_back.place)
        weft_sim_restart((weft_sim_host){host->index});
    ws_event_cancel(&host->go_on);
    if (host->paused)
        go_on(&host->go_on);
    ws_names_hurry(host);
}

static void
come_back(struct ws_event *event)
{
    struct ws_host *host = WF_CONTAINER(event, struct ws_host, come_back);
    weft_sim_restart((weft_sim_host){host->index});
}

void
ws_host_lose_power(struct ws_host *host, uint64_t ns)
{
    ws_event_at(&host->come_back, ws.now_ns + ns);
    host->loses_power = true;
    end_process(host);
}

void
weft_sim_restart(weft_sim_host id)
{
    struct ws_host *host = ws_host_of(id);
    if (host->left_out || (host->power == WS_ON && host->first))
        return;
    ws_say("%s begins anew", host->name);
    ws_host_end(host);
    ws_host_begin(host);
}
