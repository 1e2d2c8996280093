/* Made by weftc 0.1.0 from mail.thrift; edit that. */
/**
 * Letters, and who carries them.
 * In two lines.
 */
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
#ifndef MAIL_THRIFT_H
#define MAIL_THRIFT_H

#include <weft/codec.h>
#include <weft/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How fast.
 *
 * Slowly, or not.
 */
enum mail_Speed {
    /** On foot. */
    mail_Speed_SLOW = -2147483647 - 1,
    mail_Speed_FAST = 1,
};
extern const struct weft_enum mail_Speed_desc;

#ifndef WEFT_HAS_mail_map_i32_Letter
#define WEFT_HAS_mail_map_i32_Letter
struct mail_map_i32_Letter {
    struct mail_map_i32_Letter_item *items;
    uint32_t len, cap;
};
#endif

#ifndef WEFT_HAS_mail_vec_Letter
#define WEFT_HAS_mail_vec_Letter
struct mail_vec_Letter {
    struct mail_Letter *items;
    uint32_t len, cap;
};
#endif

/** What is sent. */
struct mail_Letter {
    struct weft_str to; /* 1, required */
    int32_t speed;      /* 2: Speed */
    struct {
        uint32_t speed : 1;
    } has;
};

void mail_Letter_init(struct mail_Letter *x);
WEFT_STRUCT(mail_Letter)

enum {
    mail_Parcel_letter = 1,
    mail_Parcel_bytes = 2,
};

struct mail_Parcel {
    int32_t which; /* id of the member that is set, or 0 */
    union {
        struct mail_Letter letter; /* 1 */
        struct weft_str bytes;     /* 2 */
    };
};

WEFT_ZERO_INIT(mail_Parcel)
WEFT_STRUCT(mail_Parcel)
WEFT_SETTER(mail_Parcel_set_letter, mail_Parcel, which = mail_Parcel_letter,
            letter, struct mail_Letter)
WEFT_SETTER(mail_Parcel_set_bytes, mail_Parcel, which = mail_Parcel_bytes,
            bytes, struct weft_str)

struct mail_Lost {
    struct weft_str where;   /* 1 */
    struct mail_Lost *cause; /* 2, optional */
    struct {
        uint32_t where : 1;
    } has;
};

WEFT_ZERO_INIT(mail_Lost)
WEFT_STRUCT(mail_Lost)

#ifndef WEFT_HAS_mail_map_i32_Letter_item
#define WEFT_HAS_mail_map_i32_Letter_item
struct mail_map_i32_Letter_item {
    int32_t key;
    struct mail_Letter value;
};
static inline struct mail_Letter *
mail_map_i32_Letter_get(const struct mail_map_i32_Letter *map, int32_t key)
{
    for (uint32_t i = map->len; i-- > 0;) {
        if (map->items[i].key == key)
            return &map->items[i].value;
    }
    return NULL;
}
#endif

struct mail_Post_isOpen_args {
    char empty; /* C requires a member */
};

struct mail_Post_isOpen_result {
    /* 0: success; else the id of the exception, or WEFT_RESULT_NONE */
    int32_t which;
    bool success; /* 0 */
};

/** Is it open? */
WEFT_STUB(mail_Post_isOpen, mail_Post_isOpen, mail_Post_isOpen_args,
          mail_Post_isOpen_result)
weft_err mail_isOpen(struct weft_client *client, struct weft_arena *arena,
                     bool *result, const struct weft_call_options *options);
WEFT_ZERO_INIT(mail_Post_isOpen_args)
WEFT_CALL_STRUCT(mail_Post_isOpen_args)
void mail_Post_isOpen_result_init(struct mail_Post_isOpen_result *x);
WEFT_CALL_STRUCT(mail_Post_isOpen_result)

struct mail_Post_hurry_args {
    int32_t seconds; /* 1 */
    struct {
        uint32_t seconds : 1;
    } has;
};

WEFT_ONEWAY_STUB(mail_Post_hurry, mail_Post_hurry, mail_Post_hurry_args)
weft_err mail_hurry(struct weft_client *client, struct weft_arena *arena,
                    int32_t seconds, const struct weft_call_options *options);
WEFT_ZERO_INIT(mail_Post_hurry_args)
WEFT_CALL_STRUCT(mail_Post_hurry_args)

