// SPDX-License-Identifier: MIT

// A load by Kitex' client over several servers, with its default balancer. It
// keeps a number of calls in flight, checks every reply, and prints the CPU of
// this process per call. With -mux each server gets one multiplexed connection,
// in TTHeader; else the client keeps a pool of connections, and sends framed
// calls.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/transport"

	"peers/gen/kitex/echo"
	"peers/gen/kitex/echo/echoserver"
)

func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		log.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func open(addresses string, mux bool, depth int) echoserver.Client {
	options := []client.Option{
		client.WithHostPorts(strings.Split(addresses, ",")...),
		client.WithRPCTimeout(5 * time.Second)}
	if mux {
		options = append(options, client.WithMuxConnection(1),
			client.WithTransportProtocol(transport.TTHeader))
	} else {
		pool := connpool.IdleConfig{MaxIdlePerAddress: depth,
			MaxIdleGlobal: 100 * depth, MaxIdleTimeout: time.Minute}
		options = append(options, client.WithLongConnection(pool),
			client.WithTransportProtocol(transport.Framed))
	}
	c, err := echoserver.NewClient("EchoServer", options...)
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func main() {
	addresses := flag.String("addresses", "127.0.0.1:8888", "separated by commas")
	mux := flag.Bool("mux", false, "multiplexed")
	depth := flag.Int("depth", 64, "calls in flight")
	seconds := flag.Float64("seconds", 2, "measured")
	warm := flag.Float64("warm", 0.5, "seconds before")
	flag.Parse()
	c := open(*addresses, *mux, *depth)
	text := strings.Repeat("x", 1024)
	var calls atomic.Int64
	var stopped atomic.Bool
	var callers sync.WaitGroup
	for i := 0; i < *depth; i++ {
		callers.Add(1)
		go func() {
			defer callers.Done()
			for !stopped.Load() {
				reply, err := c.Echo(context.Background(), &echo.Req{Msg: text})
				if err != nil {
					log.Fatal(err)
				}
				if reply.Msg != text {
					log.Fatal("a reply that is none")
				}
				calls.Add(1)
			}
		}()
	}
	time.Sleep(time.Duration(*warm * 1e9))
	began, before, n := time.Now(), cpu(), calls.Load()
	time.Sleep(time.Duration(*seconds * 1e9))
	spent, n, span := cpu()-before, calls.Load()-n, time.Since(began)
	stopped.Store(true)
	callers.Wait()
	fmt.Printf("{\"depth\":%d,\"qps\":%.0f,\"client_cpu_us\":%.3f}\n", *depth,
		float64(n)/span.Seconds(), spent.Seconds()*1e6/float64(n))
}
