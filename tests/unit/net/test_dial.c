/* SPDX-License-Identifier: MIT */
/*
 * Dialling names: look-ups that are slow (row 85 of docs/threats.md) or fail,
 * and names with several addresses. This program defines getaddrinfo and
 * connect, which replace libc's for the library, too.
 */
#include "conn_test.h"
#include "waiting.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/syscall.h>

/* ---- a resolver that answers as the test wants ---- */

static struct {
    _Atomic bool holds; /* look-ups wait while it is true */
    _Atomic int begun, ended;
    _Atomic int error;
    pthread_mutex_t lock; /* of the addresses: a look-up may outlive its test */
    int n;                /* addresses that a name has */
    struct sockaddr_in addrs[2];
    _Atomic int alive; /* results that have not been freed */
} names = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* From now on each name has the first n of these addresses. */
static void
names_have(int n, struct sockaddr_in first, struct sockaddr_in second)
{
    pthread_mutex_lock(&names.lock);
    names.n = n;
    names.addrs[0] = first;
    names.addrs[1] = second;
    pthread_mutex_unlock(&names.lock);
}

static struct addrinfo *
result(const struct sockaddr_in *addr, const char *port, struct addrinfo *next)
{
    struct {
        struct addrinfo info;
        struct sockaddr_in addr;
    } *r = calloc(1, sizeof *r);
    r->addr = *addr;
    r->addr.sin_port = htons((uint16_t)atoi(port));
    r->info = (struct addrinfo){.ai_family = AF_INET,
                                .ai_socktype = SOCK_STREAM,
                                .ai_addrlen = sizeof r->addr,
                                .ai_addr = (struct sockaddr *)&r->addr,
                                .ai_next = next};
    wf_add(&names.alive, 1, relaxed);
    return &r->info;
}

void
freeaddrinfo(struct addrinfo *info)
{
    while (info) {
        struct addrinfo *next = info->ai_next;
        free(info);
        wf_sub(&names.alive, 1, relaxed);
        info = next;
    }
}

int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
            struct addrinfo **found)
{
    struct sockaddr_in numeric = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, host, &numeric.sin_addr) == 1) {
        *found = result(&numeric, port, NULL);
        return 0;
    }
    if (hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    wf_add(&names.begun, 1, relaxed);
    while (wf_load(&names.holds, acquire))
        usleep(1000);
    int error = wf_load(&names.error, relaxed);
    *found = NULL;
    pthread_mutex_lock(&names.lock);
    for (int i = names.n; !error && i > 0; i--)
        *found = result(&names.addrs[i - 1], port, *found);
    pthread_mutex_unlock(&names.lock);
    wf_add(&names.ended, 1, release);
    return error;
}

static struct sockaddr_in
loopback(uint32_t last)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(0x7f000000 + last)};
}

static _Atomic bool bind_first; /* bind each socket to its target first */

int
connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    if (wf_load(&bind_first, acquire) && bind(fd, addr, len))
        return -1;
    return (int)syscall(SYS_connect, fd, addr, len);
}

/* ---- look-ups ---- */

struct dialler {
    uint64_t deadline_ns;
    weft_err err;
};

static void
dial_slow(void *arg)
{
    struct dialler *d = arg;
    struct weft_conn *conn;
    d->err = weft_dial_until("slow.test:80", NULL, d->deadline_ns, &conn);
}

static void *
dial_slow_thread(void *arg)
{
    dial_slow(arg);
    return NULL;
}

static void
release_look_ups(void)
{
    wf_store(&names.holds, false, release);
    AWAIT(wf_load(&names.ended, acquire) == wf_load(&names.begun, relaxed));
    AWAIT(wf_load(&names.alive, relaxed) == 0);
}

/* A dial ends at its deadline or by a cancel, while its look-up is still
 * running. */
