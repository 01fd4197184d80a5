package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/fhir"
)

// fhirFormat is the value of --format that reads FHIR bulk exports.
const fhirFormat = "fhir"

// runFHIR predicts each hour with values of each stay of FHIR bulk exports. Values that cannot be true are left out, as
// in recorded cohorts; left_out.csv names everything that was not used.
func (c predictCommand) runFHIR(ctx context.Context) error {
	if c.Explain || c.Last || c.From != "" {
		return errors.New("predict: --format fhir holds no explanation and every hour, and reads folders: leave out --explain, --last and --from")
	}
	if err := c.needFolder(); err != nil {
		return err
	}
	started := time.Now()
	predictor, err := openModel(c.Model)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil { //nolint:gosec // as any command writes its output
		return err
	}
	out, err := createBulk(c.Out, predictor)
	if err != nil {
		return err
	}
	for _, folder := range c.Data {
		if err := out.folder(ctx, folder); err != nil {
			return errors.Join(fmt.Errorf("predict: %s: %w", folder, err), out.discard())
		}
	}
	if err := out.keep(); err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	fmt.Printf("%d stays, %d hours, %d positive, %d not predicted, in %s\n", out.stays, out.hours, out.positive, out.refused,
		time.Since(started).Round(10*time.Millisecond))
	if out.refused+out.empty+out.damaged > 0 {
		return incompleteError{failed: out.refused, stays: out.stays + out.refused, empty: out.empty, damaged: out.damaged}
	}
	return nil
}

// bulkPredictions writes what is foreseen, and what was left out.
type bulkPredictions struct {
	predictor                       sepsis.Predictor
	predictions, leftOut            csvFile
	stays, hours, positive, refused int
	empty, damaged                  int // exports without a Patient, and lines that are no JSON
}

func createBulk(folder string, predictor sepsis.Predictor) (*bulkPredictions, error) {
	predictions, err := createCSV(filepath.Join(folder, "predictions.csv"), "patient", "encounter", "icu_hour", "probability", "prediction", "alert", "reliability")
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	leftOut, err := createCSV(filepath.Join(folder, "left_out.csv"), "patient", "encounter", "place", "reason", "message")
	if err != nil {
		return nil, fmt.Errorf("predict: %w", errors.Join(err, predictions.discard()))
	}
	return &bulkPredictions{predictor: predictor, predictions: predictions, leftOut: leftOut}, nil
}

func (p *bulkPredictions) keep() error { return errors.Join(p.predictions.keep(), p.leftOut.keep()) }

func (p *bulkPredictions) discard() error {
	return errors.Join(p.predictions.discard(), p.leftOut.discard())
}

// csvFile is a table that is there whole or not at all.
type csvFile struct {
	*csv.Writer
	file atomicfile.File
}

func createCSV(path string, columns ...string) (csvFile, error) {
	file, err := atomicfile.Create(path)
	if err != nil {
		return csvFile{}, err
	}
	table := csvFile{csv.NewWriter(file), file}
	if err := table.Write(columns); err != nil {
		return csvFile{}, errors.Join(err, file.Discard())
	}
	return table, nil
}

func (f csvFile) keep() error {
	f.Flush()
	if err := f.Error(); err != nil {
		return errors.Join(err, f.discard())
	}
	return f.file.Keep()
}

func (f csvFile) discard() error { return f.file.Discard() }

func (p *bulkPredictions) folder(ctx context.Context, path string) (err error) {
	bulk, err := fhir.OpenBulk(os.DirFS(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bulk.Close()) }()
	bars := newStages()
	defer bars.finish()
	for _, skipped := range bulk.Skipped {
		if err := p.leave("", "", skipped.Path, string(skipped.Reason), skipped.Message); err != nil {
			return err
		}
	}
	p.damaged += bulk.Damaged
	if bulk.Len() == 0 {
		p.empty++
		if err := p.leave("", "", path, string(sepsis.MissingField), "no Patient is in it"); err != nil {
			return err
		}
	}
	for i := range bulk.Len() {
		if err := ctx.Err(); err != nil {
			return err
		}
		readings, err := bulk.Stays(i)
		if err != nil {
			return err
		}
		for _, reading := range readings {
			if err := p.stay(bulk.Patient(i), reading); err != nil {
				return err
			}
		}
		bars.showHours("predicting "+path, i+1, bulk.Len(), p.hours)
	}
	return nil
}

// stay writes a row for each hour with values, or why there is none.
func (p *bulkPredictions) stay(patient string, reading *fhir.Reading) error {
	for _, ignored := range reading.Ignored {
		if err := p.leave(patient, reading.Encounter, ignored.Path, string(ignored.Reason), ignored.Message); err != nil {
			return err
		}
	}
	for _, problem := range reading.Problems {
		if err := p.leave(patient, reading.Encounter, problem.Location, string(problem.Code), problem.Message); err != nil {
			return err
		}
	}
	if len(reading.Problems) > 0 {
		p.refused++
		return nil
	}
	p.stays++
	past := reading.Stay
	for i, risk := range p.predictor.Trajectory(&reading.Stay) {
		past.Observations = reading.Stay.Observations[:i+1]
		p.hours++
		if risk.Label == sepsis.Positive {
			p.positive++
		}
		if err := p.predictions.Write([]string{
			patient, reading.Encounter, strconv.Itoa(risk.Hour), strconv.FormatFloat(risk.Probability, 'g', -1, 64), string(risk.Label), strconv.FormatBool(risk.Alert),
			string(p.predictor.Reliability(&past).Level),
		}); err != nil {
			return err
		}
	}
	return nil
}

func (p *bulkPredictions) leave(patient, encounter, place, reason, message string) error {
	return p.leftOut.Write([]string{patient, encounter, place, reason, message})
}
