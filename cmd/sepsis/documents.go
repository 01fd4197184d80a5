package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/evaluate"
	reportpage "github.com/medtech-detect/sepsis/evaluate/report"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/monitor"
)

type modelDocumentsCommand struct {
	Report string `required:"" type:"existingfile" placeholder:"FILE" help:"Report of the model's evaluation, as sepsis evaluate writes it in JSON."`
	Served string `type:"existingfile" placeholder:"FILE" help:"Report of sepsis evaluate --studies served on the same stays, whose figures join the others."`
	Docs   string `required:"" placeholder:"DIR" help:"Folder for model-card.md and tripod-ai.md."`
	Scores string `type:"path" placeholder:"FILE" help:"File for how the probabilities are distributed, which drift is told by (JSON)."`
	Shown  string `type:"path" placeholder:"FILE" help:"File for the curves and groups that the service shows of the model (JSON)."`
	Readme string `type:"existingfile" placeholder:"FILE" help:"Markdown file in which figures replace what stands between <!-- evidence --> and <!-- /evidence -->."`
	ADR    string `name:"adr" type:"existingfile" placeholder:"FILE" help:"Markdown file in which what forecasts are worth replaces what stands between the same lines."`
	Model  string `type:"existingfile" placeholder:"FILE" help:"Model file; the embedded one if none is named."`
}

// Markers of the part of a page that comes from the report.
const (
	evidenceBegin = "<!-- evidence -->"
	evidenceEnd   = "<!-- /evidence -->"
)

// Names of the documents.
const (
	cardFile      = "model-card.md"
	checklistFile = "tripod-ai.md"
)

// Run writes the documents, all from the report and the model alone.
func (c modelDocumentsCommand) Run() error {
	if err := c.outputs().check(); err != nil {
		return fmt.Errorf("model documents: %w", err)
	}
	report, err := readReport(c.Report)
	if err != nil {
		return err
	}
	made, err := c.made(report)
	if err != nil {
		return err
	}
	for path, content := range made {
		err = errors.Join(err, atomicfile.Write(path, content))
	}
	return err
}

func (c modelDocumentsCommand) outputs() outputs {
	return outputs{read: []string{c.Report, c.Served, c.Model}, written: []outputPath{
		{"--docs", filepath.Join(c.Docs, cardFile)},
		{"--docs", filepath.Join(c.Docs, checklistFile)},
		{"--scores", c.Scores},
		{"--shown", c.Shown},
		{"--readme", c.Readme},
		{"--adr", c.ADR},
	}}
}

