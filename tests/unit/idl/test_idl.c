/* SPDX-License-Identifier: MIT */
/* IDL that is loaded at run time: found by name, called and served as JSON. */
#include <weft/fiber.h>
#include <weft/idl.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define TEXT(name, text)                         \
    {                                            \
        WEFT_STR_INIT(name), WEFT_STR_INIT(text) \
    }

static const struct weft_idl_text shop_texts[] = {
    TEXT(
        "shop/shop.thrift",
        "include \"shared.thrift\"\n"
        "struct Item { 1: required string name, 2: i32 count = 7,\n"
        "              3: optional list<string> tags, 4: shared.Grade grade }\n"
        "exception Empty { 1: string why = \"sold\" }\n"
        "service Base { string ping() }\n"
        "service Shop extends Base {\n"
        "  Item mirror(1: Item item),\n"
        "  void nothing(1: i32 n = 3),\n"
        "  i32 count(1: i32 n = 3) throws (1: Empty empty),\n"
        "  oneway void hint(1: string text)\n"
        "}\n"
        "service Other { string ping(), i32 sum(1: map<string, i32> all) }\n"),
    TEXT("shop/shared.thrift", "enum Grade { POOR = 1, GOOD = 2 }\n"
                               "struct Box { 1: i64 size }\n"),
};

struct said {
    char text[4096];
    size_t len;
};

static void
listen_to(void *user, const char *text, size_t len)
{
    struct said *said = user;
    if (said->len + len < sizeof said->text) {
        memcpy(said->text + said->len, text, len);
        said->len += len;
        said->text[said->len] = '\0';
    }
}

static struct weft_idl *
load_shop(void)
{
    struct weft_idl *idl;
    assert_int_equal(weft_idl_load_texts(shop_texts, 2, NULL, &idl), 0);
    return idl;
}

/* ---- names ---- */

static void
everything_has_its_name(void **state)
{
    (void)state;
    struct weft_idl *idl = load_shop();
    assert_int_equal(weft_idl_n_services(idl), 3);
    assert_string_equal(weft_idl_service_at(idl, 1)->name, "Shop");
    assert_ptr_equal(weft_idl_service(idl, "Shop"),
                     weft_idl_service_at(idl, 1));
    assert_ptr_equal(weft_idl_service(idl, "shop.Shop"),
                     weft_idl_service_at(idl, 1));
    assert_null(weft_idl_service(idl, "Item"));

    const struct weft_service *shop = weft_idl_service(idl, "Shop");
    assert_int_equal(shop->n_methods, 5);
    assert_string_equal(shop->methods[0]->name, "ping");
    assert_ptr_equal(weft_idl_method(idl, "Shop.ping"), shop->methods[0]);
    assert_ptr_equal(weft_idl_method(idl, "mirror"), shop->methods[1]);
    assert_null(weft_idl_method(idl, "ping")); /* three services have a ping */
    assert_non_null(weft_idl_method(idl, "Other.ping"));
    assert_null(weft_idl_method(idl, "Shop.gone"));

    const struct weft_struct *item = weft_idl_struct(idl, "Item");
    assert_ptr_equal(item, weft_idl_struct(idl, "shop.Item"));
    assert_non_null(weft_idl_struct(idl, "shared.Box"));
    assert_non_null(weft_struct_field(item, "count"));
    weft_idl_free(idl);
    weft_idl_free(NULL);
}

/* If arguments cannot be read, the caller gets NULL. */
static void
bad_arguments_are_not_given(void **state)
{
    (void)state;
    struct weft_idl *idl = load_shop();
    struct weft_arena arena;
    struct weft_json_error why;
    const struct weft_method *m = weft_idl_method(idl, "hint");
    void *args = &arena;
    weft_arena_init(&arena, 0);
    assert_int_equal(weft_idl_args_from_json(m, WEFT_STR("{\"text\": 1}"),
                                             &arena, &args, &why),
                     WEFT_EPROTOCOL);
    assert_null(args);
    assert_int_equal(weft_idl_args_from_json(m, WEFT_STR("{\"text\": \"\"}"),
                                             &arena, &args, &why),
                     WEFT_OK);
    assert_non_null(args);
    weft_arena_fini(&arena);
    weft_idl_free(idl);
}

/* ---- files that are refused ---- */

