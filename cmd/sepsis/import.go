package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/model"
)

type modelImportCommand struct {
	cohortFlags
	foldFlags
	Trees        string `required:"" type:"existingfile" placeholder:"FILE" help:"Trees: XGBoost's JSON or UBJSON, or LightGBM's text."`
	Rounds       string `enum:",best,all" default:"" placeholder:"best|all" help:"Which trees of a training that stopped early: those up to the best round, as XGBClassifier predicts, or all, as xgboost.Booster does. Such a file needs it; best is refused where a file names no best round."`
	Fold         int    `default:"0" help:"The fold that the trees did not learn from; calibration and thresholds are fitted to it."`
	Out          string `required:"" placeholder:"FILE" help:"Model file to write."`
	Name         string `default:"sepsis-imported" help:"Name of the model."`
	ModelVersion string `default:"1.0.0" help:"Version of the model."`
}

// maxTreeFile bounds the file of trees, which is read as untrusted input, in bytes.
const maxTreeFile = 256 << 20

// Run wraps trees that were trained on exported features into a model that serves.
func (c modelImportCommand) Run(ctx context.Context) error {
	if err := c.checkOutputs(outputs{written: []outputPath{{outOption, c.Out}}, read: []string{c.Trees}}); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if err := c.check(); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	trees, digest, err := readTrees(c.Trees)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if trees, err = c.chosen(trees); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	stays, provenance, err := c.readHourly(ctx, newStages())
	if err != nil {
		return err
	}
	provenance.Command = c.command()
	bundle, auroc, err := model.Import(ctx, model.Training{
		Stays: stays, Name: c.Name, Version: c.ModelVersion, Provenance: provenance, Seed: c.Seed,
		Threads: threads(c.Threads), Options: model.Options{Folds: c.Folds},
	}, trees, model.Imported{File: filepath.Base(c.Trees), SHA256: digest, Fold: c.Fold})
	if err != nil {
		return err
	}
	if err := writeBundle(c.Out, bundle); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return c.summary(os.Stdout, bundle, auroc, model.LeftOut(stays))
}

// check refuses folds and names that cannot be, before anything is read.
func (c modelImportCommand) check() error {
	if err := model.CheckFolds(c.Folds); err != nil {
		return fmt.Errorf("--folds: %w", err)
	}
	if err := checkName(c.Name, c.ModelVersion); err != nil {
		return err
	}
	if c.Fold < 0 || c.Fold >= c.Folds {
		return fmt.Errorf("--fold %d: there are folds 0 to %d", c.Fold, c.Folds-1)
	}
	return nil
}

// chosen are the trees of the rounds that are meant.
func (c modelImportCommand) chosen(trees *gbdt.Booster) (*gbdt.Booster, error) {
	best := trees.BestTrees()
	switch {
	case best == 0 && c.Rounds == "best":
		return nil, fmt.Errorf("%s names no best round: its training did not stop early, or what saved it did not keep where; leave --rounds out, or say --rounds all", c.Trees)
	case best == 0 || c.Rounds == "all":
		return trees, nil
	case c.Rounds == "best":
		return trees.First(best), nil
	}
	return nil, fmt.Errorf("%s has %d trees, of which early stopping found the first %d to be the best: say --rounds best (XGBClassifier predicts with these) or --rounds all (xgboost.Booster does with all)",
		c.Trees, trees.Trees(), best)
}

// readTrees reads a file in whichever format it is, and gives its SHA-256.
func readTrees(path string) (*gbdt.Booster, string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	content, err := io.ReadAll(io.LimitReader(file, maxTreeFile+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, "", err
	}
	if len(content) > maxTreeFile {
		return nil, "", fmt.Errorf("%s is larger than %d bytes", path, maxTreeFile)
	}
	read := gbdt.ReadXGBoost
	if bytes.HasPrefix(bytes.TrimSpace(content), []byte("tree")) {
		read = gbdt.ReadLightGBM
	}
	trees, err := read(bytes.NewReader(content), gbdt.Limits{Bytes: maxTreeFile})
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return trees, model.Digest(content), nil
}

// command is the command that makes the same bundle again, with file names in place of paths.
func (c modelImportCommand) command() string {
	words := append([]string{"sepsis model import"}, c.cohortFlags.words()...)
	words = append(words, "--trees "+fileWord(c.Trees), fmt.Sprintf("--fold %d", c.Fold))
	if c.Rounds != "" {
		words = append(words, "--rounds "+c.Rounds)
	}
	words = append(words, c.foldFlags.words()...)
	return strings.Join(append(words, "--out "+fileWord(c.Out), "--name "+shellWord(c.Name), "--model-version "+shellWord(c.ModelVersion)), " ")
}

func (c modelImportCommand) summary(out io.Writer, bundle *model.Bundle, auroc float64, left model.Left) error {
	i := bundle.Provenance.Imported
	text := fmt.Sprintf("%s: %d trees of %s; calibration and thresholds fitted to fold %d, %d stays (%d septic), %d hours, AUROC %.3f; Positive from %.4f, alert from %.4f\n"+
		"No figure is known of the thresholds but on the stays that they were fitted to: evaluate on others before any use.\n",
		c.Out, bundle.Trees.Trees(), i.File, i.Fold, i.Stays, i.Septic, i.Hours, auroc, bundle.Operating.Threshold, bundle.Alert.Threshold)
	text += notLearntFrom(left)
	if bundle.Provenance.Synthetic {
		text += syntheticNotice
	}
	_, err := io.WriteString(out, text)
	return err
}
