/* SPDX-License-Identifier: MIT */
/*
 * The policy of a client is written again and again while it makes calls:
 * whole, in pieces, as garbage, cut, and sometimes the file is not there.
 * Threads stand still for up to 32 ms between any two steps. No call fails, a
 * call never sees values of two documents, no document that is not valid is
 * ever taken, and the last whole one holds 1 s after it was written.
 */
#include "ledger_answers.h"
#include "ledger_serve.h"

#include "fibers.h"
#include "upstream/upstream.h"

#include <weft/os.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CALLERS 4
#define CALLS 60
#define CHANGES 25
#define FIRST_MS 20000u /* version k has a time-out of FIRST_MS + k */
#define SETTLES_MS 1000

static bool writes; /* the file still changes */
static uint32_t versions;
static bool is_whole[CHANGES + 2]; /* this version was written as a whole */
static struct weft_client *client;

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    (void)arg;
    serve_for_others(NULL, &table);
}

/* ---- documents ---- */

static size_t
print(char *text, size_t size, uint32_t version)
{
    return (size_t)snprintf(
        text, size,
        "{\"client\": {\"eject_ms\": %u},\n \"methods\": {\n"
        "  \"Ledger.run\": {\"timeout_ms\": %u},\n"
        "  \"Ledger.*\": {\"retry_pause_ms\": %u}}}",
        FIRST_MS + version, FIRST_MS + version, FIRST_MS + version);
}

/* Replace the file, or write it in pieces. */
static void
write_text(const char *text, size_t len, bool in_pieces)
{
    int fd;
    if (!in_pieces) {
        WEFT_SIM_CHECK(!weft_file_save("policy", text, len, 0600));
        return;
    }
    WEFT_SIM_CHECK(
        !weft_file_open("policy", O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd));
    for (size_t at = 0; at < len;) {
        size_t n = 1 + below(len - at);
        size_t done;
        WEFT_SIM_CHECK(!weft_file_write(fd, text + at, n, &done) && done == n);
        at += n;
        (void)weft_sleep_ms((int64_t)below(400));
    }
    WEFT_SIM_CHECK(!wf_sys_close(fd));
}

static void
write_version(uint32_t version)
{
    char text[400];
    size_t len = print(text, sizeof text, version);
    is_whole[version] = true;
    versions = version;
    write_text(text, len, below(2));
}

/* A document of a version that never holds. */
static void
write_bad(uint32_t version)
{
    char text[400];
    size_t len = print(text, sizeof text, version);
    const char *value = strstr(text, "timeout_ms\": ") + 13;
    switch (below(4)) {
    case 3: /* out of range */
        memcpy(text + (value - text - 1), " 0    ", 6);
        break;
    case 0:
        len = below(len); /* cut */
        break;
    case 1:
        text[below(len)] = '\0';
        break;
    default: /* all is good but the last value */
        snprintf(text + len - 4, sizeof text - len, "x}}}");
        len = strlen(text);
    }
    write_text(text, len, below(2));
}

static struct weft_policy_view
view(struct weft_arena *arena)
{
    struct weft_policy_view v;
    WEFT_SIM_CHECK(!weft_client_get_policy(client, NULL, arena, &v));
    return v;
}

/* The document that holds is the last whole one. */
static void
must_hold(uint32_t version)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    char line[80];
    snprintf(line, sizeof line, "Ledger.run timeout_ms %u (line 3)\n",
             FIRST_MS + version);
    if (!strstr(view(&arena).text.ptr, line))
        weft_sim_fail("version %u does not hold", version);
    weft_arena_fini(&arena);
}

static void
write_on(void *arg)
{
    (void)arg;
    for (uint32_t i = 1; i <= CHANGES; i++) {
        switch (below(4)) {
        case 0:
            write_bad(i);
            break;
        case 1:
            WEFT_SIM_CHECK(!wf_sys_unlink("policy") || errno == ENOENT);
            break;
        default:
            write_version(i);
            (void)weft_sleep_ms((int64_t)below(2) * SETTLES_MS);
        }
        (void)weft_sleep_ms((int64_t)below(600));
    }
    writes = false;
}

/* ---- calls ---- */

/* What a call would copy now is of one document, which was whole. */
static void
look(void)
{
    struct wf_attempt a = {0};
    wf_policies_plan(wf_upstream_of(client), &ledger_run_method, &a);
    uint32_t version = a.own_plan.timeout_ms - FIRST_MS;
    WEFT_SIM_CHECK(version <= versions && is_whole[version]);
    WEFT_SIM_CHECK(a.own_plan.retry_pause_ms == a.own_plan.timeout_ms);
}

static void
call(void *arg)
{
    (void)arg;
    for (int i = 0; i < CALLS; i++) {
        must_answer(client, i);
        look();
        (void)weft_sleep_ms((int64_t)below(300));
    }
}

/* So often that in some runs a policy is replaced while it is read. */
static void
look_on(void *arg)
{
    (void)arg;
    for (; writes; (void)weft_sleep_ms(1))
        look();
}

static void
make_calls(void)
{
    weft_fiber fibers[CALLERS + 2];
    writes = true;
    weft_sim_faults(WEFT_SIM_STALL);
    start_all(call, NULL, fibers, CALLERS);
    fibers[CALLERS] = start(write_on, NULL);
    fibers[CALLERS + 1] = start(look_on, NULL);
    join_all(fibers, CALLERS + 2);
    weft_sim_faults(0);
}

/* Now nothing fails: the last document holds in time. */
static void
settle(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    char text[400];
    size_t len = print(text, sizeof text, CHANGES + 1);
    WEFT_SIM_CHECK(!weft_file_save("policy", text, len, 0600));
    WEFT_SIM_CHECK(!weft_sleep_ms(SETTLES_MS));
    must_hold(CHANGES + 1);
    WEFT_SIM_CHECK(!view(&arena).why.ptr);
    WEFT_SIM_SOMETIMES("a document was refused", view(&arena).refused > 0);
    WEFT_SIM_SOMETIMES("ten documents were taken", view(&arena).taken > 9);
    weft_arena_fini(&arena);
}

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options runtime = {.workers =
                                                     2 + (uint32_t)below(2)};
    const struct weft_upstream_options upstream = {.policy = "file:policy"};
    const struct weft_client_options options = {.upstream = &upstream};
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    write_version(0);
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090,s1:9090", &options, &client));
    must_hold(0);
    must_answer(client, 0);
    make_calls();
    settle();
    must_answer(client, 0);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    versions = 0;
    memset(is_whole, 0, sizeof is_whole);
    weft_sim_host_new("s0", serve, NULL);
    weft_sim_host_new("s1", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "policy",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
