/* SPDX-License-Identifier: MIT */
/* The text of the targets `dns:` and `srv:`. */
#include "rpc/rpc.h"

#include <weft/upstream.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const char *const no_names[] = {"dns:",
                                       "dns:inbox.test",
                                       "dns://inbox.test:1",
                                       "dns://1.2.3.4/inbox.test",
                                       "dns://1.2.3.4:0/inbox.test:1",
                                       "dns://1.2.3.4:70000/inbox.test:1",
                                       "dns://ns.test/inbox.test:1",
                                       "dns://1.2.3.4,/:1",
                                       "dns://1.2.3/a.test:1",
                                       "dns://1.2.3.4,/a.test:1",
                                       "dns://,1.2.3.4/a.test:1",
                                       "dns://[/a.test:1",
                                       "dns://[:53/a.test:1",
                                       "dns://[]/a.test:1",
                                       "dns://[::1/a.test:1",
                                       "dns://::1/a.test:1",
                                       "srv:",
                                       "srv:a b",
                                       "srv:a:1",
                                       "srv://ns.test/a",
                                       "srv:///",
                                       "srv://1.2.3.4",
                                       "srv://1.2.3.4,x/_a._tcp.test"};

static void
names_that_are_none(void **state)
{
    struct weft_client *client;
    char text[300] = "srv:";
    (void)state;
    for (size_t i = 0; i < sizeof no_names / sizeof no_names[0]; i++)
        if (weft_client_new(no_names[i], NULL, &client) != WEFT_EADDRESS)
            fail_msg("%s is taken", no_names[i]);
    memset(text + 4, 'a', 254);
    assert_int_equal(weft_client_new(text, NULL, &client), WEFT_EADDRESS);
}

#if !WF_CARES

static char logged[300];

static void
on_log(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    snprintf(logged, sizeof logged, "%s", line);
}

/* The log says what to install. */
static void
no_c_ares(void **state)
{
    static const char *const targets[] = {"srv:_inbox._tcp.test",
                                          "dns://127.0.0.1/inbox.test:1"};
    struct weft_client *client;
    (void)state;
    weft_log_set_sink(on_log, NULL);
    for (int i = 0; i < 2; i++) {
        logged[0] = '\0';
        assert_int_equal(weft_client_new(targets[i], NULL, &client), -ENOTSUP);
        assert_null(client);
        assert_non_null(strstr(logged, "libc-ares-dev"));
    }
    weft_log_set_sink(NULL, NULL);
}

#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_none),
#if !WF_CARES
        cmocka_unit_test(no_c_ares),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
