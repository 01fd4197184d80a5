package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/families"
	"github.com/medtech-detect/sepsis/model"
)

type compareCommand struct {
	cohortFlags
	Sample int    `default:"0" placeholder:"N" help:"At most so many stays of each hospital; 0 takes all."`
	Out    string `placeholder:"FILE" help:"Also write everything as JSON."`
	ADR    string `name:"adr" type:"existingfile" placeholder:"FILE" help:"Markdown file in which the tables replace what stands between <!-- figures --> and <!-- /figures -->."`
	Seed   uint64 `default:"1" help:"Start of all random choices."`
	Trees  int    `default:"0" help:"Trees of the random forest; 0 keeps its default."`
	recipeFlags
}

// littleGarbage is by how many percent of what is in use memory may grow before it is cleared up. The comparison holds
// a few tables of gigabytes, which cost nothing to look through: clearing up often is cheap and halves the memory.
const littleGarbage = 10

// comparison is what is written: the families, and what they were compared on.
type comparison struct {
	Command   string   `json:"command"`
	Version   string   `json:"version"` // of the program
	Data      []string `json:"data"`
	Digest    string   `json:"data_sha256"` // of all stays in the data, whether sampled or not
	Synthetic bool     `json:"synthetic"`
	Sample    int      `json:"sample,omitempty"` // at most so many stays of each hospital; 0: all
	GoVersion string   `json:"go_version"`
	*families.Comparison
}

// Run compares. What cannot be written in the end is refused at the start.
func (c compareCommand) Run(ctx context.Context) error {
	if c.Sample < 0 {
		return fmt.Errorf("compare: a sample of %d stays cannot be: give 1 or more, or 0 for all", c.Sample)
	}
	if err := c.checkOutputs(outputs{written: []outputPath{{outOption, c.Out}, {"--adr", c.ADR}}}); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	if _, err := c.refilled(""); err != nil {
		return err
	}
	debug.SetGCPercent(littleGarbage)
	bars := newStages()
	stays, provenance, err := c.readHourly(ctx, bars)
	if err != nil {
		return err
	}
	compared, err := families.Compare(ctx, c.familyOptions(evaluate.EvenSample(stays, c.Sample), bars))
	bars.finish()
	if err != nil {
		return err
	}
	made := comparison{c.command(), programVersion(), provenance.Data, provenance.DataDigest, provenance.Synthetic, c.Sample, provenance.GoVersion, compared}
	return c.write(made)
}

func (c compareCommand) familyOptions(stays []sepsis.LabelledStay, bars *stages) families.Options {
	forest := families.DefaultForest()
	forest.Trees = cmp.Or(c.Trees, forest.Trees)
	return families.Options{
		Training: model.Training{
			Stays: stays, Seed: c.Seed, Threads: threads(c.Threads), Options: c.options(),
			Progress: func(p model.Progress) { bars.show(p.Stage, p.Done, p.Total) },
		},
		Forest: forest, Linear: families.DefaultLinear(), Clock: time.Now,
	}
}

// command is the command that makes the same figures again, with file names in place of paths.
func (c compareCommand) command() string {
	words := append([]string{"sepsis compare"}, c.cohortFlags.words()...)
	words = append(words, fmt.Sprintf("--seed %d", c.Seed))
	words = append(words, option("sample", float64(c.Sample))...)
	words = append(words, option("trees", float64(c.Trees))...)
	return strings.Join(append(words, c.recipeFlags.words()...), " ")
}

func (c compareCommand) write(made comparison) error {
	_, unprinted := fmt.Print(made.markdown())
	if c.Out != "" {
		body, err := json.MarshalIndent(made, "", "  ")
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		if err := atomicfile.Write(c.Out, append(body, '\n')); err != nil {
			return err
		}
	}
	filled, err := c.refilled(made.markdown())
	if err != nil || filled == nil {
		return errors.Join(err, unprinted)
	}
	return errors.Join(atomicfile.Write(c.ADR, filled), unprinted)
}

// markdown is the tables, under what they were made of.
func (c comparison) markdown() string {
	var b strings.Builder
	if c.Synthetic {
		b.WriteString("**SYNTHETIC stays: these figures say nothing of real patients.**\n\n")
	}
	if c.Sample > 0 {
		fmt.Fprintf(&b, "**From a sample of at most %d stays of each hospital, for trying out; without `--sample` the command puts the figures of all stays here.**\n\n", c.Sample)
	}
	fmt.Fprintf(&b, "`%s`: %d stays, %d hours, %d features, %d folds, %d threads. In brackets: 95 %% bootstrap intervals over stays.\n\n%s",
		c.Command, c.Stays, c.Hours, c.Features, c.Folds, c.Threads, c.Table())
	return b.String()
}

// Markers of the part of a document that is made by this command.
const (
	figuresBegin = "<!-- figures -->"
	figuresEnd   = "<!-- /figures -->"
)

// refilled is the document with the tables; nil when none is named.
func (c compareCommand) refilled(tables string) ([]byte, error) {
	if c.ADR == "" {
		return nil, nil
	}
	filled, err := refilled(c.ADR, figuresBegin, figuresEnd, tables)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return filled, nil
}
