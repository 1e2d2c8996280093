namespace go user
include "common.thrift"
include "../common/common.thrift"
include "../base/base.thrift"
struct User { 1: required i64 id (api.path = "id"), 2: string name, 3: list<common.Tag> tags, 4: set<string> roles }
struct ListRequest { 1: common.Page page, 255: optional base.Base base }
struct ListResponse { 1: list<User> users, 2: map<i64, User> byId, 255: base.BaseResp baseResp }
service UserService {
  ListResponse list(1: ListRequest req) (api.get = '/v1/users', api.note = '{
    "summary": "all users"
  }')
  oneway void set(1: User user)
}
