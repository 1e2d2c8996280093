// SPDX-License-Identifier: MIT

// Go's net with Apache Thrift: a goroutine for each connection.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/apache/thrift/lib/go/thrift"

	"peers/gen/apache/echo"
)

type handler struct{}

func (handler) Echo(ctx context.Context, req *echo.Req) (*echo.Req, error) {
	return &echo.Req{Action: req.Action, Msg: req.Msg}, nil
}

func main() {
	port := flag.Int("port", 8888, "to listen on")
	flag.Parse()
	conf := &thrift.TConfiguration{}
	socket, err := thrift.NewTServerSocket(fmt.Sprintf("127.0.0.1:%d", *port))
	if err == nil {
		err = socket.Listen()
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	server := thrift.NewTSimpleServer4(echo.NewEchoServerProcessor(handler{}), socket,
		thrift.NewTFramedTransportFactoryConf(
			thrift.NewTBufferedTransportFactory(8192), conf),
		thrift.NewTBinaryProtocolFactoryConf(conf))
	thrift.ServerConnectivityCheckInterval = 0 // no extra checks while measuring
	log.Fatal(server.Serve())
}
