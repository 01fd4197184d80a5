package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

type modelCommand struct {
	Card modelCardCommand `cmd:"" help:"Print the model card, as JSON or as Markdown."`
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
	var evidence evaluate.Evidence
	if err := json.Unmarshal(m.Bundle().Evidence, &evidence); err != nil {
		return fmt.Errorf("the model carries no figures: %w", err)
	}
	fmt.Print(evidence.Table())
	return nil
}

// writeCard writes the card as a page; every figure comes from the bundle.
func writeCard(m *model.Model) error {
	var card model.Card
	if err := json.Unmarshal(m.Card(), &card); err != nil {
		return err
	}
	var evidence evaluate.Evidence
	if err := json.Unmarshal(card.Evidence, &evidence); err != nil {
		return err
	}
	fmt.Printf("# Model card: %s %s\n\n%s\n\n**%s**\n\n", card.Name, card.Version, card.Summary, card.Status)
	fmt.Printf("## Intended use\n\n%s\n\n## Limits\n\n", card.IntendedUse)
	for _, limit := range card.Limits {
		fmt.Printf("- %s\n", limit)
	}
	fmt.Printf("\n## Output\n\n%s Threshold %.4f: %s.\n\n", card.Output, card.OperatingPoint.Threshold, card.OperatingPoint.Choice)
	fmt.Printf("## Training data\n\n%s\n%s\nLicence: %s. %d stays (%d septic), %d hours, data digest `%s`.\n\n", card.TrainingData.Description,
		card.TrainingData.Source, card.TrainingData.Licence, card.Training.Stays, card.Training.Septic, card.Training.Hours, card.Training.DataDigest)
	fmt.Printf("## Figures\n\n%s\n\n%s\nCounting ICU hours: %s.\n\n", evidence.Method, evidence.Table(), evidence.HoursRule)
	fmt.Printf("## Provenance\n\n`%s`, %d trees on %d features, %s, bundle SHA-256 `%s`.\n",
		card.Training.Command, card.Trees, card.Features, card.Training.GoVersion, card.SHA256)
	return nil
}
