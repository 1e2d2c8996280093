/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *
full_name(const char *name)
{
    return strcmp(name, "Ada") == 0 ? "Ada Lovelace" : "whoever you are";
}

static void *
serve(void *arg)
{
    const struct timespec a_while = {.tv_nsec = 20000000};
    char name[64] = {0};
    int fd = (int)(intptr_t)arg;
    while (read(fd, name, sizeof name - 1) > 0) {
        const char *answer = full_name(name);
        nanosleep(&a_while, NULL); /* stands for a look-up that takes long */
        if (write(fd, answer, strlen(answer)) < 0)
            break;
        memset(name, 0, sizeof name);
    }
    close(fd);
    return NULL;
}

int
names_connect(void)
{
    int ends[2];
    pthread_t thread;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    if (!pthread_create(&thread, NULL, serve, (void *)(intptr_t)ends[1])) {
        pthread_detach(thread);
        return ends[0];
    }
    close(ends[0]);
    close(ends[1]);
    return -1;
}
