/* SPDX-License-Identifier: MIT */
/* Simulates eventfd(2) and timerfd_create(2). */
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct counter {
    struct ws_file file;
    uint64_t count;
    /* The rest is used by timers only. A periodic timer that has expired sets
     * no alarm before it is read; until then the clock alone counts. */
    uint64_t period_ns, due_ns; /* of the host's clock */
    struct ws_event alarm;
};

static ssize_t
read_counter(struct ws_file *file, const struct iovec *iov, int n, bool peek)
{
    struct counter *c = (void *)file;
    uint64_t count = c->count;
    (void)peek; /* true only for sockets */
    if (ws_iov_size(iov, n) < sizeof count)
        return -EINVAL;
    if (!count)
        return -EAGAIN;
    ws_iov_fill(iov, n, 0, &count, sizeof count);
    c->count = 0;
    ws_file_changed(file, EPOLLOUT);
    return sizeof c->count;
}

/* Count the periods that have passed since a periodic timer expired, and set
 * its alarm for the end of the next one. */
static void
catch_up(struct counter *c)
{
    const struct ws_host *host = c->file.host;
    if (!c->count || !c->period_ns)
        return;
    uint64_t passed = (ws_shown(host, ws.now_ns) - c->due_ns) / c->period_ns;
    c->count += passed;
    c->due_ns += (passed + 1) * c->period_ns;
    ws_event_at(&c->alarm, ws_true(host, c->due_ns));
}

static ssize_t
read_timer(struct ws_file *file, const struct iovec *iov, int n, bool peek)
{
    if (ws_iov_size(iov, n) >= sizeof(uint64_t))
        catch_up((struct counter *)file);
    return read_counter(file, iov, n, peek);
}

static ssize_t
add_counter(struct ws_file *file, const struct iovec *iov, int n)
{
    struct counter *c = (void *)file;
    uint64_t more;
    (void)n; /* write(2) has one buffer */
    if (iov->iov_len < sizeof more)
        return -EINVAL;
    memcpy(&more, iov->iov_base, sizeof more);
    if (more == UINT64_MAX)
        return -EINVAL;
    if (c->count > UINT64_MAX - 1 - more)
        return -EAGAIN;
    c->count += more;
    ws_file_changed(file, EPOLLIN);
    return sizeof more;
}

static uint32_t
poll_counter(struct ws_file *file)
{
    struct counter *c = (void *)file;
    return (c->count ? (uint32_t)EPOLLIN : 0) |
           (c->count < UINT64_MAX - 1 ? (uint32_t)EPOLLOUT : 0);
}

static uint32_t
poll_timer(struct ws_file *file)
{
    return ((struct counter *)file)->count ? (uint32_t)EPOLLIN : 0;
}

static void
end_counter(struct ws_file *file)
{
    struct counter *c = (void *)file;
    ws_event_cancel(&c->alarm);
    free(c);
}

static const struct ws_file_ops eventfd_ops = {
    .what = "eventfd",
    .read = read_counter,
    .write = add_counter,
    .poll = poll_counter,
    .end = end_counter,
};

static const struct ws_file_ops timerfd_ops = {
    .what = "timerfd",
    .read = read_timer,
    .poll = poll_timer,
    .end = end_counter,
};

static void
ring(struct ws_event *event)
{
    struct counter *c = WF_CONTAINER(event, struct counter, alarm);
    c->count++;
    ws_file_changed(&c->file, EPOLLIN);
}

static int
make(const struct ws_file_ops *ops, uint64_t count)
{
    struct counter *c = ws_alloc(sizeof *c);
    ws_file_init(&c->file, ops);
    c->count = count;
    c->alarm.happen = ring;
    return ws_fd_new(&c->file);
}

int
ws_eventfd(unsigned init)
{
    return make(&eventfd_ops, init);
}

int
ws_timerfd(void)
{
    return make(&timerfd_ops, 0);
}

static uint64_t
ns_of(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_nsec;
}

static bool
is_time(const struct timespec *t)
{
    return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < 1000000000;
}

static void
tell(const struct counter *c, struct itimerspec *was)
{
    uint64_t at = c->alarm.place ? c->alarm.at_ns : ws.now_ns;
    was->it_interval = wf_timespec_of(c->period_ns);
    was->it_value = wf_timespec_of(at - WF_MIN(at, ws.now_ns));
}

int
ws_timerfd_set(int fd, int flags, const struct itimerspec *t,
               struct itimerspec *was)
{
    struct counter *c = (void *)ws_fd(fd, &timerfd_ops);
    if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
        !is_time(&t->it_value) || !is_time(&t->it_interval))
        return -EINVAL;
    if (!c)
        return ws_fd(fd, NULL) ? -EINVAL : -EBADF;
    catch_up(c);
    if (was)
        tell(c, was);
    uint64_t at = ns_of(&t->it_value);
    c->count = 0;
    c->period_ns = ns_of(&t->it_interval);
    c->due_ns = at;
    if (!(flags & TFD_TIMER_ABSTIME))
        c->due_ns += ws_shown(ws_self(), ws.now_ns);
    ws_event_cancel(&c->alarm);
    if (at)
        ws_event_at(&c->alarm, ws_true(ws_self(), c->due_ns));
    return 0;
}

void
ws_timers_move(struct ws_host *host, const struct ws_clock *before)
{
    for (uint32_t fd = 0; fd < host->cap_files; fd++) {
        struct ws_file *file = host->files[fd];
        if (!file || file->ops != &timerfd_ops)
            continue;
        struct ws_event *alarm = &((struct counter *)file)->alarm;
        if (alarm->place)
            ws_event_at(alarm,
                        ws_true(host, ws_clock_shows(before, alarm->at_ns)));
    }
}
