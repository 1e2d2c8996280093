/* SPDX-License-Identifier: MIT */
/* Addresses, listening on them, and what happens without descriptors. */
#include "net/resolve.h"
#include "net/dial.h"
#include "trial_server.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <cmocka.h>

static void
take_everything(struct weft_conn *conn, void *user)
{
    (void)user;
    MUST(!weft_conn_skip(conn, weft_conn_len(conn)));
}

static void
greet(struct weft_conn *conn, void *user)
{
    (void)user;
    MUST(!weft_conn_write(conn, "hello", 5));
    weft_err err = weft_conn_flush(conn); /* the peer may have closed already */
    MUST(!err || err == -EPIPE || err == -ECONNRESET || err == WEFT_ECLOSED);
}

static const struct weft_conn_hooks hooks = {.on_connect = greet,
                                             .on_request = take_everything};

static void
texts_of_addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1:80", "[::1]:65535",
                                       "[fe80::1]:1", "unix:/a/b", "unix:@a"};
    static const char *const bad[] = {
        "",       "127.0.0.1",     "127.0.0.1:",  "127.0.0.1:65536",
        "::1:80", "127.0.0.1:8x",  "unix:",       "127.0.0.1:-1",
        "[::1]",  "1.2.3.4:80:90", "host:000001", "127.0.0.1: 80"};
    struct wf_addr addrs[WF_ADDRS_MAX];
    char text[128], path[256];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(wf_address_check(good[i]), WEFT_OK);
        assert_int_equal(wf_addr_resolve(good[i], addrs, WEFT_NEVER), 1);
        wf_addr_print(&addrs[0], text, sizeof text);
        assert_string_equal(text, good[i]);
        for (size_t size = 1; size < 12; size++) {
            memset(text, 'x', sizeof text);
            wf_addr_print(&addrs[0], text, size);
            assert_int_equal(text[size], 'x');
            assert_true(strlen(text) < size);
        }
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(wf_address_check(bad[i]), WEFT_EADDRESS);
        assert_int_equal(wf_addr_resolve(bad[i], addrs, WEFT_NEVER),
                         WEFT_EADDRESS);
    }
    memset(path, 'p', sizeof path);
    memcpy(path, "unix:", 5);
    path[sizeof path - 1] = 0; /* longer than sun_path */
    assert_int_equal(wf_address_check(path), WEFT_EADDRESS);
    assert_int_equal(wf_addr_resolve("no.such.host.invalid:1", addrs,
                                     weft_after_ms(LONG_MS)),
                     WEFT_EADDRESS);
}

static void
meet_at(const char *address, const char *host)
{
    struct weft_listener *l;
    struct weft_conn *conn;
    const uint8_t *bytes;
    char text[128];
    assert_int_equal(weft_listen(address, &hooks, NULL, NULL, &l), WEFT_OK);
    if (weft_listener_port(l))
        snprintf(text, sizeof text, "%s:%u", host,
                 (unsigned)weft_listener_port(l));
    else
        snprintf(text, sizeof text, "%s", address);
    assert_int_equal(weft_dial_until(text, NULL, weft_after_ms(LONG_MS), &conn),
                     WEFT_OK);
    assert_int_equal(weft_conn_next(conn, 5, &bytes), WEFT_OK);
    assert_memory_equal(bytes, "hello", 5);
    weft_conn_close(conn);
    weft_listener_free(l);
    assert_int_not_equal(
        weft_dial_until(text, NULL, weft_after_ms(LONG_MS), &conn), WEFT_OK);
}

static void
every_family(void **state)
{
    (void)state;
    char dir[] = "/tmp/weft-listen-XXXXXX", path[64], abstract[64];
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/s", dir);
    snprintf(abstract, sizeof abstract, "unix:@weft-listen-%d", (int)getpid());
    meet_at("127.0.0.1:0", "127.0.0.1");
    meet_at("[::1]:0", "[::1]");
    meet_at(":0", "[::1]");
    meet_at(":0", "127.0.0.1");
    meet_at("localhost:0", "localhost");
    meet_at(path, NULL);
    meet_at(abstract, NULL);
    assert_int_equal(rmdir(dir), 0); /* weft has removed the path */
}

static void
a_path_of_an_earlier_life(void **state)
{
    (void)state;
    char dir[] = "/tmp/weft-listen-XXXXXX", path[64];
    struct weft_listener *l, *second;
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/s", dir);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path, path + 5, strlen(path + 5));
    MUST(!bind(fd, (struct sockaddr *)&a, sizeof a));
    close(fd); /* the path remains without a listener */
    assert_int_equal(weft_listen(path, &hooks, NULL, NULL, &l), WEFT_OK);
    assert_int_equal(weft_listen(path, &hooks, NULL, NULL, &second),
                     -EADDRINUSE); /* a live listener is not replaced */
    assert_null(second);
    fd = wire_dial_unix(path + 5);
    close(fd);
    weft_listener_free(l);
    FILE *file = fopen(path + 5, "w"); /* weft does not remove a file */
    MUST(file);
    fclose(file);
    assert_int_equal(weft_listen(path, &hooks, NULL, NULL, &l), -EADDRINUSE);
    assert_int_equal(unlink(path + 5), 0);
    assert_int_equal(rmdir(dir), 0);
}

/* ---- the owner of a path ---- */

static _Atomic int alive_at_unlink, unlinks;

/* Replaces libc's unlink for the library, too: counts how often the path still
 * has a listener. */
