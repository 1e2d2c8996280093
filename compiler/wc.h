/* SPDX-License-Identifier: MIT */
/*
 * weftc, the compiler from Thrift IDL to C, as a library: text in, text out.
 *
 *   load -> lex -> parse -> check -> plan -> emit -> save
 *                     `-> fmt  `-> json, lint, breaking
 *
 * The compiler reads and writes no files itself: a host (wc_host) finds
 * included files and stores generated files, so that a fuzzer can run the whole
 * compiler in memory. One arena holds everything until the end of the run.
 */
#ifndef WC_H
#define WC_H

#include <weft/base.h>

#include <stdio.h>

#define WC_VERSION "0.1.0"

/* Bounds on every input; an input that exceeds a bound gets a diagnostic. */
#define WC_MAX_FILE ((size_t)16 << 20) /* bytes of one file */
#define WC_MAX_MEMORY ((size_t)4 << 30)
#define WC_MAX_NESTING 64     /* levels of types and values; as on the wire */
#define WC_MAX_NAME 255       /* bytes */
#define WC_MAX_INCLUDES 64    /* a includes b includes c ... */
#define WC_MAX_EXTENDS 64     /* a extends b extends c ... */
#define WC_MAX_DEFS 65536     /* definitions and functions of all files */
#define WC_MAX_VALUES 1000000 /* items of all constants together */
#define WC_MAX_REPORTS 100    /* printed errors, and as many warnings */

/** A file that the host has found. */
struct wc_source {
    const char *id;   /* equal for the same file, whatever path names it */
    const char *path; /* as diagnostics show it */
    const char *text;
    size_t len;
    bool too_big;    /* longer than WC_MAX_FILE; text is NULL */
    bool no_memory;  /* there is such a file, but no memory for it */
    const char *why; /* why a file that is there cannot be read, or NULL */
};

/** The purpose of a run. */
enum wc_mode {
    WC_GENERATE, /* make C */
    WC_LINT,     /* warn of style and safety; write no files */
    WC_JSON,     /* print the tree */
    WC_FMT,      /* print the source in the usual layout */
    WC_BREAKING, /* report incompatible changes from one file to another */
};

/** A way to read and write records in binary and compact. */
enum wc_codec {
    WC_MIXED,    /* straight-line code for frequent records, see emit/plan.c */
    WC_STRAIGHT, /* straight-line code for all */
    WC_TABLE,    /* no code: the library interprets descriptors */
};

/** The codec with this name, or -1. */
int wc_find_codec(const char *name);

/** Input and output of the compiler. Every function gets `user`. */
struct wc_host {
    void *user;
    /* Find a file: `from` is the path of the including file, or NULL for a file
     * of the command line. Returns false if the file is not there or cannot be
     * read, or if source->no_memory is set. The strings in *source live in the
     * arena, or for ever. */
    bool (*load)(void *user, struct weft_arena *arena, const char *name,
                 const char *from, struct wc_source *source);
    /* True if a C file may be stored at `path`. False if a file there was not
     * made by weftc; the host has then reported the file. If the pointer is
     * NULL, all files may be stored. */
    bool (*may_save)(void *user, const char *path);
    /* Store a file, and make missing folders. Returns false if the file cannot
     * be written; the host has then reported the error. */
    bool (*save)(void *user, const char *path, const char *text, size_t len);
    /* Print to standard output. */
    void (*print)(void *user, const char *text, size_t len);
    /* Print one diagnostic. */
    void (*report)(void *user, const char *text, size_t len);
};

struct wc_options {
    enum wc_mode mode;
    const char *out;     /* folder of generated files; NULL: the current one */
    const char *deps;    /* also write a depfile of this name, or NULL */
    bool in_place;       /* WC_FMT: save instead of print */
    bool errors_only;    /* warnings are errors: -Werror */
    bool allow_64bit;    /* lint accepts integers above 32 bits */
    bool allow_neg_keys; /* keep field ids below 1 */
    bool strict;         /* pedantic warnings are errors */
    bool recurse;        /* generate the C of included files, too */
    bool embed_idl;      /* the C holds the text of the IDL */
    bool plain_handlers; /* handlers may take arguments one by one */
    enum wc_codec codec; /* of files and structs without rpc.codec */
    bool no_warnings;
    bool colour;              /* colour diagnostics */
    const char *const *quiet; /* names of the warnings to turn off */
    size_t n_quiet;
};

/** Compile files; returns the exit code: 0, 1 for errors, 2 if WC_BREAKING
 * found an incompatible change. */
int wc_compile(const struct wc_options *options, const struct wc_host *host,
               const char *const *names, size_t n_names);

/** True if there is a warning with this name. */
bool wc_is_warning(const char *name);

/** Print to out what a diagnostic means, with examples; false: there is no such
 * code. */
bool wc_explain(const char *code, FILE *out);

#endif
