namespace c pair

struct Item {
  1: string data
}

service Pair {
  Item echo(1: Item it)
}
