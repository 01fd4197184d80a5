package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// constantPredictor gives everybody the same probability, from which its threshold is not far.
type constantPredictor struct {
	fakePredictor
	version     string
	probability float64
}

func (c *constantPredictor) Info() sepsis.ModelInfo {
	return sepsis.ModelInfo{Name: "constant", Version: c.version, SHA256: strings.Repeat(c.version, 64)}
}
func (c *constantPredictor) Threshold() float64      { return c.probability / 2 }
func (c *constantPredictor) AlertThreshold() float64 { return c.probability }
func (c *constantPredictor) Card() []byte            { return []byte(`{"version":"` + c.version + `"}`) }

func (c *constantPredictor) Predict(stay *sepsis.Stay) sepsis.Risk {
	risks := c.Trajectory(stay)
	return risks[len(risks)-1]
}

func (c *constantPredictor) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	return unexplained(c.Predict(stay))
}

func (c *constantPredictor) Trajectory(stay *sepsis.Stay) []sepsis.Risk {
	points := sepsis.OperatingPoints{Threshold: c.Threshold(), Alert: sepsis.AlertRule{Threshold: c.AlertThreshold(), Clear: c.Threshold()}}
	risks := make([]sepsis.Risk, len(stay.Observations))
	for i, observation := range stay.Observations {
		risks[i] = points.Risk(observation.Hour, c.probability, false)
	}
	return risks
}

var (
	modelOne = &constantPredictor{version: "1", probability: 0.1}
	modelTwo = &constantPredictor{version: "2", probability: 0.8}
)

// shelf is where models are read from.
type shelf struct {
	next sepsis.Predictor
	err  error
}

func (s *shelf) open() (sepsis.Predictor, error) { return s.next, s.err }

func swappable(t testing.TB, s *shelf, log io.Writer) (*server.Models, http.Handler) {
	t.Helper()
	models := server.NewModels(modelOne, s.open)
	c := config(modelOne, log)
	c.Models = models
	handler := serverOf(t, c)
	return models, handler
}

func reload(handler http.Handler) *httptest.ResponseRecorder {
	return send(handler, "POST", "/admin/model/reload", "")
}

// whole is an error unless the answer is of one model throughout.
func whole(body []byte) error {
	var a given
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	by := map[string]*constantPredictor{"1": modelOne, "2": modelTwo}[a.Model.Version]
	if by == nil || a.Model != by.Info() || a.Threshold != by.Threshold() || a.AlertThreshold != by.AlertThreshold() || a.Probability != by.probability {
		return errors.New("the answer is of several models")
	}
	for _, moment := range a.Trajectory {
		if moment.Probability != by.probability {
			return errors.New("the trajectory is of another model")
		}
	}
	return nil
}

// TestSwapsUnderLoad: four clients over real connections, and 100 swaps among which every second file is corrupt. No
// request fails, and none is answered by two models.
func TestSwapsUnderLoad(t *testing.T) {
	files := &shelf{}
	models, handler := swappable(t, files, io.Discard)
	service := httptest.NewServer(handler)
	defer service.Close()
	var stop atomic.Bool
	var answered [4]int
	var clients sync.WaitGroup
	for i := range answered {
		clients.Go(func() {
			for !stop.Load() || answered[i] == 0 {
				response, err := service.Client().Post(service.URL+"/predict/patient?trajectory=true", "application/json", strings.NewReader(historyBody))
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				if err = errors.Join(err, response.Body.Close(), whole(body)); err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("%d %v: %s", response.StatusCode, err, body)
					return
				}
				answered[i]++
			}
		})
	}
	for i := range 100 {
		*files = shelf{err: errors.New("corrupt")}
		if info, err := models.Reload(); err == nil || info != models.Info() {
			t.Fatalf("a corrupt file was taken for %v", info)
		}
		*files = shelf{next: []*constantPredictor{modelTwo, modelOne}[i%2]}
		if info, err := models.Reload(); err != nil || info != files.next.Info() {
			t.Fatalf("swap %d: %v, %v", i, info, err)
		}
		problemFree(t, service)
	}
	stop.Store(true)
	clients.Wait()
	if text := metricsOf(t, handler); !strings.Contains(text, `sepsis_model_swaps_total{action="reload",result="swapped"} 100`) ||
		!strings.Contains(text, `sepsis_model_swaps_total{action="reload",result="refused"} 100`) {
		t.Errorf("swaps are not counted:\n%s", text)
	}
}

func problemFree(t *testing.T, service *httptest.Server) {
	t.Helper()
	response, err := service.Client().Post(service.URL+"/predict/patient", "application/json", strings.NewReader(flatBody))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%d %v", response.StatusCode, err)
	}
}

