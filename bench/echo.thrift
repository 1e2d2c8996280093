/** What tload calls and the echo servers answer. */
namespace c echo

struct Req {
  1: string action
  2: string msg
}

service EchoServer {
  Req echo(1: Req req)
}
