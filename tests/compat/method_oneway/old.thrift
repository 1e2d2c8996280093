namespace c pair

service Pair {
  void tell(1: i32 n)
}
