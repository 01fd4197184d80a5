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
	out := &bulkPredictions{predictor: predictor}
	if err := out.create(c.Out); err != nil {
		return err
	}
	for _, folder := range c.Data {
		if err := out.folder(ctx, folder); err != nil {
			return errors.Join(fmt.Errorf("predict: %s: %w", folder, err), out.close())
		}
	}
	if err := out.close(); err != nil {
		return err
	}
	fmt.Printf("%d stays, %d hours, %d positive, %d not predicted, in %s\n", out.stays, out.hours, out.positive, out.refused,
		time.Since(started).Round(10*time.Millisecond))
	if out.refused > 0 {
		return incompleteError{failed: out.refused, stays: out.stays + out.refused}
	}
	return nil
}

// bulkPredictions writes what is foreseen, and what was left out.
type bulkPredictions struct {
	predictor                       sepsis.Predictor
	files                           []*os.File
	predictions, leftOut            *csv.Writer
	stays, hours, positive, refused int
}

func (p *bulkPredictions) create(folder string) error {
	for name, columns := range map[string][]string{
		"predictions.csv": {"patient", "encounter", "icu_hour", "probability", "prediction", "alert", "reliability"},
		"left_out.csv":    {"patient", "encounter", "place", "reason", "message"},
	} {
		file, err := os.Create(filepath.Join(folder, name)) //nolint:gosec // the folder is the caller's
		if err != nil {
			return err
		}
		p.files = append(p.files, file)
		writer := csv.NewWriter(file)
		if err := writer.Write(columns); err != nil {
			return err
		}
		if name == "predictions.csv" {
			p.predictions = writer
		} else {
			p.leftOut = writer
		}
	}
	return nil
}

func (p *bulkPredictions) close() error {
	var errs []error
	for _, writer := range []*csv.Writer{p.predictions, p.leftOut} {
		writer.Flush()
		errs = append(errs, writer.Error())
	}
	for _, file := range p.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}

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
