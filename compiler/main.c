/* SPDX-License-Identifier: MIT */
/* The command line of weftc. */
#include "host.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: weftc [options] file.thrift...\n"
    "Turns Thrift files into C: FILE.h and FILE.c.\n"
    "\n"
    "  -o DIR            write there; default: the current directory\n"
    "  -I DIR            look for included files there, too; may be repeated\n"
    "  --gen c           the language; c is the only one, and the default\n"
    "  --codec HOW       straight: fast code for all; table: small code, "
    "which uses\n"
    "                    tables; mixed: fast where it counts (default)\n"
    "  --embed-idl       servers can send the IDL to `weft call` and others\n"
    "  --plain-handlers  also offer handlers that take arguments one by one\n"
    "  -r                generate included files, too\n"
    "  --deps FILE       also write a depfile for make and ninja\n"
    "  --allow-neg-keys  keep field ids below 1 instead of replacing them\n"
    "  --strict          missing field ids and included files are errors\n"
    "  -Wno-NAME         turn warnings off: -Wno-implicit-id\n"
    "  -nowarn           turn all warnings off\n"
    "  -Werror           warnings are errors\n"
    "\n"
    "Instead of generating:\n"
    "  --lint            warn of bad style and of what is unsafe\n"
    "  --fmt             print the file in the usual layout; -i: rewrite it\n"
    "  --breaking        compare OLD NEW: what breaks the wire or the source\n"
    "  --json            print the syntax tree, types and values resolved\n"
    "  --explain CODE    what a diagnostic means: --explain E012\n"
    "  --version, --help\n"
    "\n"
    "Exit code: 0 success, 1 the input has errors, 2 wrong usage, or what\n"
    "--breaking found.\n";

enum { USAGE = 2 };

struct command {
    struct wc_options options;
    struct wc_dirs dirs;
    const char *quiet[64];
    const char **files; /* at the beginning of argv */
    size_t n_files;
};

static int
complain(const char *what, const char *word)
{
    fprintf(stderr, "weftc: %s `%s`; see weftc --help\n", what, word);
    return USAGE;
}

/* Offer a long option to the guess. The dashes are not compared, because all
 * options have them. */
static void
offer(struct wc_guess *guess, const char *flag, const char *name)
{
    if (strncmp(name, "--", 2) == 0)
        wc_guess_offer(guess, flag + strspn(flag, "-"), name + 2);
}

static int
complain_of_option(const char *flag, const struct wc_guess *guess)
{
    if (guess->best == NULL)
        return complain("unknown option", flag);
    fprintf(stderr, "weftc: unknown option `%s`; did you mean `--%s`?\n", flag,
            guess->best);
    return USAGE;
}

/* The value in -Idir, -I=dir or -I dir; the last form increments *i. NULL:
 * there is no value. */
static const char *
value_of(char **argv, int *i, size_t flag_len)
{
    if (argv[*i][flag_len] == '=')
        return argv[*i] + flag_len + 1;
    if (argv[*i][flag_len] != '\0')
        return argv[*i] + flag_len;
    return argv[*i + 1] ? argv[++*i] : NULL;
}

static int
take_warning(struct command *cmd, const char *name)
{
    if (!wc_is_warning(name))
        return complain("unknown warning", name);
    if (cmd->options.n_quiet < sizeof cmd->quiet / sizeof *cmd->quiet)
        cmd->quiet[cmd->options.n_quiet++] = name;
    return 0;
}

/* Flags that take a value. If one flag begins with another flag, the longer
 * flag comes first. */
static const char *const with_value[] = {"--gen", "--codec", "--deps",
                                         "-out",  "-o",      "-I"};

static const char *
find_value_flag(const char *flag, struct wc_guess *guess)
{
    for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++) {
        if (strncmp(flag, with_value[i], strlen(with_value[i])) == 0)
            return with_value[i];
        offer(guess, flag, with_value[i]);
    }
    return NULL;
}

static int
take_value(struct command *cmd, const char *flag, const char *value)
{
    if (strcmp(flag, "--gen") == 0)
        return strcmp(value, "c") ? complain("cannot generate", value) : 0;
    if (strcmp(flag, "--codec") == 0) {
        int codec = wc_find_codec(value);
        if (codec < 0)
            return complain("unknown codec", value);
        cmd->options.codec = (enum wc_codec)codec;
        return 0;
    }
    if (strcmp(flag, "--deps") == 0)
        cmd->options.deps = value;
    else if (flag[1] == 'o')
        cmd->options.out = value;
    else if (!wc_dirs_add(&cmd->dirs, value))
        return complain("too many directories, at", value);
    return 0;
}

