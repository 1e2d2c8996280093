/** A struct with every type, for the fuzzing of generated code. */
namespace c fz

enum Color { RED = 1, BLUE = 5 }

struct Point {
  1: required i32 x
  2: optional i32 y
}

union Choice {
  1: i64 number
  2: string text
  3: Point point
  4: list<i32> numbers
}

struct Wide {
  1: optional i16 a
  2: optional map<bool, i8> m
  3: set<uuid> u
} (rpc.keep_unknown)

struct Sample {
  1: bool flag
  2: i8 tiny
  3: i16 small
  4: Color color
  5: i64 large
  6: double real
  7: string text
  8: optional binary blob
  9: uuid id
  10: list<i32> numbers
  11: set<string> words
  12: map<string, Point> places
  13: Point origin
  14: optional Sample next
  15: Choice choice
  16: list<list<double>> table
  17: required i32 must
  18: map<i32, list<string>> lists
  19: list<Choice> choices
  20: Wide wide
  21: map<Point, bool> back
  22: optional list<Sample> kids
  23: set<i16> shorts
  24: list<bool> bools
  25: list<i64> longs
  32767: optional bool last = true
}