// TestCorruptFileOnSwap: whatever is wrong with the file, the old model goes on, and the answer does not name the file.
func TestCorruptFileOnSwap(t *testing.T) {
	var log bytes.Buffer
	files := &shelf{}
	_, handler := swappable(t, files, &log)
	for name, broken := range map[string]shelf{
		"unreadable":     {err: errors.New("open model /srv/secret.sepsis: not a bundle file")},
		"self-test":      {next: &fakePredictor{unfit: errUnfit}},
		"panics":         {next: &panickingPredictor{}},
		"nothing at all": {},
	} {
		*files = broken
		p := problemOf(t, reload(handler), http.StatusConflict)
		if strings.Contains(p.Detail, "/") || !strings.Contains(p.Detail, "goes on") {
			t.Errorf("%s: %q", name, p.Detail)
		}
		if got := answerOf(t, predict(handler, flatBody)).Model; got != modelOne.Info() {
			t.Errorf("%s: answered by %v", name, got)
		}
	}
	if !strings.Contains(log.String(), "/srv/secret.sepsis") || !strings.Contains(log.String(), errUnfit.Error()) {
		t.Errorf("the log does not say why: %s", &log)
	}
	if !strings.Contains(metricsOf(t, handler), `sepsis_model_swaps_total{action="reload",result="refused"} 4`) {
		t.Error("refusals are not counted")
	}
}

type panickingPredictor struct{ fakePredictor }

func (*panickingPredictor) SelfTest() error { panic("index out of range") }

func TestSwapAndRollback(t *testing.T) {
	files := &shelf{next: modelTwo}
	models, handler := swappable(t, files, io.Discard)
	var followed []string
	models.Follow(func(p sepsis.Predictor) { followed = append(followed, p.Info().Version) })
	rollback := func() *httptest.ResponseRecorder { return send(handler, "POST", "/admin/model/rollback", "") }
	expect := func(recorder *httptest.ResponseRecorder, answering, previous string) {
		t.Helper()
		var state struct{ Answering, Previous sepsis.ModelInfo }
		decode(t, recorder, &state)
		if recorder.Code != http.StatusOK || state.Answering.Version != answering || state.Previous.Version != previous {
			t.Errorf("%d %s, want %s after %s", recorder.Code, recorder.Body, answering, previous)
		}
		if got := send(handler, "GET", "/model", "").Body.String(); got != `{"version":"`+answering+`"}` {
			t.Errorf("card %s with model %s", got, answering)
		}
		if err := whole(send(handler, "POST", "/predict/patient?trajectory=true", historyBody).Body.Bytes()); err != nil {
			t.Error(err)
		}
		if !strings.Contains(metricsOf(t, handler), `role="answering",sha256="`+strings.Repeat(answering, 64)+`"`) {
			t.Error("the metrics name another model")
		}
	}
	if p := problemOf(t, rollback(), http.StatusConflict); p.Detail != server.ErrNoPreviousModel.Error() {
		t.Error(p.Detail)
	}
	expect(send(handler, "GET", "/admin/model", ""), "1", "")
	expect(reload(handler), "2", "1")
	expect(reload(handler), "2", "1") // the same file once more
	expect(rollback(), "1", "2")
	expect(rollback(), "2", "1")
	if got := strings.Join(followed, " "); got != "1 2 1 2" {
		t.Errorf("followed %s", got)
	}
}

// TestAFileThatHangs keeps nobody waiting but its own reload, and that not for ever. What comes in the end is not taken.
func TestAFileThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end, hangs := make(chan struct{}), true
		models := server.NewModels(modelOne, func() (sepsis.Predictor, error) {
			if hangs {
				<-end
			}
			return modelTwo, nil
		})
		c := config(modelOne, io.Discard)
		c.Models = models
		handler := serverOf(t, c)
		refused := make(chan *httptest.ResponseRecorder)
		go func() { refused <- reload(handler) }()
		synctest.Wait() // it hangs
		if recorder := send(handler, "GET", "/admin/model", ""); recorder.Code != http.StatusOK {
			t.Errorf("%d", recorder.Code)
		}
		problemOf(t, send(handler, "POST", "/admin/model/rollback", ""), http.StatusConflict)
		answerOf(t, predict(handler, flatBody))
		if p := problemOf(t, reload(handler), http.StatusConflict); p.Detail != server.ErrModelIsRead.Error() {
			t.Errorf("%q", p.Detail)
		}
		problemOf(t, <-refused, http.StatusConflict)
		problemOf(t, reload(handler), http.StatusConflict) // it is still being read
		close(end)
		synctest.Wait()
		if got := models.Info().Version; got != "1" {
			t.Errorf("model %s came too late and answers", got)
		}
		hangs = false
		if recorder := reload(handler); recorder.Code != http.StatusOK {
			t.Errorf("%d %s", recorder.Code, recorder.Body)
		}
	})
}

func TestSwapWithoutFile(t *testing.T) {
	p := problemOf(t, reload(newServer(t, &fakePredictor{})), http.StatusConflict)
	if p.Detail != server.ErrNoModelFile.Error() {
		t.Error(p.Detail)
	}
}

// TestRequestKeepsItsModel: the swap comes while the body is still on its way.
func TestRequestKeepsItsModel(t *testing.T) {
	files := &shelf{next: modelTwo}
	models, handler := swappable(t, files, io.Discard)
	body := &swappingBody{Reader: strings.NewReader(historyBody), swap: func() error { _, err := models.Reload(); return err }}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("POST", "/predict/patient?trajectory=true", body))
	if a := answerOf(t, recorder); a.Model != modelOne.Info() || models.Info() != modelTwo.Info() {
		t.Errorf("answered by %v", a.Model)
	}
	if err := errors.Join(body.err, whole(recorder.Body.Bytes())); err != nil {
		t.Error(err)
	}
}

type swappingBody struct {
	io.Reader
	swap func() error
	err  error
}

func (s *swappingBody) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		s.err = s.swap()
	}
	return n, err
}
