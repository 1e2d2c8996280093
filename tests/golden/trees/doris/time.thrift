struct TInterval { 1: i64 seconds, 2: optional i32 nanoseconds = 0 }
