/* SPDX-License-Identifier: MIT */
/* The echo on Apache Thrift's C library with GObject, whose only server serves
 * one connection at a time. */
#include "gen-c_glib/echo_server.h"

#include <thrift/c_glib/protocol/thrift_binary_protocol_factory.h>
#include <thrift/c_glib/server/thrift_server.h>
#include <thrift/c_glib/server/thrift_simple_server.h>
#include <thrift/c_glib/transport/thrift_framed_transport_factory.h>
#include <thrift/c_glib/transport/thrift_server_socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A handler is a class of its own, as in Thrift's tutorial. */
typedef struct {
    EchoServerHandler parent;
} BenchEcho;

typedef struct {
    EchoServerHandlerClass parent;
} BenchEchoClass;

GType bench_echo_get_type(void);

G_DEFINE_TYPE(BenchEcho, bench_echo, TYPE_ECHO_SERVER_HANDLER)

/* Thrift has made the reply; the setters copy the strings. */
static gboolean
echo(EchoServerIf *self, Req **reply, const Req *req, GError **error)
{
    gchar *action, *msg;
    (void)self;
    (void)error;
    g_object_get((gpointer)req, "action", &action, "msg", &msg, NULL);
    g_object_set(*reply, "action", action, "msg", msg, NULL);
    g_free(action);
    g_free(msg);
    return TRUE;
}

static void
bench_echo_init(BenchEcho *self)
{
    (void)self;
}

static void
bench_echo_class_init(BenchEchoClass *class)
{
    ((EchoServerHandlerClass *)class)->echo = echo;
}

int
main(int argc, char **argv)
{
    gboolean is_there = argc == 3 && strcmp(argv[1], "--port") == 0;
    GError *error = NULL;
    gpointer handler = g_object_new(bench_echo_get_type(), NULL);
    ThriftServer *server = g_object_new(
        THRIFT_TYPE_SIMPLE_SERVER, "processor",
        g_object_new(TYPE_ECHO_SERVER_PROCESSOR, "handler", handler, NULL),
        "server_transport",
        g_object_new(THRIFT_TYPE_SERVER_SOCKET, "port",
                     is_there ? atoi(argv[2]) : 8888, NULL),
        "input_transport_factory",
        g_object_new(THRIFT_TYPE_FRAMED_TRANSPORT_FACTORY, NULL),
        "output_transport_factory",
        g_object_new(THRIFT_TYPE_FRAMED_TRANSPORT_FACTORY, NULL),
        "input_protocol_factory",
        g_object_new(THRIFT_TYPE_BINARY_PROTOCOL_FACTORY, NULL),
        "output_protocol_factory",
        g_object_new(THRIFT_TYPE_BINARY_PROTOCOL_FACTORY, NULL), NULL);
    puts("listening");
    fflush(stdout);
    thrift_server_serve(server, &error);
    fprintf(stderr, "c_glib: %s\n", error ? error->message : "ended");
    return 1;
}
