/* SPDX-License-Identifier: MIT */
/*
 * Finds fewer hosts, and then fewer faults, for the same failure. Drops half of
 * the faults, then quarters, and so on, and puts back the faults that the
 * failure needs (delta debugging: Zeller, Hildebrandt 2002, in its simplest
 * form). Each try is a process.
 */
#include "sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define TRIES 600

static const struct ws_verdict *
verdict_of(const struct weft_sim_scenario *scenario, uint64_t seed,
           const uint8_t *only)
{
    static struct ws_verdict *v; /* shared with the process that executes the
                                    run */
    int status;
    if (!v)
        v = mmap(NULL, sizeof *v, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (v == MAP_FAILED)
        ws_die("no memory for a verdict");
    *v = (struct ws_verdict){
        .failed = true, .n_faults = WS_FAULTS_MAX, .failure = "it crashed"};
    pid_t child = fork();
    if (child < 0)
        ws_die("fork: %s", strerror(errno));
    if (child == 0) {
        v->failed = !ws_run_once(scenario, seed, NULL, only);
        v->in_check = ws.in_check;
        v->n_faults = ws.n_faults;
        v->n_hosts = ws.n_hosts;
        for (uint32_t i = 0; i < ws.n_hosts; i++)
            (void)snprintf(v->hosts[i], WS_NAME, "%s", ws.hosts[i]->name);
        memcpy(v->failure, ws.failure, sizeof v->failure);
        _exit(0);
    }
    if (waitpid(child, &status, 0) < 0)
        ws_die("wait: %s", strerror(errno));
    return v;
}

/* True if the texts are equal except for numbers, which differ between runs. */
static bool
alike(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "0123456789");
        b += strspn(b, "0123456789");
        if (*a != *b)
            return false;
        if (!*a)
            return true;
    }
}

/* Drop each host that the failure does not need. If the scenario's check fails,
 * no host is dropped: the check examines what all hosts have left, so it may
 * fail only because a host was never there. */
static uint32_t
drop_hosts(const struct weft_sim_scenario *scenario, uint64_t seed,
           const struct ws_verdict *first, const uint8_t *only)
{
    uint32_t tries = 0;
    for (uint32_t i = 0; i < first->n_hosts && !first->in_check; i++) {
        size_t n = strlen(ws.without);
        if (strlen(first->hosts[i]) + 1 == WS_NAME ||
            n + WS_NAME + 1 > sizeof ws.without)
            continue;
        strcat(strcat(ws.without, n ? "," : ""), first->hosts[i]);
        const struct ws_verdict *v = verdict_of(scenario, seed, only);
        tries++;
        if (!v->failed || !alike(v->failure, first->failure))
            ws.without[n] = 0;
    }
    return tries;
}

uint32_t
ws_shrink(const struct weft_sim_scenario *scenario, uint64_t seed,
          uint8_t *only)
{
    uint8_t *fewer = ws_alloc(WS_FAULTS_MAX);
    struct ws_verdict first;
    uint32_t tries = 1;
    memset(only, 1, WS_FAULTS_MAX);
    first = *verdict_of(scenario, seed, only);
    if (first.failed) {
        tries += 1 + drop_hosts(scenario, seed, &first, only);
        /* Without the dropped hosts the run has other faults. */
        first = *verdict_of(scenario, seed, only);
    }
    uint32_t n = WF_MIN(first.n_faults, (uint32_t)WS_FAULTS_MAX);
    memset(only + n, 0, WS_FAULTS_MAX - n); /* `first` has no such faults */
    for (uint32_t part = n; part > 0 && first.failed; part /= 2)
        for (uint32_t at = 0; at < n && tries < TRIES; at += part) {
            if (!memchr(only + at, 1, WF_MIN(part, n - at)))
                continue;
            memcpy(fewer, only, WS_FAULTS_MAX);
            memset(fewer + at, 0, WF_MIN(part, n - at));
            const struct ws_verdict *v = verdict_of(scenario, seed, fewer);
            tries++;
            if (v->failed && alike(v->failure, first.failure))
                memcpy(only, fewer, WS_FAULTS_MAX);
        }
    free(fewer);
    return tries;
}
