/* SPDX-License-Identifier: MIT */
/*
 * Simulates look-ups of names. The name of a host stands for its address. The
 * scenario may define other names, each for several hosts or for none. A
 * look-up returns the addresses that the name has when the look-up ends.
 */
#include "sim.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#define SLOW_NS 5000000000u /* after this time libc asks a second time */

struct name {
    struct name *next;
    char text[WS_GIVEN_NAME];
    struct ws_answer answer;
};

static struct name *names;

/* ---- names that are given ---- */

struct ws_answer
ws_name_give(const char *text, const struct ws_answer *answer)
{
    struct name *name = names;
    while (name && strcmp(name->text, text) != 0)
        name = name->next;
    if (!name) {
        name = ws_alloc(sizeof *name);
        snprintf(name->text, sizeof name->text, "%s", text);
        name->next = names;
        names = name;
    }
    const struct ws_answer before = name->answer;
    name->answer = *answer;
    if (answer->given)
        ws_say("%s stands for %u hosts", text, (unsigned)answer->n);
    else
        ws_say("%s is not given any more", text);
    return before;
}

void
weft_sim_name(const char *text, const weft_sim_host *hosts, size_t n)
{
    struct ws_answer answer = {.given = true, .n = (uint32_t)n};
    if (!*text || strlen(text) >= WS_GIVEN_NAME)
        ws_die("a name of %zu bytes, expected 1 to %d", strlen(text),
               WS_GIVEN_NAME - 1);
    if (n > WS_ANSWER_MAX)
        ws_die("%s stands for %zu hosts, at most %d", text, n, WS_ANSWER_MAX);
    for (size_t i = 0; i < n; i++)
        answer.hosts[i] = ws_host_of(hosts[i])->index;
    (void)ws_name_give(text, &answer);
}

static struct ws_answer
answer_of(const char *text)
{
    for (const struct name *name = names; name; name = name->next)
        if (name->answer.given && strcmp(name->text, text) == 0)
            return name->answer;
    for (uint32_t i = 0; i < ws.n_hosts; i++)
        if (strcmp(ws.hosts[i]->name, text) == 0)
            return (struct ws_answer){.given = true, .n = 1, .hosts = {i}};
    return (struct ws_answer){.given = false};
}

/* ---- faults ---- */

void
weft_sim_names_fail(weft_sim_host id, bool on)
{
    struct ws_host *host = ws_host_of(id);
    if (on == host->names_fail || (on && !ws_fault_may_happen()))
        return;
    host->names_fail = on;
    ws_say("look-ups of %s %s", host->name, on ? "fail" : "work again");
}

void
weft_sim_names_slow(weft_sim_host id, bool on)
{
    struct ws_host *host = ws_host_of(id);
    if (on == host->names_slow || (on && !ws_fault_may_happen()))
        return;
    host->names_slow = on;
    ws_say("look-ups of %s are %s", host->name, on ? "slow" : "fast again");
}

static const char slowness; /* key of a slow look-up */

static void
be_slow(void)
{
    (void)ws_wait(&slowness, "look-up", ws.now_ns + ws_below(SLOW_NS));
}

void
ws_names_hurry(struct ws_host *host)
{
    (void)ws_wake(host, &slowness, UINT32_MAX);
}

/* Change the order of the hosts, and perhaps drop some. */
static void
shuffle(struct ws_answer *answer)
{
    for (uint32_t i = answer->n; i > 1; i--) {
        uint32_t other = (uint32_t)ws_below(i), last = answer->hosts[i - 1];
        answer->hosts[i - 1] = answer->hosts[other];
        answer->hosts[other] = last;
    }
    if (answer->n > 1 && ws_chance(2))
        answer->n = 1 + (uint32_t)ws_below(answer->n - 1);
}

/* ---- look-ups ---- */

/* Put the addresses of an answer into a list such as getaddrinfo returns. */
static int
list(const struct ws_answer *answer, const char *port,
     const struct addrinfo *numeric, struct addrinfo **found)
{
    char text[INET_ADDRSTRLEN];
    struct addrinfo **end = found;
    *found = NULL;
    for (uint32_t i = 0; i < answer->n; i++) {
        struct in_addr in = {htonl(ws.hosts[answer->hosts[i]]->address)};
        inet_ntop(AF_INET, &in, text, sizeof text);
        int err = getaddrinfo(text, port, numeric, end);
        if (err) {
            if (*found)
                freeaddrinfo(*found);
            return err;
        }
        while (*end)
            end = &(*end)->ai_next;
    }
    return answer->n ? 0 : EAI_NONAME;
}

static int
look_up(const char *text, const char *port, const struct addrinfo *numeric,
        struct addrinfo **found)
{
    const struct ws_host *host = ws.current->host;
    bool by_chance = ws_fault(WEFT_SIM_NAMES);
    uint64_t how = by_chance ? ws_below(4) : 4;
    ws.current->looks_up = true;
    if (host->names_slow || how == 0 || (how == 1 && ws_chance(2)))
        be_slow();
    if (host->names_fail || how == 1)
        return EAI_AGAIN;
    struct ws_answer answer = answer_of(text);
    if (how == 2)
        return EAI_NONAME;
    if (how == 3)
        shuffle(&answer);
    if (answer.given)
        return list(&answer, port, numeric, found);
    return getaddrinfo(strcmp(text, "localhost") == 0 ? "127.0.0.1" : text,
                       port, numeric, found);
}

static bool
is_numeric(const char *text)
{
    struct in6_addr address;
    return inet_pton(AF_INET, text, &address) == 1 ||
           inet_pton(AF_INET6, text, &address) == 1;
}

int
ws_getaddrinfo(const char *text, const char *port, const struct addrinfo *hints,
               struct addrinfo **found)
{
    struct addrinfo numeric = *hints;
    bool is_name = text && !(hints->ai_flags & AI_NUMERICHOST);
    ws_step();
    numeric.ai_flags = (numeric.ai_flags | AI_NUMERICHOST) & ~AI_ADDRCONFIG;
    if (!is_name || is_numeric(text) || !ws.current)
        return getaddrinfo(text, port, &numeric, found);
    int err = look_up(text, port, &numeric, found);
    ws_did("look-up", 0, err);
    return err;
}
