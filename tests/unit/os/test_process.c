/* SPDX-License-Identifier: MIT */
/* Programs and their streams, from fibers and from plain threads: what they
 * inherit (row 86 of docs/threats.md), and that they end (row 87). */
#include "unit/fiber/fibers.h"
#include "descriptors.h"

#include <weft/os.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each test runs on a fiber and on a plain thread. */
static void
both(void (*fn)(void *arg))
{
    run_fiber(fn, NULL);
    fn(NULL);
}

static struct weft_process *
start(const struct weft_process_options *options)
{
    struct weft_process *p;
    CHECK(weft_process_start(options, &p) == WEFT_OK && p);
    return p;
}

/* Start sh with a script. This process can read its output. */
static struct weft_process *
start_script(const char *script, struct weft_process_options o)
{
    const char *const argv[] = {"name", "-c", script, NULL};
    o.file = "sh";
    o.argv = argv;
    o.out = WEFT_STREAM_PIPE;
    return start(&o);
}

static struct weft_process *
start_cat(void)
{
    struct weft_process_options o = {
        .file = "cat", .in = WEFT_STREAM_PIPE, .out = WEFT_STREAM_PIPE};
    return start(&o);
}

/* Read all that a process prints until it ends, and free it. It must end
 * without an error. */
static void
output_of(struct weft_process *p, int stream, char *text, size_t size)
{
    size_t len = 0, got;
    weft_err err;
    struct weft_exit end;
    while (!(err = weft_fd_read(weft_process_fd(p, stream), text + len,
                                size - 1 - len, &got)))
        len += got;
    CHECK(err == WEFT_EEOF && got == 0);
    text[len] = 0;
    CHECK(weft_process_wait(p, &end) == WEFT_OK);
    CHECK(end.code == 0 && end.signal == 0);
    weft_process_free(p);
}

/* ---- streams ---- */

static uint8_t sent[1 << 20];

static void
feed(void *process)
{
    size_t put;
    CHECK(weft_fd_write(weft_process_fd(process, 0), sent, sizeof sent, &put) ==
          WEFT_OK);
    CHECK(put == sizeof sent);
    weft_process_close(process, 0);
    CHECK(weft_process_fd(process, 0) == -1);
    weft_process_close(process, 0);
}

/* A program reads and writes more bytes than a pipe holds. */
static void
a_program_gets_and_gives(void *unused)
{
    static uint8_t back[4096];
    struct weft_process *p = start_cat();
    struct weft_exit end;
    size_t total = 0, got;
    (void)unused;
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)(i * 7 + i / 251 + i / 65521);
    CHECK(weft_process_fd(p, 2) == -1 && weft_process_fd(p, 3) == -1 &&
          weft_process_fd(p, -1) == -1);
    for (int i = 0; i < 2; i++) {
        CHECK(fcntl(weft_process_fd(p, i), F_GETFL) & O_NONBLOCK);
        CHECK(fcntl(weft_process_fd(p, i), F_GETFD) == FD_CLOEXEC);
    }
    weft_fiber feeder = spawn(feed, p);
    while (!weft_fd_read(weft_process_fd(p, 1), back, sizeof back, &got)) {
        CHECK(total + got <= sizeof sent && !memcmp(back, sent + total, got));
        total += got;
    }
    CHECK(total == sizeof sent);
    CHECK(weft_fiber_join(feeder) == WEFT_OK);
    CHECK(weft_process_wait(p, &end) == WEFT_OK);
    CHECK(end.code == 0 && end.signal == 0);
    weft_process_free(p);
}

static void
streams_are_piped(void **state)
{
    (void)state;
    both(a_program_gets_and_gives);
}

static void
errors_go_their_own_way(void **state)
{
    (void)state;
    char text[64];
    struct weft_process *p =
        start_script("echo no >&2; echo yes",
                     (struct weft_process_options){.err = WEFT_STREAM_PIPE});
    size_t got;
    assert_int_equal(weft_fd_read(weft_process_fd(p, 2), text, 64, &got), 0);
    assert_int_equal(got, 3);
    assert_memory_equal(text, "no\n", 3);
    output_of(p, 1, text, sizeof text);
    assert_string_equal(text, "yes\n");
}

/* A program reads nothing from /dev/null, and what it writes to /dev/null is
 * lost. */
