// Package storetest is the one test that every store of the audit log and of the keys has to pass.
package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
)

// Store is what is tested.
type Store interface {
	sepsis.AuditLog
	sepsis.KeyStore
}

// Run tests stores. Each call of open gives a new handle of one store, which is empty at first within each subtest.
func Run(t *testing.T, begin func(t *testing.T) (open func() Store)) {
	for name, test := range map[string]func(t *testing.T, open func() Store){
		"a record comes back as it was":            recordComesBack,
		"words that no database likes":             oddWords,
		"append is all or none, and can be again":  appendAgain,
		"more records than one statement adds":     manyRecords,
		"records are found by each condition":      conditions,
		"pages have no gap and no repetition":      pages,
		"the clock goes back":                      clockGoesBack,
		"yield ends the reading":                   yieldEnds,
		"what was told comes back in its order":    told,
		"many tell at once":                        manyTell,
		"nothing can be told of nothing":           nothingToTell,
		"the same is told once":                    tellAgain,
		"what is told has a bound":                 tellWithoutEnd,
		"erased are the records before a time":     erase,
		"a value is kept once":                     keepOnce,
		"what was accepted outlives the handle":    outlives,
		"two begin at once":                        twoBegin,
		"keys":                                     keys,
		"check":                                    check,
		"a context that has ended ends everything": contextEnded,
		"who reads holds up nobody else":           readersHold,
	} {
		t.Run(name, func(t *testing.T) { test(t, begin(t)) })
	}
}

// opened gives a handle that is closed when the test ends.
func opened(t *testing.T, open func() Store) Store {
	t.Helper()
	store := open()
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}

// noon is when the first record of each test comes in.
var noon = time.Date(2022, 1, 1, 12, 0, 0, 0, time.UTC)

// Record makes one that came in so many milliseconds after noon, different from all others.
func Record(ms int) sepsis.Record {
	at := noon.Add(time.Duration(ms) * time.Millisecond)
	var id ulid.ULID
	if err := id.SetTime(uint64(at.UnixMilli())); err != nil { //nolint:gosec // after 1970
		panic(err)
	}
	copy(id[6:], fmt.Sprintf("%010d", ms))
	return sepsis.Record{
		ID: id.String(), Time: at, Caller: "ward 7", Route: "POST /predict/patient", Patient: fmt.Sprintf("patient %d", ms%3),
		Model:       sepsis.ModelInfo{Name: "trees", Version: "1.0.0", SHA256: strings.Repeat("a", 64)},
		InputSHA256: strings.Repeat("b", 64), Output: []byte(`{"probability":0.25}`),
		Risk:        sepsis.Risk{Hour: ms + 1, Probability: 1 / float64(ms+3), Label: sepsis.Negative, Band: sepsis.RiskBands[0]},
		Reliability: sepsis.LimitedReliability, Latency: 1234567 * time.Nanosecond,
	}
}

func records(first, count int) []sepsis.Record {
	made := make([]sepsis.Record, count)
	for i := range made {
		made[i] = Record(first + i)
	}
	return made
}

func add(t *testing.T, store Store, records ...sepsis.Record) {
	t.Helper()
	if err := store.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
}

