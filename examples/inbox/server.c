/* SPDX-License-Identifier: MIT */
/* The inbox server. Usage: inbox_server [--db FILE] [--port N] */
#include "desk.h"
#include "handlers.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <weft/fiber.h>

static const char usage[] =
    "usage: inbox_server [--db FILE] [--port N]\n"
    "  --db FILE  where the messages are; made if absent (inbox.db)\n"
    "  --port N   on 127.0.0.1; 0 takes a free one (9090)\n";

struct options {
    const char *db;
    unsigned port;
};

static bool
parse_port(const char *text, unsigned *port)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    *port = (unsigned)n;
    if (*text >= '0' && *text <= '9' && !*end && !errno && n <= 65535)
        return true;
    fprintf(stderr,
            "inbox_server: --port is a number from 0 to 65535, not '%s'\n",
            text);
    return false;
}

/* Returns 0 if the server shall run, else the exit status plus one. */
static int
parse(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"db", required_argument, NULL, 'd'},
        {"port", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "h", names, NULL)) != -1) {
        if (c == 'd')
            o->db = optarg;
        else if (c == 'p' && !parse_port(optarg, &o->port))
            return 3;
        else if (c == 'h')
            return fputs(usage, stdout), 1;
        else if (c == '?')
            return fputs(usage, stderr), 3;
    }
    if (optind == argc)
        return 0;
    fprintf(stderr, "inbox_server: what is '%s'?\n%s", argv[optind], usage);
    return 3;
}

static weft_err
serve(struct weft_server *server, struct desk *desk, const struct options *o)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%u", o->port);
    weft_err err = inbox_Inbox_register(server, "Inbox", &inbox_handlers, desk);
    if (!err)
        err = weft_server_listen(server, address);
    if (!err) {
        printf("inbox_server: %s on 127.0.0.1:%u, until Ctrl-C\n", o->db,
               weft_server_port(server));
        fflush(stdout);
        err = weft_server_run(server, NULL);
    }
    if (err == -EADDRINUSE)
        fprintf(stderr,
                "inbox_server: port %u is in use: stop who has it, "
                "or choose another with --port (0 takes a free "
                "one)\n",
                o->port);
    else if (err)
        fprintf(stderr, "inbox_server: %s: %s\n", address, weft_err_text(err));
    return err;
}

int
main(int argc, char **argv)
{
    struct options o = {.db = "inbox.db", .port = 9090};
    char why[256];
    int status = parse(argc, argv, &o);
    if (status)
        return status - 1;
    struct desk *desk = desk_open(o.db, why, sizeof why);
    if (!desk) {
        fprintf(stderr,
                "inbox_server: cannot use the file %s (%s): name one "
                "that can be written with --db\n",
                o.db, why);
        return 1;
    }
    struct weft_server *server;
    weft_err err = weft_server_new(NULL, &server);
    if (!err)
        err = serve(server, desk, &o);
    weft_server_free(server);
    desk_close(desk);
    weft_runtime_stop();
    return err != WEFT_OK;
}