static void
null_streams(void **state)
{
    (void)state;
    struct weft_process_options o = {.file = "cat",
                                     .in = WEFT_STREAM_NULL,
                                     .out = WEFT_STREAM_NULL,
                                     .err = WEFT_STREAM_NULL};
    char text[8];
    struct weft_exit end;
    struct weft_process *p = start(&o);
    assert_int_equal(weft_process_fd(p, 1), -1);
    assert_int_equal(weft_process_wait(p, &end), WEFT_OK);
    assert_int_equal(end.code, 0);
    weft_process_free(p);
    p = start_script("cat; echo x >&2",
                     (struct weft_process_options){.in = WEFT_STREAM_NULL,
                                                   .err = WEFT_STREAM_NULL});
    output_of(p, 1, text, sizeof text);
    assert_string_equal(text, "");
}

/* This process has closed its own standard streams, so the pipes get their
 * numbers. */
static void
without_streams_of_our_own(void **state)
{
    (void)state;
    char text[8] = "";
    size_t got;
    int saved[2] = {fcntl(0, F_DUPFD_CLOEXEC, 10),
                    fcntl(1, F_DUPFD_CLOEXEC, 10)};
    close(0);
    close(1);
    struct weft_process *p = start_cat();
    weft_err err = weft_fd_write(weft_process_fd(p, 0), "abc", 3, NULL);
    if (!err)
        err = weft_fd_read(weft_process_fd(p, 1), text, 3, &got);
    int in = weft_process_fd(p, 0), out = weft_process_fd(p, 1);
    weft_process_free(p);
    dup2(saved[0], 0);
    dup2(saved[1], 1);
    close(saved[0]);
    close(saved[1]);
    assert_int_equal(err, WEFT_OK);
    assert_string_equal(text, "abc");
    assert_true(in > 2 && out > 2);
}

/* ---- what a process is given ---- */

static void
arguments_environment_and_folder(void **state)
{
    (void)state;
    static const char *const envp[] = {"WORD=five", NULL};
    char text[64];
    output_of(start_script(
                  "echo $0 $WORD $HOME; pwd",
                  (struct weft_process_options){.envp = envp, .cwd = "/proc"}),
              1, text, sizeof text);
    assert_string_equal(text, "name five\n/proc\n");
    setenv("WEFT_TEST_WORD", "six", 1);
    output_of(start_script("echo $WEFT_TEST_WORD",
                           (struct weft_process_options){.cwd = NULL}),
              1, text, sizeof text);
    assert_string_equal(text, "six\n");
    struct weft_process_options o = {.file = "true"};
    struct weft_exit end;
    struct weft_process *p = start(&o); /* no arguments */
    assert_int_equal(weft_process_wait(p, &end), WEFT_OK);
    weft_process_free(p);
}

static uint64_t
mask_of(const char *status, const char *name)
{
    const char *at = strstr(status, name);
    CHECK(at);
    return strtoull(at + strlen(name), NULL, 16);
}

static char status_text[8192];

static void
start_status(void *unused)
{
    static const char *const argv[] = {"cat", "/proc/self/status", NULL};
    struct weft_process_options o = {
        .file = "cat", .argv = argv, .out = WEFT_STREAM_PIPE};
    (void)unused;
    output_of(start(&o), 1, status_text, sizeof status_text);
    CHECK(mask_of(status_text, "SigBlk:") == 0);
    /* but 32 and 33, which glibc uses itself */
    CHECK((mask_of(status_text, "SigIgn:") & ~((uint64_t)3 << 31)) == 0);
}

/* A program begins with all signals reset, whichever thread starts it, and
 * whatever this process blocks and ignores. */
static void
signals_are_reset(void **state)
{
    (void)state;
    sigset_t mine, old;
    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR1);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &mine, &old), 0);
    void (*was)(int) = signal(SIGUSR2, SIG_IGN);
    both(start_status);
    signal(SIGUSR2, was);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
}

/* `ls` has its standard streams, and the folder that it lists. */
static void
no_descriptor_leaks_into_it(void **state)
{
    (void)state;
    static const char *const argv[] = {"ls", "/proc/self/fd", NULL};
    struct weft_process_options o = {
        .file = "ls", .argv = argv, .out = WEFT_STREAM_PIPE};
    char text[64];
    int open_ones[2] = {dup(0), dup2(0, 200)}; /* not close-on-exec */
    struct weft_process *other = start_cat();
    output_of(start(&o), 1, text, sizeof text);
    assert_string_equal(text, "0\n1\n2\n3\n");
    weft_process_free(other);
    close(open_ones[0]);
    close(open_ones[1]);
}

/* ---- what cannot be started ---- */

