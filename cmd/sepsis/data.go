package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/challenge"
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
	Data    []string `arg:"" help:"Folder, .zip or .psv of recorded stays."`
	Threads int      `default:"0" help:"Threads; 0 uses all processors."`
}

// Run reads everything once.
func (c dataCheckCommand) Run(ctx context.Context) (err error) {
	cohort, err := challenge.Open(c.Data...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	bars := newStages()
	_, cleaning, err := cohort.ReadAll(ctx, threads(c.Threads), func(done, total int) { bars.show("reading", done, total) })
	bars.finish()
	if err != nil {
		return err
	}
	_, err = cleaning.WriteTo(os.Stdout)
	return err
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
			return fmt.Errorf("data synth: interrupted (%w): %d of %d stays were written, each of them whole; to have all, remove %s and run the command again, which makes the same stays",
				err, written, 2*c.Stays, strings.Join(folders, " and "))
		}
		if err != nil {
			return err
		}
	}
	fmt.Printf("%d synthetic stays in %s\n", written, filepath.Clean(c.Out))
	return nil
}