struct mail_Post_waiting_args {
    struct mail_Parcel parcel;     /* 1 */
    struct mail_map_i32_Letter by; /* 2 */
    struct {
        uint32_t parcel : 1, by : 1;
    } has;
};

enum {
    mail_Post_waiting_lost = 1,
};

struct mail_Post_waiting_result {
    /* 0: success; else the id of the exception, or WEFT_RESULT_NONE */
    int32_t which;
    struct mail_vec_Letter success; /* 0 */
    struct mail_Lost lost;          /* 1 */
};

WEFT_STUB(mail_Post_waiting, mail_Post_waiting, mail_Post_waiting_args,
          mail_Post_waiting_result)
WEFT_THROWER(mail_Post_waiting_throw_lost, mail_Post_waiting_result,
             mail_Post_waiting_lost, lost, struct mail_Lost)
WEFT_ZERO_INIT(mail_Post_waiting_args)
WEFT_CALL_STRUCT(mail_Post_waiting_args)
void mail_Post_waiting_result_init(struct mail_Post_waiting_result *x);
WEFT_CALL_STRUCT(mail_Post_waiting_result)

struct mail_send_args {
    struct mail_Letter letter; /* 1 */
    int32_t copies;            /* 2 */
    struct {
        uint32_t letter : 1, copies : 1;
    } has;
};

enum {
    mail_send_lost = 1,
    mail_send_gone = 2,
};

struct mail_send_result {
    /* 0: success; else the id of the exception, or WEFT_RESULT_NONE */
    int32_t which;
    struct mail_Letter success; /* 0 */
    struct mail_Lost lost;      /* 1 */
    struct mail_Lost gone;      /* 2 */
};

/**
 * Send one letter,
 * or more.
 */
WEFT_STUB(mail_Mail_send, mail_send, mail_send_args, mail_send_result)
WEFT_THROWER(mail_send_throw_lost, mail_send_result, mail_send_lost, lost,
             struct mail_Lost)
WEFT_THROWER(mail_send_throw_gone, mail_send_result, mail_send_gone, gone,
             struct mail_Lost)
void mail_send_args_init(struct mail_send_args *x);
WEFT_CALL_STRUCT(mail_send_args)
void mail_send_result_init(struct mail_send_result *x);
WEFT_CALL_STRUCT(mail_send_result)

struct mail_resend_args {
    struct mail_Letter letter; /* 1 */
    int64_t number;            /* 2 */
    struct weft_str text;      /* 3 */
    struct weft_vec_i32 list;  /* 4 */
    struct {
        uint32_t letter : 1, number : 1, text : 1, list : 1;
    } has;
};

struct mail_resend_result {
    /* 0: success; else the id of the exception, or WEFT_RESULT_NONE */
    int32_t which;
    struct mail_Letter success; /* 0 */
};

WEFT_STUB(mail_Mail_resend, mail_resend, mail_resend_args, mail_resend_result)
weft_err mail_resend(struct weft_client *client, struct weft_arena *arena,
                     const struct mail_Letter *letter, int64_t number,
                     struct weft_str text, struct weft_vec_i32 list,
                     struct mail_Letter *result,
                     const struct weft_call_options *options);
void mail_resend_args_init(struct mail_resend_args *x);
WEFT_CALL_STRUCT(mail_resend_args)
void mail_resend_result_init(struct mail_resend_result *x);
WEFT_CALL_STRUCT(mail_resend_result)

struct mail_resendAll_args {
    struct mail_Letter *letter; /* 1 */
};

struct mail_resendAll_result {
    /* 0: success; else the id of the exception, or WEFT_RESULT_NONE */
    int32_t which;
};

WEFT_STUB(mail_Mail_resendAll, mail_resendAll, mail_resendAll_args,
          mail_resendAll_result)
WEFT_ZERO_INIT(mail_resendAll_args)
WEFT_CALL_STRUCT(mail_resendAll_args)
void mail_resendAll_result_init(struct mail_resendAll_result *x);
WEFT_CALL_STRUCT(mail_resendAll_result)

struct mail_burn_args {
    struct weft_vec_str letters; /* 1 */
    struct {
        uint32_t letters : 1;
    } has;
};

struct mail_burn_result {
    /* 0: success; else the id of the exception, or WEFT_RESULT_NONE */
    int32_t which;
};

