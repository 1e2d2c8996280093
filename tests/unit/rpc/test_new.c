/* SPDX-License-Identifier: MIT */
/* A server and a client before the first call: the defaults of their options,
 * what is refused, and in which order a server can be used. */
#include "rpc/client.h"
#include "rpc_test.h"

#define MIB ((size_t)1 << 20)

/* ---- options of a server ---- */

static void
assert_limits(const struct weft_limits *l)
{
    assert_int_equal(l->message_size, 16384000);
    assert_int_equal(l->memory, 8 * (size_t)16384000 + MIB);
    assert_int_equal(l->depth, 64);
    assert_int_equal(l->name_size, 1024);
    assert_int_equal(l->header_size, 65532);
    assert_int_equal(l->inflate_ratio, 100);
}

/* As rpc.h promises. */
static void
defaults_of_a_server(void **state)
{
    (void)state;
    static const struct weft_server_options none = {0};
    for (int i = 0; i < 2; i++) {
        struct weft_server *server;
        MUST(!weft_server_new(i ? &none : NULL, &server));
        const struct weft_server_options *o = &server->options;
        assert_limits(&o->limits);
        assert_int_equal(o->max_connections, 10000);
        assert_int_equal(o->max_calls, 10000);
        assert_int_equal(o->max_calls_per_connection, 1024);
        assert_int_equal(o->max_queued, 64 * MIB);
        assert_int_equal(o->max_memory, 1024 * MIB);
        assert_int_equal(server->memory.max, 1024 * MIB);
        assert_int_equal(o->idle_timeout_ms, 600000);
        assert_int_equal(o->read_timeout_ms, 20000);
        assert_int_equal(o->write_timeout_ms, 20000);
        assert_int_equal(o->stop_timeout_ms, 10000);
        assert_int_equal(o->call_timeout_ms, WEFT_NONE);
        assert_int_equal(o->backlog, 4096);
        assert_int_equal((uintptr_t)server % 64, 0);
        weft_server_free(server);
    }
}

/* The options point to memory of the caller, so weft copies it. */
static void
options_of_a_server_are_copied(void **state)
{
    (void)state;
    char path[] = "/thrift", other[] = "/x";
    const char *paths[] = {path, other};
    struct weft_dialect dialects[2] = {{.framing = WEFT_FRAMED},
                                       {.framing = WEFT_HTTP}};
    struct weft_server_options o = {
        .dialects = dialects, .n_dialects = 2, .paths = paths, .n_paths = 2};
    struct weft_server *server;
    MUST(!weft_server_new(&o, &server));
    memset(path, '?', sizeof path);
    memset(other, '?', sizeof other);
    memset(dialects, 0xff, sizeof dialects);
    memset(paths, 0, sizeof paths);
    assert_int_equal(server->options.n_dialects, 2);
    assert_int_equal(server->options.dialects[1].framing, WEFT_HTTP);
    assert_int_equal(server->options.n_paths, 2);
    assert_string_equal(server->options.paths[0], "/thrift");
    assert_string_equal(server->options.paths[1], "/x");
    weft_server_free(server);
}

static void
options_that_a_server_refuses(void **state)
{
    (void)state;
    static struct weft_dialect dialects[WEFT_DIALECTS_MAX + 1];
    const char *paths[WEFT_PATHS_MAX + 1];
    for (size_t i = 0; i <= WEFT_PATHS_MAX; i++)
        paths[i] = "/a";
    static const char *const no_paths[] = {NULL, "", "a", "/a?b", "/a b"};
    struct weft_server_options o = {.dialects = dialects, .paths = paths};
    for (uint32_t more = 0; more < 2; more++) {
        struct weft_server *server;
        o.n_dialects = WEFT_DIALECTS_MAX + more;
        o.n_paths = 0;
        assert_int_equal(weft_server_new(&o, &server), more ? -EINVAL : 0);
        assert_int_equal(server == NULL, more);
        weft_server_free(server);
        o.n_dialects = 0;
        o.n_paths = WEFT_PATHS_MAX + more;
        assert_int_equal(weft_server_new(&o, &server), more ? -EINVAL : 0);
        assert_int_equal(server == NULL, more);
        weft_server_free(server);
    }
    for (size_t i = 0; i < sizeof no_paths / sizeof *no_paths; i++) {
        struct weft_server *server;
        o.n_dialects = 1; /* copied before the paths are refused */
        o.n_paths = 2;
        paths[1] = no_paths[i];
        assert_int_equal(weft_server_new(&o, &server), -EINVAL);
        assert_null(server);
    }
    const struct weft_dialect zlib = {.framing = WEFT_HTTP, .zlib = true};
    const struct weft_server_options missing[] = {
        {.dialects = &zlib, .n_dialects = 1},
        {.n_dialects = 1},
        {.n_paths = 1}};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        struct weft_server *server;
        assert_int_equal(weft_server_new(&missing[i], &server), -EINVAL);
        assert_null(server);
    }
}