static void
start_nothing(void *unused)
{
    static const char *const none[] = {NULL};
    const struct {
        struct weft_process_options o;
        weft_err err;
    } rows[] = {
        {{.file = "/no/such/program", .in = WEFT_STREAM_PIPE}, -ENOENT},
        {{.file = "weft-no-such-program", .out = WEFT_STREAM_PIPE}, -ENOENT},
        {{.file = "/proc", .err = WEFT_STREAM_PIPE}, -EACCES},
        {{.file = "sh", .cwd = "/no/such/folder", .envp = none}, -ENOENT},
        {{.file = "sh", .out = (enum weft_stream)7}, -EINVAL},
        {{.cwd = "/"}, -EINVAL},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_process *p = (void *)&p;
        CHECK(weft_process_start(&rows[i].o, &p) == rows[i].err);
        CHECK(p == NULL);
    }
}

static void
what_exec_says_is_told(void **state)
{
    (void)state;
    if (fcntl(STDIN_FILENO, F_GETFD) < 0)
        assert_int_equal(open("/dev/null", O_RDONLY), STDIN_FILENO);
    start_poller();
    both(start_nothing);
    int before = open_descriptors();
    both(start_nothing);
    assert_int_equal(open_descriptors(), before);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* weft has not closed 0 */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void
start_cancelled(void *unused)
{
    struct weft_process_options o = {.file = "true"};
    struct weft_process *p;
    (void)unused;
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_process_start(&o, &p) == WEFT_ECANCEL && !p);
}

static void
a_start_can_be_cancelled(void **state)
{
    (void)state;
    run_fiber(start_cancelled, NULL);
}

/* If the deadline has passed, weft does not even look for the program. */
static void
start_in_time(void *unused)
{
    struct weft_process_options o = {.file = "true"},
                                bad = {.file = "/no/such"};
    struct weft_process *p = (void *)&p;
    struct weft_exit end;
    (void)unused;
    CHECK(weft_process_start_until(&bad, 0, &p) == WEFT_ETIMEOUT && !p);
    CHECK(weft_process_start_until(&bad, weft_after_ms(60000), &p) == -ENOENT);
    CHECK(!weft_process_start_until(&o, weft_after_ms(60000), &p));
    CHECK(weft_process_wait(p, &end) == WEFT_OK && end.code == 0);
    weft_process_free(p);
}

static void
a_start_has_a_deadline(void **state)
{
    (void)state;
    both(start_in_time);
}

/* ---- the end ---- */

static struct weft_process *waited_for;

static void
wait_for_it(void *end)
{
    CHECK(weft_process_wait(waited_for, end) == WEFT_OK);
}

/* All that wait for a process get the same result, even if it ended long
 * ago. */
static void
how_it_ended(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        struct weft_exit end;
    } rows[] = {{"read x; exit 3", {3, 0}},
                {"read x; kill -TERM $$", {0, SIGTERM}},
                {"read x; exit 255", {255, 0}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_exit ends[3] = {{-1, -1}, {-1, -1}, {-1, -1}};
        weft_fiber fibers[2];
        waited_for =
            start_script(rows[i].script,
                         (struct weft_process_options){.in = WEFT_STREAM_PIPE});
        for (int k = 0; k < 2; k++)
            fibers[k] = spawn(wait_for_it, &ends[k]);
        weft_process_close(waited_for, 0);
        for (int k = 0; k < 2; k++)
            CHECK(weft_fiber_join(fibers[k]) == WEFT_OK);
        wait_for_it(&ends[2]);
        for (int k = 0; k < 3; k++) {
            assert_int_equal(ends[k].code, rows[i].end.code);
            assert_int_equal(ends[k].signal, rows[i].end.signal);
        }
        assert_int_equal(weft_process_kill(waited_for, 0), -ESRCH);
        weft_process_free(waited_for);
    }
}

static void
wait_too_long(void *process)
{
    struct weft_exit end;
    CHECK(weft_process_wait_until(process, weft_after_ms(1), &end) ==
          WEFT_ETIMEOUT);
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_process_wait(process, &end) == WEFT_ECANCEL);
}

static void
a_wait_ends_early(void **state)
{
    (void)state;
    struct weft_exit end;
    struct weft_process *p = start_cat();
    run_fiber(wait_too_long, p);
    assert_int_equal(weft_process_wait_until(p, 0, &end), WEFT_ETIMEOUT);
    assert_int_equal(weft_process_kill(p, 0), WEFT_OK);
    assert_int_equal(weft_process_kill(p, 1000), -EINVAL);
    assert_int_equal(kill(weft_process_id(p), 0), 0);
    assert_int_equal(weft_process_kill(p, SIGTERM), WEFT_OK);
    assert_int_equal(weft_process_wait(p, &end), WEFT_OK);
    assert_int_equal(end.signal, SIGTERM);
    weft_process_free(p);
}

