// SPDX-License-Identifier: MIT

// Kitex, as server and as client. A suffix -pool or -mux of a dialect says how
// connections are used again; without it each call makes its own connection.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/kerrors"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"github.com/cloudwego/kitex/transport"

	"interop/gen/everything"
	eservice "interop/gen/everything/everything"
	"interop/gen/everything/future"
	"interop/gen/everything/second"
)

type kitexHandler struct{ handler }

// Returns both kinds of metainfo, under the names that weft has for them.
func (h *kitexHandler) Seen(ctx context.Context) (*everything.Seen, error) {
	seen := &everything.Seen{Headers: map[string]string{}, LeftMs: -1}
	for key, value := range metainfo.GetAllPersistentValues(ctx) {
		seen.Headers["RPC_PERSIST_"+key] = value
	}
	for key, value := range metainfo.GetAllValues(ctx) {
		seen.Headers["RPC_TRANSIT_UPSTREAM_"+key] = value
	}
	if ask, ok := metainfo.GetPersistentValue(ctx, "ask"); ok {
		metainfo.SendBackwardValue(ctx, "answer", ask)
	}
	if deadline, ok := ctx.Deadline(); ok {
		seen.LeftMs = time.Until(deadline).Milliseconds()
	}
	return seen, nil
}

func (h *kitexHandler) Business(ctx context.Context, status int32) (int32, error) {
	return 0, kerrors.NewBizStatusError(status, "sold out")
}

func serve(dialect []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	options := []server.Option{
		server.WithListener(listener),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithEnableContextTimeout(true),
	}
	if len(dialect) > 2 && dialect[2] == "mux" {
		options = append(options, server.WithMuxTransport())
	}
	klog.SetOutput(io.Discard)
	h := &kitexHandler{}
	s := server.NewServer(options...)
	must(eservice.RegisterService(s, h, server.WithFallbackService()))
	must(second.RegisterService(s, h))
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	must(s.Run())
}

// Kitex's client without its call options. So it implements the same interface
// as the handlers.
type plain struct{ eservice.Client }

func (c plain) Echo(ctx context.Context, all *everything.All) (*everything.All, error) {
	return c.Client.Echo(ctx, all)
}
func (c plain) Flip(ctx context.Context, yes bool) (bool, error) { return c.Client.Flip(ctx, yes) }
func (c plain) Sum(ctx context.Context, x int8, y int16, z int32, d int64) (int64, error) {
	return c.Client.Sum(ctx, x, y, z, d)
}
func (c plain) Half(ctx context.Context, real float64) (float64, error) {
	return c.Client.Half(ctx, real)
}
func (c plain) Large(ctx context.Context, text string) (string, error) {
	return c.Client.Large(ctx, text)
}
func (c plain) Nothing(ctx context.Context) error { return c.Client.Nothing(ctx) }
func (c plain) Trouble(ctx context.Context, kind int32) (int32, error) {
	return c.Client.Trouble(ctx, kind)
}
func (c plain) Forget(ctx context.Context, number int32) error {
	return c.Client.Forget(ctx, number)
}
func (c plain) Remembered(ctx context.Context) (int32, error) { return c.Client.Remembered(ctx) }
func (c plain) Collect(ctx context.Context, alls []*everything.All) (map[string][]*everything.All, error) {
	return c.Client.Collect(ctx, alls)
}
func (c plain) Grow(ctx context.Context, grow *everything.Grow) (*everything.Grow, error) {
	return c.Client.Grow(ctx, grow)
}
func (c plain) Seen(ctx context.Context) (*everything.Seen, error)  { return c.Client.Seen(ctx) }
func (c plain) Relay(ctx context.Context) (*everything.Seen, error) { return c.Client.Relay(ctx) }
func (c plain) Nap(ctx context.Context, ms int32) (int32, error)    { return c.Client.Nap(ctx, ms) }
func (c plain) Business(ctx context.Context, status int32) (int32, error) {
	return c.Client.Business(ctx, status)
}

// A client of Future, a later version of Everything, under the name Everything.
type later struct{ client.Client }

func newLater(options []client.Option) (later, error) {
	info := future.NewServiceInfoForClient()
	info.ServiceName = "Everything"
	c, err := client.NewClient(info, options...)
	return later{c}, err
}
func (c later) Grow(ctx context.Context, grow *everything.Grown, unknown *everything.All) (*everything.Grown, error) {
	var result everything.FutureGrowResult
	err := c.Call(ctx, "grow", &everything.FutureGrowArgs{Grow: grow, Unknown: unknown}, &result)
	return result.GetSuccess(), err
}
func (c later) OnlyHere(ctx context.Context, all *everything.All) (int32, error) {
	var result everything.FutureOnlyHereResult
	err := c.Call(ctx, "only_here", &everything.FutureOnlyHereArgs{All: all}, &result)
	return result.GetSuccess(), err
}

