package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/postgres/postgrestest"
	"github.com/medtech-detect/sepsis/sqlstore/storetest"
)

// line is the way to the database, which tests can make slow, silent, or cut.
type line struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	delay    time.Duration // before each piece that goes to the database
	silent   bool          // what is sent to the database goes nowhere
	cut      bool          // new connections are closed at once
	open     map[net.Conn]bool
}

// newLine gives an address that leads to the database through a line.
func newLine(t *testing.T, address string) (*line, string) {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, target: parsed.Host, open: map[net.Conn]bool{}}
	go l.run()
	t.Cleanup(func() {
		_ = listener.Close()
		l.sever()
	})
	parsed.Host = listener.Addr().String()
	return l, parsed.String()
}

func (l *line) run() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.connect(near)
	}
}

func (l *line) connect(near net.Conn) {
	far, err := net.Dial("tcp", l.target) //nolint:noctx // ends with the line
	l.mu.Lock()
	cut := l.cut || err != nil
	if !cut {
		l.open[near], l.open[far] = true, true
	}
	l.mu.Unlock()
	if cut {
		_ = near.Close()
		if err == nil {
			_ = far.Close()
		}
		return
	}
	go l.carry(far, near, true)
	l.carry(near, far, false)
}

func (l *line) carry(to, from net.Conn, out bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	piece := make([]byte, 64<<10)
	for {
		n, err := from.Read(piece)
		if err != nil {
			return
		}
		l.mu.Lock()
		delay, silent := l.delay, l.silent
		l.mu.Unlock()
		if silent && out {
			continue
		}
		if out {
			time.Sleep(delay)
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
	}
}

func (l *line) set(change func(*line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// sever closes what is open.
func (l *line) sever() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.open {
		_ = conn.Close()
	}
	clear(l.open)
}

// faults are what happens to a database, and how it passes.
var faults = map[string]struct {
	begin, end func(t *testing.T, l *line)
}{
	"gone": {
		func(_ *testing.T, l *line) { l.set(func(l *line) { l.cut = true }); l.sever() },
		func(_ *testing.T, l *line) { l.set(func(l *line) { l.cut = false }) },
	},
	"silent": {
		func(_ *testing.T, l *line) { l.set(func(l *line) { l.silent = true }) },
		func(_ *testing.T, l *line) { l.set(func(l *line) { l.silent = false }); l.sever() },
	},
	"too slow": {
		func(_ *testing.T, l *line) { l.set(func(l *line) { l.delay = time.Second }) },
		func(_ *testing.T, l *line) { l.set(func(l *line) { l.delay = 0 }) },
	},
	"stopped": {
		func(t *testing.T, _ *line) { postgrestest.Control(t, "stop") },
		func(t *testing.T, _ *line) { postgrestest.Control(t, "start") },
	},
	"restarted": {
		func(t *testing.T, _ *line) { postgrestest.Control(t, "restart") },
		func(*testing.T, *line) {},
	},
}

const wait = 500 * time.Millisecond

// asked is what became of records that several callers had kept at the same time.
type asked struct {
	mu      sync.Mutex
	kept    []string // the recorder promised these
	refused int
	longest time.Duration
}

func (a *asked) counts() (kept, refused int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.kept), a.refused
}

// ask lets callers record until the context ends.
func ask(ctx context.Context, r *audit.Recorder) (a *asked, done func()) {
	a = &asked{}
	var all sync.WaitGroup
	for caller := range 8 {
		all.Go(func() {
			for i := caller; ctx.Err() == nil; i += 8 {
				record, begun := storetest.Record(i), time.Now()
				err := r.Record(context.WithoutCancel(ctx), record)
				a.mu.Lock()
				a.longest = max(a.longest, time.Since(begun))
				if err == nil {
					a.kept = append(a.kept, record.ID)
				} else {
					a.refused++
				}
				a.mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	return a, all.Wait
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// holdsAll: whatever was promised is in the log.
func holdsAll(t *testing.T, log sepsis.AuditLog, promised []string) {
	t.Helper()
	found := map[string]bool{}
	err := log.Records(t.Context(), sepsis.AuditQuery{Brief: true}, func(r sepsis.Record) error { found[r.ID] = true; return nil })
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for _, id := range promised {
		if !found[id] {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d are not in the log", lost, len(promised))
	}
}

// faulty opens a log at the end of a line and records into it.
func faulty(t *testing.T, policy audit.Policy) (*line, storetest.Store, *audit.Recorder) {
	t.Helper()
	l, address := newLine(t, postgrestest.Database(t))
	store := open(t, address)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	r := audit.NewRecorder(audit.Options{
		Log: store, Policy: policy, Wait: wait, Privacy: audit.InFull(), Clock: time.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return l, store, r
}

// TestFaultsUnderRequired: nothing that was promised is lost, no answer takes longer than its bound, and the recorder
// goes on by itself when the fault has passed.
func TestFaultsUnderRequired(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			l, store, r := faulty(t, audit.Required)
			ctx, stop := context.WithCancel(t.Context())
			a, done := ask(ctx, r)
			until(t, "records", func() bool { kept, _ := a.counts(); return kept > 50 })
			fault.begin(t, l)
			if name != "restarted" { // perhaps so quickly that nobody noticed
				until(t, "refusals", func() bool { _, refused := a.counts(); return refused > 8 })
				if err := r.Check(t.Context()); err == nil {
					t.Error("the check finds nothing")
				}
			}
			fault.end(t, l)
			before, _ := a.counts()
			until(t, "records afterwards", func() bool { kept, _ := a.counts(); return kept > before+50 })
			stop()
			done()
			r.Close(t.Context())
			holdsAll(t, store, a.kept)
			// What a busy machine needs to wake up comes on top; the tests of audit hold the bound exactly.
			if a.longest > wait+10*time.Second {
				t.Errorf("one waited %v, and the bound is %v", a.longest, wait)
			}
			if err := r.Check(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
		})
	}
}

// TestFaultsUnderBestEffort: nobody waits or is refused, and as long as the queue has room nothing is lost either.
func TestFaultsUnderBestEffort(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			l, store, r := faulty(t, audit.BestEffort)
			ctx, stop := context.WithCancel(t.Context())
			a, done := ask(ctx, r)
			until(t, "records", func() bool { return r.Counts().Recorded > 50 })
			fault.begin(t, l)
			before, _ := a.counts()
			until(t, "answers during the fault", func() bool { kept, _ := a.counts(); return kept > before+100 })
			stop()
			done()
			fault.end(t, l)
			until(t, "what waited to be written", func() bool {
				counts := r.Counts()
				return counts.Recorded+counts.Lost == int64(len(a.kept))
			})
			r.Close(t.Context())
			holdsAll(t, store, a.kept)
			if counts := r.Counts(); counts.Lost > 0 || a.refused > 0 || a.longest > 10*time.Second {
				t.Errorf("counts %+v, %d refused, longest %v", counts, a.refused, a.longest)
			}
		})
	}
}

// TestSlowIsNotFailing: a database that needs less than the bound keeps everything.
func TestSlowIsNotFailing(t *testing.T) {
	l, store, r := faulty(t, audit.Required)
	l.set(func(l *line) { l.delay = 50 * time.Millisecond })
	ctx, stop := context.WithCancel(t.Context())
	a, done := ask(ctx, r)
	until(t, "records", func() bool { kept, _ := a.counts(); return kept > 100 })
	stop()
	done()
	r.Close(t.Context())
	holdsAll(t, store, a.kept)
	if a.refused > 0 {
		t.Errorf("%d refused", a.refused)
	}
}

// TestReadingEndsInTime: who reads while the database is silent is told so when the context ends.
func TestReadingEndsInTime(t *testing.T) {
	l, store, r := faulty(t, audit.Required)
	defer r.Close(t.Context())
	l.set(func(l *line) { l.silent = true })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := store.Record(ctx, storetest.Record(0).ID)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if text := fmt.Sprint(err); len(text) > 500 {
		t.Errorf("error of %d characters", len(text))
	}
	l.sever()
}
