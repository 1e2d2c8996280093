/* SPDX-License-Identifier: MIT */
/*
 * The policy of a client is a key of etcd, of Consul or of ZooKeeper, and
 * changes again and again while the client makes calls: to whole documents, to
 * garbage and to cut ones, and sometimes it is deleted. The registry is killed,
 * cut off, hangs, answers garbage, and begins anew without data. No call fails,
 * a call never sees values of two documents, no document that is not valid is
 * ever taken, and a key that is gone changes nothing. The registry is asked at
 * most as often as the pauses allow. When all is quiet again the last document
 * holds soon, and the next one 1 s after it was written. (Row 120 of
 * docs/threats.md.)
 */
#include "policy_registries.h"

#include "ledger_answers.h"
#include "ledger_serve.h"

#include "fibers.h"
#include "upstream/upstream.h"

#include <stdio.h>
#include <string.h>

#define CALLERS 3
#define CALLS 40
#define CHANGES 20
#define FIRST_MS 20000u /* version k has a time-out of FIRST_MS + k */
#define HOLDS_MS 1000
/* A query of Consul may wait for 60 s and more, if its agent has begun anew and
 * reaches the same index; a server that hangs is noticed after that. */
#define SOON_MS 90000

static const struct fake_policy_registry *registry;
static weft_sim_host registry_host, caller;
static bool is_up, begins_anew, changes; /* the document still changes */
static struct {
    char text[300];
    bool is_deleted;
    uint32_t wanted, written; /* changes; the registry's host writes them */
} document;
static uint32_t versions;
static bool is_whole[CHANGES + 3]; /* this version was written as a whole */
static struct weft_client *client;

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    (void)arg;
    serve_for_others(NULL, &table);
}

/* ---- the registry ---- */

static void
write_on(void *arg)
{
    (void)arg;
    do {
        uint32_t wanted = document.wanted;
        if (wanted != document.written)
            registry->set(document.is_deleted ? NULL : document.text);
        document.written = wanted;
    } while (!weft_sleep_ms(2));
}

static void
be_registry(void *arg)
{
    static const struct weft_fiber_options background = {.background = true};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(2)};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!registry->listen(":2379", &listener));
    if (begins_anew) {
        registry->begin();
        document.written = 0;
    }
    begins_anew = false;
    WEFT_SIM_CHECK(!weft_fiber_start_with(&background, write_on, NULL, NULL));
    is_up = true;
    weft_sim_wait_for_others();
    fake_policy_stop(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- documents ---- */

static void
print(char *text, size_t size, uint32_t version)
{
    snprintf(text, size,
             "{\"client\": {\"eject_ms\": %u},\n \"methods\": {\n"
             "  \"Ledger.run\": {\"timeout_ms\": %u},\n"
             "  \"Ledger.*\": {\"retry_pause_ms\": %u}}}",
             FIRST_MS + version, FIRST_MS + version, FIRST_MS + version);
}

static void
write_version(uint32_t version)
{
    is_whole[version] = true;
    versions = version;
    print(document.text, sizeof document.text, version);
    document.is_deleted = false;
    document.wanted++;
}

/* A document of a version that never holds. */
static void
write_bad(uint32_t version)
{
    char *text = document.text;
    print(text, sizeof document.text, version);
    switch (below(3)) {
    case 0:
        text[below(strlen(text))] = '\0'; /* cut */
        break;
    case 1:
        memcpy(strstr(text, "timeout_ms") + 12, " 0    ", 6);
        break;
    default: /* all is good but the last value */
        strcpy(text + strlen(text) - 4, "x}}}");
    }
    document.is_deleted = false;
    document.wanted++;
}

static void
delete_it(void)
{
    document.is_deleted = true;
    document.wanted++;
}

static void
change_on(void *arg)
{
    (void)arg;
    for (uint32_t i = 1; i <= CHANGES; i++) {
        switch (below(5)) {
        case 0:
            write_bad(i);
            break;
        case 1:
            delete_it();
            break;
        default:
            write_version(i);
        }
        (void)weft_sleep_ms((int64_t)below(below(4) ? 500 : 2500));
    }
    changes = false;
}

/* ---- what the client knows ---- */

static struct weft_policy_view
view(struct weft_arena *arena)
{
    struct weft_policy_view v;
    WEFT_SIM_CHECK(!weft_client_get_policy(client, NULL, arena, &v));
    return v;
}

static bool
holds(uint32_t version)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    char line[80];
    snprintf(line, sizeof line, "Ledger.run timeout_ms %u (line 3)\n",
             FIRST_MS + version);
    bool is = strstr(view(&arena).text.ptr, line);
    weft_arena_fini(&arena);
    return is;
}

