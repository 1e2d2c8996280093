namespace c acme

service Right {
  void ping()
  string register(1: string client)
}
