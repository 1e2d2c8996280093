namespace c store

service Store {
  void put(1: i32 key, 2: i64 value)
  /** 0: there is no such key. */
  i64 get(1: i32 key)
  /** Forget all keys. */
  void clear()
}
