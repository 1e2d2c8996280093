/**
 * Every type, and all that calls can do, for peers of other libraries. Future
 * is a later version of Everything: the same names, with more fields.
 */
namespace * everything

enum Color {
  RED = 1
  GREEN = 2
  BLUE = 70000
}

struct Inner {
  1: i32 x
  2: string name
}

union Choice {
  1: i32 number
  2: string text
  3: Inner inner
}

struct All {
  1: bool yes
  2: i8 tiny
  3: i16 small
  4: i32 medium
  5: i64 big
  6: double real
  7: string text
  8: binary bytes
  9: Color color
  10: Inner inner
  11: Choice choice
  12: list<i32> numbers
  13: set<string> words
  14: map<string, i64> counts
  15: list<Inner> inners
  16: map<i32, list<string>> lines
  17: optional i32 present
  18: optional string missing
  19: list<bool> bits
  20: list<double> reals
  21: set<i64> bigs
  22: list<map<string, Inner>> deep
  23: i32 fixed = 42
  24: optional Inner another
  25: list<binary> blobs
  26: list<list<i16>> grid
  27: map<Color, bool> colors
  30000: i8 far
}

exception Wrong {
  1: string why
  2: All all
}

exception Late {
  1: i64 ms
}

struct Grow {
  1: string name
  9: i64 tail
}

struct Grown {
  1: string name
  2: All all
  3: list<All> more
  4: map<string, set<i32>> index
  5: bool yes
  6: double real
  7: binary bytes
  8: Choice choice
  9: i64 tail
  10: i16 last
}

struct Seen {
  1: map<string, string> headers
  /** Milliseconds to the deadline; -1: there is none. */
  2: i64 left_ms
  /** The name that the interop tests use; only weft's server sets it. */
  3: string dialect
}

service Everything {
  All echo(1: All all)
  bool flip(1: bool yes)
  i64 sum(1: i8 a, 2: i16 b, 3: i32 c, 4: i64 d)
  double half(1: double real)
  string large(1: string text)
  void nothing()
  /** Returns kind, except that 1 throws wrong, 2 throws late, and for 3 the
   * handler fails. */
  i32 trouble(1: i32 kind) throws (1: Wrong wrong, 2: Late late)
  oneway void forget(1: i32 number)
  i32 remembered()
  map<string, list<All>> collect(1: list<All> alls)
  Grow grow(1: Grow grow)
  /** What was sent with the arguments. The reply has a header `answer`, with
   * the value of the header `ask`. */
  Seen seen()
  /** What seen() returns when the server calls itself. */
  Seen relay()
  /** Answers after this time. */
  i32 nap(1: i32 ms)
  /** Ends with this business status and the text "sold out". */
  i32 business(1: i32 status)
}

/** Served on the same port as Everything, to callers that name their
 * service. */
service Second {
  i32 twice(1: i32 number)
}

service Future {
  Grown grow(1: Grown grow, 2: All unknown)
  i32 only_here(1: All all)
}
