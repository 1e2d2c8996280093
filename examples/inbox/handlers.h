/* SPDX-License-Identifier: MIT */
/* The handlers of inbox.thrift. Their user pointer is a struct desk. */
#ifndef INBOX_HANDLERS_H
#define INBOX_HANDLERS_H

#include "inbox.h"

extern const struct inbox_Inbox_service inbox_handlers;

#endif
