/** What simulated clients call. */
namespace c ledger

service Ledger {
  /** Count one execution of a call; returns its number. */
  i64 run(1: i64 number)
  /** As run, but it takes some time. */
  i64 slow(1: i64 number, 2: i32 ms)
  /** As slow, but the handler returns first. */
  i64 later(1: i64 number, 2: i32 ms)
  binary large(1: i64 number, 2: i32 size)
  oneway void note(1: i64 number)
}
