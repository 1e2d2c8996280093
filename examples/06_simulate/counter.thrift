namespace c counter

/** A number that is kept on several hosts. */
service Counter {
  /** id names the addition: it is the same when the call is tried again. */
  i64 add(1: i64 id, 2: i64 amount)
}
