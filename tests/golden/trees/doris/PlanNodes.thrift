namespace cpp granary
include "Exprs.thrift"
include "Types.thrift"

struct TScanNode { 1: required Types.TTableId table, 2: optional map<i32, list<Exprs.TExpr>> by_slot }
struct TPlanNode {
  1: required Types.TPlanNodeId node_id
  2: optional list<Exprs.TExpr> conjuncts
  3: optional TScanNode scan
  4: optional map<Types.TPlanNodeId, Types.TUniqueId> ids
}
struct TPlan { 1: required list<TPlanNode> nodes }
