/* SPDX-License-Identifier: MIT */
/*
 * Chooses what weft does by the first word of its command line, and prints its
 * help.
 */
#include "tool.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const char usage[] =
    "usage: weft call ADDRESS Service.method ['{JSON}'] [options]\n"
    "       weft call ADDRESS [-] [options] < CALLS\n"
    "       weft list [ADDRESS] [options]\n"
    "       weft describe [ADDRESS] [Service | Service.method | Type] "
    "[options]\n"
    "       weft endpoints ADDRESS [--once | --json] [options]\n"
    "       weft policy check FILE | etcd:HOST:PORT/KEY | ...\n"
    "       weft bench ADDRESS Service.method ['{JSON}'] [options]\n"
    "       weft bench --compare OLD NEW [--worse PERCENT]\n"
    "Calls Thrift services by their IDL, with arguments and results as JSON.\n"
    "\n"
    "ADDRESS is HOST:PORT, [IPV6]:PORT, unix:PATH or http://HOST:PORT/PATH, "
    "or\n"
    "names many servers: list:ADDRESS,ADDRESS  file:PATH  dns:HOST:PORT\n"
    "srv:NAME  etcd:HOST:PORT/PREFIX  zk:HOST:PORT/PATH\n"
    "consul:HOST:PORT/SERVICE.\n"
    "The JSON is an object of\n"
    "arguments by name; without it the method is called with none. CALLS are\n"
    "lines `Service.method {JSON}`; `Service.method -` reads lines of JSON.\n"
    "\n"
    "  --idl FILE        the IDL; default: ask the server for it\n"
    "  -I DIR            look for included files there, too; may be repeated\n"
    "  --dialect NAME    FRAMING[-PROTOCOL][-zlib]; default: framed-binary\n"
    "                    framed unframed theader ttheader ttheader-framed "
    "http\n"
    "                    binary compact json old-binary\n"
    "                    and -in-http or -in-zlib after those with headers\n"
    "  --header KEY=VAL  send a header; may be repeated\n"
    "  --show-headers    print the headers of replies on standard error\n"
    "  --service NAME    of a server with several services on one port\n"
    "  --timeout-ms N    wait that long for each reply; default: 10000\n"
    "  --version, --help\n"
    "\n"
    "endpoints shows the servers of the target, and what a client knows of "
    "them.\n"
    "Each second it calls the method `weft.health` of each server; that the "
    "server\n"
    "does not have it is an answer, too. On a terminal the table is shown in "
    "place,\n"
    "until q or Ctrl-C; elsewhere one round is made and printed.\n"
    "  --once            one round on a terminal, too\n"
    "  --json            one round, as a JSON array\n"
    "  --timeout-ms N    of each call; default: 2000\n"
    "\n"
    "policy check tells what is wrong with a document for the option `policy` "
    "of\n"
    "clients, or prints `ok`, its values, and where each comes from. The "
    "document is\n"
    "in a file, or in a registry, as the option may name it.\n"
    "\n"
    "bench puts load on a server. A TIME is in seconds, or has a unit: 200ms\n"
    "  -c N              connections; default: 50\n"
    "  -d N              calls in flight on each; default: 1, with a rate 20\n"
    "  -t TIME           measure for this time; default: 10, with --knee 3\n"
    "  --warm-up TIME    load before the measured time; default: 1\n"
    "  --rate R          start R calls each second, by the clock; default:\n"
    "                    call again after each reply\n"
    "  --poisson         random gaps between the calls that are due\n"
    "  --knee            find the highest rate that the server holds\n"
    "  --limit p99=10ms  a rate is held if its p99 is at most 10 ms\n"
    "  --expect JSON     what each reply must be; default: the first reply\n"
    "  --any-reply       do not compare replies\n"
    "  --workers N       threads; default: one for each core\n"
    "  --json FILE       write the result for programs\n"
    "  --html FILE       write the result for people\n"
    "\n"
    "Exit code, of several calls the greatest: 0 success, 1 declared "
    "exception,\n"
    "2 wrong usage, 3 no connection, 4 no reply in time, 5 error that the "
    "server\n"
    "answered, 6 wrong JSON, IDL or name, 7 business status, 8 anything "
    "else,\n"
    "9 (bench) an unexpected reply, or no rate held.\n";

static const struct {
    const char *name;
    wt_command run;
} commands[] = {
    {"call", wt_call}, {"list", wt_list}, {"describe", wt_describe}};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static bool
asks_for(char **argv, const char *word)
{
    for (; *argv; argv++) {
        if (strcmp(*argv, "--") == 0)
            return false;
        if (strcmp(*argv, word) == 0)
            return true;
    }
    return false;
}

static enum wt_code
fail_command(const char *name)
{
    struct wc_guess guess = {NULL, 0, 0};
    for (size_t i = 0; i < N_COMMANDS; i++)
        wc_guess_offer(&guess, name, commands[i].name);
    wc_guess_offer(&guess, name, "bench");
    wc_guess_offer(&guess, name, "endpoints");
    wc_guess_offer(&guess, name, "policy");
    wt_error("there is no command `%s`", name);
    if (guess.best)
        wt_help_guess(&guess);
    else
        wt_help("call, list, describe, endpoints, policy or bench");
    return WT_USAGE;
}

static enum wt_code
run(wt_command command, char **words)
{
    struct wt_options options;
    enum wt_code code = wt_parse_options(&options, words, NULL, NULL);
    if (!code && command == wt_call && !options.address) {
        if (options.n_words > 0)
            wt_error("`%s` is no address", options.words[0]);
        else
            wt_error("there is no address");
        wt_help("weft call HOST:PORT Service.method '{...}'");
        return WT_USAGE;
    }
    return code ? code : wt_with_idl(&options, command, false);
}

static enum wt_code
run_command(char **argv)
{
    if (strcmp(argv[1], "bench") == 0)
        return wb_main(argv + 2);
    if (strcmp(argv[1], "endpoints") == 0)
        return we_main(argv + 2);
    if (strcmp(argv[1], "policy") == 0)
        return wp_main(argv + 2);
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run(commands[i].run, argv + 2);
    return fail_command(argv[1]);
}

/* If a standard descriptor (0 to 2) is closed at the start, the next file or
 * socket gets the number of that descriptor, and the output of the tool goes
 * there. So open /dev/null for each closed descriptor, in the wrong direction:
 * using the descriptor is still an error. */
static bool
hold_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags) != fd)
            return false;
    }
    return true;
}

int
main(int argc, char **argv)
{
    if (!hold_standard())
        return WT_BROKEN;     /* no place to report the reason */
    signal(SIGPIPE, SIG_IGN); /* so a write to a closed pipe returns an error */
    weft_log_set_level(WEFT_LOG_ERROR); /* the tool reports how calls end */
    if (argc < 2) {
        fputs(usage, stderr);
        return WT_USAGE;
    }
    if (strcmp(argv[1], "complete") == 0)
        return (int)wt_complete(argc > 2 ? argv[2] : "");
    if (asks_for(argv, "--help") || asks_for(argv, "-h")) {
        fputs(usage, stdout);
        return WT_OK;
    }
    if (asks_for(argv, "--version")) {
        puts("weft " WC_VERSION);
        return WT_OK;
    }
    enum wt_code code = run_command(argv);
    (void)weft_runtime_stop(); /* the workers, if they were started */
    return (int)code;
}
