include "shared.thrift"
include "history.thrift"

namespace java com.harbour.flow.matching

struct Poll {
  10: optional list<string> domains
  20: optional map<string, list<shared.TaskListOfAVeryPatientWorker>> lists
  30: optional list<history.Branch> branches
}

service MatchingService {
  shared.DataBlob match(1: Poll poll, 2: shared.TaskKind kind = TaskKind.TIMER)
    throws (1: shared.BadRequest bad)
}
