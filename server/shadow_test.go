package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medtech-detect/sepsis"
)

func shadowed(t testing.TB, shadow sepsis.Predictor, log io.Writer) http.Handler {
	t.Helper()
	c := config(&fakePredictor{}, log)
	c.Shadow = shadow
	return serverOf(t, c)
}

// TestShadowNeverAnswers: whatever the model beside says or does, the answer is the same, byte for byte.
func TestShadowNeverAnswers(t *testing.T) {
	want := predict(newServer(t, &fakePredictor{}), historyBody).Body.String()
	for _, test := range []struct {
		name, end string
		shadow    sepsis.Predictor
	}{
		{"the same", "agrees", &fakePredictor{}},
		{"another word", "disagrees", &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { return sepsis.Risk{Probability: 0.01, Label: sepsis.Negative} }}},
		{"panic", "failed", &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { panic("broken") }}},
		{"NaN", "failed", &fakePredictor{broken: func(*sepsis.Stay) sepsis.Risk { return sepsis.Risk{Probability: sepsis.Missing} }}},
	} {
		var log bytes.Buffer
		handler := shadowed(t, test.shadow, &log)
		if got := predict(handler, historyBody).Body.String(); got != want {
			t.Errorf("%s: %s, want %s", test.name, got, want)
		}
		if series := fmt.Sprintf("sepsis_shadow_predictions_total{end=%q} 1", test.end); !strings.Contains(metricsOf(t, handler), series) {
			t.Errorf("%s: no %s", test.name, series)
		}
		if test.name == "panic" && (!strings.Contains(log.String(), "panic of the shadow model") || strings.Contains(log.String(), `"status":500`)) {
			t.Errorf("log %s", &log)
		}
	}
}

// TestShadowThatHangs delays as many answers as it has slots, by 50 ms at most, and no further one at all. Requests end
// before it does, so it must not read what is theirs.
func TestShadowThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		var read float64
		handler := shadowed(t, &hangingPredictor{predict: func(stay *sepsis.Stay) {
			<-hang
			read += stay.Observations[0].Values[sepsis.HeartRate]
		}}, io.Discard)
		slots := runtime.GOMAXPROCS(0)
		for i := range slots + 2 {
			begun := time.Now() //nolint:forbidigo // the bubble's clock
			answerOf(t, predict(handler, flatBody))
			want := 50 * time.Millisecond
			if i >= slots {
				want = 0
			}
			if took := time.Since(begun); took != want { //nolint:forbidigo // the bubble's clock
				t.Errorf("answer %d took %v, want %v", i, took, want)
			}
		}
		text := metricsOf(t, handler)
		for _, series := range []string{fmt.Sprintf(`{end="late"} %d`, slots), `{end="skipped"} 2`} {
			if !strings.Contains(text, series) {
				t.Errorf("no %s", series)
			}
		}
		for range slots { // one after the other
			hang <- struct{}{}
			synctest.Wait()
		}
		if want := 118 * float64(slots); read != want {
			t.Errorf("read %g, want %g", read, want)
		}
		close(hang)
		predict(handler, flatBody)
		if !strings.Contains(metricsOf(t, handler), `{end="disagrees"} 1`) {
			t.Error("it is not asked again")
		}
	})
}

// hangingPredictor does something before it gives no risk.
type hangingPredictor struct {
	fakePredictor
	predict func(*sepsis.Stay)
}

func (h *hangingPredictor) Predict(stay *sepsis.Stay) sepsis.Risk {
	h.predict(stay)
	return sepsis.Risk{}
}

func (h *hangingPredictor) Explain(stay *sepsis.Stay) (sepsis.Risk, sepsis.Explanation) {
	return unexplained(h.Predict(stay))
}

func TestShadowIsNamed(t *testing.T) {
	c := config(&fakePredictor{}, io.Discard)
	c.Shadow = modelTwo
	handler := serverOf(t, c)
	var state struct{ Answering, Shadow sepsis.ModelInfo }
	decode(t, send(handler, "GET", "/admin/model", ""), &state)
	if state.Shadow != modelTwo.Info() || state.Answering.Name != "fake" {
		t.Errorf("%+v", state)
	}
}
