/* SPDX-License-Identifier: MIT */
/* expect: weft_listener_free: it has been freed already|heap-use-after-free */
/* A listener may be freed only once. */
#include <weft/net.h>

static void
take(struct weft_conn *conn, void *user)
{
    (void)user;
    weft_conn_close(conn);
}

int
main(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = take};
    struct weft_listener *listener;
    if (weft_listen("127.0.0.1:0", &hooks, NULL, NULL, &listener))
        return 0;
    weft_listener_free(listener);
    weft_listener_free(listener);
    return 0;
}
