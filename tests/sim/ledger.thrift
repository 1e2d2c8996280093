/** What simulated clients call. */
namespace c ledger

struct Text {
  1: required string text
}

struct Pair {
  1: string first
  2: list<Text> rest
}

service Ledger {
  /** Count one execution of a call; returns its number. */
  i64 run(1: i64 number)
  /** As run, but it takes some time. */
  i64 slow(1: i64 number, 2: i32 ms)
  /** As slow, but the handler returns first. */
  i64 later(1: i64 number, 2: i32 ms)
  binary large(1: i64 number, 2: i32 size)
  oneway void note(1: i64 number)
  /** If the pair is not whole, the handler leaves a required string out. */
  Pair pair(1: i64 number, 2: bool whole)
  /** Returns the text. */
  string echo(1: string text)
}
