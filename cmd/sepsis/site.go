package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// siteFlags name a model, the stays of a site that it is to be fitted to, and the model that is made.
type siteFlags struct {
	cohortFlags
	Model string `type:"existingfile" placeholder:"FILE" help:"Model file to start from; the embedded one if none is named."`
	Out   string `required:"" placeholder:"FILE" help:"Model file to write."`
}

// fitting makes a bundle of a model and the stays of a site. Of the provenance it has command, data and Go version.
type fitting func(parent *model.Model, stays []sepsis.LabelledStay, site model.Provenance, progress func(model.Progress)) (*model.Bundle, error)

// fit reads model and stays and writes what the fitting makes of them. The verb names it in the command and in errors.
func (f siteFlags) fit(ctx context.Context, verb string, fit fitting) (before, after *model.Bundle, err error) {
	if err := f.checkOutputs(outputs{written: []outputPath{{outOption, f.Out}}, read: []string{f.Model}}); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", verb, err)
	}
	parent, err := openModel(f.Model)
	if err != nil {
		return nil, nil, err
	}
	bars := newStages()
	stays, site, err := f.read(ctx, bars)
	if err != nil {
		return nil, nil, err
	}
	site.Command = f.command(verb)
	after, err = fit(parent, stays, site, func(p model.Progress) { bars.show(p.Stage, p.Done, p.Total) })
	bars.finish()
	if err != nil {
		return nil, nil, err
	}
	if err := writeBundle(f.Out, after); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", verb, err)
	}
	return parent.Bundle(), after, nil
}

// command is the command that makes the same bundle again, with file names in place of paths.
func (f siteFlags) command(verb string) string {
	words := []string{"sepsis model " + verb}
	if f.Model != "" {
		words = append(words, "--model "+fileWord(f.Model))
	}
	words = append(words, f.words()...)
	return strings.Join(append(words, "--out "+fileWord(f.Out)), " ")
}
