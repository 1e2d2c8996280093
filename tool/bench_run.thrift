/**
 * What `weft bench --json` writes and `weft bench --compare` reads: a Run as
 * JSON. Times are nanoseconds where the name ends in _ns, seconds where it ends
 * in _s.
 */
namespace c bench

/** The format that this file describes; a change of meaning adds one. */
const i32 FORMAT = 1

/** What was asked for, of whom, and from where. */
struct Setup {
  1: string method
  2: string address
  3: string dialect
  4: string arguments
  5: i32 connections
  /** Calls in flight on each connection, at the most. */
  6: i32 in_flight
  /** Calls due each second; 0: a caller calls again when it has its reply. */
  7: double rate
  /** The gaps between calls due are random, not even. */
  8: bool poisson
  9: double seconds
  10: double warm_up_s
  11: i32 workers
  12: string command
  13: string machine
  14: string version
  /** UTC, as in 2024-02-29T12:00:00Z. */
  15: string started
}

/** Percentiles: so much or less for this part of the calls. */
struct Latency {
  1: i64 p50_ns
  2: i64 p90_ns
  3: i64 p99_ns
  4: i64 p999_ns
  5: i64 max_ns
}

/** A span of time, a second or less; the last one has the calls that were in
 * flight at the end, too. */
struct Sample {
  /** The end of the span, since the end of the warm-up. */
  1: double at_s
  /** Calls each second that ended in it. */
  2: double calls_per_s
  3: i64 calls
  4: i64 failed
  5: Latency latency
}

/** Calls that did not go well, for one reason. */
struct Failure {
  1: string kind
  2: i64 calls
  /** The first of them, in words. */
  3: string first
  /** The exit code that it gives. */
  4: i32 code
}

/** One rate that was tried. */
struct Step {
  1: double rate
  2: double calls_per_s
  3: i64 failed
  4: i64 not_sent
  5: Latency latency
  /** Why the server does not hold this rate; empty: it does. */
  6: string verdict
}

struct Knee {
  /** The highest rate that was held; 0: none was. */
  1: double rate
  /** The bound: this percentile, at most so much. */
  2: double percentile
  3: i64 limit_ns
  /** In the order of the rates. */
  4: list<Step> steps
  /** The same percentile of one connection with one call in flight. */
  5: i64 unloaded_ns
}

/** With a knee: the run at the knee. */
struct Run {
  1: required i32 format
  2: required Setup setup
  /** Begun, or due, in the measured time, and sent. */
  3: i64 calls
  4: i64 failed
  /** Due, and not sent: all calls that may be in flight were. */
  5: i64 not_sent
  /** Ended within the measured time, each second. */
  6: double calls_per_s
  /** Of every call with a reply, and of those that waited for it in vain; from
   * the moment when a call was due. */
  7: Latency latency
  8: i64 mean_ns
  /** How long after it was due a call was sent. */
  9: Latency late
  10: list<Failure> failures
  11: list<Sample> samples
  /** [latency in ns, calls]: the upper ends of buckets of 1/1024 width. */
  12: map<i64, i64> histogram
  /** Processor time of this tool. */
  13: double cpu_s
  /** The measured time, as it was. */
  14: double span_s
  15: optional Knee knee
}
