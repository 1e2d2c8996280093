/* SPDX-License-Identifier: MIT */
/*
 * The module header of idl: IDL that is known only at run time.
 *
 *   load.c      files or texts to a checked tree (compiler.h), and its life
 *   fetch.c     the texts that a server sends
 *   tables.c    the tree to descriptors, with defaults.c
 *   index.c     services and methods, and all of them by name
 *   find.c      finds by name
 *   result.c    which member a result has
 *   json.c      calls as JSON
 *   serve.c     services whose methods share one handler
 *
 * Everything that is made of a set of files lives in one arena and is made when
 * the files are loaded; after that it is only read.
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
    struct wc_host host; /* of wi_open; none after weft_idl_load */
    struct wi_tables tables;
    struct weft_service *services; /* of the loaded files, in order */
    struct weft_idl_file *files;   /* all, in the form that a server sends */
    uint32_t n_services, n_files;
    struct wc_map by_service; /* "Service", "file.Service" -> weft_service */
    struct wc_map by_method;  /* "Service.method", ... -> weft_method; "method"
                                 -> the same, or &wi_ambiguous */
    struct wc_map by_record;  /* "Type", "file.Type" -> weft_struct */
};

extern const struct weft_method wi_ambiguous;

/** Load and check, without descriptors: for those who want the tree. Errors as
 * weft_idl_load. The host is borrowed until weft_idl_free. */
weft_err wi_open(const struct wc_host *host, const char *const *names, size_t n,
                 size_t memory, struct weft_idl **idl) WEFT_CHECKED;

/** A host that finds texts: beside the file that includes them, by their whole
 * name, or by the end of it. texts is borrowed. */
struct wi_texts {
    const struct weft_idl_text *items;
    size_t n;
};
struct wc_host wi_text_host(struct wi_texts *texts);

/** Get the texts of a server, which are the arena's. Errors as
 * weft_client_call; *n is 0 if it sends none. */
weft_err wi_fetch_texts(struct weft_client *client, struct weft_arena *arena,
                        const struct weft_call_options *call,
                        struct weft_idl_text **texts, size_t *n) WEFT_CHECKED;

/** Make all descriptors and names. Without memory the run ends (run.h). */
void wi_index(struct weft_idl *idl);

/** What a service of weft_idl_add calls. */
weft_err wi_invoke_handler(const void *table, struct weft_call *call,
                           const void *args, void *result);

#endif
