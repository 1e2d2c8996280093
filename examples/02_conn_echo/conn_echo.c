/* SPDX-License-Identifier: MIT */
/* Usage: conn_echo [--port N]; 0 takes a free port. Sends back the bytes that
 * come, without copying them. */
#include <weft/weft.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* weft calls this on a fiber when bytes have come; two calls for one connection
 * never run at the same time. */
static void
echo(struct weft_conn *conn, void *user)
{
    struct weft_chain bytes = {0};
    weft_err err = weft_conn_slice(conn, weft_conn_len(conn), &bytes);
    weft_conn_append_chain(conn, &bytes);
    if (!err) /* waits while the peer does not read */
        err = weft_conn_flush(conn);
    if (err)
        weft_conn_close(conn);
    (void)user;
}

static int
serve(const char *address, const sigset_t *signals)
{
    static const struct weft_conn_hooks hooks = {.on_request = echo};
    struct weft_listener *listener;
    int number;
    weft_err err = weft_listen(address, &hooks, NULL, NULL, &listener);
    if (err) {
        fprintf(stderr, "conn_echo: %s: %s\n", address, weft_err_text(err));
        return 1;
    }
    printf("listening on 127.0.0.1:%u\n", weft_listener_port(listener));
    fflush(stdout);
    sigwait(signals, &number);
    weft_listener_free(listener);
    return 0;
}

int
main(int argc, char **argv)
{
    char address[32];
    sigset_t signals;
    const char *port = argc == 3 && !strcmp(argv[1], "--port") ? argv[2] : "0";
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    /* This thread waits for the signals; weft's own threads block them. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    int status = serve(address, &signals);
    weft_runtime_stop();
    return status;
}
