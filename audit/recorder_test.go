package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
)

// stage is an audit log of which tests decide how it fares: it hangs, fails, or keeps.
type stage struct {
	sepsis.AuditLog
	mu      sync.Mutex
	fails   error
	hangs   bool  // until the context ends, as a slow database does
	unread  error // why there are no records to be read
	takes   time.Duration
	kept    []string
	batches int
	checks  int
	times   []time.Time // of the records
	erased  []time.Time
}

func (s *stage) fares(ctx context.Context) error {
	s.mu.Lock()
	hangs, takes := s.hangs, s.takes
	s.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	if takes > 0 {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fails
}

func (s *stage) Append(ctx context.Context, records []sepsis.Record) error {
	if err := s.fares(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches++
	for _, r := range records {
		s.kept = append(s.kept, r.ID)
	}
	return nil
}

func (s *stage) Check(ctx context.Context) error {
	s.mu.Lock()
	s.checks++
	s.mu.Unlock()
	return s.fares(ctx)
}

func (s *stage) Records(_ context.Context, query sepsis.AuditQuery, yield func(sepsis.Record) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unread != nil {
		return s.unread
	}
	for _, at := range s.times {
		if (query.From == nil || !at.Before(*query.From)) && (query.To == nil || at.Before(*query.To)) {
			return yield(sepsis.Record{Time: at}) // one is asked for
		}
	}
	return nil
}

func (s *stage) Erase(_ context.Context, before time.Time) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erased = append(s.erased, before)
	s.times = slices.DeleteFunc(s.times, func(at time.Time) bool { return at.Before(before) })
	return 1, s.fails
}

func (s *stage) set(change func(*stage)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *stage) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

const wait = 2 * time.Second

// recorder starts one in the bubble of synctest, where time passes when everybody waits.
func recorder(t *testing.T, s *stage, policy audit.Policy, log *bytes.Buffer) *audit.Recorder {
	t.Helper()
	r := audit.NewRecorder(audit.Options{
		Log: s, Policy: policy, Wait: wait, Privacy: audit.Hashed([32]byte{}), Clock: time.Now, Logger: slog.New(slog.NewJSONHandler(log, nil)),
	})
	t.Cleanup(func() { r.Close(t.Context()) })
	return r
}

func record(i int) sepsis.Record { return sepsis.Record{ID: fmt.Sprint(i), Patient: "Jane"} }

var errDisk = errors.New("disk full")

func TestRequiredWaitsForItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{takes: time.Second}
		r := recorder(t, s, audit.Required, new(bytes.Buffer))
		begun := time.Now()
		if err := r.Record(t.Context(), record(1)); err != nil || s.count() != 1 || time.Since(begun) != time.Second {
			t.Errorf("after %v: %d kept, error %v", time.Since(begun), s.count(), err)
		}
		if got := r.Counts(); got != (sepsis.AuditCounts{Recorded: 1}) {
			t.Errorf("counts %+v", got)
		}
	})
}

// TestRecordsAreKeptTogether: what comes while one batch is being committed makes the next.
func TestRecordsAreKeptTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{takes: time.Second}
		r := recorder(t, s, audit.Required, new(bytes.Buffer))
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				if i > 0 {
					time.Sleep(time.Millisecond) // the first is alone
				}
				if err := r.Record(t.Context(), record(i)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if s.count() != 100 || s.batches != 2 {
			t.Errorf("%d records in %d batches", s.count(), s.batches)
		}
	})
}

