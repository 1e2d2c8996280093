/* SPDX-License-Identifier: MIT */
/*
 * Simulates epoll(7) and poll(2). A watch is put on the ready list of its epoll
 * when its file changes for one of the watch's events. epoll_wait takes the
 * watch off the list, asks the file which events hold now, and puts a
 * level-triggered watch back at the end of the list. So an edge-triggered watch
 * reports a file once for each change, and only events that still hold, as on
 * Linux.
 */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>

#define ALWAYS ((uint32_t)(EPOLLERR | EPOLLHUP))
#define HOW ((uint32_t)(EPOLLET | EPOLLONESHOT)) /* flags, not events */

/* The flags that a watch with EPOLLEXCLUSIVE may have. */
#define EXCLUSIVE_MAY                                              \
    (ALWAYS | (uint32_t)(EPOLLIN | EPOLLOUT) | (uint32_t)EPOLLET | \
     (uint32_t)EPOLLEXCLUSIVE)

struct ws_epoll {
    struct ws_file file;
    struct wf_list watches, ready;
};

/* A file that is registered with an epoll. */
struct ws_watch {
    struct wf_link of_file, of_epoll, of_ready;
    struct ws_epoll *epoll;
    struct ws_file *file;
    int fd;
    uint32_t events;
    uint64_t data;
};

static void
drop(struct ws_watch *w)
{
    wf_list_remove(&w->of_file);
    wf_list_remove(&w->of_epoll);
    if (wf_link_queued(&w->of_ready))
        wf_list_remove(&w->of_ready);
    free(w);
}

static void
end_epoll(struct ws_file *file)
{
    struct ws_epoll *ep = (void *)file;
    struct wf_link *first;
    while ((first = ep->watches.head.next) != &ep->watches.head)
        drop(WF_CONTAINER(first, struct ws_watch, of_epoll));
    free(ep);
}

/* Returns EPOLLIN if a watch of the ready list is still ready. Takes watches
 * that are not ready off the list, up to the first watch that is ready. */
static uint32_t
poll_epoll(struct ws_file *file)
{
    struct ws_epoll *ep = (void *)file;
    struct wf_link *first;
    while ((first = ep->ready.head.next) != &ep->ready.head) {
        struct ws_watch *w = WF_CONTAINER(first, struct ws_watch, of_ready);
        if (w->file->ops->poll(w->file) & w->events)
            return EPOLLIN;
        wf_list_remove(first);
    }
    return 0;
}

static const struct ws_file_ops epoll_ops = {
    .what = "epoll", .poll = poll_epoll, .end = end_epoll};

int
ws_epoll_new(void)
{
    struct ws_epoll *ep = ws_alloc(sizeof *ep);
    ws_file_init(&ep->file, &epoll_ops);
    wf_list_init(&ep->watches);
    wf_list_init(&ep->ready);
    return ws_fd_new(&ep->file);
}

/* ---- watches ---- */

static void
mark(struct ws_watch *w)
{
    if (!wf_link_queued(&w->of_ready))
        wf_list_push(&w->epoll->ready, &w->of_ready);
    ws_file_changed(&w->epoll->file, EPOLLIN);
}

/* A watch with EPOLLEXCLUSIVE gets no event if an earlier watch with
 * EPOLLEXCLUSIVE got the event, and a thread waits in that watch's epoll. */
void
ws_watches_mark(struct ws_file *file, uint32_t events)
{
    bool is_taken = false;
    struct wf_link *link = file->watches.head.next;
    for (; link != &file->watches.head; link = link->next) {
        struct ws_watch *w = WF_CONTAINER(link, struct ws_watch, of_file);
        bool exclusive = w->events & EPOLLEXCLUSIVE;
        if (!(w->events & ~HOW & events) || (exclusive && is_taken))
            continue;
        if (exclusive)
            is_taken = ws_is_awaited(file->host, &w->epoll->file);
        mark(w);
    }
}

void
ws_watches_drop(struct ws_file *file)
{
    struct wf_link *first;
    while ((first = file->watches.head.next) != &file->watches.head)
        drop(WF_CONTAINER(first, struct ws_watch, of_file));
}

static struct ws_watch *
find(struct ws_epoll *ep, const struct ws_file *file, int fd)
{
    struct wf_link *link = file->watches.head.next;
    for (; link != &file->watches.head; link = link->next) {
        struct ws_watch *w = WF_CONTAINER(link, struct ws_watch, of_file);
        if (w->epoll == ep && w->fd == fd)
            return w;
    }
    return NULL;
}

static void
set(struct ws_watch *w, const struct epoll_event *e)
{
    w->events = e->events | ALWAYS;
    w->data = e->data.u64;
    if (w->file->ops->poll(w->file) & w->events)
        mark(w);
}

