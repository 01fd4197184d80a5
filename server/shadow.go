package server

import (
	"log/slog"
	"math"
	"runtime/debug"
	"slices"
	"time"

	"github.com/medtech-detect/sepsis"
)

// shadowWait is how long a ready answer waits at most for the model beside, so that both can stand in one record. One
// prediction of a stay of two days takes less than a tenth of it.
const shadowWait = 50 * time.Millisecond

// shadow scores what is answered with a second model, which is never answered. Whatever that model does, panic or
// dawdle, the answer is the same, and at most shadowWait later; with all slots taken by predictions that dawdle it is not asked.
type shadow struct {
	predictor sepsis.Predictor
	slots     chan struct{}
	metrics   *metrics
	logger    *slog.Logger
}

// newShadow gives nil, which is never asked, without a model.
func newShadow(predictor sepsis.Predictor, slots int, m *metrics, logger *slog.Logger) *shadow {
	if predictor == nil {
		return nil
	}
	return &shadow{predictor, make(chan struct{}, slots), m, logger}
}

// The ends that a prediction of the model beside may take, for the metrics.
const (
	shadowAgrees    = "agrees"    // the same word as the answer
	shadowDisagrees = "disagrees" // the other word
	shadowLate      = "late"      // not ready in time
	shadowSkipped   = "skipped"   // not asked: too many of its predictions under way
	shadowFailed    = "failed"    // it panicked, or gave no probability
)

var shadowEnds = []string{shadowAgrees, shadowDisagrees, shadowLate, shadowSkipped, shadowFailed}

// begin asks for a stay. It gives nil when the model is not asked.
func (s *shadow) begin(requestID string, stay *sepsis.Stay) <-chan *sepsis.ShadowRisk {
	if s == nil {
		return nil
	}
	select {
	case s.slots <- struct{}{}:
	default:
		s.metrics.shadow.WithLabelValues(shadowSkipped).Inc()
		return nil
	}
	own := *stay // the request may end before this prediction does
	own.Observations = slices.Clone(stay.Observations)
	predicted := make(chan *sepsis.ShadowRisk, 1)
	go s.predict(requestID, &own, predicted)
	return predicted
}

// predict sends the risk, or nil when there is none.
func (s *shadow) predict(requestID string, stay *sepsis.Stay, predicted chan<- *sepsis.ShadowRisk) {
	defer func() { <-s.slots }()
	defer func() {
		if cause := recover(); cause != nil {
			s.logger.Error("panic of the shadow model", "request_id", requestID, "cause", cause, "stack", string(debug.Stack()))
			predicted <- nil
		}
	}()
	risk := s.predictor.Predict(stay)
	if !(risk.Probability >= 0 && risk.Probability <= 1) {
		predicted <- nil
		return
	}
	predicted <- &sepsis.ShadowRisk{Model: s.predictor.Info(), Probability: risk.Probability, Label: risk.Label}
}

// end waits for what begin asked for, counts how it compares with the answer, and gives it; nil when there is nothing in time.
func (s *shadow) end(predicted <-chan *sepsis.ShadowRisk, answered sepsis.Risk) *sepsis.ShadowRisk {
	if predicted == nil {
		return nil
	}
	patience := time.NewTimer(shadowWait)
	defer patience.Stop()
	select {
	case risk := <-predicted:
		s.metrics.shadow.WithLabelValues(shadowEnd(risk, answered)).Inc()
		if risk != nil {
			s.metrics.shadowDifference.Observe(math.Abs(risk.Probability - answered.Probability))
		}
		return risk
	case <-patience.C:
		s.metrics.shadow.WithLabelValues(shadowLate).Inc()
		return nil
	}
}

func shadowEnd(risk *sepsis.ShadowRisk, answered sepsis.Risk) string {
	switch {
	case risk == nil:
		return shadowFailed
	case risk.Label == answered.Label:
		return shadowAgrees
	}
	return shadowDisagrees
}
