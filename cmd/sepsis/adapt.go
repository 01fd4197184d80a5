package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

type modelAdaptCommand struct{ siteFlags }

// Run learns the forecasts that need no label anew from the stays of a site, whatever their labels, and writes a new bundle.
func (c modelAdaptCommand) Run(ctx context.Context) error {
	var left model.Left
	_, after, err := c.fit(ctx, "adapt", func(parent *model.Model, stays []sepsis.LabelledStay, site model.Provenance, progress func(model.Progress)) (*model.Bundle, error) {
		left = model.LeftOut(stays)
		return parent.Adapt(ctx, withoutLabels(stays), threads(c.Threads), progress, model.Adaptation{
			Command: site.Command, Data: site.Data, DataDigest: site.DataDigest, Synthetic: site.Synthetic, GoVersion: site.GoVersion,
		})
	})
	if err != nil {
		return err
	}
	return c.summary(os.Stdout, after, left)
}

func withoutLabels(stays []sepsis.LabelledStay) []*sepsis.Stay {
	unlabelled := make([]*sepsis.Stay, len(stays))
	for i := range stays {
		unlabelled[i] = &stays[i].Stay
	}
	return unlabelled
}

// notPortable is what `sepsis evaluate` has found on the Challenge's two hospitals; docs/model-card.md has the figures.
const notPortable = "This model is not of the portable recipe. Carried between the two hospitals of the Challenge, new forecasts gave the shipped recipe no more utility\n" +
	"and moved its calibration further off. They are meant for a model of the portable recipe (`sepsis train --recipe portable`).\n"

func (c modelAdaptCommand) summary(out io.Writer, after *model.Bundle, left model.Left) error {
	learnt := after.Provenance.Adaptations[len(after.Provenance.Adaptations)-1]
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s %s, forecasts learnt anew from %d stays of adults, %d hours; no label was used\n\n",
		c.Out, after.Name, after.Version, learnt.Stays, learnt.Hours)
	fmt.Fprintf(&text, "Trees, networks, calibration, thresholds, and the forecasts that need labels, are those of %s %s (%s): Positive from %.4f, alert from %.4f until below %.4f.\n",
		learnt.Parent.Name, learnt.Parent.Version, learnt.Parent.SHA256, after.Operating.Threshold, after.Alert.Threshold, after.Alert.Clear)
	if len(learnt.Kept) > 0 {
		fmt.Fprintf(&text, "Kept from the parent, too, because too few of their outcomes are known at the site: %s.\n", strings.Join(learnt.Kept, ", "))
	}
	if after.Provenance.Recipe != model.PortableRecipe {
		text.WriteString(notPortable)
	}
	text.WriteString(notLearntFrom(left))
	text.WriteString("No figure is known of this model: evaluate it on labelled stays of the site that it did not learn from, before any use.\n" +
		"Once there are labels, fit calibration and thresholds to such stays, too: `sepsis model recalibrate`.\n")
	if after.Provenance.Synthetic {
		text.WriteString(syntheticNotice)
	}
	_, err := io.WriteString(out, text.String())
	return err
}