/* Take a flag that sets the mode. Offers all such flags to the guess, as
 * take_switch does. */
static bool
take_mode(struct wc_options *options, const char *flag, struct wc_guess *guess)
{
    static const struct {
        const char *flag;
        enum wc_mode mode;
    } modes[] = {
        {"--lint", WC_LINT},
        {"--fmt", WC_FMT},
        {"--json", WC_JSON},
        {"--breaking", WC_BREAKING},
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(flag, modes[i].flag) == 0) {
            options->mode = modes[i].mode;
            return true;
        }
        offer(guess, flag, modes[i].flag);
    }
    return false;
}

/* Take a flag without a value, which sets a bool. */
static bool
take_switch(struct wc_options *options, const char *flag,
            struct wc_guess *guess)
{
    const struct {
        const char *flag;
        bool *yes;
    } switches[] = {
        {"-r", &options->recurse},
        {"--recurse", &options->recurse},
        {"-strict", &options->strict},
        {"--strict", &options->strict},
        {"-nowarn", &options->no_warnings},
        {"--nowarn", &options->no_warnings},
        {"-Werror", &options->errors_only},
        {"-i", &options->in_place},
        {"--embed-idl", &options->embed_idl},
        {"--plain-handlers", &options->plain_handlers},
        {"--allow-neg-keys", &options->allow_neg_keys},
        {"--allow-64bit-consts", &options->allow_64bit},
    };
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (strcmp(flag, switches[i].flag) == 0) {
            *switches[i].yes = true;
            return true;
        }
        offer(guess, flag, switches[i].flag);
    }
    return false;
}

static int
take_flag(struct command *cmd, char **argv, int *i)
{
    const char *flag = argv[*i];
    struct wc_guess guess = {NULL, 0, 0};
    if (take_mode(&cmd->options, flag, &guess) ||
        take_switch(&cmd->options, flag, &guess))
        return 0;
    if (!strncmp(flag, "-Wno-", 5))
        return take_warning(cmd, flag + 5);
    const char *known = find_value_flag(flag, &guess);
    if (known == NULL)
        return complain_of_option(flag, &guess);
    const char *value = value_of(argv, i, strlen(known));
    if (value == NULL)
        return complain("no value after", flag);
    return take_value(cmd, known, value);
}

static int
parse_command(struct command *cmd, char **argv)
{
    for (int i = 1; argv[i]; i++) {
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            cmd->files[cmd->n_files++] = argv[i];
            continue;
        }
        int code = take_flag(cmd, argv, &i);
        if (code)
            return code;
    }
    if (cmd->options.mode == WC_BREAKING && cmd->n_files != 2)
        return complain("two files, OLD and NEW, go with", "--breaking");
    if (cmd->n_files == 0) {
        fputs(usage, stderr);
        return USAGE;
    }
    return 0;
}

static int
explain(const char *code)
{
    if (code == NULL)
        return complain("no value after", "--explain");
    return wc_explain(code, stdout) ? 0 : complain("unknown code", code);
}

/* Output that is still buffered may fail to reach the disk. */
static int
finish(int code)
{
    if (fflush(stdout) == 0)
        return code;
    perror("weftc: cannot write");
    return 1;
}

static bool
asks_for(char **argv, const char *flag)
{
    for (; *argv; argv++) {
        if (strcmp(*argv, flag) == 0)
            return true;
    }
    return false;
}

int
main(int argc, char **argv)
{
    struct command cmd = {.files = (const char **)argv};
    if (asks_for(argv, "--help") || asks_for(argv, "-h")) {
        fputs(usage, stdout);
        return 0;
    }
    if (asks_for(argv, "--version")) {
        puts("weftc " WC_VERSION);
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "--explain") == 0)
        return finish(explain(argv[2]));
    int code = parse_command(&cmd, argv);
    if (code)
        return code;
    const char *no_colour = getenv("NO_COLOR");
    cmd.options.colour = isatty(2) && !(no_colour && *no_colour);
    cmd.options.quiet = cmd.quiet;
    struct wc_host host = wc_file_host(&cmd.dirs);
    return finish(wc_compile(&cmd.options, &host, cmd.files, cmd.n_files));
}
