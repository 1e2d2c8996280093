/* SPDX-License-Identifier: MIT */
/* A server sends its IDL when asked, in any dialect, unless its services have
 * none. */
#include "rpc_test.h"

#include "rpc/idl.h"

static struct house house;
static struct weft_arena arena;

static weft_err
ask(struct weft_client *client, struct weft_str *json)
{
    const struct weft_method *method = wf_idl_service.methods[0];
    struct weft_writer w;
    struct weft_chain out = {0};
    void *result = weft_arena_zalloc(&arena, method->result->size);
    char no_args = 0;
    weft_err err =
        weft_client_call(client, method, &arena, &no_args, result, NULL);
    if (err)
        return err;
    weft_writer_init(&w, &out);
    weft_struct_to_json(method->result, &w, result, 0);
    MUST(!weft_writer_fini(&w));
    char *text = weft_arena_alloc(&arena, out.len + 1);
    json->len = (uint32_t)weft_chain_copy_out(&out, 0, text, out.len);
    text[json->len] = 0;
    json->ptr = text;
    weft_chain_clear(&out);
    return WEFT_OK;
}

static void
is_told(void **state)
{
    (void)state;
    static const struct weft_dialect dialects[] = {
        {WEFT_FRAMED, WEFT_BINARY, false, WEFT_ALONE},
        {WEFT_UNFRAMED, WEFT_JSON, false, WEFT_ALONE},
        {WEFT_TTHEADER, WEFT_BINARY, false, WEFT_ALONE}};
    weft_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        struct weft_client_options options = {.dialect = dialects[i]};
        struct weft_str json;
        house_open(&house, NULL, NULL, &options);
        MUST(!ask(house.client, &json));
        static const char begin[] = "{\"success\":{\"trial.thrift\":\"/** What";
        assert_memory_equal(json.ptr, begin, sizeof begin - 1);
        /* Two services come from one file: it is sent once, and complete. */
        assert_non_null(strstr(json.ptr, "2: Item item)\\n}\\n\"}}"));
        assert_null(strstr(json.ptr, "thrift\",\""));
        house_close(&house);
    }
    weft_arena_fini(&arena);
}

static void
is_not_told(void **state)
{
    (void)state;
    struct weft_service silent = trial_Extra_service_desc;
    struct weft_server *server;
    assert_int_equal(weft_server_new(NULL, &server), 0);
    struct weft_client *client;
    struct weft_str json;
    char address[32];
    silent.idl = NULL;
    silent.n_idl = 0;
    weft_arena_init(&arena, 0);
    MUST(server &&
         !weft_server_add(server, "Extra", &silent, &trial_extra_table, NULL));
    MUST(!weft_server_listen(server, "127.0.0.1:0"));
    MUST(!weft_server_start(server));
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_server_port(server));
    MUST(!weft_client_new(address, NULL, &client));
    assert_int_equal(ask(client, &json), WEFT_ENOMETHOD - WEFT_PEER);
    weft_client_free(client);
    MUST(!weft_server_stop(server));
    weft_server_free(server);
    weft_arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_told),
        cmocka_unit_test(is_not_told),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