func ids(t *testing.T, store Store, query sepsis.AuditQuery) []string {
	t.Helper()
	found := []string{}
	err := store.Records(t.Context(), query, func(r sepsis.Record) error { found = append(found, r.ID); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is\n%+v\nwant\n%+v", what, got, want)
	}
}

func recordComesBack(t *testing.T, open func() Store) {
	store := opened(t, open)
	plain, full := Record(0), Record(1)
	full.Input, full.Patient, full.Risk.Hour = []byte("{\"age\":67}\x00\xff"), "", sepsis.HourUnknown
	full.Risk.Alert, full.Risk.Label, full.Risk.Probability = true, sepsis.Positive, 0.1+0.2
	full.Hypothetical = true
	full.Shadow = &sepsis.ShadowRisk{Model: sepsis.ModelInfo{Name: "next", Version: "2", SHA256: "c"}, Probability: 1e-300, Label: sepsis.Negative}
	add(t, store, plain, full)
	for _, want := range []sepsis.Record{plain, full} {
		got, err := store.Record(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the record", got, want)
	}
	var listed []sepsis.Record
	if err := store.Records(t.Context(), sepsis.AuditQuery{}, func(r sepsis.Record) error { listed = append(listed, r); return nil }); err != nil {
		t.Fatal(err)
	}
	same(t, "the list", listed, []sepsis.Record{full, plain})
	full.Input, full.Output, plain.Output = nil, nil, nil
	listed = nil
	if err := store.Records(t.Context(), sepsis.AuditQuery{Brief: true}, func(r sepsis.Record) error { listed = append(listed, r); return nil }); err != nil {
		t.Fatal(err)
	}
	same(t, "the brief list", listed, []sepsis.Record{full, plain})
	if _, err := store.Record(t.Context(), Record(2).ID); !errors.Is(err, sepsis.ErrNotFound) {
		t.Errorf("a record that is not there: %v", err)
	}
}

func oddWords(t *testing.T, open func() Store) {
	store := opened(t, open)
	odd := Record(0)
	odd.Patient, odd.Caller = "a\x00b\xff' \"; -- 🫀", strings.Repeat("é\x00", 200)
	odd.Route, odd.InputSHA256, odd.Output = "\x00", "\xff", []byte("{\"\x00\":1}")
	odd.Model = sepsis.ModelInfo{Name: "tre\x00es", Version: "1\xff", SHA256: "\x00"}
	odd.Risk.Label, odd.Risk.Band, odd.Reliability = "\x00", "\x00", "\xff"
	odd.Shadow = &sepsis.ShadowRisk{Model: odd.Model, Label: "\x00"}
	add(t, store, odd)
	if got := ids(t, store, sepsis.AuditQuery{Patient: odd.Patient, Caller: odd.Caller}); len(got) != 1 {
		t.Errorf("found by its own words: %v", got)
	}
	got, err := store.Record(t.Context(), odd.ID)
	if err != nil || got.Patient != "a\uFFFDb\uFFFD' \"; -- 🫀" || got.Model.Name != "tre\uFFFDes" || got.Shadow.Model.Version != "1\uFFFD" {
		t.Errorf("patient %q, error %v", got.Patient, err)
	}
	if _, err := store.Record(t.Context(), "\x00"); !errors.Is(err, sepsis.ErrNotFound) {
		t.Errorf("a record of an odd ID: %v", err)
	}
	_, err = store.AddOutcome(t.Context(), sepsis.Outcome{Prediction: odd.ID, Time: noon, Caller: "a\x00"})
	err2 := store.AddFeedback(t.Context(), sepsis.Feedback{Prediction: odd.ID, Time: noon, Caller: "a\x00", Reason: "b\xff", Comment: "\x00c"})
	if err := errors.Join(err, err2, store.AddKey(t.Context(), sepsis.Key{ID: "K1", Name: "d\x00", Created: noon})); err != nil {
		t.Fatal(err)
	}
	outcomes, err := store.Outcomes(t.Context(), odd.ID)
	feedback, err2 := store.Feedback(t.Context(), odd.ID)
	keys, err3 := store.Keys(t.Context())
	if err := errors.Join(err, err2, err3); err != nil || len(outcomes) != 1 || len(feedback) != 1 || len(keys) != 1 {
		t.Fatalf("%v, %v, %v, %v", outcomes, feedback, keys, err)
	}
	if got := outcomes[0].Caller + feedback[0].Caller + feedback[0].Reason + feedback[0].Comment + keys[0].Name; got != "a\uFFFDa\uFFFDb\uFFFD\uFFFDcd\uFFFD" {
		t.Errorf("told and named with odd words: %q", got)
	}
}

func appendAgain(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store)
	add(t, store, Record(0), Record(1))
	changed := Record(1)
	changed.Caller = "someone else"
	add(t, store, changed, Record(2), Record(2))
	same(t, "the log", ids(t, store, sepsis.AuditQuery{}), []string{Record(2).ID, Record(1).ID, Record(0).ID})
	if got, err := store.Record(t.Context(), changed.ID); err != nil || got.Caller != "ward 7" {
		t.Errorf("the record was changed: %+v, %v", got, err)
	}
}

func manyRecords(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, records(0, 64)...)
	add(t, store, records(64, 200)...)
	if got := len(ids(t, store, sepsis.AuditQuery{})); got != 264 {
		t.Errorf("%d records, want 264", got)
	}
}