WEFT_STUB(mail_Mail_burn, mail_burn, mail_burn_args, mail_burn_result)
weft_err mail_burn(struct weft_client *client, struct weft_arena *arena,
                   struct weft_vec_str letters,
                   const struct weft_call_options *options);
WEFT_ZERO_INIT(mail_burn_args)
WEFT_CALL_STRUCT(mail_burn_args)
void mail_burn_result_init(struct mail_burn_result *x);
WEFT_CALL_STRUCT(mail_burn_result)

/** No function of its own. */
struct mail_Nobody_service {
    char empty; /* C requires a member */
};

WEFT_SERVICE(mail_Nobody, mail_Nobody_service)

struct mail_Nobody_plain {
    char empty; /* C requires a member */
};

WEFT_SERVICE(mail_Nobody_plain, mail_Nobody_plain)

/** The base of all. */
struct mail_Post_service {
    /** Is it open? */
    weft_err (*isOpen)(struct weft_call *call,
                       const struct mail_Post_isOpen_args *args,
                       struct mail_Post_isOpen_result *result);
    weft_err (*hurry)(struct weft_call *call,
                      const struct mail_Post_hurry_args *args);
    weft_err (*waiting)(struct weft_call *call,
                        const struct mail_Post_waiting_args *args,
                        struct mail_Post_waiting_result *result);
};

WEFT_SERVICE(mail_Post, mail_Post_service)

struct mail_Post_plain {
    weft_err (*isOpen)(struct weft_call *call, bool *result);
    weft_err (*hurry)(struct weft_call *call, int32_t seconds);
    weft_err (*waiting)(struct weft_call *call,
                        const struct mail_Post_waiting_args *args,
                        struct mail_Post_waiting_result *result);
};

WEFT_SERVICE(mail_Post_plain, mail_Post_plain)

struct mail_Mail_service {
    /** Is it open? */
    weft_err (*isOpen)(struct weft_call *call,
                       const struct mail_Post_isOpen_args *args,
                       struct mail_Post_isOpen_result *result);
    weft_err (*hurry)(struct weft_call *call,
                      const struct mail_Post_hurry_args *args);
    weft_err (*waiting)(struct weft_call *call,
                        const struct mail_Post_waiting_args *args,
                        struct mail_Post_waiting_result *result);
    /**
     * Send one letter,
     * or more.
     */
    weft_err (*send)(struct weft_call *call, const struct mail_send_args *args,
                     struct mail_send_result *result);
    weft_err (*resend)(struct weft_call *call,
                       const struct mail_resend_args *args,
                       struct mail_resend_result *result);
    weft_err (*resendAll)(struct weft_call *call,
                          const struct mail_resendAll_args *args,
                          struct mail_resendAll_result *result);
    weft_err (*burn)(struct weft_call *call, const struct mail_burn_args *args,
                     struct mail_burn_result *result);
};

WEFT_SERVICE(mail_Mail, mail_Mail_service)
WEFT_STUB(mail_Mail_isOpen, mail_isOpen, mail_Post_isOpen_args,
          mail_Post_isOpen_result)
WEFT_ONEWAY_STUB(mail_Mail_hurry, mail_hurry, mail_Post_hurry_args)
WEFT_STUB(mail_Mail_waiting, mail_waiting, mail_Post_waiting_args,
          mail_Post_waiting_result)

struct mail_Mail_plain {
    weft_err (*isOpen)(struct weft_call *call, bool *result);
    weft_err (*hurry)(struct weft_call *call, int32_t seconds);
    weft_err (*waiting)(struct weft_call *call,
                        const struct mail_Post_waiting_args *args,
                        struct mail_Post_waiting_result *result);
    weft_err (*send)(struct weft_call *call, const struct mail_send_args *args,
                     struct mail_send_result *result);
    weft_err (*resend)(struct weft_call *call, const struct mail_Letter *letter,
                       int64_t number, struct weft_str text,
                       struct weft_vec_i32 list, struct mail_Letter *result);
    weft_err (*resendAll)(struct weft_call *call,
                          const struct mail_resendAll_args *args,
                          struct mail_resendAll_result *result);
    weft_err (*burn)(struct weft_call *call, struct weft_vec_str letters);
};

WEFT_SERVICE(mail_Mail_plain, mail_Mail_plain)

#ifdef __cplusplus
}
#endif

#endif
