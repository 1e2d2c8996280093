/* SPDX-License-Identifier: MIT */
/* Logs how many calls have not ended after the deadline of a stop. */
#include "rpc/server.h"

#include <stdio.h>

/* A number of calls, and the method of one of these calls. */
struct some {
    uint32_t n;
    const char *name; /* NULL: there is no such call */
};

static bool
has_method(const struct wf_routes *routes, const char *name)
{
    for (uint32_t i = 0; i < routes->size; i++)
        if (routes->slots[i].method && routes->slots[i].method->name == name)
            return true;
    return false;
}

struct look {
    const struct weft_server *server;
    struct some running;
};

/* Count a handler of the server. If each connection is a group of its own, a
 * handler is recognised only by the name of its method, because its connection
 * may no longer be in the server's set. So handlers of another server with the
 * same methods are counted, too. */
static void
add_work(const void *group, const char *name, void *arg)
{
    struct look *look = arg;
    const struct weft_server *server = look->server;
    if ((group != server && !server->options.cancel_when_gone) ||
        !has_method(&server->routes, name))
        return;
    look->running.n++;
    look->running.name = name;
}

static struct some
detached(const struct wf_routes *routes)
{
    struct some some = {0, NULL};
    for (uint32_t i = 0; i < routes->size; i++) {
        uint32_t n = wf_load(&routes->detached[i], relaxed);
        some.n += n;
        if (n > 0)
            some.name = routes->slots[i].method->name;
    }
    return some;
}

/* Write a text that describes the calls. If there are no calls, the text is
 * empty. */
static void
say(char *text, size_t size, const char *what, struct some some)
{
    text[0] = '\0';
    if (some.n > 0)
        snprintf(text, size, "; %s: %u (`%.200s`%s)", what, some.n, some.name,
                 some.n > 1 ? " is one" : "");
}

void
wf_server_tell_waits(struct weft_server *server)
{
    char run[300], wait[300];
    uint32_t n = wf_gauge_sum(&server->in_flight);
    struct look look = {server, {0, NULL}};
    wf_tasks_each_work(add_work, &look);
    say(run, sizeof run, "handlers that run", look.running);
    say(wait, sizeof wait, "detached and not finished",
        detached(&server->routes));
    if (n > 0)
        wf_log_limited(WEFT_LOG_WARN,
                       "weft_server_stop: the deadline has passed, and %u %s "
                       "not ended%s%s",
                       n, n == 1 ? "call has" : "calls have", run, wait);
}
