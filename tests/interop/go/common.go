// SPDX-License-Identifier: MIT

// What both Go peers serve and check: all that has the same Go types in both
// libraries. The build copies this file beside each main.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"interop/gen/everything"
)

// The handlers that both peers share; main.go adds Seen and Business.
type handler struct{ forgotten int32 }

func (h *handler) Echo(ctx context.Context, all *everything.All) (*everything.All, error) {
	return all, nil
}

func (h *handler) Flip(ctx context.Context, yes bool) (bool, error) { return !yes, nil }

func (h *handler) Sum(ctx context.Context, a int8, b int16, c int32, d int64) (int64, error) {
	return int64(a) + int64(b) + int64(c) + d, nil
}

func (h *handler) Half(ctx context.Context, real float64) (float64, error) {
	return real / 2, nil
}

func (h *handler) Large(ctx context.Context, text string) (string, error) { return text, nil }

func (h *handler) Nothing(ctx context.Context) error { return nil }

func (h *handler) Trouble(ctx context.Context, kind int32) (int32, error) {
	switch kind {
	case 1:
		all := blank()
		all.Text = "inside"
		return 0, &everything.Wrong{Why: "all wrong", All: all}
	case 2:
		return 0, &everything.Late{Ms: math.MaxInt64}
	case 3:
		return 0, errors.New("out of order")
	}
	return kind, nil
}

func (h *handler) Forget(ctx context.Context, number int32) error {
	atomic.AddInt32(&h.forgotten, number)
	return nil
}

func (h *handler) Remembered(ctx context.Context) (int32, error) {
	return atomic.LoadInt32(&h.forgotten), nil
}

func (h *handler) Collect(ctx context.Context, alls []*everything.All) (map[string][]*everything.All, error) {
	return map[string][]*everything.All{"once": alls, "again": alls}, nil
}

func (h *handler) Grow(ctx context.Context, grow *everything.Grow) (*everything.Grow, error) {
	return grow, nil
}

func (h *handler) Relay(ctx context.Context) (*everything.Seen, error) {
	return nil, errors.New("only weft's server calls itself")
}

func (h *handler) Nap(ctx context.Context, ms int32) (int32, error) {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return ms, nil
}

func (h *handler) Twice(ctx context.Context, number int32) (int32, error) {
	return 2 * number, nil
}

// One connection, or a client that makes its own connections.
type session struct {
	everything.Everything
	newer interface {
		Grow(ctx context.Context, grow *everything.Grown, unknown *everything.All) (*everything.Grown, error)
		OnlyHere(ctx context.Context, all *everything.All) (int32, error)
	}
	second interface {
		Twice(ctx context.Context, number int32) (int32, error)
	}
	// Returns the type of a TApplicationException, or -1 for another error.
	appType func(err error) int32
	atOnce  int // the most calls in flight
	close   func()
}

var failures int32

func check(ok bool, format string, args ...interface{}) {
	if !ok && atomic.AddInt32(&failures, 1) <= 10 {
		fmt.Fprintf(os.Stderr, "not so: "+format+"\n", args...)
	}
}

func ptr(n int32) *int32 { return &n }

// Sets only the union, which must have a member.
func blank() *everything.All {
	all := everything.NewAll()
	all.Choice = &everything.Choice{Number: ptr(0)}
	return all
}

func sample() *everything.All {
	text := "chosen"
	inner := &everything.Inner{X: -2, Name: "two"}
	all := everything.NewAll()
	all.Yes, all.Tiny, all.Small = true, math.MinInt8, math.MinInt16
	all.Medium, all.Big, all.Real = math.MinInt32, math.MinInt64, 0.1
	all.Text, all.Bytes = "na\u00efve \u20ac \U0001f600", []byte("\x00\x01\xff")
	all.Color, all.Inner = everything.Color_BLUE, inner
	all.Choice = &everything.Choice{Text: &text}
	all.Numbers = []int32{0, 1, -1, math.MaxInt32, math.MinInt32}
	all.Words = []string{"", "a", "\u00fc"}
	all.Counts = map[string]int64{"min": math.MinInt64, "max": math.MaxInt64}
	all.Inners = []*everything.Inner{inner, {}}
	all.Lines = map[int32][]string{7: {"x", ""}, -7: {}}
	all.Present = ptr(-42)
	all.Bits = []bool{true, false, true}
	all.Reals = []float64{0, -1.5, 1e300, 1e-300}
	all.Bigs = []int64{math.MinInt64, 0, math.MaxInt64}
	all.Deep = []map[string]*everything.Inner{{"k": inner}, {}}
	all.Fixed, all.Another = 43, inner
	all.Blobs = [][]byte{{0, 0xff}, {}}
	all.Grid = [][]int16{{math.MinInt16, -1}, {}, {math.MaxInt16}}
	all.Colors = map[everything.Color]bool{everything.Color_RED: true, everything.Color_BLUE: false}
	all.Far = 127
	return all
}

// A sample for peers that skip it. Apache's Python skips binary as if it were
// text, so all bytes must be text.
func sampleText() *everything.All {
	all := sample()
	all.Bytes, all.Blobs = []byte("text"), nil
	return all
}

// Returns whether both are equal; sets may have any order.
func same(a, b *everything.All) bool {
	if a == nil || b == nil {
		return false
	}
	for _, all := range []*everything.All{a, b} {
		sort.Strings(all.Words)
		sort.Slice(all.Bigs, func(i, k int) bool { return all.Bigs[i] < all.Bigs[k] })
	}
	return reflect.DeepEqual(a, b)
}

