// SPDX-License-Identifier: MIT

// Apache Thrift's Go, as server and as client.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"interop/gen/everything"
)

var bg = context.Background()

type apacheHandler struct{ handler }

func (h *apacheHandler) Seen(ctx context.Context) (*everything.Seen, error) {
	seen := &everything.Seen{Headers: map[string]string{}, LeftMs: -1}
	for _, key := range thrift.GetReadHeaderList(ctx) {
		seen.Headers[key], _ = thrift.GetHeader(ctx, key)
	}
	if helper, ok := thrift.GetResponseHelper(ctx); ok {
		helper.ClearHeaders() // else they stay for all replies of a connection
		if seen.Headers["ask"] != "" {
			helper.SetHeader("answer", seen.Headers["ask"])
		}
	}
	return seen, nil
}

func (h *apacheHandler) Business(ctx context.Context, status int32) (int32, error) {
	return 0, errors.New("sold out")
}

// Returns the factories of Apache's library for the framing and the protocol of
// a dialect.
func factories(framing, proto string, conf *thrift.TConfiguration) (thrift.TTransportFactory, thrift.TProtocolFactory) {
	var protocols thrift.TProtocolFactory
	switch proto {
	case "binary":
		protocols = thrift.NewTBinaryProtocolFactoryConf(conf)
	case "old":
		conf.TBinaryStrictWrite = thrift.BoolPtr(false)
		protocols = thrift.NewTBinaryProtocolFactoryConf(conf)
	case "compact":
		protocols = thrift.NewTCompactProtocolFactoryConf(conf)
	case "json":
		protocols = thrift.NewTJSONProtocolFactory()
	}
	switch framing {
	case "framed":
		return thrift.NewTFramedTransportFactoryConf(thrift.NewTTransportFactory(), conf), protocols
	case "unframed":
		return thrift.NewTBufferedTransportFactory(4096), protocols
	case "zlib":
		return thrift.NewTZlibTransportFactory(6), protocols
	case "zlibframed":
		return thrift.NewTFramedTransportFactoryConf(thrift.NewTZlibTransportFactory(6), conf), protocols
	case "theader", "theaderzlib":
		id := thrift.THeaderProtocolBinary
		if proto == "compact" {
			id = thrift.THeaderProtocolCompact
		}
		conf.THeaderProtocolID = thrift.THeaderProtocolIDPtrMust(id)
		return thrift.NewTHeaderTransportFactoryConf(nil, conf), thrift.NewTHeaderProtocolFactoryConf(conf)
	case "http":
		return nil, protocols
	}
	must(fmt.Errorf("no framing %s", framing))
	return nil, nil
}

func split(dialect []string) (mux bool, framing, proto string) {
	mux = dialect[0] == "mux"
	if mux {
		dialect = dialect[1:]
	}
	return mux, dialect[0], dialect[1]
}

func serve(dialect []string) {
	mux, framing, proto := split(dialect)
	transports, protocols := factories(framing, proto, &thrift.TConfiguration{})
	h := &apacheHandler{}
	var processor thrift.TProcessor = everything.NewEverythingProcessor(h)
	multiplexed := thrift.NewTMultiplexedProcessor()
	multiplexed.RegisterProcessor("Everything", processor)
	multiplexed.RegisterProcessor("Second", everything.NewSecondProcessor(h))
	if mux {
		processor = multiplexed
	}
	socket, err := thrift.NewTServerSocket("127.0.0.1:0")
	must(err)
	must(socket.Listen())
	port := socket.Addr().String()
	fmt.Println(port[len("127.0.0.1:"):])
	thrift.ServerConnectivityCheckInterval = 0 // its check consumes bytes of calls
	must(thrift.NewTSimpleServer4(processor, socket, transports, protocols).Serve())
}

func appType(err error) int32 {
	var app thrift.TApplicationException
	if errors.As(err, &app) {
		return app.TypeId()
	}
	return -1
}

// Serves Second on a port that does not serve Everything.
type nobody struct{}

func (nobody) Twice(ctx context.Context, number int32) (int32, error) { return 2 * number, nil }

// Returns the headers of the last reply, which the client keeps.
var lastMeta func() thrift.ResponseMeta

func open(dialect []string, address string, timeout time.Duration) *session {
	mux, framing, proto := split(dialect)
	conf := &thrift.TConfiguration{ConnectTimeout: timeout, SocketTimeout: timeout}
	transports, protocols := factories(framing, proto, conf)
	var transport thrift.TTransport = thrift.NewTSocketConf(address, conf)
	var err error
	if framing == "http" {
		transport, err = thrift.NewTHttpClientWithOptions("http://"+address+"/weft",
			thrift.THttpClientOptions{Client: &http.Client{Timeout: timeout}})
		must(err)
		transport.(*thrift.THttpClient).SetHeader("ask", "why not")
	} else {
		transport, err = transports.GetTransport(transport)
	}
	must(err)
	must(transport.Open())
	protocol := protocols.GetProtocol(transport)
	if framing == "theaderzlib" {
		must(protocol.(*thrift.THeaderProtocol).AddTransform(thrift.TransformZlib))
	}
	service := func(name string) thrift.TClient {
		if mux {
			named := thrift.NewTMultiplexedProtocol(protocol, name)
			return thrift.NewTStandardClient(protocol, named)
		}
		return thrift.NewTStandardClient(protocol, protocol)
	}
	client := everything.NewEverythingClient(service("Everything"))
	lastMeta = client.LastResponseMeta_
	s := &session{
		Everything: client,
		newer:      everything.NewFutureClient(service("Everything")),
		second:     nobody{},
		appType:    appType,
		atOnce:     1,
		close:      func() { transport.Close() },
	}
	if mux {
		s.second = everything.NewSecondClient(service("Second"))
	}
	return s
}

func checkHeaders(s *session) {
	ctx := thrift.SetHeader(thrift.SetHeader(bg, "ask", "why not"), "client_timeout", "5000")
	ctx = thrift.SetWriteHeaderList(ctx, []string{"ask", "client_timeout"})
	seen, err := s.Seen(ctx)
	checkSeen(seen, err, map[string]string{"ask": "why not"})
	left := seen.GetLeftMs()
	check(left > 0 && left <= 5000, "left_ms: %d", left)
	check(lastMeta().Headers["answer"] == "why not", "answer: %v", lastMeta().Headers)
	seen, err = s.Seen(bg)
	check(err == nil && len(seen.Headers) == 0, "seen: %v", seen)
	_, err = s.Business(bg, 1001)
	check(err != nil && strings.Contains(err.Error(), "sold out"), "business: %v", err)
	check(lastMeta().Headers["biz-status"] == "1001", "business: %v", lastMeta().Headers)
}

func call(dialect []string, address string) {
	mux, framing, _ := split(dialect)
	again := func(timeout time.Duration) *session { return open(dialect, address, timeout) }
	checkAll(bg, again, true).close()
	s := again(20 * time.Second)
	defer s.close()
	if strings.HasPrefix(framing, "theader") {
		if !mux { // the multiplexer hides the headers
			checkHeaders(s)
		}
		return
	}
	seen, err := s.Seen(bg)
	if framing == "http" {
		checkSeen(seen, err, map[string]string{"ask": "why not"})
	} else {
		check(err == nil && len(seen.Headers) == 0, "seen: %v", seen)
	}
	_, err = s.Business(bg, 1001)
	check(err != nil && strings.Contains(err.Error(), "sold out"), "business: %v", err)
}
