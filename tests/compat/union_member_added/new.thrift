namespace c pair

union Item {
  1: i32 id
  2: string text
}

service Pair {
  Item echo(1: Item it)
}
