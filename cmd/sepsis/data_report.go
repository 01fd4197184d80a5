package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/describe"
)

type dataReportCommand struct {
	cohortFlags
	Out  string `required:"" placeholder:"DIR" help:"Folder for index.html, data.json and findings.md."`
	Docs string `type:"existingfile" placeholder:"FILE" help:"Markdown page whose generated parts are filled in again."`
}

// Names of what is written into the folder.
const (
	pageFile     = "index.html"
	figuresFile  = "data.json"
	findingsFile = "findings.md"
)

func (c dataReportCommand) outputs() outputs {
	o := outputs{folders: []string{filepath.Clean(c.Out)}, written: []outputPath{{"--docs", c.Docs}}}
	for _, name := range []string{pageFile, figuresFile, findingsFile} {
		o.written = append(o.written, outputPath{outOption, filepath.Join(c.Out, name)})
	}
	return o
}

// Run describes the stays and writes the report.
func (c dataReportCommand) Run(ctx context.Context) (err error) {
	if err := c.checkOutputs(c.outputs()); err != nil {
		return fmt.Errorf("data report: %w", err)
	}
	cohort, err := challenge.Open(c.Data...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	bars := newStages()
	report, err := describe.Read(ctx, cohort, threads(c.Threads), func(done, total int) { bars.show("reading", done, total) })
	bars.finish()
	if err != nil {
		return err
	}
	if err := c.write(report); err != nil {
		return err
	}
	fmt.Printf("%d stays described in %s\n", cohort.Len(), filepath.Join(c.Out, pageFile))
	return nil
}

func (c dataReportCommand) write(report *describe.Report) error {
	page, err := report.HTML()
	if err != nil {
		return err
	}
	figures, err := report.JSON()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil { //nolint:gosec // a report is no secret
		return err
	}
	err = errors.Join(
		atomicfile.Write(filepath.Join(c.Out, pageFile), page),
		atomicfile.Write(filepath.Join(c.Out, figuresFile), figures),
		atomicfile.Write(filepath.Join(c.Out, findingsFile), report.FindingsPage()))
	if err != nil || c.Docs == "" {
		return err
	}
	return c.refill(report)
}

// refill brings the tables of a page up to date.
func (c dataReportCommand) refill(report *describe.Report) error {
	page, err := os.ReadFile(c.Docs)
	if err != nil {
		return err
	}
	filled, err := describe.Refill(page, report.Findings())
	if err != nil {
		return fmt.Errorf("%s: %w", c.Docs, err)
	}
	return atomicfile.Write(c.Docs, filled)
}
