package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/medtech-detect/sepsis"
)

// outcome is what one of many patients gets: an answer or a problem.
type outcome struct {
	given
	problem
	Line  int  `json:"line"`
	Index *int `json:"index"`
}

func sendMany(handler http.Handler, mediaType, body string, headers ...string) *httptest.ResponseRecorder {
	return send(handler, "POST", "/predict/patients", body, append(headers, "Content-Type", mediaType)...)
}

func linesOf(t testing.TB, recorder *httptest.ResponseRecorder) []outcome {
	t.Helper()
	if recorder.Code != http.StatusOK || recorder.Header().Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%d %v %s", recorder.Code, recorder.Header(), recorder.Body)
	}
	var outcomes []outcome
	for line := range strings.Lines(recorder.Body.String()) {
		var o outcome
		if err := json.Unmarshal([]byte(line), &o); err != nil || !strings.HasSuffix(line, "\n") {
			t.Fatalf("%v in %q", err, line)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

func elementsOf(t testing.TB, recorder *httptest.ResponseRecorder) []outcome {
	t.Helper()
	if recorder.Code != http.StatusOK || recorder.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %s", recorder.Code, recorder.Header(), recorder.Body)
	}
	var outcomes []outcome
	decode(t, recorder, &outcomes)
	return outcomes
}

// TestProblemsOfEachOfManyAreBounded: what is wrong with a short line makes no answer that is many times as long.
func TestProblemsOfEachOfManyAreBounded(t *testing.T) {
	line := `{"age": 67, "observations": [` + strings.Repeat("{},", 999) + "{}]}\n"
	for _, o := range linesOf(t, sendMany(newServer(t, &fakePredictor{}), "application/x-ndjson", line+line)) {
		if len(o.Errors) != 100 || o.problem.Omitted != 901 || o.Detail != "The request has 1001 problems. The first 100 are listed." {
			t.Errorf("%d listed, %d omitted, %q", len(o.Errors), o.problem.Omitted, o.Detail)
		}
	}
}

func person(lactate float64, id string) string {
	return fmt.Sprintf(`{"age": 67, "lactate": %g, "patient_id": %q}`, lactate, id)
}

func TestManyLines(t *testing.T) {
	body := person(1, "a") + "\r\n" +
		"\n" + // counted, and passed over
		`{"age": 3, "ph": 7.4}` + "\n" +
		"{nonsense\n" +
		person(9, "b") // the last line may lack its end
	outcomes := linesOf(t, sendMany(newServer(t, &fakePredictor{}), "application/x-ndjson", body))
	if len(outcomes) != 4 {
		t.Fatalf("%d outcomes: %+v", len(outcomes), outcomes)
	}
	first, minor, nonsense, last := outcomes[0], outcomes[1], outcomes[2], outcomes[3]
	if first.Prediction != sepsis.Negative || *first.PatientID != "a" || first.Line != 1 || last.Prediction != sepsis.Positive || *last.PatientID != "b" || last.Line != 5 {
		t.Errorf("answers %+v, %+v", first, last)
	}
	if minor.Status != 422 || minor.Line != 3 || minor.Errors[0].Code != sepsis.OutOfScope || minor.Errors[0].Location != "body.age" {
		t.Errorf("problem %+v", minor)
	}
	if nonsense.Status != 422 || nonsense.Line != 4 || nonsense.Errors[0].Code != sepsis.InvalidJSON {
		t.Errorf("problem %+v", nonsense)
	}
}

func TestManyElements(t *testing.T) {
	body := "[" + person(1, "a") + ", null, {\"age\": 67, \"age\": 67, \"ph\": 7.4},\n" + `{"age": 67, "patient_id": "` + "\xff" + `"}` + "," + person(9, "c") + "]\n"
	outcomes := elementsOf(t, sendMany(newServer(t, &fakePredictor{}), "application/json", body))
	if len(outcomes) != 5 {
		t.Fatalf("%d outcomes: %+v", len(outcomes), outcomes)
	}
	if *outcomes[0].PatientID != "a" || outcomes[0].Index != nil || *outcomes[4].PatientID != "c" {
		t.Errorf("answers %+v", outcomes)
	}
	for i, code := range map[int]sepsis.Code{1: sepsis.WrongType, 2: sepsis.DuplicateField, 3: sepsis.InvalidJSON} {
		if o := outcomes[i]; o.Status != 422 || o.Index == nil || *o.Index != i || o.Errors[0].Code != code {
			t.Errorf("problem %+v, want %s", o, code)
		}
	}
}

// TestLinesOfTheNameless: who sends no patient_id can tell by the line of whom an answer is, also where it is an array.
func TestLinesOfTheNameless(t *testing.T) {
	body := "\n" + flat(flatBody) + "\n\n" + flat(flatBody)
	handler := newServer(t, &fakePredictor{})
	document := loadDocument(t, handler)
	outcomes := linesOf(t, sendMany(handler, "application/x-ndjson", body))
	if len(outcomes) != 2 || outcomes[0].Line != 2 || outcomes[1].Line != 4 {
		t.Errorf("%+v", outcomes)
	}
	whole := sendMany(handler, "application/x-ndjson", body, "Accept", "application/json").Body.Bytes()
	conforms(t, document.Paths.Value("/predict/patients").Post.Responses.Value("200").Value.Content["application/json"].Schema.Value, whole)
	if !bytes.Contains(whole, []byte(`"line":4`)) {
		t.Errorf("%s", whole)
	}
}

// flat is a body in one line.
func flat(body string) string { return strings.ReplaceAll(body, "\n", " ") }

// TestManyEqualsOne: a patient among many gets what the patient alone gets, and their line.
func TestManyEqualsOne(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for _, query := range []string{"?explain=true&trajectory=true", "?explain=false"} {
		one := send(handler, "POST", "/predict/patient"+query, historyBody).Body.String()
		line := strings.ReplaceAll(historyBody, "\n", " ")
		many := send(handler, "POST", "/predict/patients"+query, line, "Content-Type", "application/x-ndjson").Body.String()
		if many = strings.Replace(many, `,"line":1,`, ",", 1); many != one+"\n" {
			t.Errorf("%s among many, %s alone", many, one)
		}
		if array := send(handler, "POST", "/predict/patients"+query, "["+line+","+line+"]").Body.String(); array != "["+one+","+one+"]" {
			t.Errorf("%s in an array, %s alone", array, one)
		}
	}
}

func TestManyWithoutExplanationUnlessAsked(t *testing.T) {
	predictor := &fakePredictor{}
	sendMany(newServer(t, predictor), "application/json", "["+flatBody+"]")
	if predictor.explained != 0 {
		t.Error("an explanation was made")
	}
}

func TestManyForms(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	one := person(1, "a")
	if got := elementsOf(t, sendMany(handler, "application/x-ndjson", one+"\n"+one, "Accept", "application/json")); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	if got := linesOf(t, sendMany(handler, "application/json", "["+one+","+one+"]", "Accept", "application/x-ndjson")); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	if got := sendMany(handler, "application/json", " [ ] ").Body.String(); got != "[]" {
		t.Errorf("no patient gives %q", got)
	}
	if got := sendMany(handler, "application/x-ndjson", "\n"); got.Code != http.StatusOK || got.Body.Len() != 0 {
		t.Errorf("no patient gives %q", got.Body)
	}
}

func TestManyRefused(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	problemOf(t, sendMany(handler, "text/csv", ""), http.StatusUnsupportedMediaType)
	problemOf(t, sendMany(handler, "application/json", "[]", "Content-Encoding", "gzip"), http.StatusUnsupportedMediaType)
	problemOf(t, sendMany(handler, "application/json", "[]", "Content-Type", "application/x-ndjson"), http.StatusUnsupportedMediaType)
	problemOf(t, sendMany(handler, "application/json", "[]", "Accept", "text/plain"), http.StatusNotAcceptable)
	problemOf(t, send(handler, "POST", "/predict/patients?explain=yes", "[]"), http.StatusUnprocessableEntity)
	problemOf(t, sendMany(newServer(t, &fakePredictor{unfit: errUnfit}), "application/json", "[]"), http.StatusServiceUnavailable)
}

// TestArrayThatCannotBeRead answers with the problem alone, and predicts nothing.
func TestArrayThatCannotBeRead(t *testing.T) {
	predictor := &fakePredictor{}
	handler := newServer(t, predictor)
	for _, body := range []string{
		"", " \n", "[", "[{]", "nul", "[" + person(1, "a"), "[" + person(1, "a") + ",", "[" + person(1, "a") + ",]",
		"[" + person(1, "a") + "] []", "[" + person(1, "a") + " " + person(1, "b") + "]", "\xef\xbb\xbf[]",
	} {
		p := problemOf(t, sendMany(handler, "application/json", body), http.StatusUnprocessableEntity)
		if len(p.Errors) != 1 || p.Errors[0].Code != sepsis.InvalidJSON {
			t.Errorf("%q: %+v", body, p)
		}
		if empty := strings.TrimSpace(body) == ""; empty != (p.Errors[0].Message == "the body is empty") {
			t.Errorf("%q: %+v", body, p)
		}
	}
	for body, kind := range map[string]string{"{}": "an object", `{"patients": [` + person(1, "a") + "]}": "an object", "null": "null", "5": "a number", "true": "a boolean", `"[]"`: "a string"} {
		p := problemOf(t, sendMany(handler, "application/json", body), http.StatusUnprocessableEntity)
		if got := p.Errors[0]; len(p.Errors) != 1 || got.Code != sepsis.WrongType || got.Location != "body" || got.Message != "an array is expected, not "+kind || got.Hint == "" {
			t.Errorf("%q: %+v", body, p)
		}
	}
	if predictor.asked != nil {
		t.Error("a patient of a refused array was predicted")
	}
}

// TestElementThatIsNotJSON is named, and what it holds in place of a number is told, as of one patient.
func TestElementThatIsNotJSON(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	ok := person(1, "a")
	const missing, array = "NaN is not JSON; leave out what was not measured, or send null", "send an array of patients, or application/x-ndjson, a patient a line"
	for _, c := range []struct{ before, wrong, after, location, hint string }{
		{"[" + ok + `,{"age": 67, "lactate": `, "NaN", `, "ph": 7.4},` + ok + "]", "body[1]", missing},
		{"[" + ok + ", ", "NaN", "]", "body[1]", missing},
		{"[", "NaN", "]", "body[0]", missing},
		{"", "\xef\xbb\xbf", "[" + ok + "]", "body", "send UTF-8 without a byte order mark"},
		{"[" + ok + "," + ok + "\n,\n{\"age\": ", "!", "7}]", "body[2]", array},
		{`[{"age": 67, "patient_id": "` + strings.Repeat("x", 1<<20) + `", "ph": `, "NaN", "}]", "body[0]", missing},
	} {
		refused := problemOf(t, sendMany(handler, "application/json", c.before+c.wrong+c.after), http.StatusUnprocessableEntity)
		want := fmt.Sprintf("the array is not JSON at byte %d, ", len(c.before))
		if p := refused.Errors[0]; p.Location != c.location || p.Hint != c.hint || !strings.HasPrefix(p.Message, want) {
			t.Errorf("%.80s: %+v, want %q at %s with %q", c.before, p, want, c.location, c.hint)
		}
	}
}

// TestPatientTooLarge costs its own answer and no other, and is never held whole.
func TestPatientTooLarge(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	large := `{"age": 67, "patient_id": "` + strings.Repeat("x", 9<<20) + `"}`
	outcomes := linesOf(t, sendMany(handler, "application/x-ndjson", person(1, "a")+"\n"+large+"\n"+person(2, "b")))
	if len(outcomes) != 3 || *outcomes[0].PatientID != "a" || outcomes[1].Status != 413 || outcomes[1].Line != 2 || *outcomes[2].PatientID != "b" {
		t.Errorf("outcomes %+v", outcomes)
	}
	problemOf(t, sendMany(handler, "application/json", "["+large+"]"), http.StatusRequestEntityTooLarge)
	most := `{"age": 67, "ph": 7.4` + strings.Repeat(" ", 4<<20-22) + `}`
	if got := linesOf(t, sendMany(handler, "application/x-ndjson", most+"\n")); len(got) != 1 || got[0].Status != 0 {
		t.Errorf("4 MiB in a line: %+v", got)
	}
	if got := elementsOf(t, sendMany(handler, "application/json", "["+most+"]")); len(got) != 1 || got[0].Status != 0 {
		t.Errorf("4 MiB in an array: %+v", got)
	}
}

// cutOff sends a body that ends in an error, and tells the answer and whether its connection was cut.
func cutOff(handler http.Handler, mediaType, body string, end error) (recorder *httptest.ResponseRecorder, cut bool) {
	broken := io.MultiReader(strings.NewReader(body), iotest.ErrReader(end))
	request := httptest.NewRequest("POST", "/predict/patients", broken)
	request.Header.Set("Content-Type", mediaType)
	recorder = httptest.NewRecorder()
	defer func() {
		err, _ := recover().(error)
		cut = errors.Is(err, http.ErrAbortHandler)
	}()
	handler.ServeHTTP(recorder, request)
	return recorder, false
}

// TestTransferBreaksOff by a connection that is reset, or one that brings nothing more in time.
func TestTransferBreaksOff(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	for end, status := range map[error]int{
		errors.New("connection reset"):                 http.StatusUnprocessableEntity,
		fmt.Errorf("read: %w", os.ErrDeadlineExceeded): http.StatusRequestTimeout,
	} {
		recorder, cut := cutOff(handler, "application/x-ndjson", person(1, "a")+"\n"+person(2, "b"), end)
		outcomes := linesOf(t, recorder)
		if cut || len(outcomes) != 2 || *outcomes[0].PatientID != "a" || outcomes[1].Status != status || outcomes[1].Line != 2 {
			t.Errorf("%v: outcomes %+v", end, outcomes)
		}
		if recorder, cut = cutOff(handler, "application/x-ndjson", person(1, "a"), end); cut || problemOf(t, recorder, status).Detail == "" {
			t.Errorf("%v: a first line: %s", end, recorder.Body)
		}
		if recorder, cut = cutOff(handler, "application/json", "["+person(1, "a")+",", end); cut || recorder.Code != status {
			t.Errorf("%v: early: %d %s", end, recorder.Code, recorder.Body)
		}
		recorder, cut = cutOff(handler, "application/json", "["+strings.Repeat(person(1, "a")+",", 100), end)
		if !cut || recorder.Code != http.StatusOK || json.Valid(recorder.Body.Bytes()) || !strings.HasPrefix(recorder.Body.String(), `[{"id"`) {
			t.Errorf("%v: late: cut %v, %d %.80s", end, cut, recorder.Code, recorder.Body)
		}
	}
}

// TestPanicCostsOnePatient of many.
func TestPanicCostsOnePatient(t *testing.T) {
	points := sepsis.OperatingPoints{Threshold: 0.5, Alert: sepsis.AlertRule{Threshold: 0.6, Clear: 0.5}}
	handler := newServer(t, &fakePredictor{broken: func(stay *sepsis.Stay) sepsis.Risk {
		if stay.PatientID == "b" {
			panic("broken")
		}
		return points.Risk(1, 0.1, false)
	}})
	outcomes := linesOf(t, sendMany(handler, "application/x-ndjson", person(1, "a")+"\n"+person(1, "b")+"\n"+person(1, "c")))
	if len(outcomes) != 3 || outcomes[0].Status != 0 || outcomes[1].Status != 500 || outcomes[1].Line != 2 || outcomes[2].Status != 0 {
		t.Errorf("outcomes %+v", outcomes)
	}
}

// repeated reads so many copies of a line, each with its number as patient_id.
type repeated struct {
	read, lines int
	rest        []byte
	highest     *uint64 // heap in use, looked at now and then
}

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.read == r.lines {
			return 0, io.EOF
		}
		r.rest = fmt.Appendf(r.rest[:0], "{\"age\": 67, \"lactate\": 2, \"patient_id\": \"%d\"}\n", r.read)
		if r.read++; r.read%10_000 == 0 {
			*r.highest = max(*r.highest, heap())
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestManyInBoundedMemory sends 100,000 patients to a server over the network, checks their order, and looks at the memory.
func TestManyInBoundedMemory(t *testing.T) {
	const patients = 100_000
	address := listen(t, &fakePredictor{})
	highest := uint64(0)
	before := heap()
	lines := bufio.NewScanner(post(t, address, &repeated{lines: patients, highest: &highest}))
	count := 0
	for ; lines.Scan(); count++ {
		if want := fmt.Sprintf(`"patient_id":"%d"`, count); !bytes.Contains(lines.Bytes(), []byte(want)) {
			t.Fatalf("line %d is %s", count+1, lines.Bytes())
		}
	}
	if err := lines.Err(); err != nil || count != patients {
		t.Errorf("%d answers, then %v", count, err)
	}
	if grown := int64(highest) - int64(before); grown > 16<<20 { //nolint:gosec // not that large
		t.Errorf("memory grew by %d bytes", grown)
	}
}

// listen serves over loopback, by the real clock: deadlines are those of the network.
func listen(t testing.TB, predictor sepsis.Predictor) string {
	t.Helper()
	c := config(predictor, io.Discard)
	c.Clock = time.Now //nolint:forbidigo // as above
	handler := serverOf(t, c)
	running := httptest.NewServer(handler)
	t.Cleanup(running.Close)
	return running.URL
}

func post(t testing.TB, address string, body io.Reader) io.Reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/predict/patients", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d", response.StatusCode)
	}
	return response.Body
}

