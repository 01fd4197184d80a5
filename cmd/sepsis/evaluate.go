package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/atomicfile"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/families"
	reportpage "github.com/medtech-detect/sepsis/evaluate/report"
)

type evaluateCommand struct {
	cohortFlags
	Out       string   `required:"" placeholder:"DIR" help:"Folder for report.html, for report.json that it is made from, and for the results that are kept for the next run."`
	Studies   []string `placeholder:"NAME" help:"Only these studies, of ${studies}, and, with --families, families; all but served if none is named: it trains as many files as there are folds."`
	Sample    int      `default:"0" placeholder:"N" help:"At most N stays of each hospital, for a quick run; 0 takes all."`
	Seed      uint64   `default:"1" help:"Start of all random choices."`
	Families  string   `type:"existingfile" placeholder:"FILE" help:"What sepsis compare --out FILE wrote of other kinds of model on the same stays, by the same recipe and seed, to be part of the report. This command compares none itself."`
	Resamples int      `default:"0" placeholder:"N" help:"Bootstrap draws of an interval, at least 40; 0 takes the usual number."`
	recipeFlags
}

// memoryLimit is when memory that is no longer used is given back at once, in bytes: without it the features of one study
// may stay while those of the next are computed, and 40,000 stays need more than 8 GiB.
const memoryLimit = 6 << 30

// Names of what is written into the folder, beside the page.
const (
	reportFile = "report.json"
	tripodFile = "tripod.md"
)

// computing is set by the linker, see "make build": a digest of the compiled packages that the figures are computed by, Go's
// own among them. A build without it goes by the whole program, which is as sound and computes more often again.
//
// The compiler's own digests are used, and neither a version that somebody has to count up nor the sources, because they
// hold for whatever the figures depend on, down to the kind of processor, and for nothing else: documents, the page of the
// report, the command line and the version of the program are not among them. Package evaluate is the one that computes,
// so nothing in this package may change a figure but by what is passed to it.
var computing = ""

// Run carries out the studies that no earlier run has left in the folder, and writes the report.
func (c evaluateCommand) Run(ctx context.Context) (err error) {
	started := time.Now()
	if c.Threads > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.Threads))
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryLimit))
	if c.Sample < 0 || c.Resamples < 0 {
		return fmt.Errorf("evaluate: --sample %d --resamples %d: give 0 or more", c.Sample, c.Resamples)
	}
	if err := c.checkOutputs(c.outputs()); err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	cohort, err := challenge.Open(c.Data...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	bars := newStages()
	plan, err := c.plan(cohort, bars)
	if err != nil {
		return err
	}
	measured, err := plan.Run(ctx)
	bars.finish()
	if err != nil {
		return err
	}
	if err := c.write(measured); err != nil {
		return err
	}
	if err := c.summary(os.Stdout, measured, time.Since(started)); err != nil {
		return err
	}
	if len(measured.NotMeasured) > 0 {
		return unmeasuredError{measured.NotMeasured}
	}
	return nil
}

// unmeasuredError says that a report was written, and which of the studies in it have no figures, because the stays are too few for them.
type unmeasuredError struct{ why map[string]string }

func (e unmeasuredError) Error() string {
	told := []string{"evaluate: the report is written, without studies that could not be carried out on these stays:"}
	for _, name := range slices.Sorted(maps.Keys(e.why)) {
		told = append(told, name+": "+e.why[name])
	}
	return strings.Join(told, "\n")
}

func (c evaluateCommand) outputs() outputs {
	o := outputs{read: []string{c.Families}, folders: []string{filepath.Clean(c.Out), c.cache()}}
	for _, name := range []string{reportFile, reportpage.FileName, tripodFile} {
		o.written = append(o.written, outputPath{outOption, filepath.Join(c.Out, name)})
	}
	return o
}

// cache is the folder of the results that are kept.
func (c evaluateCommand) cache() string { return filepath.Join(c.Out, "cache") }

// plan is what to evaluate, on what, and where results are kept.
func (c evaluateCommand) plan(cohort *challenge.Cohort, bars *stages) (*evaluate.Evaluation, error) {
	digest, err := cohort.Digest()
	if err != nil {
		return nil, err
	}
	program, err := computedBy()
	if err != nil {
		return nil, err
	}
	extra, err := c.familiesStudy(digest)
	if err != nil {
		return nil, err
	}
	origin := evaluate.Origin{Command: c.command(), Version: programVersion(), GoVersion: runtime.Version()}
	return &evaluate.Evaluation{
		Names: c.names(), Digest: digest, Sample: c.Sample, Seed: c.Seed, Resamples: c.Resamples, Threads: threads(c.Threads), Options: c.options(), Studies: c.Studies,
		Extra: extra, Program: program, Origin: origin, Cache: evaluate.NewCache(c.cache()),
		Adaptations: evaluate.Adaptations(),
		Stays:       func(ctx context.Context) ([]sepsis.LabelledStay, error) { return c.stays(ctx, cohort, bars) },
		Progress:    func(study, stage string, done, total int) { bars.show(study+": "+stage, done, total) },
	}, nil
}

