/* Made by weftc 0.1.0 from hello.thrift; edit that. */
/** A greeter: what a first service looks like. */
/*
 * Owner: a struct that was read points into the message and into the arena of
 * the reader: its strings, its lists, and structs behind pointers. In a struct
 * that you fill, these point to what you assign. This memory must live as long
 * as the struct is used. Defaults are shared and must not be written to.
 *
 * Every struct X has these (structs of arguments and results have only
 * X_init, X_defaults and X_desc):
 *   void X_init(struct X *x)      set everything to zero, and then to the
 *                                 defaults of the IDL; a union with a default
 *                                 starts with that member
 *   struct X X_defaults(void)     what X_init sets, as a value
 *   weft_err X_read(struct weft_reader *r, struct X *x)
 *                                 read one struct in binary
 *   void X_write(struct weft_writer *w, const struct X *x)
 *                                 write one struct in binary; w keeps the
 *                                 first error
 *   weft_err X_copy(struct weft_arena *arena, struct X *to,
 *                   const struct X *from)
 *                                 make a deep copy, which shares nothing
 *   bool X_equal(const struct X *a, const struct X *b)
 *                                 the order in sets and maps does not count
 *   uint64_t X_hash(const struct X *x)
 *                                 equal structs have equal hashes
 *   void X_print(FILE *out, const struct X *x)
 *                                 print one line for people
 *   X_desc                        the descriptor, for weft_struct_read and
 *                                 others, in any protocol
 * Every map X has X_get, which finds the value of a key, or returns NULL.
 * A bit of `has` is 1 if its field was read. Set it to write an optional field:
 * X_set_field sets the field and the bit. A pointer to a struct is NULL if the
 * struct is absent.
 * Every function F of a service X, inherited ones too, has a call with the
 * structs of its arguments and its result (a oneway function has no result):
 *   weft_err F(struct weft_client *client, struct weft_arena *arena,
 *              const struct F_args *args, struct F_result *result,
 *              const struct weft_call_options *options)
 *                                 see weft_client_call
 *   void F_begin(client, arena, args, result, options,
 *                struct weft_pending *pending)
 *                                 begin a call, for weft_await
 * A function without exceptions and with at most four arguments, none of them
 * optional, has a plain form, too. It takes the arguments one by one, and
 * stores the result without a struct around it:
 *   weft_err PREFIX_function(client, arena, argument..., &result, options)
 *                                 or X_function_call; the declaration shows
 *                                 which name it has
 * Every service X has:
 *   weft_err X_register(struct weft_server *server, const char *name,
 *                       const struct X_service *table, void *user)
 *                                 serve a table of handlers; a call of a NULL
 *                                 entry gets the error "unknown method"; table
 *                                 and user must live as long as the server
 *   weft_err X_serve(const char *address, const struct X_service *table,
 *                  void *user)
 *                                 serve only this service until SIGTERM or
 *                                 SIGINT
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
    /* 0: success; else the id of the exception, or WEFT_RESULT_NONE */
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
