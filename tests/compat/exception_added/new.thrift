namespace c pair

exception Full { 1: i32 left = 3 }
exception Shut { 1: string why = "night" }

service Pair {
  void put(1: i32 n) throws (1: Full full, 2: Shut shut)
  i32 take(1: i32 n) throws (1: Full full, 2: Shut shut)
}
