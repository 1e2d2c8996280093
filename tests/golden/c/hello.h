/* Made by weftc 0.1.0 from hello.thrift; edit that. */
/** A greeter: what a first service looks like. */
/*
 * Owner: strings are views, and lists and boxed structs are pointers, into
 * the message or the arena that a struct was read with, or into what you
 * put there; they must live as long as the struct is used. Defaults are
 * shared and must not be written to.
 *
 * Every struct X has these (structs of arguments and results have only
 * X_init, X_defaults and X_desc):
 *   void X_init(struct X *x)      everything zero, then the defaults of the
 *                                 IDL; a union with a default starts as
 *                                 that member
 *   struct X X_defaults(void)     the same, as a value to begin with
 *   weft_err X_read(struct weft_reader *r, struct X *x)
 *                                 one struct in binary
 *   void X_write(struct weft_writer *w, const struct X *x)
 *                                 one struct in binary; errors stick in w
 *   weft_err X_copy(struct weft_arena *arena, struct X *to,
 *                   const struct X *from)
 *                                 a deep copy, which shares nothing
 *   bool X_equal(const struct X *a, const struct X *b)
 *                                 whatever the order in sets and maps
 *   uint64_t X_hash(const struct X *x)
 *                                 equal structs have equal hashes
 *   void X_print(FILE *out, const struct X *x)
 *                                 one line for people
 *   X_desc                        for weft_struct_read and others, in any
 *                                 protocol
 * Of every map: X_get finds the value of a key, or NULL.
 * A bit of `has` says that its field was read, or is to be written if it
 * is optional; X_set_field sets it with its value. A pointer to a struct is
 * NULL if the struct is absent.
 * Of every function F of a service X, also of those that X inherits, with the
 * structs of its arguments and its result (a oneway function has none):
 *   weft_err F(struct weft_client *client, struct weft_arena *arena,
 *              const struct F_args *args, struct F_result *result,
 *              const struct weft_call_options *options)
 *                                 the call, see weft_client_call
 * A function without exceptions, of at most four arguments, none of them
 * optional, has a plain form, too, which takes the arguments and gives the
 * result one by one:
 *   weft_err PREFIX_function(client, arena, argument..., &result, options)
 *                                 or X_function_call, if the short name is
 *                                 not this function's; see its declaration
 * Of every service X:
 *   weft_err X_register(struct weft_server *server, const char *name,
 *                       const struct X_service *table, void *user)
 *                                 serve a table of handlers; NULL entries
 *                                 answer that the method is unknown; table and
 *                                 user must live as long as the server
 *   weft_err X_serve(const char *address, const struct X_service *table,
 *                  void *user)
 *                                 serve it alone until SIGTERM or SIGINT
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

void demo_Person_init(struct demo_Person *x);
WEFT_STRUCT(demo_Person)
WEFT_SETTER(demo_Person_set_age, demo_Person, has.age = 1, age, int32_t)

struct demo_Oops {
    int32_t code; /* 1 */
    struct {
        uint32_t code : 1;
    } has;
};

WEFT_ZERO_INIT(demo_Oops)
WEFT_STRUCT(demo_Oops)

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
WEFT_STUB(demo_Hello_greet, demo_Hello_greet, demo_Hello_greet_args,
          demo_Hello_greet_result)
WEFT_THROWER(demo_Hello_greet_throw_oops, demo_Hello_greet_result,
             demo_Hello_greet_oops, oops, struct demo_Oops)
void demo_Hello_greet_args_init(struct demo_Hello_greet_args *x);
WEFT_CALL_STRUCT(demo_Hello_greet_args)
void demo_Hello_greet_result_init(struct demo_Hello_greet_result *x);
WEFT_CALL_STRUCT(demo_Hello_greet_result)

struct demo_Hello_shout_args {
    struct weft_str word; /* 1 */
    struct {
        uint32_t word : 1;
    } has;
};

WEFT_ONEWAY_STUB(demo_Hello_shout, demo_Hello_shout, demo_Hello_shout_args)
weft_err demo_Hello_shout_call(struct weft_client *client,
                               struct weft_arena *arena, struct weft_str word,
                               const struct weft_call_options *options);
WEFT_ZERO_INIT(demo_Hello_shout_args)
WEFT_CALL_STRUCT(demo_Hello_shout_args)

struct demo_Hello_service {
    /** Say hello to a person. */
    weft_err (*greet)(struct weft_call *call,
                      const struct demo_Hello_greet_args *args,
                      struct demo_Hello_greet_result *result);
    weft_err (*shout)(struct weft_call *call,
                      const struct demo_Hello_shout_args *args);
};

WEFT_SERVICE(demo_Hello, demo_Hello_service)

#ifdef __cplusplus
}
#endif

#endif
