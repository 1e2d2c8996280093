/* SPDX-License-Identifier: MIT */
/* A client with a policy, for tests of policies. */
#ifndef WEFT_TESTS_UPSTREAM_POLICED_H
#define WEFT_TESTS_UPSTREAM_POLICED_H

#include "unit/rpc/rpc_test.h"
#include "upstream/upstream.h"

#include <weft/os.h>

#include <string.h>
#include <unistd.h>

static struct house house;
static char dir[] = "/tmp/weft-policy-XXXXXX";
static char path[64], source[80];
static struct weft_client *policed;

static inline int
set_up(void **state)
{
    struct weft_runtime_options options = {.workers = 2};
    (void)state;
    alarm(300);
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/policy", dir);
    snprintf(source, sizeof source, "file:%s", path);
    MUST(!weft_runtime_start(&options));
    house_open(&house, NULL, NULL, NULL);
    return 0;
}

static inline int
tear_down(void **state)
{
    (void)state;
    house_close(&house);
    MUST(!rmdir(dir));
    return weft_runtime_stop();
}

static inline void
save(const char *text)
{
    MUST(!weft_file_save(path, text, strlen(text), 0600));
}

/* A client with this document; its one server is `address`. */
static inline void
open_at(const char *text, const char *address,
        struct weft_upstream_options options)
{
    const struct weft_endpoint one = {.address = address};
    const struct weft_client_options client_options = {.upstream = &options};
    save(text);
    options.policy = source;
    MUST(!weft_client_new("list:", &client_options, &policed));
    MUST(!weft_client_set_endpoints(policed, &one, 1));
}

static inline void
open_with(const char *text)
{
    open_at(text, house.address, (struct weft_upstream_options){0});
}

static inline void
end(void)
{
    weft_client_free(policed);
    MUST(!unlink(path));
}

static inline struct weft_policy_view
view(struct weft_arena *arena, const struct weft_method *method)
{
    struct weft_policy_view v;
    MUST(!weft_client_get_policy(policed, method, arena, &v));
    return v;
}

static inline uint64_t
n_taken(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    uint64_t n = view(&arena, NULL).taken;
    weft_arena_fini(&arena);
    return n;
}

static inline uint64_t
n_refused(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    uint64_t n = view(&arena, NULL).refused;
    weft_arena_fini(&arena);
    return n;
}

/* The policy has this line. */
static inline bool
view_has(const char *line)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    bool has = strstr(view(&arena, NULL).text.ptr, line);
    weft_arena_fini(&arena);
    return has;
}

/* The policy tells this line of a method, or of all. */
static inline void
tells(const struct weft_method *method, const char *line)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_str text = view(&arena, method).text;
    if (!strstr(text.ptr, line))
        fail_msg("\"%s\" is not in\n%s", line, text.ptr);
    weft_arena_fini(&arena);
}

static inline weft_err
call(struct weft_call_options options, struct weft_call_info *info, int32_t ms)
{
    int64_t result;
    options.info = info;
    return call_slow(policed, 1, ms, &options, &result);
}

#endif
