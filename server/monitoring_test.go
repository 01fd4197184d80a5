package server_test

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
)

// knownMonitoring tells figures that are known, and remembers what it was shown.
type knownMonitoring struct {
	mutex    sync.Mutex
	observed []sepsis.Risk
	by       []sepsis.ModelInfo
}

func (k *knownMonitoring) Observe(at time.Time, by sepsis.ModelInfo, stay *sepsis.Stay, risk sepsis.Risk) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if !at.Equal(noon) || len(stay.Observations) == 0 {
		panic("not the request")
	}
	k.observed, k.by = append(k.observed, risk), append(k.by, by)
}

func (k *knownMonitoring) Monitoring(now time.Time) sepsis.Monitoring {
	share := func(value float64) sepsis.Proportion {
		return sepsis.Proportion{Count: 40, Of: 100, Value: new(value), Low: new(0.3), High: new(0.5)}
	}
	few := sepsis.Proportion{Of: 2, Value: new(0.0), Insufficient: true}
	missing := share(0.75)
	return sepsis.Monitoring{
		Model: sepsis.ModelInfo{Name: "fake"}, Since: now,
		Drift: []sepsis.DriftWindow{
			{
				Window: "24h", Predictions: 100, Score: sepsis.Drift{Name: "score", Level: sepsis.LargeDrift, PSI: new(0.5), Chance: new(0.01)},
				Inputs: []sepsis.Drift{{Name: "lactate", Level: sepsis.StableDrift, PSI: new(0.02), Chance: new(0.01), Missing: &missing, MissingReference: new(0.25)}},
			},
			{
				Window: "7d", Predictions: 2, Score: sepsis.Drift{Name: "score", Level: sepsis.InsufficientDrift, PSI: new(9.0), Chance: new(8.0)},
				Inputs: []sepsis.Drift{{Name: "lactate", Level: sepsis.InsufficientDrift, Missing: &few, MissingReference: new(0.25)}},
			},
		},
		Performance: &sepsis.Performance{
			AsOf: now, From: now, Predictions: 200, Told: 40, Outcomes: share(0.5),
			WatchList: sepsis.PointInUse{Sensitivity: few, Specificity: share(0.9), PPV: share(0.2)},
			Alert:     sepsis.PointInUse{Sensitivity: few, Specificity: share(0.95), PPV: share(0.4)},
			Calibration: sepsis.InUse{
				Observed: share(0.5), Slope: sepsis.Estimate{Value: new(0.9)}, InTheLarge: sepsis.Estimate{Value: new(0.1)},
			},
			Burden: sepsis.AlarmBurden{Patients: 3, PerPatientDay: sepsis.Estimate{Value: new(0.2)}},
		},
	}
}

// TestMonitoring: what is answered is observed, what is refused is not, and the answer is as the document says.
func TestMonitoring(t *testing.T) {
	watch := &knownMonitoring{}
	c := config(&fakePredictor{}, io.Discard)
	c.Monitor = watch
	handler := serverOf(t, c)
	predict(handler, flatBody)
	predict(handler, `{"age": 17}`)
	if len(watch.observed) != 1 || watch.observed[0].Hour != 30 || watch.by[0].Name != "fake" {
		t.Errorf("observed %v by %v", watch.observed, watch.by)
	}
	recorder := send(handler, "GET", "/monitoring", "")
	answerConforms(t, loadDocument(t, handler).Paths.Value("/monitoring").Get, recorder)
	var told sepsis.Monitoring
	decode(t, recorder, &told)
	if !told.Since.Equal(noon) || len(told.Drift) != 2 || *told.Performance.Alert.PPV.Value != 0.4 {
		t.Errorf("%s", recorder.Body)
	}
}

// brokenMonitor panics when it is shown something.
type brokenMonitor struct{ knownMonitoring }

func (*brokenMonitor) Observe(time.Time, sepsis.ModelInfo, *sepsis.Stay, sepsis.Risk) {
	panic("broken monitor")
}

// TestAPanicOfTheMonitorIsLogged, and the answer, which is on record, is given.
func TestAPanicOfTheMonitorIsLogged(t *testing.T) {
	var log bytes.Buffer
	c := config(&fakePredictor{}, &log)
	c.Monitor = &brokenMonitor{}
	handler := serverOf(t, c)
	answerOf(t, predict(handler, flatBody))
	if !strings.Contains(log.String(), `"cause":"broken monitor"`) {
		t.Errorf("log %s", &log)
	}
}