static void
errors_are_told_as_weftc_tells_them(void **state)
{
    (void)state;
    static const struct weft_idl_text bad[] = {
        TEXT("bad.thrift", "struct A {\n  1: Strin name\n}\n")};
    static const struct weft_idl_text alone[] = {
        TEXT("alone.thrift", "include \"gone.thrift\"\n"
                             "struct A { 1: gone.B b }\n")};
    struct said said = {.len = 0};
    struct weft_idl_options options = {.report = listen_to, .user = &said};
    struct weft_idl *idl = (void *)&said;
    assert_int_equal(weft_idl_load_texts(bad, 1, &options, &idl), WEFT_EIDL);
    assert_null(idl);
    assert_non_null(strstr(said.text, "bad.thrift:2:6"));
    assert_non_null(strstr(said.text, "Strin"));

    said.len = 0;
    assert_int_equal(weft_idl_load_texts(alone, 1, &options, &idl), WEFT_EIDL);
    assert_non_null(strstr(said.text, "gone"));

    options.memory = 4096;
    assert_int_equal(weft_idl_load_texts(shop_texts, 2, &options, &idl),
                     -ENOMEM);
    assert_null(idl);
}

static void
files_are_read_and_searched(void **state)
{
    (void)state;
    char folder[] = "/tmp/weft-idl-XXXXXX", path[64], inner[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.thrift", folder);
    FILE *f = fopen(path, "w");
    fputs("include \"b.thrift\"\nservice A { b.B get() }\n", f);
    fclose(f);
    struct weft_idl *idl;
    const char *paths[] = {path};
    assert_int_equal(weft_idl_load(paths, 1, NULL, &idl), WEFT_EIDL);

    snprintf(inner, sizeof inner, "%s/in", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    const char *folders[] = {inner, NULL};
    struct weft_idl_options options = {.folders = folders};
    snprintf(inner + strlen(inner), sizeof inner - strlen(inner), "/b.thrift");
    f = fopen(inner, "w");
    fputs("struct B { 1: i32 n }\n", f);
    fclose(f);
    *strrchr(inner, '/') = '\0';
    assert_int_equal(weft_idl_load(paths, 1, &options, &idl), 0);
    assert_int_equal(weft_idl_n_services(idl), 1);
    weft_idl_free(idl);
    snprintf(path, sizeof path, "%s/in/b.thrift", folder);
    unlink(path);
    rmdir(inner);
    snprintf(path, sizeof path, "%s/a.thrift", folder);
    unlink(path);
    rmdir(folder);
}

/* ---- calls ---- */

static char hint[64];
static struct weft_sem hinted;

/* Returns the first argument. The method `count` throws if its argument is
 * negative. */
static weft_err
handle(struct weft_call *call, const struct weft_method *m, void *args,
       void *result)
{
    struct weft_arena *arena = weft_call_arena(call);
    assert_string_equal(weft_call_user(call), "user");
    if (strcmp(m->name, "ping") == 0) {
        struct weft_str *to =
            weft_field_set(m->result, &m->result->fields[0], arena, result);
        *to = WEFT_STR("pong");
        return WEFT_OK;
    }
    const struct weft_field *first = &m->args->fields[0];
    const void *value = weft_field_get(m->args, first, args);
    if (m->oneway) {
        const struct weft_str *text = value;
        snprintf(hint, sizeof hint, "%.*s", (int)text->len, text->ptr);
        weft_sem_give(&hinted, 1);
        return WEFT_OK;
    }
    if (m->is_void)
        return *(const int32_t *)value == 3 ? WEFT_OK : WEFT_EHANDLER;
    bool throws = m->result->n_fields > 1 && *(const int32_t *)value < 0;
    const struct weft_field *to = &m->result->fields[throws ? 1 : 0];
    void *place = weft_field_set(m->result, to, arena, result);
    if (!place)
        return WEFT_EBUDGET;
    if (throws)
        return WEFT_ETHROWN; /* `why` keeps its default */
    memcpy(place, value, first->type->size);
    return WEFT_OK;
}

struct house {
    struct weft_idl *idl;
    struct weft_server *server;
    struct weft_client *client;
    char address[64];
};

static void
open_house(struct house *h, weft_idl_handler handler, void *user)
{
    h->idl = load_shop();
    assert_int_equal(weft_server_new(NULL, &h->server), 0);
    assert_int_equal(weft_idl_add(h->server, h->idl, "Gone", handler, user),
                     WEFT_ENOSERVICE);
    assert_int_equal(weft_idl_add(h->server, h->idl, "Shop", handler, user), 0);
    assert_int_equal(weft_server_listen(h->server, "127.0.0.1:0"), 0);
    assert_int_equal(weft_server_start(h->server), 0);
    snprintf(h->address, sizeof h->address, "127.0.0.1:%u",
             (unsigned)weft_server_port(h->server));
    assert_int_equal(weft_client_new(h->address, NULL, &h->client), 0);
}

static void
close_house(struct house *h)
{
    weft_client_free(h->client);
    assert_int_equal(weft_server_stop(h->server), 0);
    weft_server_free(h->server);
    weft_idl_free(h->idl);
}

static void
call_all(struct weft_client *client, const struct weft_idl *idl)
{
    static const struct {
        const char *method, *args, *reply;
        weft_err err;
    } rows[] = {
        {"Shop.ping", "{}", "\"pong\"", 0},
        {"mirror",
         "{\"item\": {\"name\": \"nail\", \"tags\": [\"a\", \"b\"], "
         "\"grade\": \"GOOD\"}}",
         "{\"name\":\"nail\",\"count\":7,\"tags\":[\"a\",\"b\"],"
         "\"grade\":\"GOOD\"}",
         0},
        {"nothing", "{}", "null", 0},
        {"nothing", "{\"n\": 4}", NULL, WEFT_EHANDLER - WEFT_PEER},
        {"count", "{}", "3", 0},
        {"count", "{\"n\": -1}", "{\"empty\":{\"why\":\"sold\"}}",
         WEFT_ETHROWN},
        {"count", "{\"n\": \"x\"}", NULL, WEFT_EPROTOCOL},
        {"mirror", "{\"item\": {}}", NULL, WEFT_EREQUIRED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_arena arena;
        struct weft_str reply;
        struct weft_json_error why;
        const struct weft_method *m = weft_idl_method(idl, rows[i].method);
        weft_arena_init(&arena, 0);
        assert_non_null(m);
        assert_int_equal(weft_idl_call_json(client, m, &arena,
                                            weft_str_of(rows[i].args), &reply,
                                            NULL, &why),
                         rows[i].err);
        if (rows[i].reply)
            assert_string_equal(reply.ptr, rows[i].reply);
        else
            assert_null(reply.ptr);
        weft_arena_fini(&arena);
    }
}

static void
calls_and_services_need_no_generated_code(void **state)
{
    (void)state;
    struct house h;
    struct weft_arena arena;
    struct weft_str reply;
    struct weft_str text = WEFT_STR("{\"text\": \"psst\"}");
    open_house(&h, handle, "user");
    call_all(h.client, h.idl);
    weft_arena_init(&arena, 0);
    assert_int_equal(weft_idl_call_json(h.client,
                                        weft_idl_method(h.idl, "hint"), &arena,
                                        text, &reply, NULL, NULL),
                     0);
    assert_int_equal(weft_sem_take(&hinted), 0);
    assert_string_equal(hint, "psst");
    weft_arena_fini(&arena);
    close_house(&h);
}

static void
a_client_learns_the_idl_from_the_server(void **state)
{
    (void)state;
    struct house h;
    struct weft_idl *learned;
    struct weft_server_stats stats;
    open_house(&h, handle, "user");
    assert_int_equal(weft_idl_fetch(h.client, NULL, NULL, &learned), 0);
    weft_server_get_stats(h.server, &stats);
    assert_int_equal(stats.calls, 1); /* nothing was asked twice */
    assert_non_null(weft_idl_struct(learned, "shared.Box"));
    call_all(h.client, learned);
    weft_idl_free(learned);
    close_house(&h);
}

/* ---- a server whose IDL has no files ---- */

struct no_files {
    int32_t which;
    struct {
        struct weft_idl_text *items;
        uint32_t len, cap;
    } success;
};

static void
init_no_files(void *record)
{
    memset(record, 0, sizeof(struct no_files));
}

static weft_err
tell_nothing(const void *table, struct weft_call *call, const void *args,
             void *result)
{
    (void)table;
    (void)call;
    (void)args;
    init_no_files(result);
    return WEFT_OK;
}

static void
a_client_learns_nothing_from_no_files(void **state)
{
    (void)state;
    const struct weft_type string = {.wire = WEFT_STRING,
                                     .size = sizeof(struct weft_str)};
    const struct weft_type files = {
        .wire = WEFT_MAP,
        .size = sizeof((struct no_files *)0)->success,
        .item_size = sizeof(struct weft_idl_text),
        .value_offset = offsetof(struct weft_idl_text, text),
        .key = &string,
        .element = &string};
    const struct weft_field success = {.name = "success",
                                       .type = &files,
                                       .offset =
                                           offsetof(struct no_files, success),
                                       .requiredness = WEFT_OPTIONAL};
    const struct weft_struct args = {.name = "args", .size = 1};
    const struct weft_struct result = {.name = "result",
                                       .fields = &success,
                                       .n_fields = 1,
                                       .size = sizeof(struct no_files),
                                       .has_offset =
                                           offsetof(struct no_files, which),
                                       .kind = WEFT_RECORD_UNION,
                                       .is_result = true,
                                       .init = init_no_files};
    const struct weft_method method = {.name = "weft.idl",
                                       .name_len = 8,
                                       .args = &args,
                                       .result = &result,
                                       .invoke = tell_nothing};
    const struct weft_method *const methods[] = {&method};
    const struct weft_service service = {
        .name = "Silent", .methods = methods, .n_methods = 1};
    struct house h = {.idl = NULL};
    struct weft_idl *learned = (void *)&h;
    assert_int_equal(weft_server_new(NULL, &h.server), 0);
    assert_int_equal(
        weft_server_add(h.server, "Silent", &service, &service, NULL), 0);
    assert_int_equal(weft_server_listen(h.server, "127.0.0.1:0"), 0);
    assert_int_equal(weft_server_start(h.server), 0);
    snprintf(h.address, sizeof h.address, "127.0.0.1:%u",
             (unsigned)weft_server_port(h.server));
    assert_int_equal(weft_client_new(h.address, NULL, &h.client), 0);
    assert_int_equal(weft_idl_fetch(h.client, NULL, NULL, &learned),
                     WEFT_ENOMETHOD - WEFT_PEER);
    assert_null(learned);
    close_house(&h);
}

/* ---- what a fetch tells of its call ---- */

static weft_err
refuse_with_header(const void *table, struct weft_call *call, const void *args,
                   void *result)
{
    (void)table;
    (void)args;
    (void)result;
    weft_err err = weft_call_set_header(call, WEFT_STR("k"), WEFT_STR("v"));
    return err ? err : weft_call_fail(call, WEFT_EHANDLER, "not for you");
}

/* Serve the built-in method by a handler that fails. */
static void
open_refusing_house(struct house *h, const struct weft_client_options *options)
{
    static const struct weft_struct args = {.name = "args", .size = 1};
    static const struct weft_struct result = {
        .name = "result",
        .size = sizeof(struct no_files),
        .has_offset = offsetof(struct no_files, which),
        .kind = WEFT_RECORD_UNION,
        .is_result = true,
        .init = init_no_files};
    static const struct weft_method method = {.name = "weft.idl",
                                              .name_len = 8,
                                              .args = &args,
                                              .result = &result,
                                              .invoke = refuse_with_header};
    static const struct weft_method *const methods[] = {&method};
    static const struct weft_service service = {
        .name = "Silent", .methods = methods, .n_methods = 1};
    *h = (struct house){.idl = NULL};
    assert_int_equal(weft_server_new(NULL, &h->server), 0);
    assert_int_equal(
        weft_server_add(h->server, "Silent", &service, &service, NULL), 0);
    assert_int_equal(weft_server_listen(h->server, "127.0.0.1:0"), 0);
    assert_int_equal(weft_server_start(h->server), 0);
    snprintf(h->address, sizeof h->address, "127.0.0.1:%u",
             (unsigned)weft_server_port(h->server));
    assert_int_equal(weft_client_new(h->address, options, &h->client), 0);
}

/* The memory of the call is freed before weft_idl_fetch returns. */
static void
no_view_of_a_fetch_outlives_its_memory(void **state)
{
    (void)state;
    struct house h;
    const struct weft_client_options options = {
        .dialect = {.framing = WEFT_TTHEADER}};
    struct weft_call_info info;
    struct weft_call_options call = {.info = &info};
    struct weft_idl *learned;
    open_refusing_house(&h, &options);
    assert_int_equal(weft_idl_fetch(h.client, NULL, &call, &learned),
                     WEFT_EHANDLER - WEFT_PEER);
    assert_null(info.text.ptr);
    assert_int_equal(info.text.len, 0);
    assert_null(info.headers.items);
    assert_int_equal(info.headers.len, 0);
    assert_int_equal(info.app_type, 6);
    assert_int_equal(info.reach, WEFT_CALL_ANSWERED);
    close_house(&h);
}

/* Check a result as JSON: `which` is the id of an exception, or 0. */
static void
result_is(const struct weft_idl *idl, const char *method, int32_t which,
          const void *success, const char *json)
{
    struct weft_arena arena;
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    char text[128] = "";
    void *result;
    const struct weft_method *m = weft_idl_method(idl, method);
    weft_arena_init(&arena, 0);
    weft_writer_init(&w, &chain);
    assert_int_equal(weft_idl_result_new(m, &arena, &result), 0);
    if (m->result) {
        for (uint32_t i = 0; i < m->result->n_fields; i++) {
            const struct weft_field *f = &m->result->fields[i];
            if (f->id != which)
                continue;
            void *to = weft_field_set(m->result, f, &arena, result);
            if (success)
                memcpy(to, success, f->type->size);
        }
        ((struct weft_result *)result)->which = which;
    }
    weft_idl_result_to_json(m, &w, result, 0);
    assert_int_equal(weft_writer_fini(&w), 0);
    assert_in_range(chain.len, 1, sizeof text - 1);
    (void)weft_chain_copy_out(&chain, 0, text, chain.len);
    assert_string_equal(text, json);
    weft_chain_clear(&chain);
    weft_arena_fini(&arena);
}

static void
a_result_is_written_as_json(void **state)
{
    (void)state;
    struct weft_idl *idl = load_shop();
    const int32_t seven = 7;
    result_is(idl, "count", 0, &seven, "7");
    result_is(idl, "count", 1, NULL, "{\"empty\":{\"why\":\"sold\"}}");
    result_is(idl, "nothing", 0, NULL, "null");
    weft_idl_free(idl);
}

/* A client may name a service for its calls. This service does not have the
 * method by which a server sends its IDL, but the fetch works all the same: its
 * second request has the options of the first one, such as info. */
static void
so_does_one_whose_calls_name_a_service(void **state)
{
    (void)state;
    struct house h;
    const char *const names[] = {"Shop", "Gone"};
    open_house(&h, handle, "user");
    for (int i = 0; i < 2; i++) {
        struct weft_client_options options = {.service = names[i]};
        struct weft_call_info info;
        struct weft_call_options call = {.info = &info};
        struct weft_client *client;
        struct weft_idl *learned;
        assert_int_equal(weft_client_new(h.address, &options, &client), 0);
        assert_int_equal(weft_idl_fetch(client, NULL, &call, &learned), 0);
        assert_int_equal(info.app_type, -1); /* of the second request */
        assert_non_null(weft_idl_struct(learned, "shared.Box"));
        weft_idl_free(learned);
        weft_client_free(client);
    }
    close_house(&h);
}

/* ---- a proxy ---- */

static weft_err
forward(struct weft_call *call, const struct weft_method *m, void *args,
        void *result)
{
    struct weft_arena *arena = weft_call_arena(call);
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    void *answer;
    weft_err err = weft_idl_result_new(m, arena, &answer);
    if (err)
        return err;
    err = weft_client_call(weft_call_user(call), m, arena, args, answer,
                           &options);
    if (err && err != WEFT_ETHROWN)
        return weft_err_is_peer(err) ? err + WEFT_PEER : err;
    weft_idl_forward(m, answer, result);
    return err;
}

static void
a_proxy_knows_no_service_in_advance(void **state)
{
    (void)state;
    struct house behind, front;
    open_house(&behind, handle, "user");
    open_house(&front, forward, behind.client);
    call_all(front.client, front.idl);
    close_house(&front);
    close_house(&behind);
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    alarm(300); /* a failed test may leave a fiber that never ends */
    return weft_runtime_start(&options);
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_has_its_name),
        cmocka_unit_test(bad_arguments_are_not_given),
        cmocka_unit_test(errors_are_told_as_weftc_tells_them),
        cmocka_unit_test(files_are_read_and_searched),
        cmocka_unit_test(calls_and_services_need_no_generated_code),
        cmocka_unit_test(a_result_is_written_as_json),
        cmocka_unit_test(a_client_learns_the_idl_from_the_server),
        cmocka_unit_test(a_client_learns_nothing_from_no_files),
        cmocka_unit_test(no_view_of_a_fetch_outlives_its_memory),
        cmocka_unit_test(so_does_one_whose_calls_name_a_service),
        cmocka_unit_test(a_proxy_knows_no_service_in_advance),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
