/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of system calls, each made in the real kernel and in the
 * simulated one (both.h). A program has a table of descriptors of all kinds. It
 * uses them as the seed decides: mostly in valid ways, sometimes in invalid
 * ones.
 */
#include "kernel.h"

#include <weft/sim.h>

#include "sim.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 2000 /* calls of a program */

static void
do_bad(void)
{
    struct both fd = {-1, -1};
    struct slot *s = any(NULL);
    int64_t result;
    if (s && below(4))
        fd = s->fd;
    if (s && is_socket(s) && fd.real >= 0)
        return;
    switch (below(7)) {
    case 0:
        (void)both_accept(fd, &result);
        break;
    case 1:
        both_listen(fd, 1);
        break;
    case 2:
        both_shutdown(fd, SHUT_WR);
        break;
    case 3:
        both_name(fd, below(2), &(struct both_address){0});
        break;
    case 4:
        both_get(fd, SOL_SOCKET, SO_ERROR);
        break;
    case 5:
        both_epoll_ctl(fd, EPOLL_CTL_ADD, fd, EPOLLIN, 0);
        break;
    default:
        if (fd.real < 0)
            both_close(fd);
    }
}

static void
do_anything(void)
{
    uint64_t dice = below(100);
    struct slot *s = any(NULL);
    if (dice < 3)
        do_listen();
    else if (dice < 10)
        do_connect();
    else if (dice < 18)
        do_accept();
    else if (dice < 19)
        do_overflow();
    else if (dice < 20)
        below(2) ? do_misuse() : below(2) ? do_bad() : do_self();
    else if (dice < 68)
        do_stream();
    else if (dice < 70)
        do_event();
    else if (dice < 72)
        do_timer();
    else if (dice < 74)
        do_file();
    else if (dice < 75)
        below(2) ? do_shutdown() : do_pipe();
    else if (dice < 77 && s && is_socket(s))
        do_options(s);
    else if (dice < 81)
        do_poll();
    else if (dice < 88)
        do_watch();
    else if (dice < 94)
        do_wait();
    else if (dice < 97 && s && n_free() < SLOTS / 2)
        do_close(s);
    else if (below(40) == 0)
        below(2) ? do_fill() : below(2) ? do_order() : do_exclusive();
}

static void
run(void *arg)
{
    (void)arg;
    ws.send_buffer = ws.receive_buffer = 1u << 20;
    snprintf(folder, sizeof folder, "/tmp/weft-kernel-XXXXXX");
    if (!mkdtemp(folder))
        weft_sim_fail("no folder: %s", strerror(errno));
    both_begin();
    for (uint64_t n = 0; n < STEPS; n++)
        do_anything();
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].kind)
            do_close(&slots[i]);
    both_end();
    remove_files();
}

static void
set_up(void)
{
    weft_sim_host_new("one", run, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "kernel",
                                                      .set_up = set_up};
    signal(SIGPIPE, SIG_IGN);
    both_share();
    int status = weft_sim_main(argc, argv, &scenario);
    uint64_t calls = wf_load(&both_counts()->calls, relaxed);
    uint64_t effects = wf_load(&both_counts()->effects, relaxed);
    printf("%" PRIu64 " calls of both kernels; %" PRIu64
           " moved bytes or changed a state\n",
           calls, effects);
    const char *least = getenv("KERNEL_CALLS");
    if (least && (calls < strtoull(least, NULL, 10) || effects * 2 < calls)) {
        printf("that is too few\n");
        return 1;
    }
    return status;
}
