// SPDX-License-Identifier: MIT

//go:build tools

package main

import _ "github.com/cloudwego/kitex/tool/cmd/kitex"
