namespace c pair

enum Color { RED = 1, GREEN = 2 }

struct Item {
  1: Color color
}

service Pair {
  Item echo(1: Item it)
}
