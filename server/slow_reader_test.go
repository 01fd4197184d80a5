package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// longLog knows one prediction, whose input is long.
type longLog struct {
	sepsis.AuditLog
	input []byte
	made  func() // is called before an answer is made; nil does nothing
}

func (l longLog) Record(context.Context, string) (sepsis.Record, error) {
	return sepsis.Record{Input: l.input, Output: []byte(`{}`)}, nil
}

func (l longLog) Outcomes(context.Context, string) ([]sepsis.Outcome, error) {
	if l.made != nil {
		l.made()
	}
	return nil, nil
}

func (l longLog) Feedback(context.Context, string) ([]sepsis.Feedback, error) { return nil, nil }

// slowReader takes nothing of its answer until it is released.
type slowReader struct {
	*httptest.ResponseRecorder
	entered chan<- struct{}
	release <-chan struct{}
}

func (r slowReader) Write(body []byte) (int, error) {
	r.entered <- struct{}{}
	<-r.release
	return r.ResponseRecorder.Write(body)
}

const longPath = "/predictions/01FRAR5JG00000000000000000"

// longAnswers is a service whose answers from the audit log are some bytes longer than that, and that tells before it makes one.
func longAnswers(t *testing.T, input []byte, made func()) http.Handler {
	t.Helper()
	return guarded(t, func(c *server.Config) {
		c.Audit, c.AuditLog, c.Limits = patientAudit{}, longLog{brokenLog{}, input, made}, server.Limits{InFlight: 256}
	})
}

// TestAnswersThatAreTakenSlowlyAreBounded: of those of 10 MiB, three of a caller are held, and others still get theirs. Slots are free meanwhile.
func TestAnswersThatAreTakenSlowlyAreBounded(t *testing.T) {
	var made atomic.Int32
	handler := longAnswers(t, slices.Repeat([]byte{'a'}, 10<<20), func() { made.Add(1) })
	entered, release, ended := make(chan struct{}), make(chan struct{}), make(chan *httptest.ResponseRecorder)
	for range 3 {
		go func() {
			request := httptest.NewRequest("GET", longPath, nil)
			request.Header.Set("X-Caller", "slow audit")
			reader := slowReader{httptest.NewRecorder(), entered, release}
			handler.ServeHTTP(reader, request)
			ended <- reader.ResponseRecorder
		}()
		<-entered
	}
	for i := range 17 { // more than there are slots
		shed := send(handler, "GET", longPath, "", "X-Caller", "slow audit")
		problemOf(t, shed, http.StatusServiceUnavailable)
		if got := shed.Header().Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q", got)
		}
		if got := made.Swap(0); got > 3 || i > 0 && got > 1 { // those that were given
			t.Errorf("%d answers were made before there was room", got)
		}
		if other := send(handler, "GET", longPath, "", "X-Caller", "other audit"); other.Code != http.StatusOK {
			t.Errorf("another caller: %d", other.Code)
		}
	}
	if metrics := send(handler, "GET", "/metrics", "", "X-Caller", "slow audit"); metrics.Code != http.StatusOK {
		t.Errorf("a short answer: %d", metrics.Code)
	}
	close(release)
	for range 3 {
		if answer := <-ended; answer.Code != http.StatusOK {
			t.Errorf("%d", answer.Code)
		}
	}
	if again := send(handler, "GET", longPath, "", "X-Caller", "slow audit"); again.Code != http.StatusOK {
		t.Errorf("when there is room again: %d", again.Code)
	}
}

// TestTheLongestAnswerIsGiven: one of FHIR's longest inputs, each byte of which is escaped.
func TestTheLongestAnswerIsGiven(t *testing.T) {
	answer := send(longAnswers(t, []byte(strings.Repeat(`"`, 16<<20)), nil), "GET", longPath, "", "X-Caller", "ward audit")
	if answer.Code != http.StatusOK || answer.Body.Len() < 32<<20 {
		t.Errorf("%d, %d bytes", answer.Code, answer.Body.Len())
	}
}

// TestTheLongestRecordsAreCountedWhole: beside one of 16 MiB and its answer on record, of a caller with room for 32, there is no second.
func TestTheLongestRecordsAreCountedWhole(t *testing.T) {
	handler := longAnswers(t, slices.Repeat([]byte{'a'}, 16<<20), nil)
	entered, release, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		request := httptest.NewRequest("GET", longPath, nil)
		request.Header.Set("X-Caller", "slow audit")
		handler.ServeHTTP(slowReader{httptest.NewRecorder(), entered, release}, request)
	}()
	<-entered
	problemOf(t, send(handler, "GET", longPath, "", "X-Caller", "slow audit"), http.StatusServiceUnavailable)
	close(release)
	<-ended
}

// takenLate is a client that takes nothing of its answer until it is released.
type takenLate struct {
	*httptest.ResponseRecorder
	begun   func()
	release <-chan struct{}
}

func (r takenLate) Write(body []byte) (int, error) {
	if r.Code == http.StatusServiceUnavailable {
		return r.ResponseRecorder.Write(body)
	}
	r.begun()
	<-r.release
	return r.ResponseRecorder.Write(body)
}

