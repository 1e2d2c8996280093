/* SPDX-License-Identifier: MIT */
/* The command line, and the host of wc_compile: real files. */
#include "host.h"

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
    "  -r                generate included files, too\n"
    "  --allow-neg-keys  keep field ids below 1 instead of replacing them\n"
    "  --strict          missing field ids and included files are errors\n"
    "  -Wno-NAME         turn warnings off: -Wno-implicit-id\n"
    "  -nowarn           turn all warnings off\n"
    "  --version, --help\n"
    "\n"
    "Exit code: 0 success, 1 the input has errors, 2 wrong usage.\n";

enum { USAGE = 2 };

struct command {
    struct wc_options options;
    struct wc_dirs dirs;
    const char *quiet[64];
    const char **files; /* at the front of argv */
    size_t n_files;
};

static int
complain(const char *what, const char *word)
{
    fprintf(stderr, "weftc: %s `%s`; see weftc --help\n", what, word);
    return USAGE;
}

/* -Idir and -I dir; *i moves on in the second case. NULL: nothing follows. */
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

static int
take_value(struct command *cmd, char **argv, int *i)
{
    char *flag = argv[*i];
    bool is_gen = strncmp(flag, "--gen", 5) == 0;
    const char *value = value_of(argv, i, is_gen ? 5 : 2);
    if (value == NULL)
        return complain("no value after", flag);
    if (is_gen)
        return strcmp(value, "c") ? complain("cannot generate", value) : 0;
    if (flag[1] == 'o')
        cmd->dirs.out = value;
    else if (!wc_dirs_add(&cmd->dirs, value))
        return complain("too many directories, at", value);
    return 0;
}

static int
take_flag(struct command *cmd, char **argv, int *i)
{
    const char *flag = argv[*i];
    if (!strncmp(flag, "-o", 2) || !strncmp(flag, "-I", 2) ||
        !strncmp(flag, "--gen", 5))
        return take_value(cmd, argv, i);
    if (!strncmp(flag, "-Wno-", 5))
        return take_warning(cmd, flag + 5);
    if (!strcmp(flag, "-r") || !strcmp(flag, "--recurse"))
        cmd->options.recurse = true;
    else if (!strcmp(flag, "-strict") || !strcmp(flag, "--strict"))
        cmd->options.strict = true;
    else if (!strcmp(flag, "-nowarn") || !strcmp(flag, "--nowarn"))
        cmd->options.no_warnings = true;
    else if (!strcmp(flag, "--allow-neg-keys"))
        cmd->options.allow_neg_keys = true;
    else if (strcmp(flag, "--allow-64bit-consts"))
        return complain("unknown option", flag);
    return 0;
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
    if (cmd->n_files == 0) {
        fputs(usage, stderr);
        return USAGE;
    }
    return 0;
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
    (void)argc;
    if (asks_for(argv, "--help") || asks_for(argv, "-h")) {
        fputs(usage, stdout);
        return 0;
    }
    if (asks_for(argv, "--version")) {
        puts("weftc " WC_VERSION);
        return 0;
    }
    int code = parse_command(&cmd, argv);
    if (code)
        return code;
    const char *no_colour = getenv("NO_COLOR");
    cmd.options.colour = isatty(2) && !(no_colour && *no_colour);
    cmd.options.quiet = cmd.quiet;
    struct wc_host host = wc_file_host(&cmd.dirs);
    return wc_compile(&cmd.options, &host, cmd.files, cmd.n_files);
}
