namespace c pair

enum Color { RED = 2, GREEN = 1 }
exception Full { 1: Color color = Color.RED }

service Pair {
  void put(1: i32 n) throws (1: Full full)
}