// TestAnswersComeWhileSending: a patient is answered before the next one is sent.
func TestAnswersComeWhileSending(t *testing.T) {
	body, feed := io.Pipe()
	go func() { _, _ = io.WriteString(feed, person(1, "0")+"\n") }()
	answers := bufio.NewReader(post(t, listen(t, &fakePredictor{}), body))
	for i := range 5 {
		line, err := answers.ReadString('\n')
		if want := fmt.Sprintf(`"patient_id":"%d"`, i); err != nil || !strings.Contains(line, want) {
			t.Fatalf("%v: %s", err, line)
		}
		if _, err := io.WriteString(feed, person(1, fmt.Sprint(i+1))+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	_ = feed.Close()
}

// TestReadingStopsWhenAnswersAreNotTaken: the server predicts no more than what the buffers of the network hold.
func TestReadingStopsWhenAnswersAreNotTaken(t *testing.T) {
	var predicted atomic.Int64
	predictor := &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk {
		predicted.Add(1)
		return fakePoints.Risk(1, 0.1, false)
	}}
	const patients = 200_000 // of about 1 KiB of answer each: far more than any buffer
	connection, err := new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(listen(t, predictor), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	line := person(1, "a") + "\n"
	_, _ = fmt.Fprintf(connection, "POST /predict/patients HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n", patients*len(line))
	stuck := errors.New("not stuck")
	block := []byte(strings.Repeat(line, 1000))
	for range patients / 1000 {
		_ = connection.SetWriteDeadline(time.Now().Add(3 * time.Second)) //nolint:forbidigo // a deadline of the network
		if _, stuck = connection.Write(block); stuck != nil {
			break
		}
	}
	if timeout, is := errors.AsType[net.Error](stuck); !is || !timeout.Timeout() {
		t.Errorf("sending went on: %v, %d predicted", stuck, predicted.Load())
	}
	if got := predicted.Load(); got == 0 || got >= patients/2 {
		t.Errorf("%d of %d predicted", got, patients)
	}
	_ = connection.Close()
}

// broken is a body whose reader panics.
type broken struct{}

func (broken) Read([]byte) (int, error) { panic("broken") }

// TestAPanicOfTheReaderEndsTheBatch, and nothing else.
func TestAPanicOfTheReaderEndsTheBatch(t *testing.T) {
	var log bytes.Buffer
	handler := serverOf(t, config(&fakePredictor{}, &log))
	for mediaType, begin := range map[string]string{"application/x-ndjson": "", "application/json": "[" + person(1, "a") + ","} {
		log.Reset()
		request := httptest.NewRequest("POST", "/predict/patients", io.MultiReader(strings.NewReader(begin), broken{}))
		request.Header.Set("Content-Type", mediaType)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		problemOf(t, recorder, http.StatusInternalServerError)
		if !strings.Contains(log.String(), `"cause":"broken"`) {
			t.Errorf("log %s", &log)
		}
	}
	request := httptest.NewRequest("POST", "/predict/patients", io.MultiReader(strings.NewReader(person(1, "a")+"\n"), broken{}))
	request.Header.Set("Content-Type", "application/x-ndjson")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if outcomes := linesOf(t, recorder); len(outcomes) != 2 || outcomes[0].Status != 0 || outcomes[1].Status != 500 {
		t.Errorf("outcomes %+v", outcomes)
	}
}