static void
a_look_up_without_end(void **state)
{
    (void)state;
    wf_store(&names.holds, true, release);
    names_have(1, loopback(1), loopback(1));
    struct dialler soon = {.deadline_ns = weft_after_ms(20)};
    struct dialler never = {.deadline_ns = WEFT_NEVER}, thread = soon;
    struct weft_listener *l;
    weft_fiber fibers[2];
    pthread_t plain;
    int before = wf_load(&names.ended, acquire);
    MUST(!weft_fiber_start(dial_slow, &soon, &fibers[0]));
    MUST(!weft_fiber_start(dial_slow, &never, &fibers[1]));
    MUST(!pthread_create(&plain, NULL, dial_slow_thread, &thread));
    MUST(!weft_fiber_join(fibers[0]));
    pthread_join(plain, NULL);
    AWAIT(wf_load(&names.begun, relaxed) >= before + 1);
    weft_fiber_cancel(fibers[1]);
    MUST(!weft_fiber_join(fibers[1]));
    assert_int_equal(soon.err, WEFT_ETIMEOUT);
    assert_int_equal(thread.err, WEFT_ETIMEOUT);
    assert_int_equal(never.err, WEFT_ECANCEL);
    assert_int_equal(weft_listen_until("slow.test:0", &hooks, NULL, NULL,
                                       weft_after_ms(20), &l),
                     WEFT_ETIMEOUT);
    assert_int_equal(wf_load(&names.ended, acquire), before);
    release_look_ups();
}

/* There are more look-ups than threads. The others wait in the queue, and their
 * callers still return at their deadlines. */
static void
many_look_ups(void **state)
{
    (void)state;
    enum { N = 40 };
    struct dialler d[N];
    weft_fiber fibers[N];
    wf_store(&names.error, EAI_NONAME, relaxed);
    wf_store(&names.holds, true, release);
    for (int i = 0; i < N; i++) {
        d[i].deadline_ns = i % 2 ? weft_after_ms(20) : WEFT_NEVER;
        MUST(!weft_fiber_start(dial_slow, &d[i], &fibers[i]));
    }
    for (int i = 1; i < N; i += 2)
        MUST(!weft_fiber_join(fibers[i]));
    wf_store(&names.holds, false, release);
    for (int i = 0; i < N; i += 2)
        MUST(!weft_fiber_join(fibers[i]));
    for (int i = 0; i < N; i++)
        assert_int_equal(d[i].err, i % 2 ? WEFT_ETIMEOUT : WEFT_EADDRESS);
    wf_store(&names.error, 0, relaxed);
    release_look_ups();
}

static void
look_ups_that_fail(void **state)
{
    (void)state;
    static const struct {
        int eai;
        weft_err err;
    } rows[] = {
        {EAI_NONAME, WEFT_EADDRESS}, {EAI_AGAIN, WEFT_ERESOLVE},
        {EAI_FAIL, WEFT_ERESOLVE},   {EAI_SYSTEM, WEFT_ERESOLVE},
        {EAI_MEMORY, -ENOMEM},
    };
    struct weft_listener *l;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dialler d = {.deadline_ns = WEFT_NEVER};
        wf_store(&names.error, rows[i].eai, relaxed);
        dial_slow(&d);
        assert_int_equal(d.err, rows[i].err);
        assert_int_equal(weft_listen("slow.test:0", &hooks, NULL, NULL, &l),
                         rows[i].err);
    }
    wf_store(&names.error, 0, relaxed);
    release_look_ups();
}

/* ---- weft_resolve ---- */

static struct weft_arena arena;

static weft_err
resolve_until(const char *address, uint64_t deadline_ns, uint32_t len,
              const char *const *want)
{
    struct weft_addresses found = {NULL, 99};
    weft_err err = weft_resolve_until(address, deadline_ns, &arena, &found);
    MUST(found.len == len);
    for (uint32_t i = 0; i < len; i++)
        assert_string_equal(found.items[i], want[i]);
    return err;
}

static void
resolve_for_ever(void *arg)
{
    struct weft_addresses found;
    *(weft_err *)arg = weft_resolve("slow.test:80", &arena, &found);
}

