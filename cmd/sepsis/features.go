package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/featurefile"
	"github.com/medtech-detect/sepsis/model"
)

// foldFlags say how stays are dealt into folds; an export and the import of what was trained on it must say the same.
type foldFlags struct {
	Folds int    `default:"5" help:"Folds that the stays are dealt into, by hospital and outcome."`
	Seed  uint64 `default:"1" help:"Start of all random choices."`
}

func (f foldFlags) words() []string {
	return []string{fmt.Sprintf("--folds %d --seed %d", f.Folds, f.Seed)}
}

type featuresCommand struct {
	cohortFlags
	foldFlags
	Out string `required:"" placeholder:"FILE" help:"Parquet file to write."`
}

// Run writes the features of all stays, in parts; the file gets its name at the end.
func (c featuresCommand) Run(ctx context.Context) error {
	if err := model.CheckFolds(c.Folds); err != nil {
		return fmt.Errorf("features: --folds: %w", err)
	}
	if err := c.checkOutputs(outputs{written: []outputPath{{outOption, c.Out}}}); err != nil {
		return fmt.Errorf("features: %w", err)
	}
	bars := newStages()
	stays, provenance, err := c.readHourly(ctx, bars)
	if err != nil {
		return err
	}
	if err := model.RefuseCopies(stays); err != nil {
		return fmt.Errorf("features: %w", err)
	}
	schema := featurefile.Schema{
		Folds: c.Folds, Seed: c.Seed, Synthetic: provenance.Synthetic, Data: provenance.DataDigest, Program: "sepsis " + programVersion(),
	}
	file, err := atomicfile.Create(c.Out)
	if err != nil {
		return fmt.Errorf("features: %w", err)
	}
	buffered := bufio.NewWriterSize(file, 1<<20)
	counts, err := featurefile.Write(ctx, buffered, stays, schema, threads(c.Threads), func(done int) { bars.show("features", done, len(stays)) })
	bars.finish()
	if err := errors.Join(err, buffered.Flush()); err != nil {
		return errors.Join(err, file.Discard())
	}
	if err := file.Keep(); err != nil {
		return fmt.Errorf("features: %w", err)
	}
	fmt.Printf("%s: %d rows, %d of them snapshots and %d bedside hours, %d columns, from %d stays in %d folds\n", c.Out, counts.Rows, counts.Snapshots, counts.Bedside, counts.Columns, len(stays), c.Folds)
	return nil
}
