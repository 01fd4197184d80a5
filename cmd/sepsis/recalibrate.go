package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/model"
)

type modelRecalibrateCommand struct {
	cohortFlags
	Model string `type:"existingfile" placeholder:"FILE" help:"Model file to start from; the embedded one if none is named."`
	Out   string `required:"" placeholder:"FILE" help:"Model file to write."`
}

// Run fits calibration and thresholds to labelled stays of a site and writes a new bundle.
func (c modelRecalibrateCommand) Run(ctx context.Context) error {
	if sameFile(c.Model, c.Out) {
		return fmt.Errorf("recalibrate: %s would be written over: name another file with --out", c.Model)
	}
	parent, err := openModel(c.Model)
	if err != nil {
		return err
	}
	bars := newStages()
	stays, provenance, err := trainCommand{cohortFlags: c.cohortFlags}.read(ctx, bars)
	bars.finish()
	if err != nil {
		return err
	}
	bundle, err := parent.Recalibrate(ctx, stays, threads(c.Threads), model.Recalibration{
		Command: c.command(), Data: provenance.Data, DataDigest: provenance.DataDigest,
		Synthetic: provenance.Synthetic, GoVersion: provenance.GoVersion,
	})
	if err != nil {
		return err
	}
	file, err := bundle.Bytes()
	if err != nil {
		return err
	}
	if _, err := model.New(file); err != nil { // what cannot be opened again is not written
		return fmt.Errorf("recalibrate: the new model: %w", err)
	}
	if err := writeFile(c.Out, file); err != nil {
		return err
	}
	return c.summary(os.Stdout, parent.Bundle(), bundle)
}

// command is the command that makes the same bundle again, with file names in place of paths.
func (c modelRecalibrateCommand) command() string {
	words := []string{"sepsis model recalibrate"}
	if c.Model != "" {
		words = append(words, "--model "+filepath.Base(c.Model))
	}
	for _, path := range c.Data {
		words = append(words, "--data "+filepath.Base(path))
	}
	return strings.Join(append(words, "--out "+filepath.Base(c.Out)), " ")
}

func (c modelRecalibrateCommand) summary(out io.Writer, before, after *model.Bundle) error {
	fitted := after.Provenance.Recalibrations[len(after.Provenance.Recalibrations)-1]
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s %s, fitted to %d stays (%d septic), %d hours\n\n", c.Out, after.Name, after.Version, fitted.Stays, fitted.Septic, fitted.Hours)
	text.WriteString("| | before | after |\n| --- | --- | --- |\n")
	for _, row := range []struct {
		name          string
		before, after float64
	}{
		{"calibration intercept", before.Calibration.Intercept, after.Calibration.Intercept},
		{"calibration slope", before.Calibration.Slope, after.Calibration.Slope},
		{"Positive from", before.Operating.Threshold, after.Operating.Threshold},
		{"alert from", before.Alert.Threshold, after.Alert.Threshold},
		{"alert until below", before.Alert.Clear, after.Alert.Clear},
	} {
		fmt.Fprintf(&text, "| %s | %.4f | %.4f |\n", row.name, row.before, row.after)
	}
	fmt.Fprintf(&text, "\nThe trees are those of %s. No figure is known of the new thresholds but on the stays that they were fitted to:\nevaluate on other stays of the site before any use.\n", fitted.Parent.SHA256)
	if fitted.Septic < model.AdvisedSepticStays {
		fmt.Fprintf(&text, "With fewer than %d septic stays the thresholds are rough.\n", model.AdvisedSepticStays)
	}
	if after.Provenance.Synthetic {
		text.WriteString("SYNTHETIC data: this model is for demonstration only.\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}
