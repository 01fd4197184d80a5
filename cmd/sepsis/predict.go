package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
)

type predictCommand struct {
	Data    []string `required:"" sep:"none" type:"paths" placeholder:"PATH" help:"Recorded stays, one path or more: .psv, .csv, .parquet or .ndjson, a folder or .zip of such files, or - for standard input."`
	From    string   `enum:",csv,ndjson,parquet,psv" default:"" placeholder:"FORMAT" help:"What standard input holds: csv, ndjson, parquet or psv."`
	Out     string   `required:"" placeholder:"PATH" help:"A .csv, .ndjson or .parquet file, or - for standard output; or a folder for a .psv for each stay, in a folder for each hospital when there are several."`
	Format  string   `enum:",csv,ndjson,parquet,psv,fhir" default:"" placeholder:"FORMAT" help:"csv, ndjson, parquet, or psv, which needs a folder; if not named, by the ending of --out. fhir: the data are folders of a FHIR bulk export (NDJSON); --out is a folder for predictions.csv and left_out.csv, which tells what was not used."`
	Explain bool     `help:"Add what raises and lowers the risk of each hour; not for psv. It takes some ten times as long."`
	Last    bool     `help:"Predict the last hour of each stay only; not for psv."`
	Model   string   `type:"existingfile" placeholder:"FILE" help:"Model file; the embedded one if none is named."`
	Threads int      `default:"0" help:"Threads; 0 uses all processors. It does not change the result."`
}

// Run predicts each hour of each stay from that hour and the earlier ones. Memory does not grow with the input, but for a few bytes a stay.
func (c predictCommand) Run(ctx context.Context) error {
	if c.Format == fhirFormat {
		return c.runFHIR(ctx)
	}
	format := c.format()
	if format != psvFormat {
		return c.writeTable(ctx, format)
	}
	if c.Explain || c.Last {
		return errors.New("predict: psv holds no explanation and every hour; name another --format, or a file with --out")
	}
	if err := c.needFolder(); err != nil {
		return err
	}
	for _, path := range c.Data {
		if format := ending(path); path == standard || format != "" && format != psvFormat {
			return fmt.Errorf("predict: %s: a .psv for each stay is written of folders, .zip and .psv only; name another --format, or a file with --out", path)
		}
	}
	return c.writeFolder(ctx)
}

// writeFolder writes a file for each stay.
func (c predictCommand) writeFolder(ctx context.Context) (err error) {
	started := time.Now()
	predictor, err := openModel(c.Model)
	if err != nil {
		return err
	}
	cohort, err := challenge.Open(c.Data...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	work := &prediction{predictor: predictor, cohort: cohort, out: c.Out, nested: hospitals(cohort) > 1}
	if err := work.folders(); err != nil {
		return err
	}
	if err := work.run(ctx, threads(c.Threads)); err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	return work.conclude(time.Since(started))
}

func hospitals(cohort *challenge.Cohort) int {
	names := map[string]bool{}
	for i := range cohort.Len() {
		names[cohort.Entry(i).Hospital] = true
	}
	return len(names)
}

// prediction is one run over a cohort.
type prediction struct {
	predictor *model.Model
	cohort    *challenge.Cohort
	out       string
	nested    bool // a folder for each hospital
	bars      *stages
	tally
}

// folders makes the folders, and refuses to write over what is to be read.
func (p *prediction) folders() error {
	made := map[string]bool{}
	for i := range p.cohort.Len() {
		entry := p.cohort.Entry(i)
		if folder := p.folder(entry); !made[folder] {
			made[folder] = true
			if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // as any command writes its output
				return err
			}
		}
		if sameFile(entry.Location, p.file(entry)) {
			return fmt.Errorf("predict: %s would be written over: name another folder with --out", entry.Location)
		}
	}
	return nil
}

func (p *prediction) file(entry challenge.Entry) string {
	return filepath.Join(p.folder(entry), entry.ID+".psv")
}

func (p *prediction) folder(entry challenge.Entry) string {
	if p.nested {
		return filepath.Join(p.out, entry.Hospital)
	}
	return p.out
}

// run writes the files. It ends at the first one that cannot be written, since there is no use in trying thousands more.
func (p *prediction) run(ctx context.Context, threads int) error {
	p.bars = newStages()
	defer p.bars.finish()
	i := 0
	return inSequence(ctx, threads, func() (func() predictedFile, error) {
		if i == p.cohort.Len() {
			return nil, io.EOF
		}
		i++
		at := i - 1
		return func() predictedFile { return p.stay(at) }, nil
	}, p.keep)
}

// predictedFile is what became of one stay.
type predictedFile struct {
	notes           inputNotes
	hours, positive int
	wrong           error // with the stay
	unwritten       error
}

// keep counts what became of the next stay.
func (p *prediction) keep(f predictedFile) error {
	p.stays++
	p.hours += f.hours
	p.positive += f.positive
	p.notes.merge(f.notes)
	p.bars.showHours("predicting", p.stays, p.cohort.Len(), p.hours)
	if f.wrong != nil {
		p.fail(f.wrong)
	}
	return f.unwritten
}

// stay predicts one stay and writes its file, a row for each of its rows.
func (p *prediction) stay(i int) predictedFile {
	record, err := p.cohort.ReadToPredict(i)
	if err != nil {
		return predictedFile{wrong: err}
	}
	risks := p.predictor.Trajectory(&record.Stay)
	result := predictedFile{notes: notesOf(&record), hours: len(risks)}
	probabilities, labels := make([]float64, len(risks)), make([]bool, len(risks))
	for hour, risk := range risks {
		probabilities[hour], labels[hour] = risk.Probability, risk.Label == sepsis.Positive
		if labels[hour] {
			result.positive++
		}
	}
	var file bytes.Buffer
	if result.unwritten = challenge.WritePredictions(&file, probabilities, labels); result.unwritten == nil {
		result.unwritten = atomicfile.Write(p.file(p.cohort.Entry(i)), file.Bytes())
	}
	return result
}

// conclude says what was done.
func (p *prediction) conclude(elapsed time.Duration) error {
	p.tell(os.Stdout, elapsed)
	if p.failed > 0 {
		return incompleteError{failed: p.failed, stays: p.stays}
	}
	return nil
}
