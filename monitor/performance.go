package monitor

import (
	"context"
	"fmt"
	"time"

	"github.com/medtech-detect/sepsis"
)

// What is read of the audit log.
const (
	performanceDays = 30
	// mostRecords bounds reading and memory: 27 beds, asked every hour, for 30 days.
	mostRecords = 20_000
)

// Log is the part of sepsis.AuditLog that is read.
type Log interface {
	Records(ctx context.Context, query sepsis.AuditQuery, yield func(sepsis.Record) error) error
	OutcomesFrom(ctx context.Context, prediction string, yield func(sepsis.Outcome) error) error
}

// prediction is what is needed of a record.
type prediction struct {
	id, patient string
	risk        sepsis.Risk
	told        bool // whether the outcome is known
	septic      bool
}

// Refresh reads the audit log, for the performance that Monitoring tells from then on. When it fails, the earlier one stays.
func (m *Monitor) Refresh(ctx context.Context, log Log, now time.Time) error {
	model := m.answering()
	from, hypothetical := now.AddDate(0, 0, -performanceDays), false
	predictions, err := read(ctx, log, sepsis.AuditQuery{From: from, ModelSHA256: model.SHA256, Hypothetical: &hypothetical, Limit: mostRecords + 1, Brief: true})
	if err != nil {
		return fmt.Errorf("monitoring: %w", err)
	}
	p := &sepsis.Performance{AsOf: now, From: from, Truncated: len(predictions) > mostRecords}
	predictions = predictions[:min(len(predictions), mostRecords)]
	p.Predictions = len(predictions)
	measure(p, predictions)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.tallies[model] != nil {
		m.performance[model] = p
	}
	return nil
}

// read asks for outcomes after the records are read: a store may have one connection.
func read(ctx context.Context, log Log, query sepsis.AuditQuery) ([]prediction, error) {
	var predictions []prediction
	err := log.Records(ctx, query, func(r sepsis.Record) error {
		predictions = append(predictions, prediction{id: r.ID, patient: r.Patient, risk: r.Risk})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(predictions) == 0 {
		return nil, nil
	}
	places := make(map[string]int, len(predictions))
	for i := range predictions {
		places[predictions[i].id] = i
	}
	oldest := predictions[len(predictions)-1].id // the newest come first
	err = log.OutcomesFrom(ctx, oldest, func(o sepsis.Outcome) error {
		if i, chosen := places[o.Prediction]; chosen { // the latest counts
			predictions[i].told, predictions[i].septic = true, o.Septic
		}
		return nil
	})
	return predictions, err
}

func measure(p *sepsis.Performance, predictions []prediction) {
	var told []prediction
	for _, one := range predictions {
		if one.told {
			told = append(told, one)
		}
	}
	p.Outcomes = proportion(len(told), len(predictions))
	p.WatchList = inUse(told, func(r sepsis.Risk) bool { return r.Label == sepsis.Positive })
	p.Alert = inUse(told, func(r sepsis.Risk) bool { return r.Alert })
	p.Calibration = calibration(told)
	p.Burden = burden(predictions)
}

func inUse(told []prediction, positive func(sepsis.Risk) bool) sepsis.PointInUse {
	var truePositive, falsePositive, septic int
	for i := range told {
		switch on := positive(told[i].risk); {
		case told[i].septic && on:
			truePositive++
		case on:
			falsePositive++
		}
		if told[i].septic {
			septic++
		}
	}
	others := len(told) - septic
	return sepsis.PointInUse{
		Sensitivity: proportion(truePositive, septic), Specificity: proportion(others-falsePositive, others),
		PPV: proportion(truePositive, truePositive+falsePositive),
	}
}