// TestWaitingForOthers: after a batch of many, or of any number where a commit takes longer than the wait, the next waits a little for as
// many; else a record is written at once.
func TestWaitingForOthers(t *testing.T) {
	for name, c := range map[string]struct {
		together int
		takes    time.Duration // a commit
		batches  int
	}{
		"few":           {7, 500 * time.Microsecond, 4},
		"many":          {8, 500 * time.Microsecond, 3},
		"few, slow":     {7, time.Second, 3},
		"alone, slowly": {1, time.Second, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stage{takes: c.takes}
				r := recorder(t, s, audit.Required, new(bytes.Buffer))
				var all sync.WaitGroup
				at := func(moment time.Duration) {
					all.Go(func() {
						time.Sleep(moment)
						if err := r.Record(t.Context(), record(int(moment))); err != nil {
							t.Error(err)
						}
					})
				}
				at(0) // alone
				for range c.together {
					at(c.takes / 2)
				}
				at(2*c.takes + 100*time.Microsecond) // when they have been written
				at(2*c.takes + 200*time.Microsecond)
				all.Wait()
				if want := c.together + 3; s.count() != want || s.batches != c.batches {
					t.Errorf("%d records in %d batches, want %d in %d", s.count(), s.batches, want, c.batches)
				}
			})
		})
	}
}

func TestRequiredRefusesAfterItsBound(t *testing.T) {
	for name, fault := range map[string]func(*stage){
		"fails": func(s *stage) { s.fails = errDisk },
		"hangs": func(s *stage) { s.hangs = true },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &stage{}
			s.set(fault)
			var log bytes.Buffer
			r := recorder(t, s, audit.Required, &log)
			begun := time.Now()
			if err := r.Record(t.Context(), record(1)); !errors.Is(err, audit.ErrNotRecorded) || time.Since(begun) != wait {
				t.Errorf("%s: %v after %v", name, err, time.Since(begun))
			}
			synctest.Wait()
			if got := r.Counts(); got.Refused != 1 || got.Recorded != 0 || got.FailingSince.IsZero() {
				t.Errorf("%s: counts %+v", name, got)
			}
			s.set(func(s *stage) { s.fails, s.hangs = nil, false })
			time.Sleep(time.Second) // until the next attempt
			if err := r.Record(t.Context(), record(2)); err != nil {
				t.Errorf("%s: %v after the store came back", name, err)
			}
			synctest.Wait()
			if got := r.Counts(); got.Refused != 1 || got.Recorded != 1 || got.Waiting != 0 || !got.FailingSince.IsZero() {
				t.Errorf("%s: counts %+v", name, got)
			}
			for _, line := range []string{"cannot be written", "is written again"} {
				if strings.Count(log.String(), line) != 1 {
					t.Errorf("%s: log %s", name, &log)
				}
			}
		})
	}
}

func TestRequiredGivesUpWhenTheClientHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recorder(t, &stage{hangs: true}, audit.Required, new(bytes.Buffer))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := r.Record(ctx, record(1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

// TestRequiredNeverWaitsBehindAFullQueue: who finds no place is refused at once, and nobody waits longer than the bound.
func TestRequiredNeverWaitsBehindAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{fails: errDisk}
		r := recorder(t, s, audit.Required, new(bytes.Buffer))
		var all sync.WaitGroup
		for i := range 20_000 {
			all.Go(func() {
				begun := time.Now()
				if err := r.Record(t.Context(), record(i)); !errors.Is(err, audit.ErrNotRecorded) || time.Since(begun) > wait {
					t.Errorf("%v after %v", err, time.Since(begun))
				}
			})
		}
		all.Wait()
		if got := r.Counts(); got.Refused != 20_000 {
			t.Errorf("counts %+v", got)
		}
		s.set(func(s *stage) { s.fails = nil })
		if err := r.Record(t.Context(), record(1)); err != nil { // those who have gone hold no place
			t.Error(err)
		}
	})
}

// TestThoseWhoHaveGoneBindNoMemory: the room of long bodies whose callers have gone is another's, also before they come to be written.
func TestThoseWhoHaveGoneBindNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := audit.NewRecorder(audit.Options{
			Log: &stage{takes: wait / 4}, Policy: audit.Required, Wait: wait, Privacy: audit.InFull(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		defer r.Close(t.Context())
		long := record(1)
		long.Input = make([]byte, 4<<20)
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		for range 24 { // more than the queue has room for
			all.Go(func() {
				if err := r.Record(soon, long); err == nil {
					t.Error("kept before it was written")
				}
			})
		}
		all.Wait()
		if err := r.Record(t.Context(), long); err != nil || r.Counts().Refused == 0 {
			t.Errorf("error %v, counts %+v", err, r.Counts())
		}
	})
}

