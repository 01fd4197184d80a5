package server_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// TestHypothetical: a what-if is answered like any other and recorded as what it is; monitor, metrics and shadow do not see it.
func TestHypothetical(t *testing.T) {
	s, watch := newScene(t), &knownMonitoring{}
	s.config.Monitor, s.config.Shadow = watch, modelTwo
	handler := s.start(t)
	said := answerOf(t, predict(handler, flatBody))
	supposed := answerOf(t, send(handler, "POST", "/predict/patient?hypothetical=true", flatBody, "Content-Type", "application/json"))
	send(handler, "POST", "/predict/patient?hypothetical=true", flatBody, "Content-Type", "application/json", "Accept", "text/plain")
	send(handler, "POST", "/predict/patients?hypothetical=true", "["+flatBody+"]", "Content-Type", "application/json")
	if supposed.Probability != said.Probability {
		t.Errorf("%v, but %v when it is hypothetical", said.Probability, supposed.Probability)
	}
	if len(watch.observed) != 1 {
		t.Errorf("the monitor saw %d predictions, want that of the patient alone", len(watch.observed))
	}
	text := metricsOf(t, handler)
	for _, want := range []string{
		`risk_band="elevated"} 1`, `sepsis_hypothetical_predictions_total 3`, `sepsis_shadow_probability_difference_count 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	for query, want := range map[string]int{"": 4, "?hypothetical=true": 3, "?hypothetical=false": 1} {
		var list struct {
			Predictions []struct {
				ID           string
				Hypothetical bool
				Shadow       *struct{}
			}
		}
		decode(t, send(handler, "GET", "/predictions"+query, ""), &list)
		if len(list.Predictions) != want {
			t.Errorf("%q lists %d, want %d", query, len(list.Predictions), want)
		}
		for _, one := range list.Predictions {
			if one.Hypothetical == (one.ID == said.ID) || one.Hypothetical == (one.Shadow != nil) {
				t.Errorf("%q: %+v", query, one)
			}
		}
	}
	record, err := s.audit.Log.Record(t.Context(), supposed.ID)
	if err != nil || !record.Hypothetical || record.Risk.Label != sepsis.Positive {
		t.Errorf("%+v, %v", record, err)
	}
}
