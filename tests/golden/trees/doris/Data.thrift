namespace cpp granary
include "Exprs.thrift"
include "Types.thrift"

struct TCell { 1: optional bool boolVal, 2: optional string stringVal }
struct TRow { 1: optional list<TCell> column_value, 2: optional map<i32, list<Exprs.TExpr>> by_slot }
struct TResultBatch { 1: required list<binary> rows, 2: required bool is_compressed, 3: required i64 packet_seq }
