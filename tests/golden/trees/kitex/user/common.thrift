namespace go user.common
include "../common/common.thrift"
struct Tag { 1: string name (vt.pattern = "^\w+$", go.tag = 'json:"name"'), 2: common.Verb verb = Verb.list }