func TestBestEffortAnswersAtOnceAndWritesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{fails: errDisk}
		var log bytes.Buffer
		r := recorder(t, s, audit.BestEffort, &log)
		begun := time.Now()
		for i := range 100 {
			if err := r.Record(t.Context(), record(i)); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("it took %v", took)
		}
		time.Sleep(5 * time.Minute)
		if got := r.Counts(); got.FailingSince.Sub(begun) > time.Second || got.Recorded != 0 {
			t.Errorf("counts %+v", got)
		}
		if told := strings.Count(log.String(), "cannot be written"); told != 5 { // at first, and each minute
			t.Errorf("told %d times", told)
		}
		s.set(func(s *stage) { s.fails = nil })
		time.Sleep(time.Second)
		synctest.Wait()
		if got := r.Counts(); got != (sepsis.AuditCounts{Recorded: 100}) || s.count() != 100 {
			t.Errorf("counts %+v, %d kept", got, s.count())
		}
		if strings.Contains(log.String(), "Jane") {
			t.Errorf("log %s", &log)
		}
	})
}

func TestBestEffortCountsWhatItLoses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{fails: errDisk}
		var log bytes.Buffer
		r := recorder(t, s, audit.BestEffort, &log)
		const sent = 20_000
		for i := range sent {
			if err := r.Record(t.Context(), record(i)); err != nil {
				t.Error(err)
			}
		}
		s.set(func(s *stage) { s.fails = nil })
		time.Sleep(time.Second)
		synctest.Wait()
		got := r.Counts()
		if got.Lost == 0 || got.Lost+got.Recorded != sent || got.Recorded != int64(s.count()) {
			t.Errorf("counts %+v, %d kept", got, s.count())
		}
		if strings.Count(log.String(), "records of predictions are lost") != 1 || !strings.Contains(log.String(), fmt.Sprintf(`"lost_so_far":%d`, got.Lost)) {
			t.Errorf("log %s", &log)
		}
	})
}

// TestMemoryIsBounded: long bodies fill the queue before its places are used up.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{fails: errDisk}
		r := audit.NewRecorder(audit.Options{
			Log: s, Policy: audit.BestEffort, Wait: wait, Privacy: audit.InFull(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		defer r.Close(t.Context())
		input := make([]byte, 4<<20)
		for i := range 100 {
			long := record(i)
			long.Input = input
			if err := r.Record(t.Context(), long); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		// 64 MiB in the queue, and a batch of at least 8 MiB at hand.
		if got := r.Counts(); got.Waiting != 16 || got.Lost < 100-16-3 {
			t.Errorf("counts %+v", got)
		}
		s.set(func(s *stage) { s.fails = nil })
		time.Sleep(wait)
		lost := r.Counts().Lost
		for i := range 3 { // what was written binds none
			long := record(i)
			long.Input = input
			if err := r.Record(t.Context(), long); err != nil || r.Counts().Lost != lost {
				t.Errorf("error %v, counts %+v", err, r.Counts())
			}
		}
	})
}

func TestCloseWritesWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{takes: time.Second}
		r := recorder(t, s, audit.BestEffort, new(bytes.Buffer))
		for i := range 1000 {
			if err := r.Record(t.Context(), record(i)); err != nil {
				t.Error(err)
			}
			if i == 0 {
				time.Sleep(s.takes / 2) // it is being written while the others come
			}
		}
		r.Close(t.Context())
		if s.count() != 1000 || s.batches != 3 { // of 512 at most: each has to be written in time
			t.Errorf("%d kept in %d batches", s.count(), s.batches)
		}
		if err := r.Record(t.Context(), record(1)); err != nil || r.Counts().Lost != 1 {
			t.Errorf("after the end: %v, counts %+v", err, r.Counts())
		}
	})
}

func TestCloseEndsInTimeAndTellsWhatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{hangs: true}
		var log bytes.Buffer
		r := recorder(t, s, audit.BestEffort, &log)
		for i := range 1000 {
			if err := r.Record(t.Context(), record(i)); err != nil {
				t.Error(err)
			}
		}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		r.Close(ctx)
		if took := time.Since(begun); took != 3*time.Second || r.Counts().Lost != 1000 {
			t.Errorf("after %v counts are %+v", took, r.Counts())
		}
		if !strings.Contains(log.String(), `"lost":1000`) {
			t.Errorf("log %s", &log)
		}
	})
}

func TestCheckAsksTheStoreOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		r := recorder(t, s, audit.Required, new(bytes.Buffer))
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				if err := r.Check(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if s.checks != 1 {
			t.Errorf("%d checks at once", s.checks)
		}
		s.set(func(s *stage) { s.fails = errDisk })
		time.Sleep(time.Second)
		for range 10 {
			if err := r.Check(t.Context()); !errors.Is(err, errDisk) {
				t.Errorf("error %v", err)
			}
		}
		if s.checks != 2 || r.Counts().FailingSince.IsZero() {
			t.Errorf("%d checks, counts %+v", s.checks, r.Counts())
		}
		s.set(func(s *stage) { s.fails = nil })
		time.Sleep(time.Second)
		if err := r.Check(t.Context()); err != nil || !r.Counts().FailingSince.IsZero() {
			t.Errorf("error %v, counts %+v", err, r.Counts())
		}
	})
}

// TestRecordingSparesTheCheck: what was just written can be written.
func TestRecordingSparesTheCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		r := recorder(t, s, audit.Required, new(bytes.Buffer))
		if err := errors.Join(r.Record(t.Context(), record(1)), r.Check(t.Context())); err != nil || s.checks != 0 {
			t.Errorf("%d checks, error %v", s.checks, err)
		}
	})
}

func TestCheckOfAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recorder(t, &stage{hangs: true}, audit.Required, new(bytes.Buffer))
		begun := time.Now()
		if err := r.Check(t.Context()); err == nil || time.Since(begun) > 2*time.Second {
			t.Errorf("error %v after %v", err, time.Since(begun))
		}
	})
}

// picky can keep a check, which is small, and no records.
type picky struct{ stage }

func (*picky) Append(context.Context, []sepsis.Record) error { return errDisk }

func TestCheckKnowsOfAStuckBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := audit.NewRecorder(audit.Options{
			Log: &picky{}, Policy: audit.BestEffort, Wait: wait, Privacy: audit.InFull(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		defer func() {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			r.Close(ctx)
		}()
		if err := r.Record(t.Context(), record(1)); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // until it was tried
		for range 3 {
			if err := r.Check(t.Context()); !errors.Is(err, errDisk) {
				t.Errorf("error %v", err)
			}
			time.Sleep(time.Second)
		}
	})
}

// TestCheckRemembersABatchThatWasGivenUp: under Required nobody may be waiting when health is asked.
func TestCheckRemembersABatchThatWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := audit.NewRecorder(audit.Options{
			Log: &picky{}, Policy: audit.Required, Wait: wait, Privacy: audit.InFull(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		defer r.Close(t.Context())
		if err := r.Record(t.Context(), record(1)); !errors.Is(err, audit.ErrNotRecorded) {
			t.Errorf("error %v", err)
		}
		for range 3 {
			time.Sleep(time.Second)
			if err := r.Check(t.Context()); !errors.Is(err, errDisk) {
				t.Errorf("error %v", err)
			}
		}
		time.Sleep(5 * time.Second) // nobody has tried since: a probe decides
		if err := r.Check(t.Context()); err != nil {
			t.Errorf("error %v", err)
		}
	})
}

// inputs keeps what was to be written, by ID.
type inputs struct {
	stage
	by map[string]sepsis.Record
}

