/**
 * What `weft endpoints --json` writes: an array of Endpoint.
 */
namespace c endpoints

/** What the tool, as a client with the default options, thinks of a server. */
enum State {
  /** No call has ended yet. */
  unknown = 0
  /** The last call was answered. */
  usable = 1
  /** The last call failed; a client would still call the server. */
  failing = 2
  /** So many calls have failed that a client does not call the server. */
  ejected = 3
}

/** One server. Absent: not known, or never. */
struct Endpoint {
  1: string address
  2: i64 weight
  3: State state
  /** Calls that were sent and have not ended. */
  4: i64 in_flight
  /** The average of the last seconds. */
  5: optional i64 latency_ns
  6: i64 attempts
  7: i64 failures
  8: i64 ejections
  /** Why the server is in this state. */
  9: optional string reason
  /** The time in seconds since the last change of the state. */
  10: optional double since_s
  /** The partitions that it has, such as "2/8". */
  11: optional string tag
}
