package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

type trainCommand struct {
	cohortFlags
	Out          string `required:"" placeholder:"FILE" help:"Model file to write."`
	Report       string `placeholder:"FILE" help:"Also write the out-of-fold figures as JSON."`
	Name         string `default:"sepsis-icu-hourly" help:"Name of the model."`
	ModelVersion string `default:"1.0.0" help:"Version of the model."`
	Seed         uint64 `default:"1" help:"Start of all random choices."`
	Recipe       string `enum:"shipped,portable" default:"shipped" help:"shipped: that of the shipped model. portable: for a hospital of which no label is known; adapt its model to the hospital's records with sepsis model adapt."`
	recipeFlags
	memoryFlags
}

// Validate is called by kong.
func (c trainCommand) Validate() error {
	return errors.Join(checkName(c.Name, c.ModelVersion), c.recipeFlags.Validate(), c.memoryFlags.Validate())
}

// checkName refuses what no model can be called, by the options that say it.
func checkName(name, version string) error {
	if err := model.CheckName(name, version); err != nil {
		return fmt.Errorf("--name, --model-version: %w", err)
	}
	return nil
}

// recipeFlags depart from a recipe; 0 keeps what it says.
type recipeFlags struct {
	Rounds       int     `default:"0" help:"Trees in each booster; 0 keeps the recipe's."`
	Depth        int     `default:"0" help:"Depth of the trees; 0 keeps the recipe's."`
	LearningRate float64 `default:"0" help:"Learning rate; 0 keeps the recipe's."`
	Members      int     `default:"0" help:"Boosters in each fold; 0 keeps the recipe's."`
	NetworkShare float64 `default:"0" placeholder:"SHARE" help:"Train neural networks beside the boosters of each fold, and let the margin be by so much the networks', as 0.35; 0 keeps the recipe's share."`

	WithoutNetwork bool `help:"Train no networks beside the boosters."`
}

// Validate is called by kong. The training refuses the same, but once it has read the stays.
func (f recipeFlags) Validate() error {
	if f.Members < 0 {
		return errors.New("--members must not be below 0")
	}
	if !(f.NetworkShare >= 0 && f.NetworkShare < 1) {
		return errors.New("--network-share must be 0 or more, and less than 1")
	}
	if f.WithoutNetwork && f.NetworkShare > 0 {
		return errors.New("--network-share asks for a network, and --without-network for none: give one of the two")
	}
	if err := f.options().Trees.Validate(); err != nil {
		return fmt.Errorf("--rounds, --depth, --learning-rate: %w", err)
	}
	return nil
}

// options are those of the shipped model's recipe, but for what was given.
func (f recipeFlags) options() model.Options { return f.over(model.DefaultOptions()) }

func (f recipeFlags) over(o model.Options) model.Options {
	o = o.WithRounds(cmp.Or(f.Rounds, o.Trees.Rounds))
	o.Trees.MaxDepth = cmp.Or(f.Depth, o.Trees.MaxDepth)
	o.Trees.LearningRate = cmp.Or(f.LearningRate, o.Trees.LearningRate)
	o.Members = cmp.Or(f.Members, o.Members)
	if f.NetworkShare > 0 {
		o.Network = model.DefaultNetwork(f.NetworkShare)
	}
	if f.WithoutNetwork {
		o.Network = nil
	}
	return o
}

// words are the options that were given.
func (f recipeFlags) words() []string {
	words := append(option("rounds", float64(f.Rounds)), option("depth", float64(f.Depth))...)
	words = append(append(words, option("learning-rate", f.LearningRate)...), option("members", float64(f.Members))...)
	words = append(words, option("network-share", f.NetworkShare)...)
	if f.WithoutNetwork {
		words = append(words, "--without-network")
	}
	return words
}

// option is an option as it is given; none when it was left at 0.
func option(name string, value float64) []string {
	if value == 0 {
		return nil
	}
	return []string{fmt.Sprintf("--%s %g", name, value)}
}

// Run trains, measures out of fold, and writes the bundle.
func (c trainCommand) Run(ctx context.Context) error {
	started := time.Now()
	if err := c.checkOutputs(outputs{written: []outputPath{{outOption, c.Out}, {"--report", c.Report}}}); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	bars := newStages()
	stays, provenance, err := c.readHourly(ctx, bars)
	if err != nil {
		return err
	}
	provenance.Command, provenance.Recipe = c.command(), c.recipe()
	training := model.Training{
		Stays: stays, Name: c.Name, Version: c.ModelVersion, Provenance: provenance, Seed: c.Seed,
		Threads: threads(c.Threads), Options: c.options(), Pooling: true,
		Progress: func(p model.Progress) { bars.show(p.Stage, p.Done, p.Total) },
	}
	if err := c.allow(training, os.DirFS("/")); err != nil {
		return err
	}
	defer bars.finish()
	bundle, predicted, err := model.Train(ctx, training)
	if err != nil {
		return err
	}
	bars.show("figures", 0, 1)
	evidence, err := evaluate.OutOfFold(stays, predicted, c.Seed)
	if err != nil {
		return err
	}
	bars.finish()
	evidence = evidence.ForBundle()
	if bundle.Evidence, err = json.Marshal(evidence); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := c.write(bundle, evidence); err != nil {
		return err
	}
	return c.summary(os.Stdout, bundle, evidence, model.LeftOut(stays), time.Since(started))
}

// recipe is the recipe's name as a bundle keeps it.
func (c trainCommand) recipe() string {
	if c.Recipe == model.PortableRecipe {
		return model.PortableRecipe
	}
	return ""
}

// options are those of the recipe, but for what was given.
func (c trainCommand) options() model.Options {
	if c.recipe() == model.PortableRecipe {
		return c.over(model.PortableOptions())
	}
	return c.recipeFlags.options()
}

// command is the command that makes the same bundle again, with file names in place of paths.
func (c trainCommand) command() string {
	words := append([]string{"sepsis train"}, c.cohortFlags.words()...)
	words = append(words, "--out "+fileWord(c.Out), "--name "+shellWord(c.Name), "--model-version "+shellWord(c.ModelVersion), fmt.Sprintf("--seed %d", c.Seed))
	if recipe := c.recipe(); recipe != "" {
		words = append(words, "--recipe "+recipe)
	}
	return strings.Join(append(words, c.recipeFlags.words()...), " ")
}

func (c trainCommand) write(bundle *model.Bundle, evidence *evaluate.Evidence) error {
	if err := writeBundle(c.Out, bundle); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if c.Report == "" {
		return nil
	}
	report, err := json.MarshalIndent(evidence, "", "  ")
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return atomicfile.Write(c.Report, append(report, '\n'))
}

func (c trainCommand) summary(out io.Writer, bundle *model.Bundle, evidence *evaluate.Evidence, left model.Left, elapsed time.Duration) error {
	text := evidence.Table() + fmt.Sprintf("\n%s: %d trees from %d stays in %s, threshold %.4f\n",
		c.Out, bundle.Trees.Trees(), bundle.Provenance.Stays-left.Stays(), elapsed.Round(time.Second), evidence.Threshold)
	text += notLearntFrom(left)
	if bundle.Provenance.Synthetic {
		text += syntheticNotice
	}
	_, err := io.WriteString(out, text)
	return err
}