/* All addresses, in the order of the resolver, each once. */
static void
a_name_has_addresses(void **state)
{
    (void)state;
    static const char *const all[] = {"127.0.0.9:80", "127.0.0.1:80"};
    weft_arena_init(&arena, 0);
    names_have(2, loopback(9), loopback(1));
    assert_int_equal(resolve_until("two.test:80", WEFT_NEVER, 2, all), WEFT_OK);
    names_have(2, loopback(9), loopback(9));
    assert_int_equal(resolve_until("two.test:80", WEFT_NEVER, 1, all), WEFT_OK);
    names_have(0, loopback(9), loopback(9));
    assert_int_equal(resolve_until("none.test:80", WEFT_NEVER, 0, NULL),
                     WEFT_EADDRESS);
    weft_arena_fini(&arena);
    release_look_ups();
}

/* An address that needs no look-up gets none. */
static void
an_address_is_resolved_at_once(void **state)
{
    (void)state;
    static const char *const known[] = {"127.0.0.1:7", "unix:/x", "[::]:9"};
    int before = wf_load(&names.begun, relaxed);
    weft_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(
            resolve_until(i == 2 ? ":9" : known[i], 0, 1, &known[i]), WEFT_OK);
    assert_int_equal(resolve_until("no port", 0, 0, NULL), WEFT_EADDRESS);
    assert_int_equal(wf_load(&names.begun, relaxed), before);
    weft_arena_fini(&arena);
    weft_arena_init(&arena, 1);
    assert_int_equal(resolve_until("127.0.0.1:7", 0, 0, NULL), WEFT_EBUDGET);
    weft_arena_fini(&arena);
}

static void
a_resolve_ends_early(void **state)
{
    (void)state;
    weft_fiber fiber;
    weft_err err = WEFT_OK;
    weft_arena_init(&arena, 0);
    wf_store(&names.holds, true, release);
    names_have(1, loopback(9), loopback(9));
    assert_int_equal(resolve_until("slow.test:80", weft_after_ms(20), 0, NULL),
                     WEFT_ETIMEOUT);
    MUST(!weft_fiber_start(resolve_for_ever, &err, &fiber));
    AWAIT(waits_for(fiber) == WEFT_WAIT_FD); /* for the end of its look-up */
    weft_fiber_cancel(fiber);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(err, WEFT_ECANCEL);
    release_look_ups();
    wf_store(&names.error, EAI_AGAIN, relaxed);
    assert_int_equal(resolve_until("slow.test:80", WEFT_NEVER, 0, NULL),
                     WEFT_ERESOLVE);
    wf_store(&names.error, 0, relaxed);
    weft_arena_fini(&arena);
    release_look_ups();
}

/* ---- several addresses ---- */

static int
listen_at(uint32_t last, uint16_t *port)
{
    struct sockaddr_in a = loopback(last);
    socklen_t len = sizeof a;
    a.sin_port = htons(*port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(!bind(fd, (struct sockaddr *)&a, sizeof a) && !listen(fd, 4));
    MUST(!getsockname(fd, (struct sockaddr *)&a, &len));
    *port = ntohs(a.sin_port);
    return fd;
}

/* Make a listener ignore every SYN. */
static void
make_silent(int fd)
{
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &drop};
    MUST(!setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                     sizeof program));
}

static weft_err
dial_two(uint16_t port, struct weft_conn **conn)
{
    char address[32];
    snprintf(address, sizeof address, "two.test:%u", (unsigned)port);
    return weft_dial_until(address, NULL, weft_after_ms(LONG_MS), conn);
}

/* The first of two addresses does not answer, or refuses. The dial uses the
 * second one. */