static bool
may_be_exclusive(const struct ws_file *file, int op, uint32_t events)
{
    if (!(events & EPOLLEXCLUSIVE))
        return true;
    return op == EPOLL_CTL_ADD && file->ops != &epoll_ops &&
           !(events & ~EXCLUSIVE_MAY);
}

static int
add(struct ws_epoll *ep, struct ws_file *file, int fd,
    const struct epoll_event *e)
{
    struct ws_watch *w = ws_alloc(sizeof *w);
    w->epoll = ep;
    w->file = file;
    w->fd = fd;
    wf_list_push(&file->watches, &w->of_file);
    wf_list_push(&ep->watches, &w->of_epoll);
    set(w, e);
    return 0;
}

int
ws_epoll_ctl(int epfd, int op, int fd, struct epoll_event *e)
{
    struct ws_epoll *ep = (void *)ws_fd(epfd, &epoll_ops);
    struct ws_file *file = ws_fd(fd, NULL);
    if (!ws_fd(epfd, NULL) || !file)
        return -EBADF;
    if (!file->ops->poll)
        return -EPERM;
    if (!ep || file == &ep->file ||
        (op != EPOLL_CTL_DEL && !may_be_exclusive(file, op, e->events)))
        return -EINVAL;
    struct ws_watch *w = find(ep, file, fd);
    if (op == EPOLL_CTL_ADD)
        return w ? -EEXIST : add(ep, file, fd, e);
    if (!w)
        return -ENOENT;
    if (op == EPOLL_CTL_DEL)
        drop(w);
    else if (w->events & EPOLLEXCLUSIVE)
        return -EINVAL;
    else
        set(w, e);
    return 0;
}

/* ---- waiting ---- */

static int
collect(struct ws_epoll *ep, struct epoll_event *e, int n)
{
    struct wf_list again;
    struct wf_link *link;
    int found = 0;
    wf_list_init(&again);
    while (found < n && (link = wf_list_pop(&ep->ready))) {
        struct ws_watch *w = WF_CONTAINER(link, struct ws_watch, of_ready);
        uint32_t events = w->file->ops->poll(w->file) & w->events;
        if (!events)
            continue;
        e[found].events = events;
        e[found++].data.u64 = w->data;
        if (w->events & EPOLLONESHOT)
            w->events &= HOW;
        else if (!(w->events & EPOLLET))
            wf_list_push(&again, &w->of_ready);
    }
    wf_list_splice(&again, &ep->ready);
    return found;
}

bool
ws_epoll_is_idle(int epfd)
{
    struct ws_file *file = ws_fd(epfd, &epoll_ops);
    return file && !poll_epoll(file);
}

int
ws_epoll_wait(int epfd, struct epoll_event *e, int n, uint64_t until_ns)
{
    struct ws_epoll *ep = (void *)ws_fd(epfd, &epoll_ops);
    if (n <= 0)
        return -EINVAL;
    if (!ep)
        return ws_fd(epfd, NULL) ? -EINVAL : -EBADF;
    ws_file_ref(&ep->file);
    int found;
    while (!(found = collect(ep, e, n)) && until_ns > ws.now_ns)
        if (ws_wait(&ep->file, "epoll_wait", until_ns) < 0)
            until_ns = 0;
    ws_file_unref(&ep->file);
    return found;
}

/* A file without a poll function is always ready. */
static uint32_t
events_of(struct ws_file *file)
{
    return file->ops->poll ? file->ops->poll(file)
                           : (uint32_t)(EPOLLIN | EPOLLOUT);
}

static int
look(struct pollfd *fds, unsigned n)
{
    int found = 0;
    for (unsigned i = 0; i < n; i++) {
        struct ws_file *file = ws_fd(fds[i].fd, NULL);
        uint32_t wanted = (uint32_t)(uint16_t)fds[i].events | POLLERR | POLLHUP;
        fds[i].revents = 0;
        if (fds[i].fd < 0)
            continue;
        fds[i].revents =
            (short)(file ? events_of(file) & wanted : (uint32_t)POLLNVAL);
        found += fds[i].revents != 0;
    }
    return found;
}

/* weft calls poll(2) for one descriptor only. If there are several descriptors,
 * wait for the first one, and check all of them each millisecond. */
int
ws_poll(struct pollfd *fds, unsigned n, int ms)
{
    uint64_t until =
        ms < 0 ? WEFT_NEVER
               : ws.now_ns + ws_lasts(ws_self(), (uint64_t)ms * 1000000u);
    int found;
    while (!(found = look(fds, n)) && ws.now_ns < until) {
        uint64_t next = n == 1 ? until : WF_MIN(until, ws.now_ns + 1000000u);
        const void *key = n ? ws_fd(fds[0].fd, NULL) : NULL;
        (void)ws_wait(key ? key : fds, "poll", next);
    }
    return found;
}