// heldAnswers lets a caller ask for answers that it does not take, until one is shed, and tells how many are held. They are taken in the end.
func heldAnswers(t *testing.T, handler http.Handler, path, body string, most int) (held int) {
	t.Helper()
	release, ended := make(chan struct{}), make(chan *httptest.ResponseRecorder)
	for shed := false; !shed && held <= most; {
		select {
		case <-sentSlowly(handler, path, body, release, ended):
			held++
		case answer := <-ended:
			if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
				t.Errorf("%d, to be asked again after %q s", answer.Code, answer.Header().Get("Retry-After"))
			}
			shed = true
		}
	}
	if other := send(handler, "POST", path, body, "X-Caller", "other predict"); other.Code == http.StatusServiceUnavailable {
		t.Error("another caller finds no room")
	}
	close(release)
	for range held {
		<-ended
	}
	return held
}

// sentSlowly sends a body for a caller who takes nothing of the answer until released, and tells when it begins, and who has it when it has ended.
func sentSlowly(handler http.Handler, path, body string, release <-chan struct{}, ended chan<- *httptest.ResponseRecorder) (begun <-chan struct{}) {
	begins := make(chan struct{})
	go func() {
		request := httptest.NewRequest("POST", path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Caller", "slow predict")
		reader := takenLate{httptest.NewRecorder(), sync.OnceFunc(func() { close(begins) }), release}
		handler.ServeHTTP(reader, request)
		ended <- reader.ResponseRecorder
	}()
	return begins
}

// hours is a patient with so many observations, in which # stands for the hour.
func hours(count int, hour string) string {
	var observations []string
	for i := range count {
		observations = append(observations, strings.ReplaceAll(hour, "#", strconv.Itoa(i+1)))
	}
	return `{"age": 67, "observations": [` + strings.Join(observations, ",") + `]}`
}

// batchesHeld lets so many batches of a caller come, one after the other, of whose answers nothing is taken until all have come, and counts those
// whose first patient is answered. The others are told to come again, as a whole or of each patient.
func batchesHeld(t *testing.T, handler http.Handler, path, body string, batches int) (held int) {
	t.Helper()
	release, ended := make(chan struct{}), make(chan *httptest.ResponseRecorder)
	waiting := 0
	take := func(answer *httptest.ResponseRecorder) {
		switch {
		case answer.Code == http.StatusServiceUnavailable:
		case elementsOf(t, answer)[0].Status == 0:
			held++
		default:
			if got := elementsOf(t, answer)[0].Status; got != http.StatusServiceUnavailable {
				t.Errorf("%d", got)
			}
		}
	}
	for range batches {
		select {
		case <-sentSlowly(handler, path, body, release, ended):
			waiting++
		case answer := <-ended:
			take(answer)
		}
	}
	close(release)
	for range waiting {
		take(<-ended)
	}
	return held
}

// TestLongAnswersOfBatchesAreBounded: those of a caller who does not take them hold no more than the room that is theirs, however many batches
// they are in, and the other patients are told to come again.
func TestLongAnswersOfBatchesAreBounded(t *testing.T) {
	for name, test := range map[string]struct{ path, patient string }{
		"courses":  {"/predict/patients?trajectory=true", hours(sepsis.MaxICUHour, `{"icu_hour":#,"ph":7.4}`)},
		"warnings": {"/predict/patients", hours(1000, `{"icu_hour":#,"spo2":9}`)},
	} {
		t.Run(name, func(t *testing.T) {
			handler := guarded(t, func(c *server.Config) { c.Models, c.Limits = only(&calm{}), server.Limits{InFlight: 256} })
			length := send(handler, "POST", test.path, "["+test.patient+"]", "Content-Type", "application/json", "X-Caller", "other predict").Body.Len()
			most := 32 << 20 / length
			if held := batchesHeld(t, handler, test.path, "["+test.patient+"]", min(most+1, 60)); held < 1 || held > most/2 {
				t.Errorf("%d answers of %d bytes are held, and as many more may be of each batch", held, length)
			}
		})
	}
}

// TestLongAnswersToShortBodiesAreBounded: a refusal, a course and warnings, each many times as long as its body, of a caller who does not take
// them hold no more than the quarter of the room that is theirs, 32 MiB.
func TestLongAnswersToShortBodiesAreBounded(t *testing.T) {
	for name, test := range map[string]struct{ path, body string }{
		"problems": {"/predict/patient", `{"age": 67, "observations": [` + strings.Repeat("{},", 999) + `{}]}`},
		"course":   {"/predict/patient?trajectory=true", hours(sepsis.MaxICUHour, `{"icu_hour":#,"ph":7.4}`)},
		"FHIR":     {evaluatePath, bundleOf("collection", fhirPatient, fhirEncounter, observation("rate", "8867-4", 100, 118, "/min"), strings.Repeat(`{"resourceType":"X"}},{"resource":`, 999)+`{"resourceType":"X"}`)},
		"warnings": {"/predict/patient", hours(1000, `{"icu_hour":#,"spo2":9}`)},
	} {
		t.Run(name, func(t *testing.T) {
			handler := calmGuarded(t)
			length := send(handler, "POST", test.path, test.body, "X-Caller", "other predict").Body.Len()
			if length < 4*len(test.body) {
				t.Fatalf("%d bytes to %d: no answer that is much longer", length, len(test.body))
			}
			most := 32 << 20 / length
			if held := heldAnswers(t, handler, test.path, test.body, most); held < 2 || held > most {
				t.Errorf("%d answers of %d bytes are held", held, length)
			}
		})
	}
}
