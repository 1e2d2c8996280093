/* SPDX-License-Identifier: MIT */
/*
 * weft/idl.h: services whose IDL is known at run time only. The functions are
 * in a library of their own, libweft-idl. It reads Thrift IDL as weftc does,
 * makes the descriptors that weftc generates, and calls and serves methods;
 * their values are accessed by descriptor (see weft_field_get in codec.h) or as
 * JSON.
 *
 * Not part of <weft/weft.h>.
 */
#ifndef WEFT_IDL_H
#define WEFT_IDL_H

#include <weft/base.h>
#include <weft/codec.h>
#include <weft/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Files of IDL, checked, and the descriptors of the types and services in
 * them. A loaded IDL does not change, so any thread may use it. */
struct weft_idl;

/* ---- loading ---- */

/** Zero in any field means the default. memory may be WEFT_UNLIMITED_SIZE. */
struct weft_idl_options {
    const char *const *folders; /* searched for included files, ends in NULL;
                                   default: only the folder of the including
                                   file is searched */
    /* Gets each diagnostic in the form in which weftc prints it: with its line
     * and its caret, and a line feed at the end. NULL: no diagnostics. */
    void (*report)(void *user, const char *text, size_t len);
    void *user;    /* for report */
    size_t memory; /* bytes for the whole loaded IDL; default 1 GiB */
};

/**
 * Load files and all files that they include.
 *
 * Shape    n > 0 paths; options may be NULL
 * Owner    paths and options are borrowed for the call; *idl is given, free it
 *          with weft_idl_free
 * Blocks   the thread, while it reads files: in a fiber call it through
 *          weft_blocking
 * Thread   any
 * Errors   WEFT_EIDL: report was called with the reason; -EINVAL: more than 256
 *          folders; -ENOMEM; *idl is NULL then
 */
WEFT_API weft_err weft_idl_load(const char *const *paths, size_t n,
                                const struct weft_idl_options *options,
                                struct weft_idl **idl) WEFT_CHECKED;

/** A file of IDL in memory. */
struct weft_idl_text {
    struct weft_str name; /* a path; an include names all of it or its end */
    struct weft_str text;
};

/**
 * Load IDL from texts in memory. They can include only each other.
 *
 * Shape    n > 0 texts; options may be NULL
 * Owner    texts and options are borrowed for the call; *idl is given
 * Blocks   never     Thread  any
 * Errors   as weft_idl_load
 */
WEFT_API weft_err weft_idl_load_texts(const struct weft_idl_text *texts,
                                      size_t n,
                                      const struct weft_idl_options *options,
                                      struct weft_idl **idl) WEFT_CHECKED;

/**
 * Load the IDL that a server sends: servers whose code was generated with
 * --embed-idl have the method "weft.idl" for this.
 *
 * Shape    options and call may be NULL
 * Owner    client, options and call are borrowed for the call; *idl is given.
 *          The text and the headers of call->info are absent after the return,
 *          because the memory in which they came is freed
 * Blocks   until the reply     Thread  any fiber or plain thread
 * Errors   those of weft_client_call; WEFT_ENOMETHOD - WEFT_PEER: the server
 *          sends no IDL; errors of weft_idl_load
 */
WEFT_API weft_err weft_idl_fetch(struct weft_client *client,
                                 const struct weft_idl_options *options,
                                 const struct weft_call_options *call,
                                 struct weft_idl **idl) WEFT_CHECKED;

/**
 * Free a loaded IDL. NULL is legal.
 *
 * Owner    idl is taken; its descriptors are freed with it
 * Blocks   never     Thread  any, once     Errors  none
 */
WEFT_API void weft_idl_free(struct weft_idl *idl);

/* ---- services, methods and records ---- */

/**
 * The number of services that the loaded files define, without those of
 * included files, and one of these services, in the order of the files.
 *
 * Shape    i is less than the number of services
 * Owner    the service is idl's
 * Blocks   never     Thread  any     Errors  none
 */
WEFT_API uint32_t weft_idl_n_services(const struct weft_idl *idl);
WEFT_API const struct weft_service *
weft_idl_service_at(const struct weft_idl *idl, uint32_t i);

/**
 * Find a service, method or record (struct, union, exception) by its name:
 * "Service", "Service.method" or "Type". The base name of the file may come
 * before the name: "shared.Type". The name of a method is enough if only one
 * service has it.
 *
 * Owner    name is borrowed for the call, the descriptor is idl's
 * Blocks   never     Thread  any
 * Errors   NULL: there is none of that name, or two services have the method
 */
WEFT_API const struct weft_service *weft_idl_service(const struct weft_idl *idl,
                                                     const char *name);
WEFT_API const struct weft_method *weft_idl_method(const struct weft_idl *idl,
                                                   const char *name);
