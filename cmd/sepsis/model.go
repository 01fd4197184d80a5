package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

type modelCommand struct {
	Card        modelCardCommand        `cmd:"" help:"Print the model card, as JSON or as Markdown."`
	Recalibrate modelRecalibrateCommand `cmd:"" help:"Fit calibration and thresholds to labelled stays of a site, without retraining, and write a new model."`
}

type modelCardCommand struct {
	Model  string `type:"existingfile" placeholder:"FILE" help:"Model file; the embedded one if none is named."`
	Format string `enum:"json,markdown,figures" default:"json" help:"json, markdown, or figures: the table of figures alone."`
}

// Run prints the card.
func (c modelCardCommand) Run() error {
	opened, err := openModel(c.Model)
	if err != nil {
		return err
	}
	switch c.Format {
	case "markdown":
		return writeCard(opened)
	case "figures":
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
	fmt.Print(text)
	return nil
}

// figures is the table of figures. Those of the model that was recalibrated are named as such.
func figures(b *model.Bundle) (string, error) {
	if b.ParentEvidence == nil {
		return figureTable(b.Evidence)
	}
	parent := b.Provenance.Recalibrations[0].Parent
	table, err := figureTable(b.ParentEvidence)
	return fmt.Sprintf("These figures are of the parent model, %s %s (SHA-256 `%s`), with its own calibration and thresholds.\n"+
		"None are known of this model: evaluate it on stays of the site that it was not fitted to.\n\n%s", parent.Name, parent.Version, parent.SHA256, table), err
}

func figureTable(raw json.RawMessage) (string, error) {
	var evidence evaluate.Evidence
	if err := json.Unmarshal(raw, &evidence); err != nil {
		return "", fmt.Errorf("the model carries no figures: %w", err)
	}
	return evidence.Table(), nil
}

// writeCard writes the card as a page; every figure comes from the bundle.
func writeCard(m *model.Model) error {
	var card model.Card
	if err := json.Unmarshal(m.Card(), &card); err != nil {
		return err
	}
	var evidence evaluate.Evidence
	if err := json.Unmarshal(evidenceOf(&card), &evidence); err != nil {
		return fmt.Errorf("the model carries no figures: %w", err)
	}
	table, err := figures(m.Bundle())
	if err != nil {
		return err
	}
	fmt.Printf("# Model card: %s %s\n\n%s\n\n**%s**\n\n", card.Name, card.Version, card.Summary, card.Status)
	fmt.Printf("## Intended use\n\n%s\n\n## Limits\n\n", card.IntendedUse)
	for _, limit := range card.Limits {
		fmt.Printf("- %s\n", limit)
	}
	fmt.Printf("\n## Output\n\n%s Threshold %.4f: %s.\n\n", card.Output, card.OperatingPoint.Threshold, card.OperatingPoint.Choice)
	fmt.Print(alertText(card.AlertPoint))
	fmt.Printf("## Training data\n\n%s\n%s\nLicence: %s. %d stays (%d septic), %d hours, data digest `%s`.\n\n", card.TrainingData.Description,
		card.TrainingData.Source, card.TrainingData.Licence, card.Training.Stays, card.Training.Septic, card.Training.Hours, card.Training.DataDigest)
	fmt.Printf("## Figures\n\n%s\n\n%s\nCounting ICU hours: %s.\n\n", evidence.Method, table, evidence.HoursRule)
	fmt.Printf("## Provenance\n\n`%s`, %d trees on %d features, %s, bundle SHA-256 `%s`.\n",
		card.Training.Command, card.Trees, card.Features, card.Training.GoVersion, card.SHA256)
	for _, r := range card.Training.Recalibrations {
		fmt.Printf("\n%s\n", recalibrationText(r))
	}
	return nil
}

func evidenceOf(card *model.Card) json.RawMessage {
	if card.ParentEvidence != nil {
		return card.ParentEvidence
	}
	return card.Evidence
}

func alertText(alert model.AlertPoint) string {
	text := fmt.Sprintf("Alert: begins at %.4f and lasts until the probability is below %.4f; chosen as %s", alert.Threshold, alert.Clear, alert.Choice)
	if alert.PPV != nil {
		text += fmt.Sprintf(" (%.3f on the stays that it was chosen on)", *alert.PPV)
	}
	return text + ".\n\n"
}

func recalibrationText(r model.Recalibration) string {
	return fmt.Sprintf("Recalibrated from %s %s (SHA-256 `%s`) by `%s`: calibration and both thresholds fitted to %d stays (%d septic), %d hours of %s, data digest `%s`.",
		r.Parent.Name, r.Parent.Version, r.Parent.SHA256, r.Command, r.Stays, r.Septic, r.Hours, strings.Join(r.Data, ", "), r.DataDigest)
}
