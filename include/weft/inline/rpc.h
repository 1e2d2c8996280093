/* SPDX-License-Identifier: MIT */
/*
 * For generated code alone; <weft/rpc.h> includes this file last. For each
 * function of a service weftc generates one line with a macro. The macro
 * declares the parts of the function in a header, or defines them in a source.
 */
#ifndef WEFT_INLINE_RPC_H
#define WEFT_INLINE_RPC_H

#include <weft/rpc.h>

/* ---- headers ---- */

/** The functions that a client calls, for the method X_method: `name` and
 * name_begin. A and R are the structs of its arguments and its result. */
#define WEFT_STUB(name, X, A, R)                                               \
    extern const struct weft_method X##_method;                                \
    static inline weft_err name(struct weft_client *client,                    \
                                struct weft_arena *arena,                      \
                                const struct A *args, struct R *result,        \
                                const struct weft_call_options *options)       \
    {                                                                          \
        return weft_client_call(client, &X##_method, arena, args, result,      \
                                options);                                      \
    }                                                                          \
    static inline void name##_begin(                                           \
        struct weft_client *client, struct weft_arena *arena,                  \
        const struct A *args, struct R *result,                                \
        const struct weft_call_options *options, struct weft_pending *pending) \
    {                                                                          \
        weft_client_begin(client, &X##_method, arena, args, result, options,   \
                          pending);                                            \
    }

/** The functions that a client calls, for a oneway function, which has no
 * result. */
#define WEFT_ONEWAY_STUB(name, X, A)                                       \
    extern const struct weft_method X##_method;                            \
    static inline weft_err name(                                           \
        struct weft_client *client, struct weft_arena *arena,              \
        const struct A *args, const struct weft_call_options *options)     \
    {                                                                      \
        return weft_client_call(client, &X##_method, arena, args, NULL,    \
                                options);                                  \
    }                                                                      \
    static inline void name##_begin(                                       \
        struct weft_client *client, struct weft_arena *arena,              \
        const struct A *args, const struct weft_call_options *options,     \
        struct weft_pending *pending)                                      \
    {                                                                      \
        weft_client_begin(client, &X##_method, arena, args, NULL, options, \
                          pending);                                        \
    }

/** A service: its descriptor, and the functions that serve a table T of its
 * handlers. */
#define WEFT_SERVICE(X, T)                                                    \
    extern const struct weft_service X##_service_desc;                        \
    static inline weft_err X##_register(struct weft_server *server,           \
                                        const char *name,                     \
                                        const struct T *table, void *user)    \
    {                                                                         \
        return weft_server_add(server, name, &X##_service_desc, table, user); \
    }                                                                         \
    static inline weft_err X##_serve(const char *address,                     \
                                     const struct T *table, void *user)       \
    {                                                                         \
        return weft_service_serve(&X##_service_desc, address, table, user);   \
    }

/* ---- sources ---- */

/* X_invoke calls the handler in a slot of a table T, if the slot is set. */
#define WEFT_INVOKE(X, T, slot)                                           \
    static weft_err X##_invoke(const void *table, struct weft_call *call, \
                               const void *args, void *result)            \
    {                                                                     \
        const struct T *t = (const struct T *)table;                      \
        return t->slot ? t->slot(call, args, result) : WEFT_ENOMETHOD;    \
    }
#define WEFT_INVOKE_ONEWAY(X, T, slot)                                    \
    static weft_err X##_invoke(const void *table, struct weft_call *call, \
                               const void *args, void *result)            \
    {                                                                     \
        const struct T *t = (const struct T *)table;                      \
        (void)result;                                                     \
        return t->slot ? t->slot(call, args) : WEFT_ENOMETHOD;            \
    }

#endif