func checkValues(ctx context.Context, s *session) {
	empty, err := s.Echo(ctx, blank())
	check(err == nil && empty.Fixed == 42 && empty.Missing == nil, "echo: %v", err)
	back, err := s.Echo(ctx, sample())
	check(err == nil && same(back, sample()), "echo: %v %v", err, back)
	yes, err := s.Flip(ctx, false)
	check(err == nil && yes, "flip: %v", err)
	sum, err := s.Sum(ctx, math.MinInt8, math.MinInt16, math.MinInt32, -1)
	check(sum == math.MinInt8+math.MinInt16+math.MinInt32-1, "sum: %v", err)
	half, err := s.Half(ctx, 1e-300)
	check(half == 0.5e-300, "half: %v %v", half, err)
	check(s.Nothing(ctx) == nil, "nothing")
	text := strings.Repeat("0123456789abcdef", 65536)
	large, err := s.Large(ctx, text)
	check(large == text, "large: %v", err)
	both, err := s.Collect(ctx, []*everything.All{sample(), blank(), sample()})
	check(len(both) == 2, "collect: %v", err)
	for _, alls := range both {
		check(len(alls) == 3 && same(alls[0], sample()) && same(alls[2], sample()), "collect: %v", alls)
	}
	double, err := s.second.Twice(ctx, 21)
	check(double == 42, "twice: %v", err)
}

func checkTrouble(ctx context.Context, s *session) {
	var wrong *everything.Wrong
	var late *everything.Late
	_, err := s.Trouble(ctx, 1)
	check(errors.As(err, &wrong) && wrong.Why == "all wrong" && wrong.All.Text == "inside", "trouble 1: %v", err)
	_, err = s.Trouble(ctx, 2)
	check(errors.As(err, &late) && late.Ms == math.MaxInt64, "trouble 2: %v", err)
	_, err = s.Trouble(ctx, 3)
	check(err != nil && strings.Contains(err.Error(), "out of order"), "trouble 3: %v", err)
	if err != nil {
		kind := s.appType(err)
		check(kind == 0 || kind == 6, "trouble 3: type %d", kind)
	}
	kind, err := s.Trouble(ctx, 0)
	check(err == nil && kind == 0, "trouble 0: %v", err)
}

func checkVersions(ctx context.Context, s *session) {
	grow := everything.NewGrown()
	grow.Name, grow.All, grow.More = "first", sampleText(), []*everything.All{sampleText()}
	grow.Index = map[string][]int32{"a": {1, 2}, "b": {}}
	grow.Yes, grow.Real, grow.Bytes = true, 1.5, []byte("text")
	grow.Choice = &everything.Choice{Number: ptr(3)}
	grow.Tail, grow.Last = 1234567890123, 5
	back, err := s.newer.Grow(ctx, grow, sampleText())
	check(err == nil && back.Name == "first" && back.Tail == grow.Tail && back.More == nil && back.Last == 0,
		"grow: %v", err)
	_, err = s.newer.OnlyHere(ctx, sampleText())
	// 1: unknown method; 20: Kitex sends it for a method that no service has
	check(err != nil && (s.appType(err) == 1 || s.appType(err) == 20), "only_here: %v", err)
}

func checkMany(ctx context.Context, s *session) {
	var group sync.WaitGroup
	before, err := s.Remembered(ctx)
	check(err == nil, "remembered: %v", err)
	for at := 0; at < s.atOnce; at++ {
		group.Add(1)
		go func(at int) {
			defer group.Done()
			for i := 0; i < 400/s.atOnce; i++ {
				sum, err := s.Sum(ctx, int8(at), int16(i), 0, 0)
				check(err == nil && sum == int64(at+i), "sum: %v", err)
			}
		}(at)
	}
	group.Wait()
	for i := int32(1); i <= 10; i++ {
		err = s.Forget(ctx, i)
		check(err == nil, "forget: %v", err)
	}
	after := before
	for after != before+55 {
		after, err = s.Remembered(ctx)
		check(err == nil && after <= before+55, "remembered: %v, %d then %d", err, before, after)
	}
}

// A call times out, and later calls still succeed.
func checkTimeout(ctx context.Context, open func(time.Duration) *session, reopen bool) {
	s := open(100 * time.Millisecond)
	_, err := s.Nap(ctx, 2000)
	for ms := int32(4000); err == nil; ms *= 2 {
		_, err = s.Nap(ctx, ms) // this program was held up until the reply came
	}
	if reopen {
		s.close()
		s = open(20 * time.Second)
	}
	ms, err := s.Nap(ctx, 1)
	for err != nil && !reopen {
		ms, err = s.Nap(ctx, 1) // this program was held up for 100 ms
	}
	check(err == nil && ms == 1, "nap: %v", err)
	s.close()
}

// Checks what each dialect can do. reopen: the connection cannot be used after
// a time-out.
func checkAll(ctx context.Context, open func(time.Duration) *session, reopen bool) *session {
	s := open(20 * time.Second)
	checkValues(ctx, s)
	checkTrouble(ctx, s)
	checkVersions(ctx, s)
	checkMany(ctx, s)
	checkTimeout(ctx, open, reopen)
	return s
}

func checkSeen(seen *everything.Seen, err error, want map[string]string) {
	check(err == nil, "seen: %v", err)
	for key, value := range want {
		check(err == nil && seen.Headers[key] == value, "seen: %s is %q", key, seen.GetHeaders()[key])
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: server DIALECT | client DIALECT PORT")
		os.Exit(2)
	}
	dialect := strings.Split(os.Args[2], "-")
	if os.Args[1] == "server" {
		serve(dialect)
		return
	}
	call(dialect, "127.0.0.1:"+os.Args[3])
	if failures > 0 {
		os.Exit(1)
	}
}
