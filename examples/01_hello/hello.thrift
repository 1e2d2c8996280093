namespace c hello

/** Greets people. */
service Hello {
  string greet(1: string name)
}
