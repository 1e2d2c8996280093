/* SPDX-License-Identifier: MIT */
/*
 * weft_service_serve: the server of a whole program. A child process serves,
 * this program with an argument, because a signal ends the serving.
 */
#include "rpc_test.h"

#include <signal.h>
#include <sys/wait.h>

static void
name_address(char address[64])
{
    snprintf(address, 64, "unix:@weft-service-%d", (int)getpid());
}

static int
serve(const char *address)
{
    static struct trial trial;
    return trial_Trial_serve(address, &trial_table, &trial) ? 1 : 0;
}

static pid_t
start_child(const char *address)
{
    pid_t pid = fork();
    MUST(pid >= 0);
    if (pid == 0) {
        execl("/proc/self/exe", "test_service", address, (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Repeat the first call until the child listens, or until the child has
 * ended. */
static weft_err
call_soon(struct weft_client *client, pid_t pid, int64_t *sum)
{
    siginfo_t info = {.si_pid = 0};
    weft_err err = WEFT_OK;
    AWAIT((err = call_add(client, 40, 2, sum)) == WEFT_OK ||
          weft_err_is_peer(err) ||
          waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
          info.si_pid == pid);
    return err;
}

static void
a_service_is_served_until_a_signal(void **state)
{
    char address[64];
    int status;
    int64_t sum = 0;
    struct weft_client *client;
    const struct weft_client_options options = {.service = "Trial"};
    (void)state;
    name_address(address);
    pid_t pid = start_child(address);
    MUST(!weft_client_new(address, &options, &client));
    assert_int_equal(call_soon(client, pid, &sum), WEFT_OK);
    assert_int_equal(sum, 42);
    weft_client_free(client);
    MUST(!kill(pid, SIGTERM));
    MUST(waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* An error returns at once, so this needs no child. If weft did not free its
 * server, the sanitizer would report a leak. */

static void
an_address_in_use_is_told(void **state)
{
    char address[64];
    struct trial trial = {0};
    struct weft_server *server = trial_server(&trial, NULL);
    (void)state;
    name_address(address);
    MUST(!weft_server_listen(server, address));
    assert_int_equal(trial_Trial_serve(address, &trial_table, &trial),
                     -EADDRINUSE);
    weft_server_free(server);
}

/* The address is invalid, too, but the name is checked first. */
static void
a_service_without_a_name_is_not_served(void **state)
{
    struct trial trial = {0};
    struct weft_service nameless = trial_Trial_service_desc;
    (void)state;
    nameless.name = "";
    assert_int_equal(
        weft_service_serve(&nameless, "nowhere", &trial_table, &trial),
        -EINVAL);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_served_until_a_signal),
        cmocka_unit_test(an_address_in_use_is_told),
        cmocka_unit_test(a_service_without_a_name_is_not_served),
    };
    if (argc == 2)
        return serve(argv[1]);
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
