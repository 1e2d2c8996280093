namespace go order
include "../user/user.thrift"
include "../base/base.thrift"
struct Order { 1: i64 id, 2: user.User buyer, 3: list<string> lines, 4: map<i64, user.User> followers, 255: optional base.Base base }
service OrderService extends user.UserService {
  Order get(1: i64 id, 255: base.Base base)
  user.ListResponse list(1: user.ListRequest req)
}
