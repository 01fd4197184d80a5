package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/model"
)

// cohortFlags name the stays that a command works on.
type cohortFlags struct {
	Data    []string `required:"" sep:"none" type:"paths" placeholder:"PATH" help:"Folders, .zip or .psv of recorded stays, one or more."`
	Threads int      `default:"0" help:"Threads; 0 uses all processors. It does not change the result."`
}

// words are the options that change results, with file names in place of paths.
func (f cohortFlags) words() []string {
	var words []string
	for _, path := range f.Data {
		words = append(words, "--data "+fileWord(path))
	}
	return words
}

// names are those of the files, without the folders.
func (f cohortFlags) names() []string {
	names := make([]string, len(f.Data))
	for i, path := range f.Data {
		names[i] = filepath.Base(path)
	}
	return names
}

// read reads all stays, tells what cleaning did, and says of the provenance what the files say.
func (f cohortFlags) read(ctx context.Context, bars *stages) (stays []sepsis.LabelledStay, p model.Provenance, err error) {
	cohort, err := challenge.Open(f.Data...)
	if err != nil {
		return nil, p, err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	stays, cleaning, err := cohort.ReadAll(ctx, threads(f.Threads), func(done, total int) { bars.show("reading", done, total) })
	bars.finish()
	if err != nil {
		return nil, p, err
	}
	if _, err := cleaning.WriteTo(os.Stdout); err != nil {
		return nil, p, err
	}
	digest, err := cohort.Digest()
	if err != nil {
		return nil, p, err
	}
	p = model.Provenance{Data: f.names(), DataDigest: digest, GoVersion: runtime.Version()}
	for i := range stays {
		p.Synthetic = p.Synthetic || challenge.IsSynthetic(stays[i].Hospital)
	}
	return stays, p, nil
}

// readHourly reads all stays as read does, for figures that take each row for an hour, and refuses stays that leave hours out.
func (f cohortFlags) readHourly(ctx context.Context, bars *stages) ([]sepsis.LabelledStay, model.Provenance, error) {
	stays, provenance, err := f.read(ctx, bars)
	if err != nil {
		return nil, provenance, err
	}
	return stays, provenance, challenge.NeedEveryHour(stays)
}

// checkOutputs checks the outputs of a command that also reads the stays.
func (f cohortFlags) checkOutputs(o outputs) error {
	stays, err := f.files()
	if err != nil {
		return err
	}
	o.read = append(stays, o.read...)
	return o.check()
}

// files are the paths of all that the stays are read from. Entries of archives are among them, by names that no file has.
func (f cohortFlags) files() (files []string, err error) {
	cohort, err := challenge.Open(f.Data...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cohort.Close()) }()
	files = append(files, f.Data...)
	for i := range cohort.Len() {
		files = append(files, cohort.Entry(i).Location)
	}
	return files, nil
}

// threads resolves the meaning of 0: all processors.
func threads(given int) int {
	if given > 0 {
		return given
	}
	return runtime.GOMAXPROCS(0)
}
