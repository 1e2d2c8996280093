/* Made by weftc 0.1.0 from null.thrift; edit that. */
#include "null.h"
