/**
 * What `weft bench --json` writes and `weft bench --compare` reads: a Run as
 * JSON. Times are nanoseconds if their name ends in _ns, seconds if it ends in
 * _s.
 */
namespace c bench

/** The format that this file describes; a change of meaning increments it. */
const i32 FORMAT = 1

/** The options of the run, the server, and the machine of the tool. */
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

/** Percentiles of the latency. */
struct Latency {
  1: i64 p50_ns
  2: i64 p90_ns
  3: i64 p99_ns
  4: i64 p999_ns
  5: i64 max_ns
}

/** The calls of a second or less. The last sample may be half as long again,
 * and includes the calls that were in flight at the end. */
struct Sample {
  /** The end of the sample, since the end of the warm-up. */
  1: double at_s
  /** Calls that ended in the sample, per second. */
  2: double calls_per_s
  3: i64 calls
  4: i64 failed
  5: Latency latency
}

/** Calls that failed for the same reason. */
struct Failure {
  1: string kind
  2: i64 calls
  /** A text about the first of them. */
  3: string first
  /** The exit code for this kind. */
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
  /** The highest rate that was held; 0: none was held. */
  1: double rate
  /** At a rate that is held this percentile is at most limit_ns. */
  2: double percentile
  3: i64 limit_ns
  /** In the order of the rates. */
  4: list<Step> steps
  /** The same percentile with one connection and one call in flight. */
  5: i64 unloaded_ns
}

/** With a knee: the run at the knee. */
struct Run {
  1: required i32 format
  2: required Setup setup
  /** Calls that began in the measured time; with a rate, calls that were due in
   * that time and were sent. */
  3: i64 calls
  4: i64 failed
  /** Calls that were due and not sent, because the most calls that are allowed
   * were in flight. */
  5: i64 not_sent
  /** Calls that ended in the measured time, per second. */
  6: double calls_per_s
  /** From the time at which a call was due to its reply or time-out. */
  7: Latency latency
  8: i64 mean_ns
  /** From the time at which a call was due to the time when it was sent. */
  9: Latency late
  10: list<Failure> failures
  11: list<Sample> samples
  /** [latency in ns, calls]: the upper ends of buckets of 1/1024 width. */
  12: map<i64, i64> histogram
  /** Processor time of this tool. */
  13: double cpu_s
  /** How long the run was measured. */
  14: double span_s
  15: optional Knee knee
}
