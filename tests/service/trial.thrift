/** What the tests of rpc serve and call. */
namespace c trial

/** number identifies the call, digest is a hash of text; the reply repeats
 * both. */
struct Item {
  1: i64 number
  2: i64 digest
  3: string text
  4: binary data
}

exception Refused {
  1: string why
  2: i32 code
}

service Trial {
  Item echo(1: Item item)
  i64 add(1: i64 a, 2: i64 b)
  void nothing()
  /** Sleeps as a fiber. */
  i64 slow(1: i64 number, 2: i32 ms)
  /** Holds its thread for this time; if ms is negative, until the test ends the
   * call. */
  i64 hog(1: i64 number, 2: i32 ms)
  /** Answers from another fiber. */
  i64 later(1: i64 number, 2: i32 ms)
  /** Waits until the test opens the gate. */
  i64 gate(1: i64 number)
  i64 refuse(1: i32 code) throws (1: Refused refused)
  i64 fail(1: i32 err, 2: string why)
  oneway void note(1: i64 number)
  /** Calls gate on another server. */
  i64 relay(1: i64 number)
  binary large(1: i32 size)
  /** Milliseconds that are left until the deadline; -1: there is none. */
  i64 left()
  string who()
  void absent()
  /** The headers that arrived; under "dialect": framing, protocol and zlib. */
  map<string, string> seen()
  /** What another server sees when this one calls it. */
  map<string, string> seen_next()
  /** Sends a header with the reply. */
  void tell(1: string key, 2: string value)
  i64 business(1: i32 status, 2: string why)
}

/** On a multiplexed connection the inherited functions have the name of this
 * service. */
service Heir extends Extra {
  i64 thrice(1: i64 number)
}

service Extra {
  i64 twice(1: i64 number) (weft.idempotent = "true")
  /** Trial has an add, too. */
  i64 add(1: i64 a, 2: i64 b)
  /** The type of its first field is that of add's first field; the second types
   * differ. */
  i64 needs(1: required i64 number, 2: Item item)
}
