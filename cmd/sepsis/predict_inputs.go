package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/server"
	"github.com/medtech-detect/sepsis/table"
)

// inputs are what --data names.
type inputs struct {
	cohort   []string     // folders, archives and files that hold stays in the Challenge's form
	tables   []tableInput // in the order of --data, those of a folder or an archive by path
	files    []string     // the paths of all files that are read, archives among them; entries of archives have names that no file has
	passed   []passedOver
	archives closers
}

// passedOver tells of files in a folder or an archive that are not read.
type passedOver struct {
	path  string // of the folder or archive
	files int
	first string
}

func (p *passedOver) add(name string) {
	if p.files++; p.files == 1 {
		p.first = name
	}
}

func (p passedOver) String() string {
	return fmt.Sprintf("%s: %d files were passed over, whose names do not end with .psv, .csv, .ndjson, .jsonl or .parquet, such as %s", p.path, p.files, p.first)
}

// closers are closed together.
type closers []io.Closer

func (c closers) Close() error {
	var errs []error
	for _, closer := range c {
		errs = append(errs, closer.Close())
	}
	return errors.Join(errs...)
}

// tableInput is a file, an entry of an archive or standard input that holds stays in another form.
type tableInput struct {
	challenge.Entry // what a stay is called that no column names, and what errors name
	format          table.Format
	size            int64 // in bytes; 0 where it is not known
	twice           bool  // whether it can be opened again
	open            func() (io.ReadCloser, error)
}

// inputs looks into folders and archives.
func (c predictCommand) inputs() (inputs, error) {
	var found inputs
	for _, path := range c.Data {
		if err := found.add(path, table.Format(c.From)); err != nil {
			return inputs{}, errors.Join(err, found.archives.Close())
		}
	}
	return found, nil
}

func (in *inputs) add(path string, from table.Format) error {
	if path == standard {
		if from == "" {
			return errors.New("predict: say with --from what standard input holds: csv, ndjson, parquet or psv")
		}
		in.tables = append(in.tables, tableInput{
			challenge.Entry{ID: "stdin", Location: "stdin"}, from, 0, false, func() (io.ReadCloser, error) { return io.NopCloser(os.Stdin), nil },
		})
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	switch format := ending(path); {
	case info.IsDir() || strings.EqualFold(filepath.Ext(path), ".zip"):
		return in.addAll(path)
	case format == psvFormat:
		in.cohort, in.files = append(in.cohort, path), append(in.files, path)
	case format != "":
		entry, err := challenge.FileEntry(path)
		if err != nil {
			return fmt.Errorf("predict: %w", err)
		}
		in.files = append(in.files, path)
		in.tables = append(in.tables, tableInput{
			entry, format, info.Size(), info.Mode().IsRegular(), func() (io.ReadCloser, error) { return os.Open(path) },
		})
	default:
		return fmt.Errorf("predict: %s: neither a folder nor a file that ends with .zip, .psv, .csv, .ndjson, .jsonl or .parquet; "+
			"what is packed otherwise can be unpacked to standard input, with --data - and --from", path)
	}
	return nil
}

// addAll takes up what a folder or an archive holds.
func (in *inputs) addAll(path string) error {
	stays, passed := false, passedOver{path: path}
	in.files = append(in.files, path)
	files, closer, err := challenge.ListFiles(path, func(name string) bool {
		format := ending(name)
		if format == "" {
			passed.add(name)
			return false
		}
		in.files = append(in.files, filepath.Join(path, filepath.FromSlash(name)))
		stays = stays || format == psvFormat
		return format != psvFormat
	})
	if err != nil {
		return fmt.Errorf("predict: %w", err)
	}
	if stays {
		in.cohort = append(in.cohort, path)
	}
	if passed.files > 0 {
		in.passed = append(in.passed, passed)
	}
	if len(files) > 0 {
		in.archives = append(in.archives, closer)
	} else if err := closer.Close(); err != nil { // at once: the list of an archive is large
		return fmt.Errorf("predict: %s: %w", path, err)
	}
	if len(files) == 0 && !stays {
		return fmt.Errorf("predict: %s: no .psv, .csv, .ndjson, .jsonl or .parquet file in it; archives in a folder must be named themselves", path)
	}
	for _, file := range files {
		in.tables = append(in.tables, tableInput{file.Entry, ending(file.Path), file.Size, true, file.Open})
	}
	return nil
}

// survey looks through the tables for patients whose rows do not stand together. What can be read once only, such as standard input, is left out.
func (in inputs) survey(ctx context.Context, bars *stages) (*table.Patients, error) {
	survey := table.NewSurvey()
	for _, input := range in.tables {
		if !input.twice || input.format == table.NDJSON {
			continue
		}
		reader, content, err := input.read(table.NewPatients())
		if err != nil {
			return nil, err
		}
		err = survey.Add(reader, func(done, total int) error {
			bars.show("looking through "+input.Location, done, total)
			return ctx.Err()
		})
		if err := errors.Join(err, content.Close()); err != nil {
			return nil, err
		}
	}
	return survey.Patients(), nil
}

// read opens the input. What is returned beside the reader must be closed; it is nil with an error.
func (t tableInput) read(seen *table.Patients) (table.Reader, io.Closer, error) {
	content, err := t.open()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", t.Location, err)
	}
	opened := closers{content}
	reader, err := t.reader(content, seen, &opened)
	if err != nil {
		return nil, nil, errors.Join(err, opened.Close())
	}
	return reader, opened, nil
}

// reader adds what else must be closed.
func (t tableInput) reader(content io.Reader, seen *table.Patients, opened *closers) (table.Reader, error) {
	switch t.format {
	case table.NDJSON:
		return table.NewNDJSON(content, t.Location, server.ReadPatient, int(t.size)), nil
	case psvFormat:
		return &oneStay{content: content, entry: t.Entry}, nil
	case table.CSV:
		return table.NewCSV(content, t.Entry, seen, int(t.size))
	}
	if file, ok := content.(*os.File); ok {
		return table.NewParquet(file, t.size, t.Entry, seen)
	}
	copied, size, err := toFile(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Location, err)
	}
	*opened = append(*opened, copied)
	return table.NewParquet(copied, size, t.Entry, seen)
}

// oneStay is a stay in the Challenge's form on standard input, which is read as one in a file is.
type oneStay struct {
	content io.Reader
	entry   challenge.Entry
	read    bool
}

// Next is the stay, then io.EOF.
func (o *oneStay) Next() (challenge.Record, error) {
	if o.read {
		return challenge.Record{}, io.EOF
	}
	o.read = true
	record, err := challenge.ReadStay(o.content, o.entry)
	if err != nil {
		return record, &table.StayError{Err: err}
	}
	return record, nil
}

// Progress is not known.
func (o *oneStay) Progress() (done, total int) { return 0, 0 }

// toFile copies Parquet out of an archive or a pipe, because it is read from its end. It gives the size in bytes. The file has no name, so that
// nothing of it is left however the program ends.
func toFile(content io.Reader) (*os.File, int64, error) {
	file, err := os.CreateTemp("", "sepsis-*.parquet")
	if err != nil {
		return nil, 0, err
	}
	err = os.Remove(file.Name())
	var size int64
	if err == nil {
		size, err = io.Copy(file, content)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, size, nil
}