// made are the documents by their paths.
func (c modelDocumentsCommand) made(report *evaluate.Report) (map[string][]byte, error) {
	card, err := cardOf(c.Model, report)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Report, err)
	}
	if report.Served, err = servedOf(c.Served, c.Model, report); err != nil {
		return nil, err
	}
	page, err := reportpage.ModelCard(card, report)
	if err != nil {
		return nil, err
	}
	made := map[string][]byte{
		filepath.Join(c.Docs, cardFile):      page,
		filepath.Join(c.Docs, checklistFile): reportpage.TripodApart(*report, card),
	}
	if c.Scores != "" {
		if made[c.Scores], err = scoresOf(report); err != nil {
			return nil, err
		}
	}
	if c.Shown != "" {
		if made[c.Shown], err = reportpage.EvidenceFile(report, card.ModelInfo); err != nil {
			return nil, err
		}
	}
	for path, figures := range map[string][]byte{c.Readme: reportpage.FrontPage(report), c.ADR: reportpage.ForecastsWorth(report)} {
		if path == "" {
			continue
		}
		if made[path], err = refilled(path, evidenceBegin, evidenceEnd, string(figures)); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// servedOf are the figures of a model's files as they are served, from a report of their own or, if no path is named, from the report.
func servedOf(path, modelPath string, report *evaluate.Report) (*evaluate.Evidence, error) {
	if path == "" {
		return report.Served, nil
	}
	own, err := readReport(path)
	if err != nil {
		return nil, err
	}
	if own.Served == nil {
		return nil, fmt.Errorf("%s: has no figures of files as they are served: run `sepsis evaluate --studies served`", path)
	}
	if _, err := cardOf(modelPath, own); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return own.Served, nil
}

// scoresOf is how the out-of-fold probabilities of all hospitals are distributed: the tenths of the calibration curve.
func scoresOf(report *evaluate.Report) ([]byte, error) {
	if len(report.Calibration) == 0 || report.AtHome == nil {
		return nil, errors.New("the report has no calibration curve: evaluate at home, too")
	}
	bins := report.Calibration[0].Bins
	scores := monitor.Scores{Note: noteOnScores(report), DataSHA256: report.Data.Digest, Threshold: report.AtHome.Threshold}
	for i, bin := range bins {
		if i > 0 {
			scores.Edges = append(scores.Edges, bin.Low)
		}
		scores.Hours = append(scores.Hours, bin.Hours)
	}
	text, err := json.MarshalIndent(scores, "", "  ")
	return append(text, '\n'), err
}

const scoresNote = "Made by `make documents` from docs/evidence.json: how many hours of the PhysioNet/CinC Challenge 2019 data (CC BY 4.0, " +
	"doi:10.13026/v64v-d857) have an out-of-fold probability between two edges. Counts alone, no row."

// noteOnScores says what the counts are of.
func noteOnScores(report *evaluate.Report) string {
	if report.Data.OfChallenge() {
		return scoresNote
	}
	return "Made by `sepsis model documents`: how many hours of " + strings.Join(report.Data.Names, ", ") + " have an out-of-fold probability between two edges. Counts alone, no row."
}

func readReport(path string) (*evaluate.Report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var report evaluate.Report
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, fmt.Errorf("%s: not what `sepsis evaluate` writes: %w", path, err)
	}
	if report.Format != evaluate.ReportFormat {
		return nil, fmt.Errorf("%s: a report of format %d, not %d: run `sepsis evaluate` again", path, report.Format, evaluate.ReportFormat)
	}
	return &report, nil
}

// cardOf is the card of a model, of the embedded one if none is named. With a report it must be that of the same
// recipe on the same stays, because the card takes figures from it.
func cardOf(path string, report *evaluate.Report) (*model.Card, error) {
	opened, err := openModel(path)
	if err != nil {
		return nil, err
	}
	var card model.Card
	if err := json.Unmarshal(opened.Card(), &card); err != nil {
		return nil, err
	}
	if report == nil {
		return &card, nil
	}
	return &card, belongs(report, &card.Training)
}

// belongs is an error unless the report's figures are of the training that the model comes from.
func belongs(report *evaluate.Report, training *model.Provenance) error {
	var recipe model.Options
	if err := json.Unmarshal(report.Options.Training, &recipe); err != nil {
		return fmt.Errorf("the report names no recipe: %w", err)
	}
	switch {
	case report.Data.Sample != 0:
		return fmt.Errorf("the report is of a sample of %d stays of each hospital: evaluate without --sample", report.Data.Sample)
	case report.Data.Digest != training.DataDigest:
		return fmt.Errorf("the report is of other data (SHA-256 %s) than the model learnt from (%s): evaluate on those", report.Data.Digest, training.DataDigest)
	case report.Options.Seed != training.Seed || !sameRecipe(recipe, training.Options):
		return errors.New("the report is of another recipe or seed than the model's: evaluate again")
	case training.FittedToSite():
		return errors.New("the report is of the model before it was fitted to a site: name that one")
	}
	return nil
}

// sameRecipe compares recipes as they are written.
func sameRecipe(a, b model.Options) bool {
	first, err := json.Marshal(a)
	second, err2 := json.Marshal(b)
	return errors.Join(err, err2) == nil && bytes.Equal(first, second)
}
