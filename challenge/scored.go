package challenge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Labels are the labels of one stay, row by row.
type Labels struct {
	Entry
	Labels []bool // the Challenge's SepsisLabel
}

// Predictions are what was predicted for one stay, row by row.
type Predictions struct {
	Entry
	Probabilities []float64 // from 0 to 1
	Predictions   []bool    // the decision: sepsis or not
}

// Scored is one stay with its labels and predictions, of equal length, ready for a metric.
type Scored struct {
	ID            string
	Hospital      string // the folder of the labels
	Labels        []bool
	Predictions   []bool
	Probabilities []float64
}

// ReadLabels reads the labels of all stays at a path (folder, .psv file or archive), by hospital and id. Of the
// Challenge's columns only SepsisLabel must be there; those that are there must be well formed, and hours leave none out.
func ReadLabels(path string) ([]Labels, error) {
	type labelled struct {
		Labels
		gap gap
	}
	read, err := readEach(path, func(c *Cohort, i int) (labelled, error) {
		record, err := c.read(i, toScore)
		return labelled{Labels{c.Entry(i), record.Labels}, gapOf(&record.Stay)}, err
	})
	if err != nil {
		return nil, err
	}
	var found Gaps
	all := make([]Labels, len(read))
	for i := range read {
		all[i] = read[i].Labels
		found.add(all[i].Location, read[i].gap)
	}
	return all, found.Err()
}

// ReadPredictions reads all prediction files at a path (folder, .psv file or archive), by hospital and id: files with
// exactly the columns PredictedProbability, from 0 to 1, and PredictedLabel, 0 or 1.
func ReadPredictions(path string) ([]Predictions, error) {
	return readEach(path, func(c *Cohort, i int) (Predictions, error) {
		data, err := c.content(i)
		if err != nil {
			return Predictions{}, err
		}
		return parsePredictions(c.Entry(i), data)
	})
}

func readEach[T any](path string, read func(c *Cohort, i int) (T, error)) (all []T, err error) {
	cohort, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	all = make([]T, cohort.Len())
	err = inOrder(context.Background(), cohort.Len(), 0,
		func(i int) (T, error) { return read(cohort, i) },
		func(i int, one T) { all[i] = one })
	if err != nil {
		return nil, err
	}
	return all, nil
}

func parsePredictions(entry Entry, data []byte) (Predictions, error) {
	rows, err := newTable(entry.Location, data, predictionColumns, probabilityColumn, decisionColumn)
	if err != nil {
		return Predictions{}, err
	}
	predictions := Predictions{Entry: entry}
	for {
		found, err := rows.next()
		if err != nil {
			return Predictions{}, err
		}
		if !found {
			break
		}
		probability := rows.row[probabilityColumn]
		if !isProbability(probability) {
			return Predictions{}, rows.problemAt(probabilityColumn, "%v is not a probability from 0 to 1", probability)
		}
		decision, err := rows.binary(decisionColumn)
		if err != nil {
			return Predictions{}, err
		}
		predictions.Probabilities = append(predictions.Probabilities, probability)
		predictions.Predictions = append(predictions.Predictions, decision)
	}
	if len(predictions.Predictions) == 0 {
		return Predictions{}, rows.problem("no rows after the header")
	}
	return predictions, nil
}

// isProbability is false for NaN.
func isProbability(p float64) bool { return p >= 0 && p <= 1 }

// WritePredictions writes the predictions for one stay, one row an hour, in the format of the Challenge's scorer.
// Probabilities read back as the same numbers.
func WritePredictions(w io.Writer, probabilities []float64, labels []bool) error {
	if len(probabilities) != len(labels) {
		return fmt.Errorf("%d probabilities, but %d labels", len(probabilities), len(labels))
	}
	out := bufio.NewWriter(w)
	writeLine(out, predictionColumns)
	for i, probability := range probabilities {
		if !isProbability(probability) {
			return fmt.Errorf("row %d: %v is not a probability from 0 to 1", i+1, probability)
		}
		writeLine(out, []string{formatNumber(probability), formatBinary(labels[i])})
	}
	return out.Flush()
}

// Pair reads labels and predictions and brings them together by stay, never by the order of files. Where every folder
// of the predictions is also one of the labels, folder and id make the stay; otherwise the id alone does, and must
// then be unique. The stays come in the order of the labels. All stays that lack their counterpart, or have
// another number of rows, are named in the error.
func Pair(labelsPath, predictionsPath string) ([]Scored, error) {
	labels, err := ReadLabels(labelsPath)
	if err != nil {
		return nil, err
	}
	predictions, err := ReadPredictions(predictionsPath)
	if err != nil {
		return nil, err
	}
	key := pairingKey(labels, predictions)
	predictionsOf, err := index(predictions, func(p Predictions) Entry { return p.Entry }, key)
	if err != nil {
		return nil, err
	}
	labelsOf, err := index(labels, func(l Labels) Entry { return l.Entry }, key)
	if err != nil {
		return nil, err
	}
	var unpaired mismatches
	scored := make([]Scored, 0, len(labels))
	for _, label := range labels {
		prediction, found := predictionsOf[key(label.Entry)]
		if unpaired.check(label, prediction, found) {
			scored = append(scored, Scored{label.ID, label.Hospital, label.Labels, prediction.Predictions, prediction.Probabilities})
		}
	}
	for _, prediction := range predictions {
		if _, found := labelsOf[key(prediction.Entry)]; !found {
			unpaired.withoutLabels = append(unpaired.withoutLabels, prediction.Location)
		}
	}
	if err := unpaired.err(); err != nil {
		return nil, err
	}
	return scored, nil
}

// pairingKey is what identifies a stay on both sides.
func pairingKey(labels []Labels, predictions []Predictions) func(Entry) string {
	hospitals := make(map[string]bool)
	for _, label := range labels {
		hospitals[label.Hospital] = true
	}
	for _, prediction := range predictions {
		if !hospitals[prediction.Hospital] {
			return func(e Entry) string { return e.ID }
		}
	}
	return func(e Entry) string { return e.Hospital + "/" + e.ID }
}

func index[T any](all []T, entry func(T) Entry, key func(Entry) string) (map[string]T, error) {
	byKey := make(map[string]T, len(all))
	for _, one := range all {
		if other, ambiguous := byKey[key(entry(one))]; ambiguous {
			return nil, fmt.Errorf("%s and %s have the same id; put the predictions into folders named as those of the labels",
				entry(other).Location, entry(one).Location)
		}
		byKey[key(entry(one))] = one
	}
	return byKey, nil
}

// mismatches gathers why stays cannot be paired.
type mismatches struct{ withoutPredictions, withoutLabels, rows []string }

func (m *mismatches) check(label Labels, prediction Predictions, found bool) bool {
	if !found {
		m.withoutPredictions = append(m.withoutPredictions, label.Location)
		return false
	}
	if len(label.Labels) != len(prediction.Predictions) {
		m.rows = append(m.rows, fmt.Sprintf("%s has %d rows, but %s has %d", label.Location, len(label.Labels), prediction.Location, len(prediction.Predictions)))
		return false
	}
	return true
}

func (m *mismatches) err() error {
	var parts []error
	for _, part := range []struct {
		what  string
		names []string
	}{
		{"labels without predictions", m.withoutPredictions},
		{"predictions without labels", m.withoutLabels},
		{"row counts differ", m.rows},
	} {
		if len(part.names) > 0 {
			parts = append(parts, fmt.Errorf("%s (%d): %s", part.what, len(part.names), someOf(part.names)))
		}
	}
	return errors.Join(parts...)
}

// someOf names the first few.
func someOf(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
