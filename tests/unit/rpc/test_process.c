/* SPDX-License-Identifier: MIT */
/*
 * Signals. The server is a process of its own: this program with an argument.
 * It prints its port, and at its end the number of handlers that ran, which is
 * compared with the number of calls that were answered.
 */
#include "rpc_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define MS 1000000u
#define FIBERS 100

/* ---- the server ---- */

static int
serve(const char *port)
{
    static struct trial trial;
    char address[32];
    struct weft_server_options options = {.stop_timeout_ms = LONG_MS};
    struct weft_server *server = trial_server(&trial, &options);
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    MUST(!weft_server_listen(server, address));
    printf("%u\n", (unsigned)weft_server_port(server));
    fflush(stdout);
    weft_err err = weft_server_run(server, NULL);
    weft_server_free(server);
    printf("%llu\n", (unsigned long long)wf_load(&trial.executed, acquire));
    fflush(stdout);
    MUST(!weft_runtime_stop());
    return err ? 1 : 0;
}

/* Both signals are pending when weft_server_run unblocks them. */
static int
serve_with_two_signals(void)
{
    static struct trial trial;
    sigset_t both;
    struct weft_server *server = trial_server(&trial, NULL);
    sigemptyset(&both);
    sigaddset(&both, SIGTERM);
    sigaddset(&both, SIGINT);
    MUST(!sigprocmask(SIG_BLOCK, &both, NULL));
    MUST(!kill(getpid(), SIGTERM) && !kill(getpid(), SIGINT));
    MUST(!weft_server_run(server, "127.0.0.1:0"));
    return 0;
}

struct child {
    pid_t pid;
    FILE *out;
    unsigned port;
};

