namespace cpp granary
include "Data.thrift"
include "Exprs.thrift"
include "PlanNodes.thrift"
include "Types.thrift"
include "time.thrift"

const i64 NO_LIMIT = -1

struct TQueryOptions {
  1: optional i64 mem_limit = NO_LIMIT
  2: optional bool abort_on_error = 0
  3: optional list<string> tags = ["a", "b"]
  4: optional map<string, i32> limits = {"scan": 4}
  5: optional time.TInterval timeout = {"seconds": 300}
  6: optional Types.TPrimitiveType type = TPrimitiveType.INT
}
struct TExecParams {
  1: required Types.TUniqueId query_id
  2: required map<Types.TPlanNodeId, list<PlanNodes.TScanNode>> ranges
  3: optional TQueryOptions options
  4: optional PlanNodes.TPlan plan
  5: optional map<i32, list<Exprs.TExpr>> by_slot
}
service Backend {
  Types.TStatus exec(1: TExecParams params)
  Data.TResultBatch fetch(1: Types.TUniqueId id, 2: time.TInterval wait)
  oneway void cancel(1: Types.TUniqueId id)
}
