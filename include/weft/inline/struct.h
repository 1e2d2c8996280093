/* SPDX-License-Identifier: MIT */
/*
 * For generated code alone; <weft/codec.h> includes this file last. For
 * headers: macros that declare, in one line for each struct X, its descriptor,
 * its codecs, and functions that call the library with the descriptor. For
 * sources: macros around straight-line code, and the functions that this code
 * calls for lists.
 */
#ifndef WEFT_INLINE_STRUCT_H
#define WEFT_INLINE_STRUCT_H

#include <weft/codec.h>

/* ---- headers ---- */

/** X_init of a struct that has no defaults. */
#define WEFT_ZERO_INIT(X)                    \
    static inline void X##_init(struct X *x) \
    {                                        \
        weft_zero(x, sizeof *x);             \
    }

/** A struct of arguments or of a result: its descriptor and its initial
 * value. */
#define WEFT_CALL_STRUCT(X)                   \
    extern const struct weft_struct X##_desc; \
    static inline struct X X##_defaults(void) \
    {                                         \
        struct X x;                           \
        X##_init(&x);                         \
        return x;                             \
    }

/** A struct, union or exception that is neither arguments nor a result. */
#define WEFT_STRUCT(X)                                                      \
    WEFT_CALL_STRUCT(X)                                                     \
    weft_err X##_read_binary(struct weft_reader *r, void *record);          \
    weft_err X##_read_compact(struct weft_reader *r, void *record);         \
    void X##_write_binary(struct weft_writer *w, const void *record);       \
    void X##_write_compact(struct weft_writer *w, const void *record);      \
    static inline weft_err X##_read(struct weft_reader *r, struct X *x)     \
    {                                                                       \
        return X##_read_binary(r, x);                                       \
    }                                                                       \
    static inline void X##_write(struct weft_writer *w, const struct X *x)  \
    {                                                                       \
        X##_write_binary(w, x);                                             \
    }                                                                       \
    static inline weft_err X##_copy(struct weft_arena *arena, struct X *to, \
                                    const struct X *from)                   \
    {                                                                       \
        return weft_struct_copy(&X##_desc, arena, to, from);                \
    }                                                                       \
    static inline bool X##_equal(const struct X *a, const struct X *b)      \
    {                                                                       \
        return weft_struct_equal(&X##_desc, a, b);                          \
    }                                                                       \
    static inline uint64_t X##_hash(const struct X *x)                      \
    {                                                                       \
        return weft_struct_hash(&X##_desc, x);                              \
    }                                                                       \
    static inline void X##_print(FILE *out, const struct X *x)              \
    {                                                                       \
        weft_struct_print(&X##_desc, out, x);                               \
    }

/** Set a member, and its bit (has.f = 1) or the number of the union's member
 * (which = n). */
#define WEFT_SETTER(name, X, mark, member, type)     \
    static inline void name(struct X *x, type value) \
    {                                                \
        x->mark;                                     \
        x->member = value;                           \
    }

/** Throw an exception: set it in a result, and return WEFT_ETHROWN, which the
 * handler then returns. */
#define WEFT_THROWER(name, X, number, member, type)            \
    static inline weft_err name(struct X *result, type thrown) \
    {                                                          \
        result->which = number;                                \
        result->member = thrown;                               \
        return WEFT_ETHROWN;                                   \
    }

/* ---- straight-line code; its variables: r, in, err, field, w, out ---- */

/* Make a call that uses the reader or the writer itself, not the run or the
 * room. */
#define WEFT_VIA_READER(call)   \
    do {                        \
        weft_run_end(r, &in);   \
        err = call;             \
        in = weft_run_begin(r); \
    } while (0)
#define WEFT_VIA_WRITER(call)     \
    do {                          \
        weft_room_end(w, &out);   \
        call;                     \
        out = weft_room_begin(w); \
    } while (0)

/* End a case, and continue with the next case if its field follows. */
#define WEFT_NEXT_CASE(api, key)                        \
    if (err || !weft_##api##_follows(&in, &field, key)) \
        break;                                          \
    __attribute__((fallthrough))

WEFT_FLAT weft_err
weft_run_enter(struct weft_reader *r, struct weft_run *in)
{
    *in = weft_run_begin(r);
    return weft_read_enter(r);
}

WEFT_FLAT weft_err
weft_run_leave(struct weft_reader *r, const struct weft_run *in, weft_err err)
{
    if (err)
        return err;
    weft_run_end(r, in);
    weft_read_leave(r);
    return WEFT_OK;
}

/* Is there another field? false after the last field and after an error. */
WEFT_FLAT bool
weft_bin_has_field(struct weft_reader *r, struct weft_run *in, uint32_t *field,
                   weft_err *err, uint32_t first)
{
    if (*err)
        return false;
    *err = weft_bin_next_field(r, in, field, first);
    return !*err && *field != WEFT_STOP;
}

WEFT_FLAT bool
weft_compact_has_field(struct weft_reader *r, struct weft_run *in,
                       uint32_t *field, weft_err *err, uint32_t first)
{
    if (*err)
        return false;
    *err = weft_compact_next_field(r, in, field, first);
    return !*err && *field != WEFT_STOP;
}

/* ---- lists ---- */

#ifdef __cplusplus
extern "C" {
#endif

/* Tables of the types that have no parts. */
WEFT_API extern const struct weft_type weft_type_bool, weft_type_i8,
    weft_type_i16, weft_type_i32, weft_type_i64, weft_type_double,
    weft_type_string, weft_type_binary, weft_type_uuid;

/* Read and write lists and sets of the types above. The read function is called
 * after the head of the field, and sets *fits to false if the items have
 * another type. */
#define WEFT_VEC_CODECS(api, word)                                     \
    WEFT_API weft_err weft_##api##_read_vec_##word(                    \
        struct weft_reader *r, struct weft_vec_##word *v, bool *fits); \
    WEFT_API void weft_##api##_write_vec_##word(                       \
        struct weft_writer *w, const struct weft_vec_##word *v);
#define WEFT_EACH_VEC(M, api) \
    M(api, bool)              \
    M(api, i8)                \
    M(api, i16) M(api, i32) M(api, i64) M(api, double) M(api, str) M(api, uuid)
WEFT_EACH_VEC(WEFT_VEC_CODECS, bin)
WEFT_EACH_VEC(WEFT_VEC_CODECS, compact)
#undef WEFT_VEC_CODECS

/* Read and write a list or set of structs; vec is any struct {items, len,
 * cap}. */
WEFT_API weft_err weft_bin_read_structs(struct weft_reader *r, void *vec,
                                        const struct weft_struct *desc,
                                        bool *fits);
WEFT_API void weft_bin_write_structs(struct weft_writer *w, const void *vec,
                                     const struct weft_struct *desc);
WEFT_API weft_err weft_compact_read_structs(struct weft_reader *r, void *vec,
                                            const struct weft_struct *desc,
                                            bool *fits);
WEFT_API void weft_compact_write_structs(struct weft_writer *w, const void *vec,
                                         const struct weft_struct *desc);

#ifdef __cplusplus
}
#endif

#endif
