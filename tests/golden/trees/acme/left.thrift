namespace c acme

/** Two files of one namespace, with functions of one name. */
service Left {
  void ping(1: string args, 2: string args_, 3: i32 call, 4: i32 result)
  i64 serve(1: i64 err)
}