static void
free_it(void *unused)
{
    struct weft_process *p =
        start_script("trap '' TERM; echo; read x", /* only KILL ends it */
                     (struct weft_process_options){.in = WEFT_STREAM_PIPE});
    char byte;
    size_t got;
    (void)unused;
    CHECK(weft_fd_read(weft_process_fd(p, 1), &byte, 1, &got) == WEFT_OK);
    weft_fiber_cancel(weft_fiber_self());
    weft_process_free(p);
    weft_process_free(NULL);
}

static void
no_zombie_is_left(void **state)
{
    (void)state;
    start_poller();
    both(free_it);
    int before = open_descriptors();
    both(free_it);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* Other code in this process has waited for all children. */
static void
an_end_that_is_lost(void **state)
{
    (void)state;
    struct weft_process_options o = {.file = "true"};
    struct weft_exit end;
    struct weft_process *p = start(&o);
    assert_int_equal(waitpid(-1, NULL, 0), weft_process_id(p));
    assert_int_equal(weft_process_wait(p, &end), -ECHILD);
    assert_int_equal(weft_process_wait(p, &end), -ECHILD);
    assert_int_equal(weft_process_kill(p, SIGKILL), -ESRCH);
    weft_process_free(p);
}

/* ---- streams of any kind ---- */

static void
read_nothing(void *arg)
{
    int *fds = arg;
    char byte;
    size_t got = 9;
    CHECK(weft_fd_read_until(fds[0], &byte, 1, weft_after_ms(1), &got) ==
          WEFT_ETIMEOUT);
    CHECK(got == 0);
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_fd_read(fds[0], &byte, 1, &got) == WEFT_ECANCEL);
}

/* A pipe takes 64 KiB. The call returns how much of the rest was written. */
static void
streams_end_early(void **state)
{
    (void)state;
    int fds[2];
    size_t put = 0;
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    run_fiber(read_nothing, fds);
    int size = fcntl(fds[1], F_GETPIPE_SZ);
    assert_int_equal(
        weft_fd_write_until(fds[1], sent, sizeof sent, weft_after_ms(1), &put),
        WEFT_ETIMEOUT);
    assert_int_equal(put, size);
    assert_int_equal(weft_fd_read(-1, sent, 1, &put), -EBADF);
    close(fds[0]);
    close(fds[1]);
}

/* The write fails with EPIPE. No SIGPIPE reaches the program, which it would
 * end, and none stays pending. */
static void
nobody_reads(void **state)
{
    (void)state;
    int fds[2];
    size_t put = 9;
    sigset_t set, old, pending;
    void (*was)(int) = signal(SIGPIPE, SIG_DFL);
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    close(fds[0]);
    assert_int_equal(weft_fd_write(fds[1], "x", 1, &put), -EPIPE);
    assert_int_equal(put, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    assert_int_equal(weft_fd_write(fds[1], "x", 1, NULL), -EPIPE);
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGPIPE));
    raise(SIGPIPE); /* one of another cause stays pending */
    assert_int_equal(weft_fd_write(fds[1], "x", 1, NULL), -EPIPE);
    sigpending(&pending);
    assert_true(sigismember(&pending, SIGPIPE));
    signal(SIGPIPE, SIG_IGN); /* drops the signal */
    signal(SIGPIPE, was);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    close(fds[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_piped),
        cmocka_unit_test(errors_go_their_own_way),
        cmocka_unit_test(null_streams),
        cmocka_unit_test(without_streams_of_our_own),
        cmocka_unit_test(arguments_environment_and_folder),
        cmocka_unit_test(signals_are_reset),
        cmocka_unit_test(no_descriptor_leaks_into_it),
        cmocka_unit_test(what_exec_says_is_told),
        cmocka_unit_test(a_start_can_be_cancelled),
        cmocka_unit_test(a_start_has_a_deadline),
        cmocka_unit_test(how_it_ended),
        cmocka_unit_test(a_wait_ends_early),
        cmocka_unit_test(no_zombie_is_left),
        cmocka_unit_test(an_end_that_is_lost),
        cmocka_unit_test(streams_end_early),
        cmocka_unit_test(nobody_reads),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
