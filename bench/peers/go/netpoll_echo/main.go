// SPDX-License-Identifier: MIT

// The raw echo on netpoll, Kitex' own event loop. Run as netpoll_echo PORT.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"log"
	"os"

	"github.com/cloudwego/netpoll"
)

const limit = 262144

// A call becomes its reply: the type, and field 0 of the result for field 1.
func answer(call []byte) {
	call[4+3] = 2
	call[4+8+binary.BigEndian.Uint32(call[4+4:])+4+2] = 0
}

func onRequest(ctx context.Context, conn netpoll.Connection) error {
	reader, writer := conn.Reader(), conn.Writer()
	for reader.Len() >= 4 {
		head, err := reader.Peek(4)
		if err != nil {
			return err
		}
		size := 4 + int(binary.BigEndian.Uint32(head))
		if size < 20 || size > limit {
			conn.Close()
			return errors.New("no call")
		}
		if reader.Len() < size { // Next will wait for the rest
			if err := writer.Flush(); err != nil {
				return err
			}
		}
		call, err := reader.Next(size)
		if err != nil {
			return err
		}
		room, err := writer.Malloc(size)
		if err != nil {
			return err
		}
		copy(room, call)
		answer(room)
	}
	if err := writer.Flush(); err != nil {
		return err
	}
	return reader.Release()
}

func main() {
	port := "8888"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := netpoll.CreateListener("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	loop, err := netpoll.NewEventLoop(onRequest)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(loop.Serve(listener))
}