static void
await_version(uint32_t version, uint64_t most_ms)
{
    uint64_t until = weft_sim_now_ns() + most_ms * MS;
    while (!holds(version)) {
        if (weft_sim_now_ns() > until)
            weft_sim_fail("version %u does not hold", version);
        (void)weft_sleep_ms(10);
    }
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
    for (int i = 0; i < CALLS || changes; i++) {
        must_answer(client, i);
        look();
        (void)weft_sleep_ms((int64_t)below(100));
    }
}

/* ---- faults of the registry ---- */

static void
cut(bool is_cut)
{
    weft_sim_cut(caller, registry_host, is_cut);
    weft_sim_cut(registry_host, caller, is_cut);
}

static void
hurt_once(void)
{
    switch (below(4)) {
    case 0:
        weft_sim_kill(registry_host);
        (void)weft_sleep_ms((int64_t)below(1500));
        begins_anew = below(3) == 0;
        weft_sim_restart(registry_host);
        break;
    case 1:
        cut(true);
        (void)weft_sleep_ms((int64_t)below(1500));
        cut(false);
        break;
    case 2:
        registry->hurt(true, false);
        (void)weft_sleep_ms((int64_t)below(1500));
        break;
    default:
        registry->hurt(false, true);
        (void)weft_sleep_ms((int64_t)below(1500));
    }
    registry->hurt(false, false);
}

static void
hurt_on(void *arg)
{
    (void)arg;
    while (changes) {
        (void)weft_sleep_ms((int64_t)below(2000));
        hurt_once();
    }
}

/* ---- the client ---- */

/* A document is read ten times a second at most, by three requests at most; a
 * failure is followed by a pause of 50 ms at least. */
static void
look_at_requests(uint64_t begun)
{
    uint32_t n_bad;
    uint64_t most = 20 + (weft_sim_now_ns() - begun) / MS / 20;
    WEFT_SIM_CHECK(registry->asked(&n_bad) <= most);
    WEFT_SIM_CHECK(n_bad == 0);
}

static void
make_calls(void)
{
    weft_fiber fibers[CALLERS + 1];
    uint64_t begun = weft_sim_now_ns();
    changes = true;
    weft_sim_faults(WEFT_SIM_STALL | WEFT_SIM_SHORT | WEFT_SIM_INTERRUPTED);
    start_all(call, NULL, fibers, CALLERS);
    fibers[CALLERS] = start(change_on, NULL);
    hurt_on(NULL);
    join_all(fibers, CALLERS + 1);
    weft_sim_faults(0);
    look_at_requests(begun);
}

/* Now nothing fails. */
static void
settle(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    write_version(CHANGES + 1);
    await_version(CHANGES + 1, SOON_MS);
    WEFT_SIM_SOMETIMES("a document was refused", view(&arena).refused > 0);
    WEFT_SIM_SOMETIMES("five documents were taken", view(&arena).taken > 4);
    write_version(CHANGES + 2);
    await_version(CHANGES + 2, HOLDS_MS);
    WEFT_SIM_CHECK(!view(&arena).why.ptr);
    delete_it();
    (void)weft_sleep_ms(HOLDS_MS);
    WEFT_SIM_CHECK(holds(CHANGES + 2));
    WEFT_SIM_CHECK(strstr(view(&arena).why.ptr, "no such key"));
    weft_arena_fini(&arena);
}

static void
be_client(void *arg)
{
    char source[80];
    const struct weft_runtime_options runtime = {.workers =
                                                     2 + (uint32_t)below(2)};
    const struct weft_upstream_options upstream = {.policy = source};
    const struct weft_client_options options = {.upstream = &upstream};
    (void)arg;
    snprintf(source, sizeof source, "%s:registry:2379%s", registry->prefix,
             registry->path);
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    write_version(0);
    while (!is_up || document.written != document.wanted)
        (void)weft_sleep_ms(1);
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090,s1:9090", &options, &client));
    WEFT_SIM_CHECK(holds(0)); /* the client was made with its policy */
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
    registry = &fake_policy_registries[below(FAKE_POLICY_REGISTRIES)];
    free(fake_policy_consul.value);
    memset(&fake_policy_consul, 0, sizeof fake_policy_consul);
    memset(&fake_policy_etcd, 0, sizeof fake_policy_etcd);
    memset(&fake_policy_zk, 0, sizeof fake_policy_zk);
    memset(&document, 0, sizeof document);
    memset(is_whole, 0, sizeof is_whole);
    versions = 0;
    is_up = changes = false;
    begins_anew = true;
    weft_sim_host_new("s0", serve, NULL);
    weft_sim_host_new("s1", serve, NULL);
    registry_host = weft_sim_host_new("registry", be_registry, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "watched",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
