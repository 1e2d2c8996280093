namespace c pair

exception Full { 1: i32 left = 3 }

service Pair {
  void put(1: i32 n) throws (1: Full full)
  i32 take(1: i32 n) throws (1: Full full)
}