int
unlink(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (!connect(fd, (struct sockaddr *)&a, sizeof a))
        wf_add(&alive_at_unlink, 1, relaxed);
    close(fd);
    wf_add(&unlinks, 1, relaxed);
    return unlinkat(AT_FDCWD, path, 0);
}

/* The path is unlinked while its listener still listens. Otherwise another
 * process could bind the path first, and the unlink would remove its socket. */
static void
a_path_is_unlinked_first(void **state)
{
    (void)state;
    char dir[] = "/tmp/weft-listen-XXXXXX", path[64];
    struct weft_listener *l;
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/s", dir);
    MUST(!weft_listen(path, &hooks, NULL, NULL, &l));
    wf_store(&unlinks, 0, relaxed);
    wf_store(&alive_at_unlink, 0, relaxed);
    weft_listener_free(l);
    assert_int_equal(wf_load(&unlinks, relaxed), 1);
    assert_int_equal(wf_load(&alive_at_unlink, relaxed), 1);
    assert_int_equal(rmdir(dir), 0);
}

/* The path of a listener now belongs to another socket: weft does not remove
 * it. */
static void
a_path_that_is_another_s(void **state)
{
    (void)state;
    char dir[] = "/tmp/weft-listen-XXXXXX", path[64], other[64];
    struct weft_listener *l, *successor;
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/s", dir);
    snprintf(other, sizeof other, "unix:%s/t", dir);
    MUST(!weft_listen(path, &hooks, NULL, NULL, &l));
    MUST(!weft_listen(other, &hooks, NULL, NULL, &successor));
    MUST(!rename(other + 5, path + 5));
    weft_listener_free(l);
    int fd = wire_dial_unix(path + 5); /* fails if the path is gone */
    close(fd);
    weft_listener_free(successor); /* its path is gone, which is no error */
    MUST(!unlinkat(AT_FDCWD, path + 5, 0));
    assert_int_equal(rmdir(dir), 0);
}

/* An address of the loopback network that is made of the process's number: no
 * other process takes its port meanwhile. */
static void
own_address(char text[32], unsigned port)
{
    unsigned pid = (unsigned)getpid();
    snprintf(text, 32, "127.%u.%u.%u:%u", 64 + pid / 65536 % 64,
             pid / 256 % 256, pid % 256, port);
}

static void
an_address_in_use(void **state)
{
    (void)state;
    struct weft_listener *l, *second;
    char address[32];
    own_address(address, 0);
    MUST(!weft_listen(address, &hooks, NULL, NULL, &l));
    own_address(address, weft_listener_port(l));
    assert_int_equal(weft_listen(address, &hooks, NULL, NULL, &second),
                     -EADDRINUSE);
    weft_listener_free(l);
    /* the port is free at once */
    MUST(!weft_listen(address, &hooks, NULL, NULL, &l));
    weft_listener_free(l);
    assert_int_equal(weft_listen("1.2.3.4:0", &hooks, NULL, NULL, &l),
                     -EADDRNOTAVAIL);
}

/* ---- no descriptors ---- */

static uint64_t
cpu_ns(void)
{
    struct rusage u;
    MUST(!getrusage(RUSAGE_SELF, &u));
    return ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) *
               1000000000u +
           ((uint64_t)u.ru_utime.tv_usec + (uint64_t)u.ru_stime.tv_usec) * 1000;
}

#define CLIENTS 8

/* The clients' sockets are made before the limit is set, so that only accept
 * finds no descriptor. */
static void
out_of_descriptors(void **state)
{
    (void)state;
    struct weft_listener *l;
    struct rlimit old, low;
    int clients[CLIENTS], fillers[64], n = 0;
    char hello[5];
    weft_log_set_level(WEFT_LOG_NONE);
    MUST(!weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &l));
    uint16_t port = weft_listener_port(l);
    int first = wire_dial(port);
    MUST(wire_recv(first, hello, 5));
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = socket(AF_INET, SOCK_STREAM, 0);
    MUST(!getrlimit(RLIMIT_NOFILE, &old));
    low = (struct rlimit){(rlim_t)clients[CLIENTS - 1] + 10, old.rlim_max};
    MUST(!setrlimit(RLIMIT_NOFILE, &low));
    while (n < 64 && (fillers[n] = dup(0)) >= 0)
        n++;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < CLIENTS; i++)
        MUST(!connect(clients[i], (struct sockaddr *)&a, sizeof a));
    assert_true(wire_ends(clients[0])); /* closed, not left without an answer */
    /* No worker spins: most of the time no CPU is used. */
    uint64_t begun = weft_now_ns(), cpu = cpu_ns();
    MUST(!weft_sleep_ms(300));
    assert_true(cpu_ns() - cpu < (weft_now_ns() - begun) / 2);
    MUST(wire_send(first, "x", 1)); /* older connections are still served */
    while (n > 0)
        close(fillers[--n]);
    MUST(!setrlimit(RLIMIT_NOFILE, &old));
    int late = wire_dial(port);
    assert_true(wire_recv(late, hello, 5));
    close(late);
    close(first);
    for (int i = 0; i < CLIENTS; i++)
        close(clients[i]);
    weft_listener_free(l);
    weft_log_set_level(WEFT_LOG_WARN);
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    alarm(300);
    return weft_runtime_start(&options);
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_addresses),
        cmocka_unit_test(every_family),
        cmocka_unit_test(a_path_of_an_earlier_life),
        cmocka_unit_test(a_path_is_unlinked_first),
        cmocka_unit_test(a_path_that_is_another_s),
        cmocka_unit_test(an_address_in_use),
        cmocka_unit_test(out_of_descriptors),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
