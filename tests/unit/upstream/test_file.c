/* SPDX-License-Identifier: MIT */
/* Clients whose servers are in a file. */
#include "rpc/rpc.h"
#include "trial_server.h"

#include <weft/os.h>
#include <weft/upstream.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { N = 3 };

static struct house houses[N];
static char dir[] = "/tmp/weft-file-XXXXXX";
static char path[64], target[80];

static int
set_up(void **state)
{
    struct weft_runtime_options options = {.workers = 2};
    (void)state;
    alarm(300);
    MUST(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/servers", dir);
    snprintf(target, sizeof target, "file:%s", path);
    MUST(!weft_runtime_start(&options));
    for (int i = 0; i < N; i++)
        house_open(&houses[i], NULL, NULL, NULL);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        house_close(&houses[i]);
    MUST(!rmdir(dir));
    return weft_runtime_stop();
}

static void
save(const char *text, size_t len)
{
    MUST(!weft_file_save(path, text, len, 0600));
}

/* Write houses i and k, with other text around them. */
static void
save_two(int i, int k, const char *after)
{
    char text[512];
    int n =
        snprintf(text, sizeof text, "# the servers\n\n %s;weight=3\t\r\n%s%s",
                 houses[i].address, houses[k].address, after);
    save(text, (size_t)n);
}

static struct weft_client *
new_client(void)
{
    struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                             .slow_start_ms = WEFT_NONE};
    struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    MUST(!weft_client_new(target, &options, &client));
    return client;
}

static void
end(struct weft_client *client)
{
    weft_client_free(client);
    MUST(!unlink(path));
}

static struct weft_client_stats
stats_of(struct weft_client *client)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    return stats;
}

/* Make n calls; count[i] tells how many came to house i. */
static void
adds(struct weft_client *client, int n, int *count)
{
    int64_t sum;
    for (int i = 0; i < N; i++)
        count[i] = -(int)wf_load(&houses[i].trial.executed, seq_cst);
    for (int i = 0; i < n; i++)
        assert_int_equal(call_add(client, i, 2, &sum), WEFT_OK);
    for (int i = 0; i < N; i++)
        count[i] += (int)wf_load(&houses[i].trial.executed, seq_cst);
}

static void
lines_and_weights(void **state)
{
    int count[N];
    (void)state;
    save_two(0, 1, "\n#x:1\n");
    struct weft_client *client = new_client();
    adds(client, 8, count);
    assert_int_equal(count[0], 6);
    assert_int_equal(count[1], 2);
    assert_int_equal(count[2], 0);
    end(client);
}

static void
a_changed_file_is_read(void **state)
{
    int count[N];
    (void)state;
    save_two(0, 1, "\n");
    struct weft_client *client = new_client();
    adds(client, 4, count);
    save_two(2, 1, "\n");
    AWAIT(stats_of(client).lists == 2);
    adds(client, 4, count);
    assert_int_equal(count[0], 0);
    assert_int_equal(count[2], 3);
    end(client);
}

/* Someone may still write the last line, so it has to stay. */
static void
a_line_without_an_end_is_read_twice(void **state)
{
    int count[N];
    (void)state;
    save_two(0, 1, "");
    struct weft_client *client = new_client();
    adds(client, 4, count);
    assert_int_equal(count[1], 1);
    end(client);
}

/* What is wrong with a file is said, and mended without a new client. */
static void
wrong_files(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *says;
    } rows[] = {
        {"h:1;weihgt=2\n", 13, "after h:1: `weihgt=2` is not known"},
        {"h:1\nnobody\n", 11, "`nobody` is no address"},
        {"h:1\nh:1\n", 8, "`h:1` is there twice"},
        {"h:1\n\0", 5, "NUL"},
        {"# nobody\n", 9, "no server is known"},
        {"", 0, "no server is known"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int count[N];
        save(rows[i].text, rows[i].len);
        struct weft_client *client = new_client();
        must_fail_unsent(client, WEFT_ENOENDPOINT, 0, rows[i].says);
        save_two(0, 1, "\n");
        AWAIT(stats_of(client).lists == 1);
        adds(client, 4, count);
        /* A wrong file does not change the list. */
        struct weft_client_stats before = stats_of(client);
        save(rows[i].text, rows[i].len);
        AWAIT(stats_of(client).failed_lookups > before.failed_lookups ||
              stats_of(client).empty_lists > before.empty_lists);
        adds(client, 4, count);
        assert_int_equal(count[0], 3);
        end(client);
    }
}

static void
no_file(void **state)
{
    int count[N];
    (void)state;
    struct weft_client *client = new_client();
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, "No such file");
    save_two(0, 1, "\n");
    AWAIT(stats_of(client).lists == 1);
    MUST(!unlink(path));
    AWAIT(stats_of(client).failed_lookups >= 2);
    adds(client, 4, count);
    weft_client_free(client);

    assert_int_equal(weft_client_new("file:", NULL, &client), WEFT_EADDRESS);
    assert_null(client);
}

static void
a_file_above_the_limit(void **state)
{
    (void)state;
    size_t size = ((size_t)8 << 20) + 1;
    char *text = calloc(1, size);
    MUST(text);
    save(memset(text, '\n', size), size);
    struct weft_client *client = new_client();
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, weft_err_text(-EFBIG));
    end(client);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_weights),
        cmocka_unit_test(a_changed_file_is_read),
        cmocka_unit_test(a_line_without_an_end_is_read_twice),
        cmocka_unit_test(wrong_files),
        cmocka_unit_test(no_file),
        cmocka_unit_test(a_file_above_the_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
