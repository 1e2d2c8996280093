namespace c base

struct Money {
  1: i64 cents
  2: string currency = "EUR"
}

service Base {
  /** Is it there? */
  string ping()
}