/* ---- the order of calls ---- */

static void
a_server_has_sixteen_addresses(void **state)
{
    (void)state;
    struct weft_server *server;
    char path[64];
    MUST(!weft_server_new(NULL, &server));
    assert_int_equal(weft_server_port(server), 0);
    snprintf(path, sizeof path, "unix:@weft-new-%d", (int)getpid());
    assert_int_equal(weft_server_listen(server, path), WEFT_OK);
    assert_int_equal(weft_server_port(server), 0);
    assert_int_equal(weft_server_listen(server, "1.2.3.4:0"), -EADDRNOTAVAIL);
    for (int i = 1; i < 16; i++)
        assert_int_equal(weft_server_listen(server, "127.0.0.1:0"), WEFT_OK);
    uint16_t port = weft_server_port(server);
    assert_int_not_equal(port, 0);
    assert_int_equal(port, wf_acceptor_port(server->acceptors[1]));
    assert_int_equal(weft_server_listen(server, "127.0.0.1:0"), WEFT_EFULL);
    assert_int_equal(server->n_acceptors, 16);
    weft_server_free(server);
    weft_server_free(NULL);
}

/* Such a server would serve no peer, and its main() would wait for a signal. */
static void
a_server_without_an_address_does_not_start(void **state)
{
    (void)state;
    struct trial trial = {0};
    struct weft_server *server = trial_server(&trial, NULL);
    assert_int_equal(weft_server_start(server), -EDESTADDRREQ);
    assert_int_equal(weft_server_run(server, NULL), -EDESTADDRREQ);
    for (int life = 0; life < 2; life++) {
        MUST(!weft_server_listen(server, "127.0.0.1:0"));
        MUST(!weft_server_start(server));
        MUST(!weft_server_stop(server));
        assert_int_equal(weft_server_start(server), -EDESTADDRREQ);
    }
    weft_server_free(server);
}

static void
a_server_is_started_once(void **state)
{
    (void)state;
    struct trial trial = {0};
    struct weft_server *server = trial_server(&trial, NULL);
    assert_int_equal(weft_server_stop(server), WEFT_OK); /* not started */
    for (int life = 0; life < 2; life++) {
        assert_int_equal(weft_server_listen(server, "127.0.0.1:0"), WEFT_OK);
        assert_int_equal(weft_server_start(server), WEFT_OK);
        assert_int_equal(weft_server_start(server), -EALREADY);
        assert_int_equal(weft_server_listen(server, "127.0.0.1:0"), -EBUSY);
        assert_int_equal(weft_server_listen_until(server, "127.0.0.1:0", 0),
                         -EBUSY);
        int fd = wire_dial(weft_server_port(server));
        close(fd);
        assert_int_equal(weft_server_stop(server), WEFT_OK);
        assert_int_equal(weft_server_port(server), 0);
        assert_int_equal(weft_server_stop(server), WEFT_OK);
    }
    weft_server_free(server);
}

/* ---- clients ---- */

static void
defaults_of_a_client(void **state)
{
    (void)state;
    static const struct weft_client_options none = {0};
    for (int i = 0; i < 2; i++) {
        struct weft_client *client;
        MUST(!weft_client_new("127.0.0.1:1", i ? &none : NULL, &client));
        const struct weft_client_options *o = &client->options;
        assert_limits(&o->limits);
        assert_int_equal(o->connect_timeout_ms, 1000);
        assert_int_equal(o->call_timeout_ms, 10000);
        assert_int_equal(o->max_calls, 4096);
        assert_int_equal(o->max_queued, 16 * MIB);
        assert_int_equal(o->write_timeout_ms, 20000);
        assert_int_equal(o->idle_timeout_ms, 300000);
        assert_int_equal(o->silent_timeout_ms, 1000);
        assert_int_equal(o->flush_timeout_ms, 5000);
        assert_int_equal(o->retry_connect_ms, 20);
        assert_null(o->service);
        assert_null(o->path);
        weft_client_free(client);
    }
}

/* The address that a client connects to, and the host and path of its HTTP
 * requests. */
