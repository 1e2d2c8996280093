namespace c pair

service Pair {
  i32 last(1: i32 a)
}
