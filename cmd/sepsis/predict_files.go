package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/server"
	"github.com/medtech-detect/sepsis/table"
)

// output is where a table goes: standard output, or a file that gets its name when it is whole.
type output struct {
	*os.File
	final string // empty for standard output
}

// create opens the output, and refuses to write over what is to be read.
func (c predictCommand) create() (output, error) {
	if c.Out == standard {
		return output{File: os.Stdout}, nil
	}
	for _, path := range c.Data {
		if path != standard && sameFile(path, c.Out) {
			return output{}, fmt.Errorf("predict: %s would be written over: name another file with --out", path)
		}
	}
	file, err := os.CreateTemp(filepath.Dir(c.Out), "."+filepath.Base(c.Out)+".*")
	if err != nil {
		return output{}, fmt.Errorf("predict: %w", err)
	}
	return output{file, c.Out}, nil
}

// keep gives the file its name.
func (o output) keep() error {
	if o.final == "" {
		return nil
	}
	if err := errors.Join(o.Chmod(0o644), o.Close()); err != nil { // as any command writes its output
		return errors.Join(fmt.Errorf("predict: %w", err), os.Remove(o.Name()))
	}
	return os.Rename(o.Name(), o.final)
}

// discard leaves nothing of the file.
func (o output) discard() error {
	if o.final == "" {
		return nil
	}
	return errors.Join(o.Close(), os.Remove(o.Name()))
}

// openTable opens a file by its ending, or standard input as what it is said to hold.
func openTable(path string, from table.Format) (table.Reader, func() error, error) {
	if path == standard {
		reader, err := standardInput(from)
		return reader, func() error { return nil }, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("predict: %w", err)
	}
	reader, err := readTable(file, path)
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return reader, file.Close, nil
}

func readTable(file *os.File, path string) (table.Reader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	switch ending(path) {
	case table.NDJSON:
		return table.NewNDJSON(file, path, server.ReadPatient, int(info.Size())), nil
	case table.Parquet:
		return table.NewParquet(file, info.Size(), path, name)
	}
	return table.NewCSV(file, path, name, ',', int(info.Size()))
}

func standardInput(from table.Format) (table.Reader, error) {
	const name = "stdin"
	switch from {
	case table.NDJSON:
		return table.NewNDJSON(os.Stdin, name, server.ReadPatient, 0), nil
	case table.CSV:
		return table.NewCSV(os.Stdin, name, name, ',', 0)
	case psvFormat:
		return table.NewCSV(os.Stdin, name, name, '|', 0)
	}
	return nil, errors.New("predict: say with --from what standard input holds: csv, ndjson or psv")
}