static void
the_first_address_does_not_answer(void **state)
{
    (void)state;
    names_have(2, loopback(2), loopback(1));
    for (int silent = 0; silent < 2; silent++) {
        uint16_t port = 0;
        struct weft_conn *conn;
        char peer[64], want[64];
        int good = listen_at(1, &port);
        int hole = silent ? listen_at(2, &port) : -1;
        if (silent)
            make_silent(hole);
        assert_int_equal(dial_two(port, &conn), WEFT_OK);
        MUST(!weft_conn_peer(conn, peer, sizeof peer));
        snprintf(want, sizeof want, "127.0.0.1:%u", (unsigned)port);
        assert_string_equal(peer, want);
        weft_conn_close(conn);
        close(good);
        if (silent)
            close(hole);
        else /* so the address refuses */
            assert_int_equal(dial_two(port, &conn), -ECONNREFUSED);
    }
}

/* Both addresses are silent: the dial ends at its deadline, before or after its
 * second attempt has begun. */
static void
no_address_answers(void **state)
{
    (void)state;
    static const int64_t ms[] = {1, 600, 1};
    struct weft_conn_options options = {.connect_timeout_ms = 1};
    for (int i = 0; i < 3; i++) {
        uint16_t port = 0;
        struct weft_conn *conn;
        char address[32];
        int first = listen_at(1, &port), second = listen_at(2, &port);
        make_silent(first);
        make_silent(second);
        names_have(2, loopback(2), loopback(1));
        snprintf(address, sizeof address, "two.test:%u", (unsigned)port);
        uint64_t until = weft_after_ms(ms[i]);
        weft_err err = i < 2 ? weft_dial_until(address, NULL, until, &conn)
                             : weft_dial(address, &options, &conn);
        assert_int_equal(err, WEFT_ETIMEOUT);
        assert_null(conn);
        assert_true(weft_now_ns() >= until);
        close(first);
        close(second);
    }
}

/* A listener listens on every address of its name, with the same port. */
static void
a_name_is_listened_on_in_whole(void **state)
{
    (void)state;
    names_have(2, loopback(1), loopback(2));
    memset(&place, 0, sizeof place);
    place.request = take_everything;
    MUST(!weft_listen("two.test:0", &hooks, &place, NULL, &place.listener));
    for (int i = 1; i <= 2; i++) {
        char address[32];
        struct weft_conn *conn;
        snprintf(address, sizeof address, "127.0.0.%d:%u", i,
                 (unsigned)weft_listener_port(place.listener));
        assert_int_equal(weft_dial_until(address, NULL, WEFT_NEVER, &conn),
                         WEFT_OK);
        AWAIT(wf_load(&place.connects, acquire) == i);
        weft_conn_close(conn);
    }
    stop_after(2);
}

/* One address of the name belongs to another host. */
static void
a_name_with_a_foreign_address(void **state)
{
    (void)state;
    struct weft_listener *l;
    const struct sockaddr_in foreign = {.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(0x01020304)};
    names_have(2, loopback(1), foreign);
    assert_int_equal(weft_listen("two.test:0", &hooks, NULL, NULL, &l),
                     WEFT_OK);
    weft_listener_free(l);
    names_have(1, foreign, foreign);
    assert_int_equal(weft_listen("two.test:0", &hooks, NULL, NULL, &l),
                     -EADDRNOTAVAIL);
}

/* ---- an address without a listener ---- */

static void
no_connection_to_itself(void **state)
{
    (void)state;
    uint16_t port = 0;
    struct weft_conn *conn;
    char address[32];
    int fd = listen_at(1, &port);
    close(fd); /* the port is free again */
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    wf_store(&bind_first, true, release);
    assert_int_equal(weft_dial_until(address, NULL, WEFT_NEVER, &conn),
                     -ECONNREFUSED);
    wf_store(&bind_first, false, release);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_up_without_end),
        cmocka_unit_test(many_look_ups),
        cmocka_unit_test(look_ups_that_fail),
        cmocka_unit_test(a_name_has_addresses),
        cmocka_unit_test(an_address_is_resolved_at_once),
        cmocka_unit_test(a_resolve_ends_early),
        cmocka_unit_test(the_first_address_does_not_answer),
        cmocka_unit_test(no_address_answers),
        cmocka_unit_test(a_name_is_listened_on_in_whole),
        cmocka_unit_test(a_name_with_a_foreign_address),
        cmocka_unit_test(no_connection_to_itself),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