WEFT_API const struct weft_struct *weft_idl_struct(const struct weft_idl *idl,
                                                   const char *name);

/**
 * Fill in the defaults of the IDL for the fields that are not set, in a record
 * and in all records within it. Optional fields, fields of a struct type and
 * members of a union stay absent. With descriptors of a weft_idl, reading a
 * message does not fill in the defaults.
 *
 * Shape    record is a C struct of this descriptor
 * Owner    desc comes from a weft_idl that outlives the record
 * Blocks   never     Thread  one at a time for record     Errors  none
 */
WEFT_API void weft_idl_apply_defaults(const struct weft_struct *desc,
                                      void *record);

/* ---- calls ---- */

/**
 * Make arguments from a JSON object, whose keys are the names of the arguments,
 * and fill in their defaults.
 *
 * Shape    method comes from a weft_idl; why may be NULL
 * Owner    text is borrowed as long as the arguments are used; *args is the
 *          arena's
 * Blocks   never     Thread  one at a time for arena
 * Errors   as weft_struct_from_json; *why says why and where, and *args is NULL
 */
WEFT_API weft_err weft_idl_args_from_json(const struct weft_method *method,
                                          struct weft_str text,
                                          struct weft_arena *arena, void **args,
                                          struct weft_json_error *why)
    WEFT_CHECKED;

/**
 * Make an empty result, as weft_client_call needs it for this method.
 *
 * Owner    *result is the arena's
 * Blocks   never     Thread  one at a time for arena
 * Errors   WEFT_EBUDGET; *result is then NULL
 */
WEFT_API weft_err weft_idl_result_new(const struct weft_method *method,
                                      struct weft_arena *arena, void **result)
    WEFT_CHECKED;

/**
 * Write a result as JSON: the value that was returned, or null for void. An
 * exception is an object with one key, the exception's name in `throws`. The
 * function first fills in the defaults.
 *
 * Shape    result is what weft_client_call filled; indent as for
 *          weft_struct_to_json
 * Owner    all are borrowed for the call
 * Blocks   never     Thread  one at a time for w and result
 * Errors   stick in the writer
 */
WEFT_API void weft_idl_result_to_json(const struct weft_method *method,
                                      struct weft_writer *w, void *result,
                                      int indent);

/**
 * Make a call with arguments and result as JSON.
 *
 * Shape    text is "{}" for no arguments; options and why may be NULL
 * Owner    text is borrowed for the call; *reply is the arena's; a NUL follows
 *          it
 * Blocks   until the reply, the deadline, or weft_fiber_cancel
 * Thread   any fiber or plain thread; one at a time for arena
 * Errors   as weft_idl_args_from_json, whose reason is in *why, and as
 *          weft_client_call. On WEFT_ETHROWN *reply is the exception; on every
 *          other error it is absent
 */
WEFT_API weft_err weft_idl_call_json(struct weft_client *client,
                                     const struct weft_method *method,
                                     struct weft_arena *arena,
                                     struct weft_str text,
                                     struct weft_str *reply,
                                     const struct weft_call_options *options,
                                     struct weft_json_error *why) WEFT_CHECKED;

/* ---- serving ---- */

/**
 * Handles every method of a service that was added by weft_idl_add. The
 * defaults of args are filled in. In result no member is set; result is NULL
 * for oneway. With weft_field_set the handler sets the value that it returns,
 * except for void, or the exception that it throws. After the return weft fills
 * in the defaults within this member, but not in a detached call. The handler
 * runs and returns like a handler of generated code. weft_call_user returns the
 * `user` of weft_idl_add.
 */
typedef weft_err (*weft_idl_handler)(struct weft_call *call,
                                     const struct weft_method *method,
                                     void *args, void *result);

/**
 * Serve a service of the IDL with one handler for all of its methods. The
 * server then sends the IDL to clients that ask for it, such as `weft call`.
 *
 * Shape    name is the name of a service, as for weft_idl_service
 * Owner    idl and user are kept until the server is freed
 * Blocks   never     Thread  one at a time, before the server's start
 * Errors   WEFT_ENOSERVICE: there is none of that name; -ENOMEM; those of
 *          weft_server_add
 */
WEFT_API weft_err weft_idl_add(struct weft_server *server, struct weft_idl *idl,
                               const char *name, weft_idl_handler handler,
                               void *user) WEFT_CHECKED;

/**
 * Copy the value or exception of the result `from` into `to`, the result of
 * another call of the same method. With this a proxy passes an answer on.
 *
 * Shape    both are results of this method
 * Owner    the memory that `from` points to must live until the reply has been
 *          sent: read the result into weft_call_arena
 * Blocks   never     Thread  one at a time     Errors  none
 */
WEFT_API void weft_idl_forward(const struct weft_method *method,
                               const void *from, void *to);

#ifdef __cplusplus
}
#endif

#endif
