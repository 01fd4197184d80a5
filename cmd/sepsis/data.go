package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
)

type dataCommand struct {
	Fetch  dataFetchCommand  `cmd:"" help:"Download the Challenge's training sets from PhysioNet (about 40,000 files)."`
	Check  dataCheckCommand  `cmd:"" help:"Read recorded stays and report what cleaning did."`
	Synth  dataSynthCommand  `cmd:"" help:"Make up synthetic stays in the Challenge's format."`
	Report dataReportCommand `cmd:"" help:"Describe recorded stays: who, what, how often, how hospitals differ, when sepsis sets in."`

	Vocabulary vocabularyCommand `cmd:"" help:"Print the vocabulary as Markdown."`
}

type dataFetchCommand struct {
	Out      string   `required:"" placeholder:"DIR" help:"Folder for the files. Run again to resume."`
	From     string   `default:"${physionet}" help:"Where to get them: PhysioNet's file tree or a copy with the same layout."`
	Sets     []string `default:"training_setA,training_setB" help:"Which sets."`
	Parallel int      `default:"8" help:"Downloads at a time."`
}

// Run downloads, verifies and resumes.
func (c dataFetchCommand) Run(ctx context.Context) error {
	bars := newStages()
	report, err := challenge.Fetch(ctx, challenge.FetchOptions{
		BaseURL: c.From, Dir: c.Out, Sets: c.Sets, Parallel: c.Parallel,
		Progress: func(p challenge.FetchProgress) {
			bars.show("downloading", p.Files, p.TotalFiles)
		},
	})
	bars.finish()
	if err != nil {
		return err
	}
	fmt.Printf("%d files: %d downloaded (%d bytes), %d already there\n", report.Files, report.Downloaded, report.Bytes, report.AlreadyThere)
	return nil
}

type dataCheckCommand struct {
	Data    []string `arg:"" type:"paths" help:"Folder, .zip or .psv of recorded stays."`
	Threads int      `default:"0" help:"Threads; 0 uses all processors."`
}

// Run reads everything once, and names every file that is wrong: commands that learn end at the first one.
func (c dataCheckCommand) Run(ctx context.Context) (err error) {
	cohort, err := challenge.Open(c.Data...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	check := dataCheck{cohort: cohort, bars: newStages()}
	err = inSequence(ctx, threads(c.Threads), check.next, check.keep)
	check.bars.finish()
	if err != nil {
		return err
	}
	return check.conclude(os.Stdout)
}

// dataCheck is one run over a cohort.
type dataCheck struct {
	cohort      *challenge.Cohort
	bars        *stages
	begun       int
	done, wrong int // stays
	cleaning    challenge.Cleaning
	gaps        challenge.Gaps
	together    model.CohortCheck
}

// checkedStay is what is known of one stay.
type checkedStay struct {
	challenge.Record
	wrong error
}

func (c *dataCheck) next() (func() checkedStay, error) {
	if c.begun == c.cohort.Len() {
		return nil, io.EOF
	}
	c.begun++
	at := c.begun - 1
	return func() checkedStay {
		record, err := c.cohort.Read(at)
		return checkedStay{record, err}
	}, nil
}

func (c *dataCheck) keep(stay checkedStay) error {
	c.done++
	c.bars.show("reading", c.done, c.cohort.Len())
	if stay.wrong != nil {
		c.wrong++
		fmt.Fprintln(os.Stderr, stay.wrong)
		return nil
	}
	c.cleaning.Merge(stay.Cleaning)
	c.gaps.Add(&stay.LabelledStay)
	c.together.Add(&stay.LabelledStay)
	return nil
}

// refused is why these stays are fit to be predicted only, by what refuses them elsewhere.
func (c *dataCheck) refused() error {
	return errors.Join(c.gaps.Err(), cmp.Or(c.together.Err(), c.together.Enough(model.DefaultOptions().Folds)))
}

// conclude writes what cleaning did to the stays that are not wrong, and whether they can be learnt from.
func (c *dataCheck) conclude(out io.Writer) error {
	if _, err := c.cleaning.WriteTo(out); err != nil {
		return err
	}
	if why := c.refused(); why != nil {
		if _, err := fmt.Fprintf(out, "sepsis train refuses these stays; sepsis predict does not:\n%v\n", why); err != nil {
			return err
		}
	}
	if c.wrong > 0 {
		return fmt.Errorf("data check: %d of %d stays are wrong, and not counted above: mend these files, or leave them out", c.wrong, c.done)
	}
	return nil
}

type dataSynthCommand struct {
	Out         string  `required:"" placeholder:"DIR" help:"Folder for the stays; two hospitals are made in it."`
	Stays       int     `default:"500" help:"Stays in each hospital."`
	Seed        uint64  `default:"1" help:"Start of all random choices."`
	SepticShare float64 `default:"0.08" help:"Chance of a stay to be septic."`
}

// Run writes two synthetic hospitals.
func (c dataSynthCommand) Run(ctx context.Context) error {
	written := 0
	var folders []string
	for i, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
		options := challenge.SynthOptions{Stays: c.Stays, Seed: c.Seed + uint64(i), SepticShare: c.SepticShare, Hospital: hospital} //nolint:gosec // 0 or 1
		folders = append(folders, filepath.Join(c.Out, hospital))
		stays, err := challenge.WriteCohort(ctx, c.Out, options)
		written += stays
		if err != nil && errors.Is(err, ctx.Err()) {
			return fmt.Errorf("data synth: %w: %d of %d stays were written, each of them whole; to have all, remove %s and run the command again, which makes the same stays",
				err, written, 2*c.Stays, strings.Join(folders, " and "))
		}
		if err != nil {
			return err
		}
	}
	fmt.Printf("%d synthetic stays in %s\n", written, filepath.Clean(c.Out))
	return nil
}