type plainSecond struct{ second.Client }

func (c plainSecond) Twice(ctx context.Context, number int32) (int32, error) {
	return c.Client.Twice(ctx, number)
}

func appType(err error) int32 {
	var app *remote.TransError
	if errors.As(err, &app) {
		return app.TypeID()
	}
	return -1
}

func clientOptions(dialect []string, address string, timeout time.Duration) []client.Option {
	options := []client.Option{
		client.WithHostPorts(address),
		client.WithRPCTimeout(timeout),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
	}
	switch dialect[0] {
	case "framed":
		options = append(options, client.WithTransportProtocol(transport.Framed))
	case "unframed":
		options = append(options, client.WithTransportProtocol(transport.PurePayload))
	case "ttheader":
		options = append(options, client.WithTransportProtocol(transport.TTHeader))
	case "ttheaderframed":
		options = append(options, client.WithTransportProtocol(transport.TTHeaderFramed))
	case "http":
		options = append(options, client.WithHTTPConnection(),
			client.WithTransportProtocol(transport.PurePayload),
			client.WithTag(rpcinfo.HTTPURL, "http://"+address+"/weft"))
	}
	how := ""
	if len(dialect) > 2 {
		how = dialect[2]
	}
	switch how {
	case "pool":
		options = append(options, client.WithLongConnection(connpool.IdleConfig{
			MaxIdlePerAddress: 4, MaxIdleGlobal: 4, MaxIdleTimeout: time.Minute}))
	case "mux":
		options = append(options, client.WithMuxConnection(1))
	default:
		options = append(options, client.WithShortConnection())
	}
	return options
}

func open(dialect []string, address string, timeout time.Duration) *session {
	options := clientOptions(dialect, address, timeout)
	main, err := eservice.NewClient("everything", options...)
	must(err)
	newer, err := newLater(append(options, client.WithDestService("everything")))
	must(err)
	other, err := second.NewClient("everything", options...)
	must(err)
	return &session{
		Everything: plain{main},
		newer:      newer,
		second:     plainSecond{other},
		appType:    appType,
		atOnce:     8,
		close:      func() {},
	}
}

// Checks headers, business status and deadlines. In Kitex only TTHeader has
// these.
func checkBeside(s *session) {
	ctx := metainfo.WithPersistentValue(context.Background(), "ask", "why not")
	ctx = metainfo.WithBackwardValues(metainfo.WithValue(ctx, "hop", "once"))
	seen, err := s.Seen(ctx)
	checkSeen(seen, err, map[string]string{
		"RPC_PERSIST_ask":          "why not",
		"RPC_TRANSIT_UPSTREAM_hop": "once",
	})
	left := seen.GetLeftMs()
	check(left > 0 && left <= 20000, "left_ms: %d", left)
	answer, _ := metainfo.RecvBackwardValue(ctx, "answer")
	check(answer == "why not", "answer: %q", answer)

	if seen.GetDialect() != "" {
		seen, err = s.Relay(ctx)
		checkSeen(seen, err, map[string]string{
			"RPC_PERSIST_ask":          "why not",
			"RPC_TRANSIT_UPSTREAM_hop": "",
		})
		after := seen.GetLeftMs()
		check(after > 0 && after <= left, "relayed: %d left of %d", after, left)
	}

	_, err = s.Business(ctx, 1001)
	status, ok := kerrors.FromBizStatusError(err)
	check(ok && status.BizStatusCode() == 1001 && status.BizMessage() == "sold out", "business: %v", err)
}

func call(dialect []string, address string) {
	klog.SetOutput(io.Discard)
	s := checkAll(context.Background(), func(timeout time.Duration) *session {
		return open(dialect, address, timeout)
	}, false)
	switch dialect[0] {
	case "ttheader", "ttheaderframed":
		checkBeside(s)
	default:
		seen, err := s.Seen(context.Background())
		check(err == nil, "seen: %v", err)
		_, err = s.Business(context.Background(), 1001)
		_, ok := kerrors.FromBizStatusError(err)
		check(!ok, "business: %v %v", err, seen)
	}
}
