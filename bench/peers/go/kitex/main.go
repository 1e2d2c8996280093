// SPDX-License-Identifier: MIT

// The echo on Kitex. With -mux it handles several calls of a connection at the
// same time, as its multiplexing clients send them, but only in TTHeader. With
// -ping, one goroutine calls the echo of another process 1,000 times a second
// over Go's net, as a client of Redis does, and prints once a second how long
// these calls took.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"sort"
	"time"

	"github.com/cloudwego/kitex/server"

	"peers/gen/kitex/echo"
	"peers/gen/kitex/echo/echoserver"
)

type handler struct{}

func (*handler) Echo(ctx context.Context, req *echo.Req) (*echo.Req, error) {
	return &echo.Req{Action: req.Action, Msg: req.Msg}, nil
}

// A framed call of echo, as echo_server's --ping sends it.
func ping() []byte {
	var b bytes.Buffer
	b.Write([]byte{0x80, 1, 0, 1, 0, 0, 0, 4, 'e', 'c', 'h', 'o', 0, 0, 0, 1})
	b.Write([]byte{12, 0, 1, 11, 0, 2, 0, 0, 0, 4, 'p', 'i', 'n', 'g', 0, 0})
	return append(binary.BigEndian.AppendUint32(nil, uint32(b.Len())), b.Bytes()...)
}

func pingForEver(port int) {
	const pings = 1000
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		log.Fatal(err)
	}
	call, took := ping(), make([]float64, 0, pings)
	due, said := time.Now(), time.Now()
	reply := make([]byte, len(call))
	for {
		// A ping is due after the reply to the previous one, at the earliest.
		if due = due.Add(time.Second / pings); due.Before(time.Now()) {
			due = time.Now()
		}
		time.Sleep(time.Until(due))
		if _, err = conn.Write(call); err == nil {
			_, err = io.ReadFull(conn, reply)
		}
		if err != nil {
			log.Fatal(err)
		}
		took = append(took, float64(time.Since(due).Nanoseconds())/1e3)
		if n := len(took); n == pings || time.Since(said) >= time.Second {
			sort.Float64s(took)
			fmt.Printf("{\"pings\":%d,\"ping_p50_us\":%.1f,\"ping_p99_us\":%.1f,\"ping_max_us\":%.1f}\n",
				n, took[n/2], took[n*99/100], took[n-1])
			took, said = took[:0], time.Now()
		}
	}
}

func main() {
	port := flag.Int("port", 8888, "to listen on")
	mux := flag.Bool("mux", false, "multiplexed")
	pinged := flag.Int("ping", 0, "port of an echo to ping")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	options := []server.Option{server.WithListener(listener)}
	if *mux {
		options = append(options, server.WithMuxTransport())
	}
	if *pinged != 0 {
		go pingForEver(*pinged)
	}
	fmt.Println("listening")
	log.Fatal(echoserver.NewServer(&handler{}, options...).Run())
}
