/* SPDX-License-Identifier: MIT */
/* The module header of os: processes, files and signals. */
#ifndef WEFT_OS_OS_H
#define WEFT_OS_OS_H

#include <weft/os.h>

#include "base/base.h"
#include "fiber/fiber.h"

#endif
