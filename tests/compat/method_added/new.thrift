namespace c pair

service Pair {
  i32 echo(1: i32 n)
  i64 more(1: i64 n)
}
