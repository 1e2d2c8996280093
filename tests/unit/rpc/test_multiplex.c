/* SPDX-License-Identifier: MIT */
/* Several services over one client and one server, with the functions that
 * weftc generates: each call names its service by itself. */
#include "rpc_test.h"

static struct trial trial;
static struct weft_server *server;
static struct weft_arena arena;
static char address[64];

static const struct weft_dialect dialects[] = {
    {WEFT_FRAMED, WEFT_BINARY, false, WEFT_ALONE},
    {WEFT_UNFRAMED, WEFT_COMPACT, false, WEFT_ALONE},
    {WEFT_FRAMED, WEFT_JSON, false, WEFT_ALONE},
    {WEFT_THEADER, WEFT_COMPACT, false, WEFT_ALONE},
    {WEFT_TTHEADER, WEFT_BINARY, false, WEFT_ALONE},
};

#define N_DIALECTS (sizeof dialects / sizeof *dialects)

/* ---- the service Heir, whose add differs from those of the others ---- */

static weft_err
heir_add(struct weft_call *call, const struct trial_Extra_add_args *args,
         struct trial_Extra_add_result *result)
{
    (void)call;
    result->success = args->a * args->b;
    return WEFT_OK;
}

static weft_err
heir_thrice(struct weft_call *call, const struct trial_Heir_thrice_args *args,
            struct trial_Heir_thrice_result *result)
{
    (void)call;
    result->success = 3 * args->number;
    return WEFT_OK;
}

static const struct trial_Heir_service heir_table = {.add = heir_add,
                                                     .thrice = heir_thrice};

/* ---- a server of three services ---- */

static int
open_server(void **state)
{
    (void)state;
    memset(&trial, 0, sizeof trial);
    weft_arena_init(&arena, 0);
    server = trial_server(&trial, NULL);
    MUST(!trial_Heir_register(server, "Heir", &heir_table, NULL));
    MUST(!trial_Extra_register(server, "other", &trial_extra_table, &trial));
    MUST(!weft_server_listen(server, "127.0.0.1:0"));
    MUST(!weft_server_start(server));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_server_port(server));
    return 0;
}

static int
close_server(void **state)
{
    (void)state;
    MUST(!weft_server_stop(server));
    weft_server_free(server);
    weft_arena_fini(&arena);
    return 0;
}

static struct weft_client *
client_of(struct weft_dialect dialect, const char *service, bool multiplexed)
{
    struct weft_client_options options = {
        .dialect = dialect, .service = service, .multiplexed = multiplexed};
    struct weft_client *client;
    MUST(!weft_client_new(address, &options, &client));
    return client;
}

/* What the three services answer to add(2, 5). */
struct sums {
    int64_t trial, extra, heir;
};

static weft_err
add_by_each(struct weft_client *client, const struct weft_call_options *call,
            struct sums *sums)
{
    struct trial_add_args trial_args = {.a = 2, .b = 5};
    struct trial_add_result trial_result;
    struct trial_Extra_add_args args = {.a = 2, .b = 5};
    struct trial_Extra_add_result extra, heir;
    weft_err err =
        trial_Trial_add(client, &arena, &trial_args, &trial_result, call);
    if (!err)
        err = trial_Extra_add(client, &arena, &args, &extra, call);
    if (!err)
        err = trial_Heir_add(client, &arena, &args, &heir, call);
    if (!err)
        *sums =
            (struct sums){trial_result.success, extra.success, heir.success};
    return err;
}

static void
assert_sums(const struct sums *sums, int64_t a, int64_t b, int64_t c)
{
    assert_int_equal(sums->trial, a);
    assert_int_equal(sums->extra, b);
    assert_int_equal(sums->heir, c);
}

/* ---- the tests ---- */

static void
each_call_knows_its_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = client_of(dialects[i], NULL, true);
        struct sums sums;
        assert_int_equal(add_by_each(client, NULL, &sums), WEFT_OK);
        assert_sums(&sums, 7, -3, 10);
        struct trial_Heir_thrice_args args = {.number = 5};
        struct trial_Heir_thrice_result result;
        assert_int_equal(
            trial_Heir_thrice(client, &arena, &args, &result, NULL), WEFT_OK);
        assert_int_equal(result.success, 15);
        weft_client_free(client);
    }
}

/* A oneway call names its service, too. */
static void
oneway_calls_know_it(void **state)
{
    (void)state;
    struct weft_client *client = client_of(dialects[0], "Extra", true);
    struct trial_note_args args = {.number = 1};
    assert_int_equal(trial_Trial_note(client, &arena, &args, NULL), WEFT_OK);
    AWAIT(wf_load(&trial.noted, relaxed) == 1);
    weft_client_free(client);
}

/* The service that a call's options name comes first, then that of the IDL,
 * then that of the client. */
static void
an_option_of_the_call_decides(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = client_of(dialects[i], "Extra", true);
        struct weft_call_options other = {.service = "other"};
        struct sums sums;
        assert_int_equal(add_by_each(client, &other, &sums), WEFT_OK);
        assert_sums(&sums, -3, -3, -3);
        assert_int_equal(add_by_each(client, NULL, &sums), WEFT_OK);
        assert_sums(&sums, 7, -3, 10);
        weft_client_free(client);
    }
}

/* Without `multiplexed` no call names a service by itself: a server of one
 * service would not know the name. */
static void
others_name_no_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DIALECTS; i++) {
        struct weft_client *client = client_of(dialects[i], NULL, false);
        struct sums sums;
        assert_int_equal(add_by_each(client, NULL, &sums), WEFT_OK);
        assert_sums(&sums, 7, 7, 7); /* of the service that was added first */
        weft_client_free(client);
        client = client_of(dialects[i], "Heir", false);
        assert_int_equal(add_by_each(client, NULL, &sums), WEFT_OK);
        assert_sums(&sums, 10, 10, 10);
        weft_client_free(client);
    }
}

