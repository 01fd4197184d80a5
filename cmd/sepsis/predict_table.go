package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/table"
)

// psvFormat is a file in the Challenge's form for each stay.
const psvFormat table.Format = "psv"

// standard names standard input and standard output.
const standard = "-"

// endings tell formats by names of files.
var endings = map[string]table.Format{".psv": psvFormat, ".csv": table.CSV, ".ndjson": table.NDJSON, ".jsonl": table.NDJSON, ".parquet": table.Parquet}

func ending(path string) table.Format { return endings[strings.ToLower(filepath.Ext(path))] }

// format is the one that was named, or that the output's name tells. A name that tells none is that of a folder.
func (c predictCommand) format() table.Format {
	switch {
	case c.Format != "":
		return table.Format(c.Format)
	case ending(c.Out) != "":
		return ending(c.Out)
	case c.Out == standard:
		return table.CSV
	}
	return psvFormat
}

// maxTold is how many stays that could not be predicted are told of one by one.
const maxTold = 20

// incompleteError says that some stays were predicted and others not, that inputs held none, or that lines of bulk exports are damaged.
type incompleteError struct{ failed, stays, empty, damaged int }

func (e incompleteError) Error() string {
	var parts []string
	if e.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d stays could not be predicted", e.failed, e.stays))
	}
	if e.failed > 0 && e.failed < e.stays {
		parts = append(parts, "the others were")
	}
	if e.failed > maxTold {
		parts = append(parts, fmt.Sprintf("the first %d are named above", maxTold))
	}
	if e.empty > 0 {
		parts = append(parts, fmt.Sprintf("no stay was in %d of the inputs", e.empty))
	}
	if e.damaged > 0 {
		parts = append(parts, fmt.Sprintf("%d lines are damaged, and what they held is missing from the stays; left_out.csv names them", e.damaged))
	}
	return "predict: " + strings.Join(parts, "; ")
}

// tally is what became of the stays of a run.
type tally struct {
	notes           inputNotes
	stays, failed   int // stays, the failed among them
	hours, positive int
}

// fail counts a stay that could not be predicted, and tells the first ones.
func (t *tally) fail(why error) {
	if t.failed++; t.failed <= maxTold {
		fmt.Fprintln(os.Stderr, why)
	}
}

// tell says what was done, and on standard error what is to be known of the input.
func (t *tally) tell(out io.Writer, elapsed time.Duration) {
	t.notes.tell(os.Stderr)
	_, _ = fmt.Fprintf(out, "%d stays, %d hours, %d positive, in %s (%.0f hours a second)\n", t.stays-t.failed,
		t.hours, t.positive, elapsed.Round(10*time.Millisecond), float64(t.hours)/elapsed.Seconds())
}

// tableRun is one run that writes one table.
type tableRun struct {
	predictCommand
	predictor *model.Model
	writer    table.Writer
	bars      *stages
	stage     string          // what the bars count
	seen      *table.Patients // of all tables
	empty     int             // inputs without a stay
	cameBack  int             // of the failed, those of patients who were there before
	tally
}

// writeTable writes the predictions of all stays, in their order.
func (c predictCommand) writeTable(ctx context.Context, format table.Format) (err error) {
	started := time.Now()
	predictor, err := openModel(c.Model)
	if err != nil {
		return err
	}
	given, err := c.inputs()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, given.archives.Close()) }()
	for _, passed := range given.passed {
		fmt.Fprintln(os.Stderr, passed)
	}
	out, err := c.create(given)
	if err != nil {
		return err
	}
	run, err := c.run(ctx, predictor, given, format, out)
	if err != nil {
		return errors.Join(fmt.Errorf("predict: %w", err), out.discard())
	}
	if err := out.keep(); err != nil {
		return err
	}
	return run.conclude(time.Since(started))
}

// run writes the table.
func (c predictCommand) run(ctx context.Context, predictor *model.Model, given inputs, format table.Format, out io.Writer) (*tableRun, error) {
	bars := newStages()
	defer bars.finish()
	patients, err := given.survey(ctx, bars)
	if err != nil {
		return nil, err
	}
	var names []string
	if c.Explain {
		names = model.Explained()
	}
	writer, err := table.NewWriter(format, out, names)
	if err != nil {
		return nil, err
	}
	run := &tableRun{predictCommand: c, predictor: predictor, writer: writer, bars: bars, seen: patients}
	return run, errors.Join(run.all(ctx, given), writer.Close())
}

