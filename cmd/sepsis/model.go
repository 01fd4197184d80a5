package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/medtech-detect/sepsis/evaluate"
	reportpage "github.com/medtech-detect/sepsis/evaluate/report"
	"github.com/medtech-detect/sepsis/model"
)

type modelCommand struct {
	Card        modelCardCommand        `cmd:"" help:"Print the model card, as JSON or as Markdown."`
	Documents   modelDocumentsCommand   `cmd:"" help:"Write the documents that an evaluation's report gives: model card, TRIPOD+AI checklist, figures of the front page."`
	Recalibrate modelRecalibrateCommand `cmd:"" help:"Fit calibration and thresholds to labelled stays of a site, without retraining, and write a new model."`
	Import      modelImportCommand      `cmd:"" help:"Make a model of trees that XGBoost or LightGBM trained on the columns of sepsis features."`
	Adapt       modelAdaptCommand       `cmd:"" help:"Learn the forecasts that need no label anew from stays of a site, without retraining, and write a new model. Labels in the files are not used."`
}

type modelCardCommand struct {
	Model  string `type:"existingfile" placeholder:"FILE" help:"Model file; the embedded one if none is named."`
	Format string `enum:"json,markdown,figures" default:"json" help:"json, markdown, or figures: the table of figures alone."`
	Report string `type:"existingfile" placeholder:"FILE" help:"Report of the model's evaluation (JSON), for the figures that the model does not carry; of the Markdown alone."`
	Served string `type:"existingfile" placeholder:"FILE" help:"Report of sepsis evaluate --studies served on the same stays, whose figures join those of --report."`
}

// Run prints the card.
func (c modelCardCommand) Run() error {
	if c.Format == "markdown" {
		return c.writeCard()
	}
	if c.Report != "" || c.Served != "" {
		return fmt.Errorf("model card: --report and --served are of no use with --format %s: ask for markdown", c.Format)
	}
	opened, err := openModel(c.Model)
	if err != nil {
		return err
	}
	if c.Format == "figures" {
		return writeFigures(opened)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, opened.Card(), "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, indented.String())
	return err
}

func writeFigures(m *model.Model) error {
	text, err := figures(m.Bundle())
	if err != nil {
		return err
	}
	_, err = fmt.Print(text)
	return err
}

// figures is the table of figures. Those of the model that was fitted to a site are named as such.
func figures(b *model.Bundle) (string, error) {
	if b.ParentEvidence == nil {
		return figureTable(b.Evidence)
	}
	parent := b.Parent
	table, err := figureTable(b.ParentEvidence)
	return fmt.Sprintf("These figures are of the parent model, %s %s (SHA-256 `%s`), with its own forecasts, calibration and thresholds.\n"+
		"None are known of this model: evaluate it on stays of the site that it was not fitted to.\n\n%s", parent.Name, parent.Version, parent.SHA256, table), err
}

func figureTable(raw json.RawMessage) (string, error) {
	var evidence evaluate.Evidence
	if err := json.Unmarshal(raw, &evidence); err != nil {
		return "", fmt.Errorf("the model carries no figures: %w", err)
	}
	return evidence.Table(), nil
}

// writeCard writes the card as a page.
func (c modelCardCommand) writeCard() error {
	var report *evaluate.Report
	if c.Report != "" {
		var err error
		if report, err = readReport(c.Report); err != nil {
			return err
		}
	}
	card, err := cardOf(c.Model, report)
	if err != nil {
		return err
	}
	switch {
	case report != nil:
		if report.Served, err = servedOf(c.Served, c.Model, report); err != nil {
			return err
		}
	case c.Served != "":
		return errors.New("model card: --served is of no use without --report: name that, too")
	}
	page, err := reportpage.ModelCard(card, report)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(page)
	return err
}