func (l *inputs) Append(ctx context.Context, records []sepsis.Record) error {
	if err := l.stage.Append(ctx, records); err != nil {
		return err
	}
	for _, r := range records {
		l.by[r.ID] = r
	}
	return nil
}

// TestARecordIsItsOwn: what a caller who gave up does with its memory changes nothing of a record that is being written.
func TestARecordIsItsOwn(t *testing.T) {
	for _, policy := range []audit.Policy{audit.Required, audit.BestEffort} {
		synctest.Test(t, func(t *testing.T) {
			log := &inputs{stage: stage{takes: time.Second}, by: map[string]sepsis.Record{}}
			r := audit.NewRecorder(audit.Options{
				Log: log, Policy: policy, Wait: wait, Privacy: audit.InFull(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
			})
			ctx, giveUp := context.WithTimeout(t.Context(), time.Second/2)
			defer giveUp()
			memory := []byte("in/out")
			_ = r.Record(ctx, sepsis.Record{ID: "1", Input: memory[:3], Output: memory[3:]})
			<-ctx.Done()
			copy(memory, "other!")
			r.Close(t.Context())
			if kept := log.by["1"]; string(kept.Input)+string(kept.Output) != "in/out" {
				t.Errorf("%s: kept %+v", policy, kept)
			}
		})
	}
}

// TestWhatIsKeptOfACallersWords: of the body its SHA-256 in any case, as `printf 'age 67' | sha256sum` gives it, and itself only in full.
func TestWhatIsKeptOfACallersWords(t *testing.T) {
	for name, test := range map[string]struct {
		privacy audit.Privacy
		input   string
	}{"hashed": {audit.Hashed([32]byte{}), ""}, "full": {audit.InFull(), "age 67"}} {
		synctest.Test(t, func(t *testing.T) {
			log := &inputs{by: map[string]sepsis.Record{}}
			r := audit.NewRecorder(audit.Options{
				Log: log, Policy: audit.Required, Wait: wait, Privacy: test.privacy, Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
			})
			err := r.Record(t.Context(), sepsis.Record{ID: "1", Patient: "Jane", Input: []byte("age 67")})
			r.Close(t.Context())
			kept := log.by["1"]
			if err != nil || string(kept.Input) != test.input || kept.Patient != test.privacy.PatientAs("Jane") || kept.InputSHA256 != "95c390e9f011204c9158a23bd709013e1f68cde590195e07e1f10ea97f9650c8" {
				t.Errorf("%s: kept %+v, error %v", name, kept, err)
			}
		})
	}
}

// TestCloseUnderRequired: whose record cannot be written in time has no answer, so that nothing is lost.
func TestCloseUnderRequired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recorder(t, &stage{hangs: true}, audit.Required, new(bytes.Buffer))
		refused := make(chan error)
		go func() { refused <- r.Record(t.Context(), record(1)) }()
		synctest.Wait()
		soon, cancel := context.WithTimeout(t.Context(), wait/2)
		defer cancel()
		r.Close(soon)
		if err := <-refused; !errors.Is(err, audit.ErrNotRecorded) || r.Counts().Lost != 0 || r.Counts().Refused != 1 {
			t.Errorf("error %v, counts %+v", err, r.Counts())
		}
	})
}

// TestLossHasATime, of the last one.
func TestLossHasATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{hangs: true}
		r := recorder(t, s, audit.BestEffort, &bytes.Buffer{})
		big := record(0)
		big.Output = make([]byte, 65<<20) // no queue has room for it
		if at := r.Counts().LastLoss; !at.IsZero() {
			t.Errorf("nothing was lost at %v", at)
		}
		time.Sleep(time.Hour)
		_ = r.Record(t.Context(), big)
		if counts := r.Counts(); counts.Lost != 1 || !counts.LastLoss.Equal(time.Now()) {
			t.Errorf("counts %+v at %v", counts, time.Now())
		}
		s.set(func(s *stage) { s.hangs = false })
	})
}
