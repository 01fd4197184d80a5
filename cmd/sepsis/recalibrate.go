package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
)

type modelRecalibrateCommand struct{ siteFlags }

// Run fits calibration and thresholds to labelled stays of a site and writes a new bundle.
func (c modelRecalibrateCommand) Run(ctx context.Context) error {
	var left model.Left
	before, after, err := c.fit(ctx, "recalibrate", func(parent *model.Model, stays []sepsis.LabelledStay, site model.Provenance, progress func(model.Progress)) (*model.Bundle, error) {
		left = model.LeftOut(stays)
		progress(model.Progress{Stage: "fitting", Total: 1})
		if err := challenge.NeedEveryHour(stays); err != nil {
			return nil, err
		}
		return parent.Recalibrate(ctx, stays, threads(c.Threads), model.Recalibration{
			Command: site.Command, Data: site.Data, DataDigest: site.DataDigest, Synthetic: site.Synthetic, GoVersion: site.GoVersion,
		})
	})
	if err != nil {
		return err
	}
	return c.summary(os.Stdout, before, after, left)
}

func (c modelRecalibrateCommand) summary(out io.Writer, before, after *model.Bundle, left model.Left) error {
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
	fmt.Fprintf(&text, "\nTrees and networks are those of %s. No figure is known of the new thresholds but on the stays that they were fitted to:\nevaluate on other stays of the site before any use.\n", fitted.Parent.SHA256)
	text.WriteString(notLearntFrom(left))
	if fitted.Septic < model.AdvisedSepticStays {
		fmt.Fprintf(&text, "With fewer than %d septic stays the thresholds are rough.\n", model.AdvisedSepticStays)
	}
	if after.Provenance.Synthetic {
		text.WriteString(syntheticNotice)
	}
	_, err := io.WriteString(out, text.String())
	return err
}
