namespace c pair

service Pair {
  i32 echo(1: i32 n)
}