static void
addresses_of_a_client(void **state)
{
    (void)state;
    static const struct {
        const char *given, *path;
        const char *address, *host, *own_path;
    } rows[] = {
        {"127.0.0.1:9", NULL, "127.0.0.1:9", "127.0.0.1:9", NULL},
        {"127.0.0.1:9", "/p", "127.0.0.1:9", "127.0.0.1:9", "/p"},
        {"unix:/a/b", "/p", "unix:/a/b", "localhost", "/p"},
        {"http://host:9/p?q", NULL, "host:9", "host:9", "/p?q"},
        {"HTTP://host/p", NULL, "host:80", "host", "/p"},
        {"http://host", NULL, "host:80", "host", NULL},
        {"http://host", "/p", "host:80", "host", "/p"},
        {"http://[::1]", NULL, "[::1]:80", "[::1]", NULL},
        {"http://[::1]:9", NULL, "[::1]:9", "[::1]:9", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char given[64], path[8];
        struct weft_client *client;
        struct weft_client_options o = {.service = "Some"};
        snprintf(given, sizeof given, "%s", rows[i].given);
        if (rows[i].path) {
            snprintf(path, sizeof path, "%s", rows[i].path);
            o.path = path;
            o.dialect.framing = WEFT_HTTP;
        }
        assert_int_equal(weft_client_new(given, &o, &client), WEFT_OK);
        memset(given, '?', sizeof given - 1);
        memset(path, '?', sizeof path - 1);
        assert_string_equal(client->address, rows[i].address);
        assert_string_equal(client->host, rows[i].host);
        assert_int_equal(client->path != NULL, rows[i].own_path != NULL);
        if (rows[i].own_path)
            assert_string_equal(client->path, rows[i].own_path);
        assert_ptr_equal(client->options.path, client->path);
        assert_string_equal(client->service, "Some");
        assert_ptr_equal(client->options.service, client->service);
        bool is_http = client->options.dialect.framing == WEFT_HTTP;
        assert_int_equal(is_http, strncasecmp(rows[i].given, "http", 4) == 0 ||
                                      rows[i].path);
        weft_client_free(client);
    }
}

/* A name of 256 bytes is the longest that a URL may have. */
static void
the_longest_authority(void **state)
{
    (void)state;
    for (size_t len = 252; len <= 257; len++) {
        char url[300] = "http://";
        struct weft_client *client;
        memset(url + 7, 'h', len);
        memcpy(url + 7 + len - 2, ":9", 2);
        assert_int_equal(weft_client_new(url, NULL, &client),
                         len <= 256 ? WEFT_OK : WEFT_EADDRESS);
        weft_client_free(client);
    }
}

static void
options_that_a_client_refuses(void **state)
{
    (void)state;
    static const struct {
        struct weft_client_options o;
        weft_err err;
    } rows[] = {
        {{.max_calls = 65536}, WEFT_OK},
        {{.max_calls = 65537}, -EINVAL},
        {{.dialect = {.framing = WEFT_THEADER, .around = WEFT_IN_HTTP}}, 0},
        {{.dialect = {.framing = WEFT_FRAMED, .around = WEFT_IN_HTTP}},
         -EINVAL},
        {{.dialect = {.framing = WEFT_HTTP, .around = WEFT_IN_HTTP}}, -EINVAL},
        {{.dialect = {.framing = WEFT_THEADER, .around = WEFT_IN_HTTP + 1}},
         -EINVAL},
        {{.dialect = {.framing = WEFT_HTTP + 1}}, -EINVAL},
        {{.dialect = {.protocol = WEFT_OLD_BINARY + 1}}, -EINVAL},
        {{.dialect = {.framing = WEFT_HTTP, .zlib = true}}, -EINVAL},
        {{.dialect = {.framing = WEFT_HTTP, .protocol = WEFT_OLD_BINARY}}, 0},
        {{.dialect = {.framing = WEFT_TTHEADER, .zlib = true}}, -EINVAL},
        {{.dialect = {.framing = WEFT_TTHEADER_FRAMED, .zlib = true}}, -EINVAL},
        {{.dialect = {.framing = WEFT_TTHEADER, .protocol = WEFT_JSON}},
         -EINVAL},
        {{.dialect = {.framing = WEFT_THEADER, .protocol = WEFT_JSON}}, 0},
        {{.dialect = {.framing = WEFT_THEADER, .zlib = true}}, 0},
        {{.dialect = {.framing = WEFT_UNFRAMED, .zlib = true}}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_client *client;
        assert_int_equal(weft_client_new("127.0.0.1:9", &rows[i].o, &client),
                         rows[i].err);
        assert_int_equal(client == NULL, rows[i].err != 0);
        weft_client_free(client);
    }
    /* This address means HTTP, which excludes zlib. */
    const struct weft_client_options zlib = {.dialect = {.zlib = true}};
    struct weft_client *client;
    assert_int_equal(weft_client_new("http://127.0.0.1:9", &zlib, &client),
                     -EINVAL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_of_a_server),
        cmocka_unit_test(options_of_a_server_are_copied),
        cmocka_unit_test(options_that_a_server_refuses),
        cmocka_unit_test(a_server_has_sixteen_addresses),
        cmocka_unit_test(a_server_without_an_address_does_not_start),
        cmocka_unit_test(a_server_is_started_once),
        cmocka_unit_test(defaults_of_a_client),
        cmocka_unit_test(addresses_of_a_client),
        cmocka_unit_test(the_longest_authority),
        cmocka_unit_test(options_that_a_client_refuses),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
