/* Made by weftc 0.1.0 from hello.thrift; edit that. */
/** A greeter: what a first service looks like. */
/*
 * Who owns what: strings are views, and lists and boxed structs are
 * pointers, into the message or the arena that a struct was read with, or
 * into what you put there; they must live as long as the struct is used.
 * Defaults are shared by all and must not be written to.
 *
 * Of every struct X (for arguments and results: the first, and X_desc):
 *   X_init    everything zero, then the defaults of the IDL; a union with a
 *             default begins as that member
 *   X_read    one struct in binary; unknown fields are passed over
 *   X_write   one struct in binary; errors stick in the writer
 *   X_copy    a deep copy that shares nothing with its source
 *   X_equal   equal values, whatever the order in sets and maps
 *   X_hash    a number that equal values share
 *   X_print   one line for people
 *   X_desc    for weft_struct_read and weft_struct_write, in any protocol
 * Of every map: X_get finds the value of a key, or NULL.
 * A bit of `has` says that its field was read, or is to be written if it
 * is optional; X_set_field sets it with its value. Pointers to structs say
 * the same by being there.
 */
#ifndef HELLO_THRIFT_H
#define HELLO_THRIFT_H

#include <weft/codec.h>
#include <weft/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

enum demo_Mood {
    demo_Mood_HAPPY = 1,
    /** It passes. */
    demo_Mood_SAD = 2,
};
extern const struct weft_enum demo_Mood_desc;

/** Somebody to greet. */
struct demo_Person {
    struct weft_str name;     /* 1, required */
    /** In years. */
    int32_t age;              /* 2, optional */
    int32_t mood;             /* 3: Mood */
    struct weft_vec_str tags; /* 4 */
    struct demo_Person *boss; /* 5, optional */
    struct {
        uint32_t age : 1, mood : 1, tags : 1;
    } has;
};

extern const struct weft_struct demo_Person_desc;
void demo_Person_init(struct demo_Person *x);
weft_err demo_Person_read(struct weft_reader *r, struct demo_Person *x);
void demo_Person_write(struct weft_writer *w, const struct demo_Person *x);
weft_err demo_Person_copy(struct weft_arena *arena, struct demo_Person *to,
                          const struct demo_Person *from);
bool demo_Person_equal(const struct demo_Person *a,
                       const struct demo_Person *b);
uint64_t demo_Person_hash(const struct demo_Person *x);
void demo_Person_print(FILE *out, const struct demo_Person *x);
void demo_Person_set_age(struct demo_Person *x, int32_t value);

struct demo_Oops {
    int32_t code; /* 1 */
    struct {
        uint32_t code : 1;
    } has;
};

extern const struct weft_struct demo_Oops_desc;
void demo_Oops_init(struct demo_Oops *x);
weft_err demo_Oops_read(struct weft_reader *r, struct demo_Oops *x);
void demo_Oops_write(struct weft_writer *w, const struct demo_Oops *x);
weft_err demo_Oops_copy(struct weft_arena *arena, struct demo_Oops *to,
                        const struct demo_Oops *from);
bool demo_Oops_equal(const struct demo_Oops *a, const struct demo_Oops *b);
uint64_t demo_Oops_hash(const struct demo_Oops *x);
void demo_Oops_print(FILE *out, const struct demo_Oops *x);

struct demo_Hello_greet_args {
    struct demo_Person who; /* 1 */
    struct {
        uint32_t who : 1;
    } has;
};

enum {
    demo_Hello_greet_oops = 1,
};

struct demo_Hello_greet_result {
    /* 0: success, the id of what was thrown, or WEFT_RESULT_NONE */
    int32_t which;
    struct weft_str success; /* 0 */
    struct demo_Oops oops;   /* 1 */
};

/** Say hello to a person. */
weft_err demo_Hello_greet(struct weft_client *client, struct weft_arena *arena,
                          const struct demo_Hello_greet_args *args,
                          struct demo_Hello_greet_result *result,
                          const struct weft_call_options *options);
weft_err demo_Hello_greet_throw_oops(struct demo_Hello_greet_result *result,
                                     struct demo_Oops thrown);
extern const struct weft_method demo_Hello_greet_method;
extern const struct weft_struct demo_Hello_greet_args_desc;
void demo_Hello_greet_args_init(struct demo_Hello_greet_args *x);
extern const struct weft_struct demo_Hello_greet_result_desc;
void demo_Hello_greet_result_init(struct demo_Hello_greet_result *x);

struct demo_Hello_shout_args {
    struct weft_str word; /* 1 */
    struct {
        uint32_t word : 1;
    } has;
};

weft_err demo_Hello_shout(struct weft_client *client, struct weft_arena *arena,
                          const struct demo_Hello_shout_args *args,
                          const struct weft_call_options *options);
extern const struct weft_method demo_Hello_shout_method;
extern const struct weft_struct demo_Hello_shout_args_desc;
void demo_Hello_shout_args_init(struct demo_Hello_shout_args *x);

struct demo_Hello_service {
    /** Say hello to a person. */
    weft_err (*greet)(struct weft_call *call,
                      const struct demo_Hello_greet_args *args,
                      struct demo_Hello_greet_result *result);
    weft_err (*shout)(struct weft_call *call,
                      const struct demo_Hello_shout_args *args);
};

extern const struct weft_service demo_Hello_service_desc;
/* Serve a table of handlers; NULL entries answer that the method is unknown.
 * table and user must live as long as the server. */
weft_err demo_Hello_register(struct weft_server *server, const char *name,
                             const struct demo_Hello_service *table,
                             void *user);

/* ---- what X_desc calls, and structs that hold an X ---- */

weft_err demo_Person_read_binary(struct weft_reader *r, void *record);
void demo_Person_write_binary(struct weft_writer *w, const void *record);
weft_err demo_Person_read_compact(struct weft_reader *r, void *record);
void demo_Person_write_compact(struct weft_writer *w, const void *record);
weft_err demo_Oops_read_binary(struct weft_reader *r, void *record);
void demo_Oops_write_binary(struct weft_writer *w, const void *record);
weft_err demo_Oops_read_compact(struct weft_reader *r, void *record);
void demo_Oops_write_compact(struct weft_writer *w, const void *record);

#ifdef __cplusplus
}
#endif

#endif