func conditions(t *testing.T, open func() Store) {
	store := opened(t, open)
	all := records(0, 6)
	all[1].Caller, all[2].Patient, all[3].Model.SHA256 = "cds", "x", "other"
	all[4].Risk.Label, all[4].Risk.Alert = sepsis.Positive, true
	all[5].Risk.Label = sepsis.Positive
	all[0].Hypothetical = true
	add(t, store, all...)
	for _, ms := range []int{1, 3, 3} {
		if _, err := store.AddOutcome(t.Context(), sepsis.Outcome{Prediction: all[ms].ID, Time: noon}); err != nil {
			t.Fatal(err)
		}
	}
	yes, no := true, false
	at := func(ms int) *time.Time { return new(noon.Add(time.Duration(ms) * time.Millisecond)) }
	year := func(year int) *time.Time { return new(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)) }
	for name, test := range map[string]struct {
		query sepsis.AuditQuery
		want  []int
	}{
		"all":                {sepsis.AuditQuery{}, []int{5, 4, 3, 2, 1, 0}},
		"from is included":   {sepsis.AuditQuery{From: at(4)}, []int{5, 4}},
		"to is not":          {sepsis.AuditQuery{To: at(2)}, []int{1, 0}},
		"an empty time":      {sepsis.AuditQuery{From: at(2), To: at(2)}, nil},
		"before any ULID":    {sepsis.AuditQuery{From: year(1900), Limit: 1}, []int{5}},
		"after every ULID":   {sepsis.AuditQuery{From: year(20000)}, nil},
		"from the first day": {sepsis.AuditQuery{From: year(1), Limit: 1}, []int{5}},
		"to the first day":   {sepsis.AuditQuery{To: year(1)}, nil},
		"caller":             {sepsis.AuditQuery{Caller: "cds"}, []int{1}},
		"patient":            {sepsis.AuditQuery{Patient: "x"}, []int{2}},
		"patient, not alike": {sepsis.AuditQuery{Patient: "X"}, nil},
		"model":              {sepsis.AuditQuery{ModelSHA256: "other"}, []int{3}},
		"label":              {sepsis.AuditQuery{Label: sepsis.Positive}, []int{5, 4}},
		"alert":              {sepsis.AuditQuery{Alert: &yes}, []int{4}},
		"no alert":           {sepsis.AuditQuery{Alert: &no, Limit: 2}, []int{5, 3}},
		"hypothetical":       {sepsis.AuditQuery{Hypothetical: &yes}, []int{0}},
		"not hypothetical":   {sepsis.AuditQuery{Hypothetical: &no, Before: Record(2).ID}, []int{1}},
		"told":               {sepsis.AuditQuery{Told: true}, []int{3, 1}},
		"told, in a time":    {sepsis.AuditQuery{Told: true, From: at(0), To: at(3), Caller: "cds"}, []int{1}},
		"cursor":             {sepsis.AuditQuery{Before: Record(3).ID}, []int{2, 1, 0}},
		"several":            {sepsis.AuditQuery{Label: sepsis.Positive, Alert: &no, From: at(1), To: at(6), Before: "Z", Caller: "ward 7"}, []int{5}},
	} {
		want := []string{}
		for _, ms := range test.want {
			want = append(want, Record(ms).ID)
		}
		same(t, name, ids(t, store, test.query), want)
	}
}

func pages(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, records(0, 23)...)
	var walked []string
	query := sepsis.AuditQuery{Limit: 5}
	for {
		page := ids(t, store, query)
		if len(page) == 0 {
			break
		}
		walked = append(walked, page...)
		query.Before = page[len(page)-1]
		add(t, store, Record(100+len(walked))) // what comes in meanwhile moves nothing
	}
	want := []string{}
	for _, r := range records(0, 23) {
		want = append([]string{r.ID}, want...)
	}
	same(t, "the walk", walked, want)
}

// clockGoesBack: records that are added later with an earlier time stand where their time says, and a walk finds each
// once.
func clockGoesBack(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, records(1000, 3)...)
	add(t, store, records(0, 3)...)
	add(t, store, records(500, 3)...)
	first := ids(t, store, sepsis.AuditQuery{Limit: 4})
	rest := ids(t, store, sepsis.AuditQuery{Before: first[3]})
	walked := slices.Concat(first, rest)
	if !slices.IsSortedFunc(walked, func(a, b string) int { return strings.Compare(b, a) }) || len(slices.Compact(walked)) != 9 {
		t.Errorf("walked %v", walked)
	}
	got := ids(t, store, sepsis.AuditQuery{From: new(noon.Add(time.Millisecond)), To: new(noon.Add(501 * time.Millisecond))})
	same(t, "the time between", got, []string{Record(500).ID, Record(2).ID, Record(1).ID})
}

