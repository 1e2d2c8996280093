/* SPDX-License-Identifier: MIT */
/* A thread for each connection, which waits in recv. */
#include "raw.h"

#include <pthread.h>

static void *
serve(void *arg)
{
    struct raw_conn *conn = arg;
    bool is_drained;
    while (raw_turn(conn, &is_drained))
        ;
    raw_close(conn);
    return NULL;
}

int
main(int argc, char **argv)
{
    int listener = raw_listen(raw_port(argc, argv));
    for (;;) {
        pthread_t thread;
        struct raw_conn *conn = raw_accept(listener, 0);
        if (!conn)
            continue;
        if (pthread_create(&thread, NULL, serve, conn))
            raw_close(conn);
        else
            pthread_detach(thread);
    }
}
