/* SPDX-License-Identifier: MIT */
/*
 * The module header of idl: IDL that is known only at run time.
 *
 *   load.c      makes a checked tree (compiler.h) of files or texts
 *   fetch.c     gets the texts that a server sends
 *   tables.c    makes descriptors of the tree, with defaults.c
 *   index.c     makes services and methods, and tables of names
 *   find.c      finds services, methods and structs by name
 *   result.c    finds the member that a result has
 *   json.c      reads and writes calls as JSON
 *   serve.c     makes services whose methods share one handler
 *
 * Everything that is made from a set of files lies in one arena. The tree and
 * its descriptors are made when the files are loaded, and are only read after
 * the loading.
 */
#ifndef WEFT_IDL_IDL_H
#define WEFT_IDL_IDL_H

#include <weft/idl.h>

#include "compiler/compiler.h"
#include "idl/tables.h"

struct weft_idl {
    struct weft_arena arena;
    struct wc c;
    struct wc_options options;
    struct wc_host host; /* from wi_open; zero after weft_idl_load */
    struct wi_tables tables;
    struct weft_service *services; /* of the loaded files, in order */
    struct weft_idl_file *files;   /* all files, as a server sends them */
    uint32_t n_services, n_files;
    struct wc_map by_service; /* "Service", "file.Service" -> weft_service */
    struct wc_map by_method;  /* "Service.method", ... -> weft_method; "method"
                                 -> weft_method, or &wi_ambiguous */
    struct wc_map by_record;  /* "Type", "file.Type" -> weft_struct */
};

extern const struct weft_method wi_ambiguous;

/** Load and check, without descriptors: for callers that need only the tree.
 * Errors: those of weft_idl_load. The host is borrowed until weft_idl_free. */
weft_err wi_open(const struct wc_host *host, const char *const *names, size_t n,
                 size_t memory, struct weft_idl **idl) WEFT_CHECKED;

/** A host that reads texts in memory. For an include the host tries, one after
 * the other: a text in the folder of the file that has the include; a text
 * whose whole name is that of the include; the text whose name has the most
 * components at its end in common with the include. `texts` is borrowed. */
struct wi_texts {
    const struct weft_idl_text *items;
    size_t n;
};
struct wc_host wi_text_host(struct wi_texts *texts);

/** Get the IDL texts of a server; the texts lie in `arena`. Errors: those of
 * weft_client_call. *n receives the number of texts, 0 if the server sends no
 * texts. */
weft_err wi_fetch_texts(struct weft_client *client, struct weft_arena *arena,
                        const struct weft_call_options *call,
                        struct weft_idl_text **texts, size_t *n) WEFT_CHECKED;

/** Make all descriptors and names. If there is no memory, the run ends
 * (run.h). */
void wi_index(struct weft_idl *idl);

/** The invoke function of all methods of a service that weft_idl_add has
 * made. */
weft_err wi_invoke_handler(const void *table, struct weft_call *call,
                           const void *args, void *result);

#endif