// conclude says what was done, on standard error.
func (r *tableRun) conclude(elapsed time.Duration) error {
	r.tell(os.Stderr, elapsed)
	if r.cameBack > 0 {
		fmt.Fprintf(os.Stderr, "%d times a patient came back after others, or in another file: what is written of them is of their earlier rows alone, and the last hour of it is not theirs\n", r.cameBack)
	}
	if r.failed > 0 || r.empty > 0 {
		return incompleteError{failed: r.failed, stays: r.stays, empty: r.empty}
	}
	return nil
}

// all predicts one input after the other; what package challenge reads is one input.
func (r *tableRun) all(ctx context.Context, given inputs) error {
	if len(given.cohort) > 0 {
		if err := r.cohort(ctx, given.cohort); err != nil {
			return err
		}
	}
	for _, input := range given.tables {
		if err := r.input(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

// cohort predicts recorded stays in files.
func (r *tableRun) cohort(ctx context.Context, paths []string) (err error) {
	cohort, err := challenge.Open(paths...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	r.stage = "predicting"
	i := 0
	return inSequence(ctx, threads(r.Threads), func() (func() predicted, error) {
		if i == cohort.Len() {
			return nil, io.EOF
		}
		i++
		at := i
		return func() predicted {
			record, err := cohort.ReadToPredict(at - 1)
			return r.predict(record, err, at, cohort.Len())
		}, nil
	}, r.keep)
}

// input predicts the stays of a table or of newline-delimited JSON.
func (r *tableRun) input(ctx context.Context, input tableInput) (err error) {
	reader, content, err := input.read(r.seen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	r.stage = "predicting " + input.Location
	before := r.stays
	err = inSequence(ctx, threads(r.Threads), func() (func() predicted, error) {
		record, err := reader.Next()
		if _, ofStay := errors.AsType[*table.StayError](err); err != nil && !ofStay {
			return nil, err
		}
		done, total := reader.Progress()
		return func() predicted { return r.predict(record, err, done, total) }, nil
	}, r.keep)
	if err == nil && r.stays == before && !table.OnlyRefused(reader) {
		r.empty++
		fmt.Fprintf(os.Stderr, "%s: no stay is in it\n", input.Location)
	}
	return err
}

// predicted is what became of one stay.
type predicted struct {
	predictions []table.Prediction
	notes       inputNotes
	err         error // why there is no prediction
	done, total int   // of the input
}

func (r *tableRun) predict(record challenge.Record, err error, done, total int) predicted {
	p := predicted{err: err, done: done, total: total}
	if err != nil {
		return p
	}
	p.notes = notesOf(&record)
	var risks []sepsis.Risk
	if r.Last {
		risks = []sepsis.Risk{r.predictor.Predict(&record.Stay)}
	} else {
		risks = r.predictor.Trajectory(&record.Stay)
	}
	first := len(record.Observations) - len(risks)
	past := record.Stay
	for i, risk := range risks {
		past.Observations = record.Observations[:first+i+1]
		prediction := table.Prediction{
			PatientID: record.ID, Hospital: record.Hospital, Risk: risk, Reliability: r.predictor.Reliability(&past).Level,
		}
		if r.Explain {
			_, explanation := r.predictor.Explain(&past)
			prediction.Explanation = &explanation
		}
		p.predictions = append(p.predictions, prediction)
	}
	return p
}

// keep writes what became of the next stay.
func (r *tableRun) keep(p predicted) error {
	r.stays++
	r.bars.showHours(r.stage, p.done, p.total, r.hours+len(p.predictions))
	if p.err != nil {
		if wrong, ofStay := errors.AsType[*table.StayError](p.err); ofStay && wrong.CameBack {
			r.cameBack++
		}
		r.fail(p.err)
		return nil
	}
	r.notes.merge(p.notes)
	r.hours += len(p.predictions)
	for i := range p.predictions {
		if p.predictions[i].Risk.Label == sepsis.Positive {
			r.positive++
		}
	}
	return r.writer.Write(p.predictions)
}