func yieldEnds(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, records(0, 5)...)
	stop, seen := errors.New("enough"), 0
	err := store.Records(t.Context(), sepsis.AuditQuery{}, func(sepsis.Record) error {
		seen++
		if seen == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || seen != 2 {
		t.Errorf("seen %d, error %v", seen, err)
	}
}

func told(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, Record(0), Record(1))
	hours := -3.5
	outcomes := []sepsis.Outcome{
		{Prediction: Record(0).ID, Time: noon.Add(time.Hour), Caller: "a", Septic: true, OnsetHours: &hours},
		{Prediction: Record(0).ID, Time: noon, Caller: "b"}, // the clock went back
		{Prediction: Record(0).ID, Time: noon, Caller: "c"},
	}
	feedback := []sepsis.Feedback{
		{Prediction: Record(0).ID, Time: noon.Add(time.Hour), Caller: "a", Accepted: true},
		{Prediction: Record(0).ID, Time: noon, Caller: "b", Reason: "known", Comment: "already treated"},
	}
	for i, o := range outcomes {
		if _, err := store.AddOutcome(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if i < len(feedback) {
			if err := store.AddFeedback(t.Context(), feedback[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	gotOutcomes, err := store.Outcomes(t.Context(), Record(0).ID)
	same(t, "outcomes", gotOutcomes, outcomes)
	gotFeedback, err2 := store.Feedback(t.Context(), Record(0).ID)
	same(t, "feedback", gotFeedback, feedback)
	none, err3 := store.Outcomes(t.Context(), Record(1).ID)
	nothing, err4 := store.Feedback(t.Context(), "unknown")
	if err := errors.Join(err, err2, err3, err4); err != nil || len(none) != 0 || len(nothing) != 0 {
		t.Errorf("of others: %v, %v; %v", none, nothing, err)
	}
	same(t, "outcomes from the prediction on", outcomesFrom(t, store, Record(0).ID), outcomes)
	if later := outcomesFrom(t, store, Record(0).ID+"0"); len(later) != 0 {
		t.Errorf("of later predictions: %v", later)
	}
	enough := errors.New("enough")
	if err := store.OutcomesFrom(t.Context(), "", func(sepsis.Outcome) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("error %v, want that of yield", err)
	}
}

func outcomesFrom(t *testing.T, store Store, prediction string) []sepsis.Outcome {
	t.Helper()
	var outcomes []sepsis.Outcome
	err := store.OutcomesFrom(t.Context(), prediction, func(o sepsis.Outcome) error {
		outcomes = append(outcomes, o)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return outcomes
}

func manyTell(t *testing.T, open func() Store) {
	first, second := opened(t, open), opened(t, open)
	add(t, first, Record(0))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			store := first
			if i%2 == 0 {
				store = second
			}
			if _, err := store.AddOutcome(t.Context(), sepsis.Outcome{Prediction: Record(0).ID, Time: noon, Caller: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := first.Outcomes(t.Context(), Record(0).ID); err != nil || len(got) != 20 {
		t.Errorf("%d outcomes, want 20; %v", len(got), err)
	}
}

func outcomeError(_ sepsis.Outcome, err error) error { return err }

// tellAgain: a caller whose answer was lost tells again. Who says something else in between, or is somebody else, is heard.
func tellAgain(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, Record(0))
	id, hours := Record(0).ID, 3.5
	say := func(minute int, caller string, septic bool, onset *float64) sepsis.Outcome {
		t.Helper()
		kept, err := store.AddOutcome(t.Context(), sepsis.Outcome{
			Prediction: id, Time: noon.Add(time.Duration(minute) * time.Minute), Caller: caller, Septic: septic, OnsetHours: onset,
		})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	want := []sepsis.Outcome{say(1, "a", true, nil)}
	same(t, "the repetition", say(2, "a", true, nil), want[0])
	want = append(want, say(3, "a", true, &hours))
	same(t, "the repetition with an onset", say(4, "a", true, &hours), want[1])
	want = append(want, say(5, "b", true, &hours), say(6, "a", true, &hours), say(7, "a", false, nil), say(8, "a", true, &hours))
	got, err := store.Outcomes(t.Context(), id)
	same(t, "what is kept", got, want)
	if len(got) != 6 || err != nil {
		t.Errorf("%d outcomes, error %v", len(got), err)
	}
	for _, f := range []sepsis.Feedback{{Comment: "no"}, {Comment: "no"}, {Reason: "no"}} {
		f.Prediction, f.Time = id, noon
		if err := store.AddFeedback(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if feedback, err := store.Feedback(t.Context(), id); err != nil || len(feedback) != 2 {
		t.Errorf("feedback %v, error %v", feedback, err)
	}
}

func tellWithoutEnd(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, Record(0))
	id := Record(0).ID
	for i := range sepsis.MaxTold + 1 {
		full := i == sepsis.MaxTold
		_, err := store.AddOutcome(t.Context(), sepsis.Outcome{Prediction: id, Time: noon, Septic: i%2 == 0})
		if err2 := store.AddFeedback(t.Context(), sepsis.Feedback{Prediction: id, Time: noon, Accepted: i%2 == 0}); errors.Is(err, sepsis.ErrFull) != full || errors.Is(err2, sepsis.ErrFull) != full {
			t.Fatalf("number %d: %v, %v", i+1, err, err2)
		}
	}
	if _, err := store.AddOutcome(t.Context(), sepsis.Outcome{Prediction: id, Time: noon, Septic: false}); err != nil {
		t.Errorf("what was told last, once more: %v", err)
	}
	outcomes, err := store.Outcomes(t.Context(), id)
	feedback, err2 := store.Feedback(t.Context(), id)
	if err := errors.Join(err, err2); err != nil || len(outcomes) != sepsis.MaxTold || len(feedback) != sepsis.MaxTold {
		t.Errorf("%d outcomes, %d feedback, %v", len(outcomes), len(feedback), err)
	}
}

func nothingToTell(t *testing.T, open func() Store) {
	store := opened(t, open)
	if _, err := store.AddOutcome(t.Context(), sepsis.Outcome{Prediction: Record(0).ID}); !errors.Is(err, sepsis.ErrNotFound) {
		t.Errorf("outcome: %v", err)
	}
	if err := store.AddFeedback(t.Context(), sepsis.Feedback{Prediction: "\x00"}); !errors.Is(err, sepsis.ErrNotFound) {
		t.Errorf("feedback: %v", err)
	}
}

func erase(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, records(0, 450)...)
	for _, ms := range []int{0, 410} {
		if _, err := store.AddOutcome(t.Context(), sepsis.Outcome{Prediction: Record(ms).ID, Time: noon}); err != nil {
			t.Fatal(err)
		}
		if err := store.AddFeedback(t.Context(), sepsis.Feedback{Prediction: Record(ms).ID, Time: noon}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int64{410, 0} {
		if got, err := store.Erase(t.Context(), noon.Add(410*time.Millisecond)); err != nil || got != want {
			t.Errorf("erased %d, want %d; %v", got, want, err)
		}
	}
	left := ids(t, store, sepsis.AuditQuery{})
	if len(left) != 40 || left[39] != Record(410).ID {
		t.Errorf("%d are left", len(left))
	}
	for ms, want := range map[int]int{0: 0, 410: 1} {
		outcomes, err := store.Outcomes(t.Context(), Record(ms).ID)
		feedback, err2 := store.Feedback(t.Context(), Record(ms).ID)
		if err := errors.Join(err, err2); err != nil || len(outcomes) != want || len(feedback) != want {
			t.Errorf("record %d has %d outcomes and %d feedback, want %d; %v", ms, len(outcomes), len(feedback), want, err)
		}
	}
}

func keepOnce(t *testing.T, open func() Store) {
	store := opened(t, open)
	if got, err := store.Kept(t.Context(), "a"); !errors.Is(err, sepsis.ErrNotFound) {
		t.Errorf("at first a keeps %q; %v", got, err)
	}
	for _, test := range [][3]string{{"a", "1", "1"}, {"a", "2", "1"}, {"b", "2", "2"}} {
		if got, err := store.KeepOnce(t.Context(), test[0], test[1]); err != nil || got != test[2] {
			t.Errorf("%s keeps %q, want %q; %v", test[0], got, test[2], err)
		}
		if got, err := store.Kept(t.Context(), test[0]); err != nil || got != test[2] {
			t.Errorf("%s is found with %q, want %q; %v", test[0], got, test[2], err)
		}
	}
}

func outlives(t *testing.T, open func() Store) {
	first := open()
	add(t, first, Record(0))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, "the log", ids(t, opened(t, open), sepsis.AuditQuery{}), []string{Record(0).ID})
}

// twoBegin: several handles open an empty store at the same time, and all write.
func twoBegin(t *testing.T, open func() Store) {
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			store := open()
			err := store.Append(t.Context(), []sepsis.Record{Record(i)})
			if err := errors.Join(err, store.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := ids(t, opened(t, open), sepsis.AuditQuery{}); len(got) != 4 {
		t.Errorf("%d records, want 4", len(got))
	}
}

func keys(t *testing.T, open func() Store) {
	store := opened(t, open)
	older := sepsis.Key{
		ID: "K2", Name: "ward 7", Hash: sha256.Sum256([]byte("secret")), Created: noon,
		Roles: []sepsis.Role{sepsis.PredictRole, sepsis.AuditRole},
	}
	newer := sepsis.Key{ID: "K1", Name: "ward 7", Created: noon.Add(time.Second), Revoked: noon.Add(time.Minute)}
	for _, key := range []sepsis.Key{newer, older} {
		if err := store.AddKey(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.AddKey(t.Context(), older); err == nil {
		t.Error("an ID was taken twice")
	}
	got, err := store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the list", got, []sepsis.Key{older, newer})
	for _, id := range []string{"K1", "K2", "K2"} {
		if err := store.RevokeKey(t.Context(), id, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	older.Revoked = noon.Add(time.Hour)
	if got, err = store.Keys(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "the list with those that were revoked", got, []sepsis.Key{older, newer})
	if err := store.RevokeKey(t.Context(), "K3", noon); !errors.Is(err, sepsis.ErrNotFound) {
		t.Errorf("a key that is not there: %v", err)
	}
}

func check(t *testing.T, open func() Store) {
	store := opened(t, open)
	for range 2 {
		if err := store.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func contextEnded(t *testing.T, open func() Store) {
	store := opened(t, open)
	ctx, end := context.WithCancel(t.Context())
	end()
	_, err := store.Erase(ctx, noon)
	_, err2 := store.Record(ctx, Record(0).ID)
	for _, err := range []error{
		err, err2, store.Append(ctx, records(0, 1)), store.Append(ctx, records(0, 100)), store.Check(ctx),
		store.Records(ctx, sepsis.AuditQuery{}, func(sepsis.Record) error { return nil }),
		outcomeError(store.AddOutcome(ctx, sepsis.Outcome{})),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}

// readersHold: as many read as want to. Records, checks and keys wait for none of them; who finds no place is told so, and before long.
func readersHold(t *testing.T, open func() Store) {
	store := opened(t, open)
	add(t, store, Record(0))
	key := sepsis.Key{ID: "K1", Name: "ward 7", Created: noon}
	if err := store.AddKey(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	ended := make(chan error, 40)
	for range cap(ended) {
		go func() {
			ended <- store.Records(context.WithoutCancel(t.Context()), sepsis.AuditQuery{}, func(sepsis.Record) error { <-release; return nil })
		}()
	}
	refused := 0
	for ; refused < cap(ended)/2; refused++ {
		if err := <-ended; !errors.Is(err, sepsis.ErrBusy) {
			t.Fatalf("one too many: %v", err)
		}
	}
	soon, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	found, err := store.Keys(soon)
	if len(found) != 1 {
		t.Errorf("while many read: %d keys, want 1", len(found))
	}
	if err := errors.Join(err, store.Append(soon, records(1, 100)), store.Check(soon), outcomeError(store.AddOutcome(soon, sepsis.Outcome{Prediction: Record(0).ID, Time: noon}))); err != nil {
		t.Errorf("while many read: %v", err)
	}
	close(release)
	for ; refused < cap(ended); refused++ {
		if err := <-ended; err != nil && !errors.Is(err, sepsis.ErrBusy) {
			t.Error(err)
		}
	}
}

// BenchmarkAppend tells what a record costs when so many are added at once.
func BenchmarkAppend(b *testing.B, open func() Store) {
	for _, rows := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			store, added := open(), 0
			for b.Loop() {
				if err := store.Append(b.Context(), records(added, rows)); err != nil {
					b.Fatal(err)
				}
				added += rows
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(added), "µs/record")
			if err := store.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
