namespace c pair

service Pair {
  oneway void tell(1: i32 n)
}
