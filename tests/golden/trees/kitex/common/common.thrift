namespace go common
include "../base/base.thrift"
enum Verb { list = 1, set = 2 }
struct Page { 1: i32 number = 1, 2: i32 size = 20, 255: optional base.Base base }
