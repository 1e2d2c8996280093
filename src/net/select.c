/* SPDX-License-Identifier: MIT */
/*
 * The descriptors of a select (fiber/select.c has the channels). An event of
 * any of these descriptors only makes the select check all its cases again. The
 * check chooses one case, and leaves the events of the other cases for a later
 * check.
 */
#include "fiber/fiber.h"
#include "net/poll.h"
#include "net/wait.h"

#include <errno.h>

_Static_assert(sizeof(struct wf_fd_watch) <=
                   sizeof(((struct weft_select_case *)0)->words),
               "the private words of a case");

static struct wf_fd_watch *
watch_of(struct weft_select_case *c)
{
    return (struct wf_fd_watch *)(void *)c->words;
}

static weft_err
look(struct weft_select_case *cases, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct weft_select_case *c = &cases[i];
        if (c->kind != WEFT_SELECT_FD)
            continue;
        int found = wf_fd_look(c->fd, c->events);
        c->found = found > 0 ? found : 0;
        c->err = found == -EBADF ? -EBADF : WEFT_OK;
        watch_of(c)->waiter = NULL;
        if (found < 0 && !c->err)
            return found;
    }
    return WEFT_OK;
}

static weft_err
watch(struct weft_select_case *cases, uint32_t n, struct wf_task *task)
{
    weft_err err = wf_poll_ensure();
    for (uint32_t i = 0; i < n && !err; i++)
        if (cases[i].kind == WEFT_SELECT_FD)
            err = wf_fd_watch(watch_of(&cases[i]), cases[i].fd, cases[i].events,
                              task);
    return err;
}

static bool
came(struct weft_select_case *cases, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (cases[i].kind == WEFT_SELECT_FD && wf_fd_came(watch_of(&cases[i])))
            return true;
    return false;
}

static void
forget(struct weft_select_case *cases, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (cases[i].kind == WEFT_SELECT_FD)
            wf_fd_forget(watch_of(&cases[i]));
}

int
weft_select_until(struct weft_select_case *cases, uint32_t n,
                  uint64_t deadline_ns)
{
    static const struct wf_select_fds fds = {look, watch, came, forget};
    return wf_select(cases, n, deadline_ns, &fds);
}

int
weft_select(struct weft_select_case *cases, uint32_t n)
{
    return weft_select_until(cases, n, WEFT_NEVER);
}