/* A method whose descriptor names no service goes to the client's service. */
static void
a_method_without_a_service(void **state)
{
    (void)state;
    struct weft_client *client = client_of(dialects[0], "Heir", true);
    struct weft_method bare = trial_Extra_add_method;
    struct trial_Extra_add_args args = {.a = 2, .b = 5};
    struct trial_Extra_add_result result;
    bare.service = NULL;
    assert_int_equal(
        weft_client_call(client, &bare, &arena, &args, &result, NULL), WEFT_OK);
    assert_int_equal(result.success, 10);
    weft_client_free(client);
}

/* The functions of the first service of the file have short names. */
static void
plain_forms(void **state)
{
    (void)state;
    struct weft_client *client = client_of(dialects[0], NULL, true);
    struct trial_Item item = {.number = 8, .text = WEFT_STR("t")}, back;
    int64_t sum = 0;
    assert_int_equal(trial_add(client, &arena, 2, 5, &sum, NULL), WEFT_OK);
    assert_int_equal(sum, 7);
    assert_int_equal(trial_Extra_add_call(client, &arena, 2, 5, &sum, NULL),
                     WEFT_OK);
    assert_int_equal(sum, -3);
    assert_int_equal(trial_thrice(client, &arena, 5, &sum, NULL), WEFT_OK);
    assert_int_equal(sum, 15);
    assert_int_equal(trial_echo(client, &arena, &item, &back, NULL), WEFT_OK);
    assert_int_equal(back.number, 8);
    assert_int_equal(trial_nothing(client, &arena, NULL), WEFT_OK);
    assert_int_equal(trial_note(client, &arena, 6, NULL), WEFT_OK);
    AWAIT(wf_load(&trial.noted_sum, relaxed) == 6);
    assert_int_equal(
        trial_fail(client, &arena, -EXDEV, WEFT_STR("no"), &sum, NULL),
        WEFT_EHANDLER - WEFT_PEER);
    assert_int_equal(sum, 15); /* unchanged */
    weft_client_free(client);
}

/* ---- handlers in the plain form ---- */

static weft_err
plain_add(struct weft_call *call, int64_t a, int64_t b, int64_t *result)
{
    *result = 100 * a + b;
    return b < 0 ? weft_call_fail(call, -EDOM, "b is %d", (int)b) : WEFT_OK;
}

static weft_err
plain_echo(struct weft_call *call, const struct trial_Item *item,
           struct trial_Item *result)
{
    (void)call;
    *result = *item;
    result->number++;
    return WEFT_OK;
}

static weft_err
plain_note(struct weft_call *call, int64_t number)
{
    wf_add(&((struct trial *)weft_call_user(call))->noted_sum, number, relaxed);
    return WEFT_OK;
}

/* The handler of a function that throws has no plain form. */
static weft_err
plain_refuse(struct weft_call *call, const struct trial_refuse_args *args,
             struct trial_refuse_result *result)
{
    (void)call;
    return trial_refuse_throw_refused(
        result,
        (struct trial_Refused){.why = WEFT_STR("no"), .code = args->code});
}

static weft_err
plain_refused(struct weft_client *client)
{
    struct trial_refuse_args args = {.code = 7};
    struct trial_refuse_result result;
    weft_err err = trial_Trial_refuse(client, &arena, &args, &result, NULL);
    assert_int_equal(result.refused.code, 7);
    return err;
}

static void
handlers_in_the_plain_form(void **state)
{
    (void)state;
    static const struct trial_Trial_plain table = {.add = plain_add,
                                                   .echo = plain_echo,
                                                   .note = plain_note,
                                                   .refuse = plain_refuse};
    struct weft_server *plain;
    struct trial_Item item = {.number = 8, .text = WEFT_STR("t")}, back;
    int64_t sum = 0;
    MUST(!weft_server_new(NULL, &plain));
    MUST(!trial_Trial_plain_register(plain, "Trial", &table, &trial));
    MUST(!weft_server_listen(plain, "127.0.0.1:0"));
    MUST(!weft_server_start(plain));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_server_port(plain));
    struct weft_client *client = client_of(dialects[0], NULL, true);
    assert_int_equal(trial_add(client, &arena, 2, 5, &sum, NULL), WEFT_OK);
    assert_int_equal(sum, 205);
    assert_int_equal(trial_add(client, &arena, 2, -5, &sum, NULL),
                     WEFT_EHANDLER - WEFT_PEER);
    assert_int_equal(sum, 205);
    assert_int_equal(trial_echo(client, &arena, &item, &back, NULL), WEFT_OK);
    assert_int_equal(back.number, 9);
    assert_int_equal(trial_nothing(client, &arena, NULL),
                     WEFT_ENOMETHOD - WEFT_PEER);
    assert_int_equal(trial_note(client, &arena, 6, NULL), WEFT_OK);
    AWAIT(wf_load(&trial.noted_sum, relaxed) == 6);
    assert_int_equal(plain_refused(client), WEFT_ETHROWN);
    weft_client_free(client);
    MUST(!weft_server_stop(plain));
    weft_server_free(plain);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_server, close_server)
    const struct CMUnitTest tests[] = {
        TEST(each_call_knows_its_service),   TEST(oneway_calls_know_it),
        TEST(an_option_of_the_call_decides), TEST(others_name_no_service),
        TEST(a_method_without_a_service),    TEST(plain_forms),
        TEST(handlers_in_the_plain_form),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
