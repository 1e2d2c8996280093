/* SPDX-License-Identifier: MIT */
/* Apache Thrift's C with GObject: peer_glib client DIALECT PORT. */
#include "everything_everything.h"
#include "everything_future.h"
#include "everything_second.h"

#include <thrift/c_glib/protocol/thrift_binary_protocol.h>
#include <thrift/c_glib/protocol/thrift_compact_protocol.h>
#include <thrift/c_glib/protocol/thrift_multiplexed_protocol.h>
#include <thrift/c_glib/thrift_application_exception.h>
#include <thrift/c_glib/transport/thrift_buffered_transport.h>
#include <thrift/c_glib/transport/thrift_framed_transport.h>
#include <thrift/c_glib/transport/thrift_socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(cond)                                                           \
    ((cond) ? (void)0                                                         \
            : (fprintf(stderr, "%s:%d: not true: %s (%s)\n", __FILE__,        \
                       __LINE__, #cond, error ? error->message : "no error"), \
               exit(1)))

static GError *error; /* of the last call */
static gboolean mux;
static const char *framing, *protocol;

/* ---- the connection ---- */

static gpointer
open_transport(int port)
{
    gpointer t = g_object_new(THRIFT_TYPE_SOCKET, "hostname", "127.0.0.1",
                              "port", port, NULL);
    t = g_object_new(!strcmp(framing, "framed")
                         ? THRIFT_TYPE_FRAMED_TRANSPORT
                         : THRIFT_TYPE_BUFFERED_TRANSPORT,
                     "transport", t, NULL);
    CHECK(thrift_transport_open(t, &error));
    return t;
}

static gpointer
named(gpointer below, const char *service)
{
    if (!mux)
        return below;
    return g_object_new(THRIFT_TYPE_MULTIPLEXED_PROTOCOL, "protocol", below,
                        "transport", THRIFT_PROTOCOL(below)->transport,
                        "service-name", service, NULL);
}

static gpointer
client(GType type, gpointer below, const char *service)
{
    gpointer p = named(below, service);
    return g_object_new(type, "input_protocol", p, "output_protocol", p, NULL);
}

/* ---- values ---- */

static everythingAll *
sample(void)
{
    static const gint32 numbers[] = {0, 1, -1, G_MAXINT32, G_MININT32};
    everythingAll *a = g_object_new(
        EVERYTHING_TYPE_ALL, "yes", TRUE, "tiny", G_MININT8, "small",
        G_MININT16, "medium", G_MININT32, "big", G_MININT64, "real", 0.1,
        "text", "na\xc3\xafve", "color", EVERYTHING_COLOR_BLUE, "present", -42,
        "fixed", 43, "far", 127, NULL);
    gint64 *least = g_new(gint64, 1);
    *least = G_MININT64;
    g_array_append_vals(a->numbers, numbers, G_N_ELEMENTS(numbers));
    g_hash_table_insert(a->words, g_strdup("a"), NULL);
    g_hash_table_insert(a->counts, g_strdup("min"), least);
    g_ptr_array_add(a->inners, g_object_new(EVERYTHING_TYPE_INNER, "x", -2,
                                            "name", "two", NULL));
    g_object_set(a->choice, "number", 7, NULL);
    a->__isset_numbers = a->__isset_words = a->__isset_counts = TRUE;
    a->__isset_inners = a->__isset_choice = TRUE;
    return a;
}

static void
is_sample(const everythingAll *a)
{
    CHECK(a->yes && a->tiny == G_MININT8 && a->small == G_MININT16);
    CHECK(a->medium == G_MININT32 && a->big == G_MININT64 && a->real == 0.1);
    CHECK(!strcmp(a->text, "na\xc3\xafve"));
    CHECK(a->color == EVERYTHING_COLOR_BLUE && a->present == -42);
    CHECK(a->fixed == 43 && a->far == 127 && !a->__isset_missing);
    CHECK(a->numbers->len == 5);
    CHECK(g_array_index(a->numbers, gint32, 4) == G_MININT32);
    CHECK(g_hash_table_contains(a->words, "a"));
    gint64 *least = g_hash_table_lookup(a->counts, "min");
    CHECK(least && *least == G_MININT64);
    CHECK(a->inners->len == 1);
    CHECK(((everythingInner *)a->inners->pdata[0])->x == -2);
    CHECK(a->choice->number == 7);
}

static void
check_values(everythingEverythingIf *c)
{
    everythingAll *sent = sample(),
                  *back = g_object_new(EVERYTHING_TYPE_ALL, NULL);
    CHECK(everything_everything_client_echo(c, &back, sent, &error));
    is_sample(back);
    gboolean yes;
    CHECK(everything_everything_client_flip(c, &yes, FALSE, &error) && yes);
    gint64 sum;
    CHECK(everything_everything_client_sum(c, &sum, G_MININT8, G_MININT16,
                                           G_MININT32, -1, &error));
    CHECK(sum == (gint64)G_MININT8 + G_MININT16 + G_MININT32 - 1);
    gdouble half;
    CHECK(everything_everything_client_half(c, &half, 1e-300, &error));
    CHECK(half == 0.5e-300);
    CHECK(everything_everything_client_nothing(c, &error));
    gchar *text = g_strnfill(1 << 20, 'x'), *same = NULL;
    CHECK(everything_everything_client_large(c, &same, text, &error));
    CHECK(!strcmp(same, text));
}

static void
check_collect(everythingEverythingIf *c)
{
    GPtrArray *alls = g_ptr_array_new();
    GHashTable *both = g_hash_table_new(g_str_hash, g_str_equal);
    for (int i = 0; i < 3; i++)
        g_ptr_array_add(alls, sample());
    CHECK(everything_everything_client_collect(c, &both, alls, &error));
    CHECK(g_hash_table_size(both) == 2);
    GPtrArray *again = g_hash_table_lookup(both, "again");
    CHECK(again && again->len == 3);
    is_sample(again->pdata[2]);
}

/* ---- errors ---- */

static void
failed_with(int code)
{
    CHECK(error && error->code == code);
    g_clear_error(&error);
}

static gboolean
trouble(everythingEverythingIf *c, gint32 kind, everythingWrong **wrong,
        everythingLate **late)
{
    gint32 n;
    *wrong = NULL;
    *late = NULL;
    g_clear_error(&error);
    return everything_everything_client_trouble(c, &n, kind, wrong, late,
                                                &error) &&
           n == kind;
}

static void
check_trouble(everythingEverythingIf *c)
{
    everythingWrong *wrong;
    everythingLate *late;
    CHECK(trouble(c, 0, &wrong, &late));
    CHECK(!trouble(c, 1, &wrong, &late));
    CHECK(wrong && !strcmp(wrong->why, "all wrong"));
    CHECK(!strcmp(wrong->all->text, "inside"));
    CHECK(!trouble(c, 2, &wrong, &late));
    CHECK(late && late->ms == G_MAXINT64);
    CHECK(!trouble(c, 3, &wrong, &late));
    failed_with(THRIFT_APPLICATION_EXCEPTION_ERROR_INTERNAL_ERROR);
    CHECK(trouble(c, 0, &wrong, &late));
}

/* ---- versions, one-way calls, many calls ---- */

static void
check_versions(everythingFutureIf *c)
{
    gint32 n;
    everythingGrown *grown =
        g_object_new(EVERYTHING_TYPE_GROWN, "name", "first", "tail",
                     G_GINT64_CONSTANT(1234567890123), "last", 5, NULL);
    everythingGrown *back = g_object_new(EVERYTHING_TYPE_GROWN, NULL);
    CHECK(everything_future_client_grow(c, &back, grown, sample(), &error));
    CHECK(!strcmp(back->name, "first"));
    CHECK(back->tail == G_GINT64_CONSTANT(1234567890123));
    CHECK(!back->__isset_more && !back->__isset_last);
    CHECK(!everything_future_client_only_here(c, &n, sample(), &error));
    failed_with(THRIFT_APPLICATION_EXCEPTION_ERROR_UNKNOWN_METHOD);
}

static void
check_oneway(everythingEverythingIf *c)
{
    gint32 before, after;
    CHECK(everything_everything_client_remembered(c, &before, &error));
    for (gint32 i = 1; i <= 10; i++)
        CHECK(everything_everything_client_forget(c, i, &error));
    for (int i = 0; i < 100000; i++) {
        CHECK(everything_everything_client_remembered(c, &after, &error));
        if (after == before + 55)
            return;
    }
    CHECK(after == before + 55);
}

static void
check_many(everythingEverythingIf *c)
{
    gint64 sum;
    for (gint16 i = 0; i < 200; i++) {
        CHECK(everything_everything_client_sum(c, &sum, 1, i, 2, 3, &error));
        CHECK(sum == i + 6);
    }
}

static void
check_second(gpointer below)
{
    gint32 n;
    gpointer second = client(EVERYTHING_TYPE_SECOND_CLIENT, below, "Second");
    gpointer nobody =
        client(EVERYTHING_TYPE_EVERYTHING_CLIENT, below, "Nobody");
    CHECK(everything_second_client_twice(second, &n, 21, &error) && n == 42);
    CHECK(!everything_everything_client_nothing(nobody, &error));
    failed_with(THRIFT_APPLICATION_EXCEPTION_ERROR_PROTOCOL_ERROR);
    CHECK(everything_second_client_twice(second, &n, -21, &error));
    CHECK(n == -42);
}

static void
parse(char *dialect)
{
    mux = g_str_has_prefix(dialect, "mux-");
    gchar **words = g_strsplit(dialect + (mux ? strlen("mux-") : 0), "-", 2);
    CHECK(words[0] && words[1]);
    framing = words[0];
    protocol = words[1];
}

int
main(int argc, char **argv)
{
    CHECK(argc == 4 && !strcmp(argv[1], "client"));
    parse(argv[2]);
    GType type = !strcmp(protocol, "compact") ? THRIFT_TYPE_COMPACT_PROTOCOL
                                              : THRIFT_TYPE_BINARY_PROTOCOL;
    gpointer transport = open_transport(atoi(argv[3]));
    gpointer below = g_object_new(type, "transport", transport, NULL);
    gpointer c = client(EVERYTHING_TYPE_EVERYTHING_CLIENT, below, "Everything");
    check_values(c);
    check_collect(c);
    check_trouble(c);
    check_versions(client(EVERYTHING_TYPE_FUTURE_CLIENT, below, "Everything"));
    check_oneway(c);
    check_many(c);
    if (mux)
        check_second(below);
    thrift_transport_close(transport, NULL);
    return 0;
}
