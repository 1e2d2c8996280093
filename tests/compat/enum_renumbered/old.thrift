namespace c pair

enum Color { RED = 1, GREEN = 2 }
exception Full { 1: Color color = Color.RED }

service Pair {
  void put(1: i32 n) throws (1: Full full)
}
