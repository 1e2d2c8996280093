include "shared.thrift"

namespace java com.harbour.flow.history

struct Branch { 10: optional list<string> domains, 20: optional shared.DataBlob blob }
struct GetHistory {
  10: optional map<string, list<shared.TaskListOfAVeryPatientWorker>> lists
  20: optional list<Branch> branches
  30: optional shared.Header header
}

service HistoryService {
  void poll(1: shared.PollRequest request) throws (1: shared.BadRequest bad, 2: shared.NotFound missing)
  list<shared.DataBlob> read(1: GetHistory request) throws (1: shared.BadRequest bad)
}
