namespace c counter

/** A number that is kept on several hosts. */
service Counter {
  /** id names the addition; a call that is tried again has the same id. */
  i64 add(1: i64 id, 2: i64 amount)
}
