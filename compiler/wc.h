/* SPDX-License-Identifier: MIT */
/*
 * weftc, the compiler from Thrift IDL to C, as a library: text in, text out.
 *
 *   load -> lex -> parse -> check -> plan -> emit -> save
 *                     `-> fmt  `-> json, lint, breaking
 *
 * It reads and writes nothing itself: a host finds included files and takes
 * what is generated, so that a fuzzer can run all of it in memory. One arena
 * holds everything until the end of the run.
 */
#ifndef WC_H
#define WC_H

#include <weft/base.h>

#include <stdio.h>

#define WC_VERSION "0.1.0"

/* Bounds, so that no input can hurt; each has a diagnostic. */
#define WC_MAX_FILE ((size_t)16 << 20) /* bytes of one file */
#define WC_MAX_MEMORY ((size_t)4 << 30)
#define WC_MAX_NESTING 64     /* types and values; as on the wire */
#define WC_MAX_NAME 255       /* bytes */
#define WC_MAX_INCLUDES 64    /* a includes b includes c ... */
#define WC_MAX_EXTENDS 64     /* a extends b extends c ... */
#define WC_MAX_VALUES 1000000 /* items of all constants together */
#define WC_MAX_REPORTS 100    /* printed errors, and warnings */

/** A file that the host has found. */
struct wc_source {
    const char *id;   /* the same file has the same id, however it is named */
    const char *path; /* as diagnostics show it */
    const char *text;
    size_t len;
    bool too_big; /* longer than WC_MAX_FILE; text is not there */
};

/** What a run is for. */
enum wc_mode {
    WC_GENERATE, /* C */
    WC_LINT,     /* warnings of style and safety, and no files */
    WC_JSON,     /* the tree, printed */
    WC_FMT,      /* the source in the usual layout */
    WC_BREAKING, /* what the second file breaks of the first */
};

/** The outside world. Every function gets user. */
struct wc_host {
    void *user;
    /* Find a file: `from` is the path of the file that includes it, NULL for
     * a file of the command line. false: there is none. What *source points to
     * lives in the arena. */
    bool (*load)(void *user, struct weft_arena *arena, const char *name,
                 const char *from, struct wc_source *source);
    /* Take a file; folders that are not there are made. false: it could not
     * be written, and the host has said why. */
    bool (*save)(void *user, const char *path, const char *text, size_t len);
    /* Take what is meant for standard output. */
    void (*print)(void *user, const char *text, size_t len);
    /* Take the text of one diagnostic. */
    void (*report)(void *user, const char *text, size_t len);
};

struct wc_options {
    enum wc_mode mode;
    const char *out;     /* folder of generated files; NULL: the current one */
    const char *deps;    /* also write a depfile of this name, or NULL */
    bool in_place;       /* WC_FMT: save instead of print */
    bool errors_only;    /* warnings are errors: -Werror */
    bool allow_64bit;    /* lint says nothing of integers beyond 32 bits */
    bool allow_neg_keys; /* keep field ids below 1 */
    bool strict;         /* what is bad style is an error */
    bool recurse;        /* generate included files too */
    bool embed_idl;      /* services carry the text of their IDL */
    bool codec_table;    /* structs are read and written by their tables */
    bool no_warnings;
    bool colour;              /* of diagnostics */
    const char *const *quiet; /* names of warnings that are off */
    size_t n_quiet;
};

/** Compile files; returns the exit code: 0, 1 for errors, 2 for what
 * WC_BREAKING found. */
int wc_compile(const struct wc_options *options, const struct wc_host *host,
               const char *const *names, size_t n_names);

/** Is there a warning of that name? */
bool wc_is_warning(const char *name);

/** Print what a diagnostic means, with examples; false: there is no such code.
 * The text goes to out. */
bool wc_explain(const char *code, FILE *out);

#endif