// command is the command that makes the same figures again, with file names in place of paths.
func (c evaluateCommand) command() string {
	words := append([]string{"sepsis evaluate"}, c.cohortFlags.words()...)
	words = append(words, fmt.Sprintf("--seed %d", c.Seed))
	words = append(words, option("sample", float64(c.Sample))...)
	words = append(words, option("resamples", float64(c.Resamples))...)
	if len(c.Studies) > 0 {
		words = append(words, "--studies "+shellWord(strings.Join(c.Studies, ",")))
	}
	if c.Families != "" {
		words = append(words, "--families "+fileWord(c.Families))
	}
	return strings.Join(append(words, c.recipeFlags.words()...), " ")
}

// computedBy identifies what computes: by the compiled packages, or else by the SHA-256 of the running program.
func computedBy() (string, error) {
	if computing != "" {
		return computing, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	program, err := os.Open(path)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(hash, program)
	return hex.EncodeToString(hash.Sum(nil)), errors.Join(err, program.Close())
}

// stays reads the cohort, or the sample of it.
func (c evaluateCommand) stays(ctx context.Context, cohort *challenge.Cohort, bars *stages) ([]sepsis.LabelledStay, error) {
	stays, _, err := cohort.ReadAll(ctx, threads(c.Threads), func(done, total int) { bars.show("reading", done, total) })
	if err != nil {
		return nil, err
	}
	return evaluate.EvenSample(stays, c.Sample), challenge.NeedEveryHour(stays)
}

// familiesStudy takes the families from what `sepsis compare` wrote on the same stays and folds.
func (c evaluateCommand) familiesStudy(digest string) ([]evaluate.Study, error) {
	if c.Families == "" {
		if slices.Contains(c.Studies, evaluate.FamiliesStudy) {
			return nil, errors.New("evaluate: --studies families: `sepsis compare --out FILE` compares kinds of model; name what it wrote with --families FILE")
		}
		return nil, nil
	}
	file, err := os.ReadFile(c.Families)
	if err != nil {
		return nil, err
	}
	made := comparison{Comparison: &families.Comparison{}}
	if err := json.Unmarshal(file, &made); err != nil {
		return nil, fmt.Errorf("%s: not what `sepsis compare --out` writes: %w", c.Families, err)
	}
	if made.Digest != digest || made.Sample != c.Sample {
		return nil, fmt.Errorf("%s: compared on other data (SHA-256 %s, sample %d): run `sepsis compare` on these (SHA-256 %s, sample %d)",
			c.Families, made.Digest, made.Sample, digest, c.Sample)
	}
	if made.Seed != c.Seed || !sameRecipe(made.Recipe, c.options()) {
		return nil, fmt.Errorf("%s: compared on other folds or by another recipe: run `sepsis compare` again, with --seed %d and the recipe's options that `sepsis evaluate` is given",
			c.Families, c.Seed)
	}
	var found struct {
		Families []evaluate.ModelFamily `json:"families"`
	}
	for i := range made.Families {
		found.Families = append(found.Families, made.Families[i].ModelFamily)
	}
	return []evaluate.Study{{
		Name: evaluate.FamiliesStudy, Inputs: found, Method: comparedBy(made.Command, made.Version),
		Run: func(context.Context, []sepsis.LabelledStay) (any, error) { return found, nil },
	}}, nil
}

// comparedBy says what made the families, which another version of the program may have made than the report.
func comparedBy(command, version string) string {
	return fmt.Sprintf("Compared by `%s`, version %s of the program, on the same stays, folds, recipe and seed as this report, which is of version %s. Calibration and threshold of each are "+
		"fitted as at home; differences are taken within the same bootstrap draws.", command, cmp.Or(version, "unknown"), programVersion())
}

func (c evaluateCommand) write(made *evaluate.Report) error {
	text, err := json.MarshalIndent(made, "", " ")
	if err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil { //nolint:gosec // reports are no secrets
		return err
	}
	if err := atomicfile.Write(filepath.Join(c.Out, reportFile), append(text, '\n')); err != nil {
		return err
	}
	page, err := reportpage.HTML(*made)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(c.Out, reportpage.FileName), page); err != nil {
		return err
	}
	card, err := cardOf("", made)
	if err != nil {
		card = nil // another recipe, or other stays, than those of the shipped model: the checklist names no model
	}
	return atomicfile.Write(filepath.Join(c.Out, tripodFile), reportpage.Tripod(*made, card))
}

func (c evaluateCommand) summary(out io.Writer, report *evaluate.Report, elapsed time.Duration) error {
	var text strings.Builder
	if report.AtHome != nil {
		text.WriteString(report.AtHome.Table() + "\n")
	}
	if report.Served != nil {
		text.WriteString(report.Served.Table() + "\n")
	}
	for _, t := range report.Transfers {
		if t.Failed != "" {
			fmt.Fprintf(&text, "%s to %s, %s: failed: %s\n", t.From, t.To, t.Variant, t.Failed)
			continue
		}
		fmt.Fprintf(&text, "%s to %s, %s: utility %s, AUROC %s, counting hours %s\n", t.From, t.To, t.Variant,
			t.Group.Utility.Digits(3), t.Group.AUROC.Digits(3), t.Group.HoursRule.Digits(3))
	}
	fmt.Fprintf(&text, "%s: %d stays in %s\n", filepath.Join(c.Out, reportFile), report.Data.Stays, elapsed.Round(time.Second))
	if report.Data.Synthetic {
		text.WriteString("SYNTHETIC data: these figures say nothing of patients.\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}
