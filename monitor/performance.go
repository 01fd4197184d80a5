package monitor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/medtech-detect/sepsis"
)

// What is read of the audit log.
const (
	performanceDays = 30
	// mostRecords bounds reading and memory, of those that are read for the alarms and of those with outcomes: 27 beds, asked every hour,
	// for 30 days.
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
	heard       bool // whether the outcome is known
	septic      bool // if it is
}

// Refresh reads the audit log, for the performance that Monitoring tells from then on. When it fails, the earlier one stays.
func (m *Monitor) Refresh(ctx context.Context, log Log, now time.Time) error {
	model := m.answering()
	from, hypothetical := now.AddDate(0, 0, -performanceDays), false
	query := sepsis.AuditQuery{From: &from, ModelSHA256: model.SHA256, Hypothetical: &hypothetical, Limit: mostRecords + 1, Brief: true}
	p := &sepsis.Performance{AsOf: now, From: from}
	newest, err := read(ctx, log, query)
	if err != nil {
		return fmt.Errorf("monitoring: %w", err)
	}
	newest, p.Truncated = first(newest)
	query.Told = true // outcomes come days later than predictions: the newest of all have few
	told, err := read(ctx, log, query)
	if err != nil {
		return fmt.Errorf("monitoring: %w", err)
	}
	told, p.ToldTruncated = first(told)
	if told, err = hear(ctx, log, told); err != nil {
		return fmt.Errorf("monitoring: %w", err)
	}
	measure(p, newest, told)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.tallies[model] != nil {
		m.performance[model] = p
	}
	return nil
}

// first cuts off what is beyond the bound, and tells whether something is.
func first(predictions []prediction) ([]prediction, bool) {
	return predictions[:min(len(predictions), mostRecords)], len(predictions) > mostRecords
}

func read(ctx context.Context, log Log, query sepsis.AuditQuery) ([]prediction, error) {
	var predictions []prediction
	err := log.Records(ctx, query, func(r sepsis.Record) error {
		predictions = append(predictions, prediction{id: r.ID, patient: r.Patient, risk: r.Risk})
		return nil
	})
	return predictions, err
}

// hear asks for the outcomes of predictions, the newest first, after all were read: a store may have one connection. It leaves out those that
// were erased in between, whose outcome is not known any more.
func hear(ctx context.Context, log Log, predictions []prediction) ([]prediction, error) {
	if len(predictions) == 0 {
		return nil, nil
	}
	places := make(map[string]int, len(predictions))
	for i := range predictions {
		places[predictions[i].id] = i
	}
	oldest := predictions[len(predictions)-1].id // the newest come first
	err := log.OutcomesFrom(ctx, oldest, func(o sepsis.Outcome) error {
		if i, chosen := places[o.Prediction]; chosen { // the latest counts
			predictions[i].heard, predictions[i].septic = true, o.Septic
		}
		return nil
	})
	return slices.DeleteFunc(predictions, func(p prediction) bool { return !p.heard }), err
}

func measure(p *sepsis.Performance, newest, told []prediction) {
	p.Predictions, p.Told = len(newest), len(told)
	p.Outcomes = proportion(common(newest, told), len(newest))
	p.WatchList = inUse(told, func(r sepsis.Risk) bool { return r.Label == sepsis.Positive })
	p.Alert = inUse(told, func(r sepsis.Risk) bool { return r.Alert })
	p.Calibration = calibration(told)
	p.Burden = burden(newest)
}

// common counts the predictions that are among both.
func common(newest, told []prediction) int {
	if len(newest) == 0 {
		return 0
	}
	oldest, count := newest[len(newest)-1].id, 0
	for i := range told {
		if told[i].id >= oldest {
			count++
		}
	}
	return min(count, len(newest)) // some may have come in between
}

func inUse(told []prediction, on func(sepsis.Risk) bool) sepsis.PointInUse {
	positive := func(p *prediction) bool { return on(p.risk) }
	return sepsis.PointInUse{
		Sensitivity: shareOf(told, isSeptic, positive), Specificity: shareOf(told, not(isSeptic), not(positive)), PPV: shareOf(told, positive, isSeptic),
	}
}

func isSeptic(p *prediction) bool { return p.septic }

func not(is func(*prediction) bool) func(*prediction) bool {
	return func(p *prediction) bool { return !is(p) }
}

// shareOf is the share of predictions of a kind of which something is true.
func shareOf(told []prediction, kind, is func(*prediction) bool) sepsis.Proportion {
	patient, patients := numbered(told)
	all := make([]counted, patients)
	for i := range told {
		if !kind(&told[i]) {
			continue
		}
		of := &all[patient[i]]
		if of.of++; is(&told[i]) {
			of.count++
		}
	}
	return proportionOf(all)
}
