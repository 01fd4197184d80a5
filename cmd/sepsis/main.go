// Command sepsis learns to foresee sepsis from hourly ICU data, proves how well, and serves that to hospitals.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/evaluate"
)

// version is set by the linker; a build without it says which module version it is.
var version = ""

// commandLine is the one table of commands and options: it makes the help, the defaults and the environment
// variables.
type commandLine struct {
	Serve      serveCommand      `cmd:"" help:"Answer over HTTP: a patient in, Positive or Negative out."`
	Health     healthCommand     `cmd:"" help:"Ask a running service whether it can predict."`
	Predict    predictCommand    `cmd:"" help:"Predict every hour of recorded stays, as one table or a file for each stay."`
	Train      trainCommand      `cmd:"" help:"Learn a model from recorded stays and write it as one file."`
	Compare    compareCommand    `cmd:"" help:"Hold kinds of models side by side on the same stays, folds and features."`
	Evaluate   evaluateCommand   `cmd:"" help:"Find out how good the recipe is, where, and for whom: cross-validation, other hospitals, subgroups."`
	Bench      benchCommand      `cmd:"" help:"Send stays to a running service and measure how fast it answers."`
	Score      scoreCommand      `cmd:"" help:"Measure predictions as the PhysioNet/CinC Challenge 2019 does."`
	Data       dataCommand       `cmd:"" help:"Get, check or make up data."`
	Key        keyCommand        `cmd:"" help:"Make, list and revoke API keys."`
	Model      modelCommand      `cmd:"" help:"Show the model card, or fit a model to a site."`
	Audit      auditCommand      `cmd:"" help:"Export or erase what the audit log keeps."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
	Completion completionCommand `cmd:"" help:"Print a script that completes commands and options in a shell."`
	Features   featuresCommand   `cmd:"" help:"Write the features of recorded stays as Parquet, to train elsewhere; see also model import."`

	ShowVersion kong.VersionFlag `name:"version" env:"-" help:"Print the version."`
}

// Validate is called by kong. An option that is needed and left empty may be that of a script whose variable is not set: what it names,
// such as the file of a long training, would be missed in the end. So would what goes to a file called "-" in place of standard output.
func (commandLine) Validate(command *kong.Context) error {
	for _, flag := range command.Flags() {
		if flag.Target.Kind() != reflect.String {
			continue
		}
		switch value := flag.Target.String(); {
		case flag.Required && value == "":
			return fmt.Errorf("--%s is empty", flag.Name)
		case value == standard && (flag.PlaceHolder == "FILE" || flag.PlaceHolder == "DIR"):
			return fmt.Errorf("--%s -: standard input and output are for sepsis predict alone; what is called so is ./-", flag.Name)
		}
	}
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		complain(os.Stderr, err)
		os.Exit(exitCode(err))
	}
}

// complain tells what has failed. It does not wait for long: where standard error is a pipe, its reader may have stopped.
func complain(out io.Writer, failed error) {
	told := make(chan struct{})
	go func() {
		defer close(told)
		_, _ = fmt.Fprintln(out, "sepsis:", failed) // nobody is left to tell
	}()
	select {
	case <-told:
	case <-time.After(logFlushTime):
	}
}

// exitCode is 1 for what has failed, 3 for what was done in part. Wrong usage is 80, which kong gives.
func exitCode(err error) int {
	_, partial := errors.AsType[incompleteError](err)
	if _, unmeasured := errors.AsType[unmeasuredError](err); partial || unmeasured {
		return 3
	}
	return 1
}

func run(arguments []string) error {
	ctx, stop := untilSignal()
	defer stop()
	parser, err := newParser(ctx)
	if err != nil {
		return err
	}
	command, err := parser.Parse(arguments)
	if err != nil {
		parser.Stdout = parser.Stderr // usage that nobody has asked for is no output: it may be read as one
	}
	parser.FatalIfErrorf(err)
	return afterRun(ctx, command.Run())
}

// afterRun says of a command that a signal has ended what has ended it.
func afterRun(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return fmt.Errorf("interrupted: %w", err)
	}
	return err
}

// untilSignal gives a context that the first signal ends. A second one ends what does not heed the first, such as waiting
// for standard input: it is no longer caught when the context ends.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-caught:
		case <-ctx.Done():
		}
		signal.Stop(caught)
		cancel()
	}()
	return ctx, cancel
}

func newParser(ctx context.Context) (*kong.Kong, error) {
	return newParserOf(ctx, &commandLine{})
}

// newParserOf fills a command line.
func newParserOf(ctx context.Context, into *commandLine) (*kong.Kong, error) {
	return kong.New(into,
		kong.Name("sepsis"),
		kong.Description("Foresees sepsis in adults in intensive care. Research use only; not a medical device."),
		kong.UsageOnError(),
		kong.DefaultEnvars(strings.TrimSuffix(envPrefix, "_")),
		kong.PostBuild(ofTheService),
		kong.Vars{"version": versionLine(), "studies": strings.Join(evaluate.StudyNames(), ", "), "physionet": challenge.PhysioNetURL},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.NamedMapper(pathsType, pathsMapper()),
	)
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	_, err := fmt.Println(versionLine())
	return err
}

func versionLine() string { return "sepsis " + programVersion() }

func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
