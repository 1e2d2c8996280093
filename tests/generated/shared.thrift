/** What several IDL files use. */
namespace c shared

typedef string Name
typedef map<Name, i32> Scores

enum Colour {
  RED,
  GREEN = 5,
  BLUE
}

struct Point {
  1: required i32 x
  2: required i32 y
  3: optional string label = "origin"
}

exception Denied {
  1: string reason = "because"
  2: i32 code
}

const Point ORIGIN = {"x": 0, "y": 0}
const Scores START = {"a": 1, "b": 2}

service Base {
  /** Does the server answer? */
  void ping() throws (1: Denied denied)
  string name(1: i32 id)
}