static void
child_start(struct child *c, unsigned port)
{
    int fds[2];
    char text[16];
    snprintf(text, sizeof text, "%u", port);
    MUST(!pipe2(fds, O_CLOEXEC));
    c->pid = fork();
    MUST(c->pid >= 0);
    if (c->pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        execl("/proc/self/exe", "test_process", "serve", text, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    c->out = fdopen(fds[0], "r");
    MUST(c->out && fscanf(c->out, "%u", &c->port) == 1);
}

/* Send a signal and wait for the end; returns the exit status. *executed is set
 * unless the signal is SIGKILL. */
static int
child_end(struct child *c, int number, unsigned long long *executed)
{
    int status;
    MUST(!kill(c->pid, number));
    MUST(number == SIGKILL || fscanf(c->out, "%llu", executed) == 1);
    fclose(c->out);
    MUST(waitpid(c->pid, &status, 0) == c->pid);
    return status;
}

/* ---- load ---- */

struct load {
    struct weft_client *client;
    _Atomic uint64_t good, bad, wrong, begun;
    _Atomic bool ends; /* fibers end after the first failure */
};

static struct load load;

static void
call_on_and_on(void *arg)
{
    int64_t number = (int64_t)(uintptr_t)arg;
    for (weft_err err = WEFT_OK; !err; number += FIBERS) {
        int64_t result;
        wf_add(&load.begun, 1, relaxed);
        err = call_slow(load.client, number, (int32_t)(number % 3), NULL,
                        &result);
        wf_add(err ? &load.bad : &load.good, 1, relaxed);
        if (!err && result != number)
            wf_add(&load.wrong, 1, relaxed);
    }
}

static void
load_start(struct child *c, weft_fiber fibers[FIBERS])
{
    char address[32];
    /* The time-out is so long that it ends no call. */
    const struct weft_client_options options = {.call_timeout_ms = 3600000};
    memset(&load, 0, sizeof load);
    snprintf(address, sizeof address, "127.0.0.1:%u", c->port);
    MUST(!weft_client_new(address, &options, &load.client));
    for (uintptr_t i = 0; i < FIBERS; i++)
        MUST(!weft_fiber_start(call_on_and_on, (void *)i, &fibers[i]));
    AWAIT(wf_load(&load.good, relaxed) > 1000);
}

static void
load_join(weft_fiber fibers[FIBERS])
{
    for (int i = 0; i < FIBERS; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(wf_load(&load.bad, relaxed), FIBERS);
    assert_int_equal(wf_load(&load.wrong, relaxed), 0);
    assert_int_equal(wf_load(&load.good, relaxed) + FIBERS,
                     wf_load(&load.begun, relaxed));
}

static void
a_signal_in_full_load(int number)
{
    struct child c;
    weft_fiber fibers[FIBERS];
    unsigned long long executed;
    child_start(&c, 0);
    load_start(&c, fibers);
    int status = child_end(&c, number, &executed);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    load_join(fibers);
    /* Each call that was executed was answered, and its answer arrived. */
    assert_int_equal(executed, wf_load(&load.good, relaxed));
    weft_client_free(load.client);
}

static void
sigterm_loses_no_call(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        a_signal_in_full_load(SIGTERM);
}

static void
sigint_loses_no_call(void **state)
{
    (void)state;
    a_signal_in_full_load(SIGINT);
}

static void
sigterm_at_once(void **state)
{
    (void)state;
    struct child c;
    unsigned long long executed;
    for (int i = 0; i < 2; i++) {
        child_start(&c, 0);
        int fd = wire_dial((uint16_t)c.port); /* it already listens */
        struct bytes b = {0};
        struct reply r;
        put_add(&b, true, 1, 1, 2);
        MUST(wire_send(fd, b.ptr, b.len) && wire_reply(fd, true, &r));
        int status = child_end(&c, SIGTERM, &executed);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        assert_int_equal(executed, 1);
        close(fd);
        bytes_free(&b);
    }
}

static void
sigkill_ends_every_call_at_once(void **state)
{
    (void)state;
    struct child c;
    weft_fiber fibers[FIBERS];
    child_start(&c, 0);
    for (int i = 0; i < 3; i++) {
        load_start(&c, fibers);
        int status = child_end(&c, SIGKILL, NULL);
        load_join(fibers);
        assert_true(WIFSIGNALED(status));
        int64_t sum;
        assert_int_equal(call_add(load.client, 1, 2, &sum), WEFT_ECONNECT);
        unsigned port = c.port;
        child_start(&c, port);
        assert_int_equal(c.port, port);
        AWAIT(call_add(load.client, 1, 2, &sum) == WEFT_OK); /* reconnects */
        assert_int_equal(sum, 3);
        weft_client_free(load.client);
    }
    child_end(&c, SIGKILL, NULL);
}

static void
the_second_signal_ends_the_process(int second)
{
    struct child c;
    struct bytes b = {0};
    int status;
    child_start(&c, 0);
    int fd = wire_dial((uint16_t)c.port), more;
    put_number(&b, true, WEFT_CALL, "gate", 1, 1); /* waits for ever */
    put_add(&b, true, 2, 1, 1);
    struct reply r;
    MUST(wire_send(fd, b.ptr, b.len) && wire_reply(fd, true, &r));
    MUST(!kill(c.pid, SIGTERM));
    /* When no socket listens any more, the stop has begun. */
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)c.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    AWAIT((more = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
           status = connect(more, (struct sockaddr *)&to, sizeof to),
           close(more), status != 0));
    MUST(!kill(c.pid, second));
    MUST(waitpid(c.pid, &status, 0) == c.pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), second);
    fclose(c.out);
    close(fd);
    bytes_free(&b);
}

static void
a_second_signal_ends_it(void **state)
{
    (void)state;
    if (WF_TSAN) /* it runs a handler only when the interrupted thread next
                  * calls a function of libc, and a thread that waits for calls
                  * may not do so */
        skip();
    the_second_signal_ends_the_process(SIGTERM);
    the_second_signal_ends_the_process(SIGINT);
}

static void
two_signals_at_once_end_it(void **state)
{
    (void)state;
    int status;
    if (WF_TSAN) /* it drops a signal whose action is the default again */
        skip();
    pid_t pid = fork();
    MUST(pid >= 0);
    if (pid == 0) {
        execl("/proc/self/exe", "test_process", "two", (char *)NULL);
        _exit(127);
    }
    MUST(waitpid(pid, &status, 0) == pid);
    assert_true(WIFSIGNALED(status));
    assert_true(WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGINT);
}

/* A server and a client in a process that has closed its standard streams. */
static int
call_without_streams(void)
{
    static struct house house;
    for (int fd = 0; fd <= 2; fd++)
        close(fd);
    house_open(&house, NULL, NULL, NULL);
    must_work(&house);
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            return 2; /* output of printf would go to this socket */
    house_close(&house);
    return 0;
}

static void
closed_streams_are_no_sockets(void **state)
{
    int status;
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "test_process", "closed", (char *)NULL);
        _exit(127);
    }
    MUST(waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- fork in a handler: row 59 of docs/threats.md ---- */

#define DESCRIPTORS 1024

static bool was_open[DESCRIPTORS]; /* before the server was made */

/* After a fork the child makes only the calls that a signal handler may
 * make. */
static void
be_the_child(void)
{
    for (int fd = 3; fd < DESCRIPTORS; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (!was_open[fd] && flags >= 0 && !(flags & FD_CLOEXEC))
            _exit(1); /* the program would inherit it */
    }
    execl("/bin/true", "true", (char *)NULL);
    _exit(127);
}

static weft_err
fork_and_add(struct weft_call *call, const struct trial_add_args *args,
             struct trial_add_result *result)
{
    int status;
    (void)call;
    pid_t pid = fork();
    if (pid == 0)
        be_the_child();
    MUST(pid > 0 && waitpid(pid, &status, 0) == pid);
    result->success = WIFEXITED(status) ? args->a + WEXITSTATUS(status) : -1;
    return WEFT_OK;
}

static void
a_handler_may_fork(void **state)
{
    struct trial trial;
    struct trial_Trial_service table = trial_table;
    struct weft_server *server;
    struct weft_client *client;
    char address[32];
    int64_t sum;
    (void)state;
    memset(&trial, 0, sizeof trial);
    table.add = fork_and_add;
    for (int fd = 3; fd < DESCRIPTORS; fd++)
        was_open[fd] = fcntl(fd, F_GETFD) >= 0;
    MUST(!weft_server_new(NULL, &server));
    MUST(!trial_Trial_register(server, "Trial", &table, &trial));
    MUST(!weft_server_listen(server, "127.0.0.1:0"));
    MUST(!weft_server_start(server));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_server_port(server));
    MUST(!weft_client_new(address, NULL, &client));
    for (int i = 0; i < 10; i++) {
        assert_int_equal(call_add(client, i, 0, &sum), WEFT_OK);
        assert_int_equal(sum, i);
    }
    weft_client_free(client);
    assert_int_equal(weft_server_stop(server), WEFT_OK);
    weft_server_free(server);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sigterm_loses_no_call),
        cmocka_unit_test(sigint_loses_no_call),
        cmocka_unit_test(sigterm_at_once),
        cmocka_unit_test(sigkill_ends_every_call_at_once),
        cmocka_unit_test(a_second_signal_ends_it),
        cmocka_unit_test(two_signals_at_once_end_it),
        cmocka_unit_test(closed_streams_are_no_sockets),
        cmocka_unit_test(a_handler_may_fork),
    };
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    if (argc == 2 && strcmp(argv[1], "two") == 0)
        return serve_with_two_signals();
    if (argc == 2 && strcmp(argv[1], "closed") == 0)
        return call_without_streams();
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
