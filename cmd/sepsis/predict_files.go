package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis/atomicfile"
)

// needFolder refuses an --out that can hardly be meant as a folder. A folder whose name has an ending is taken when it is there, or
// when the name ends with a separator.
func (c predictCommand) needFolder() error {
	const possible = "name a folder with --out, or a file that ends with .csv, .ndjson, .jsonl or .parquet for one table"
	if c.Out == standard {
		return fmt.Errorf("predict: %s is written into a folder, and not to standard output: %s, or --format csv or ndjson", c.format(), possible)
	}
	info, err := os.Stat(c.Out)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("predict: %s is a file, and %s is written into a folder: %s", c.Out, c.format(), possible)
	}
	named := strings.TrimLeft(filepath.Base(c.Out), ".")
	if strings.HasSuffix(c.Out, string(filepath.Separator)) || filepath.Ext(named) == "" {
		return nil
	}
	return fmt.Errorf("predict: %s is not the name of a folder, and %s is written into one: %s; if a folder is meant, end its name with %c", c.Out, c.format(), possible, filepath.Separator)
}

// output is where a table goes: standard output, or a file.
type output struct {
	atomicfile.File
	standard bool
}

// create opens the output, and refuses to write over what is to be read.
func (c predictCommand) create(given inputs) (output, error) {
	if c.Out == standard {
		return output{atomicfile.File{File: os.Stdout}, true}, nil
	}
	if err := refuseOverwriting(outOption, c.Out, given.files); err != nil {
		return output{}, fmt.Errorf("predict: %w", err)
	}
	file, err := atomicfile.Create(c.Out)
	if err != nil {
		return output{}, fmt.Errorf("predict: %s %s cannot be written: %w", outOption, c.Out, causeOf(err))
	}
	return output{file, false}, nil
}

// keep leaves standard output open.
func (o output) keep() error {
	if o.standard {
		return nil
	}
	return o.Keep()
}

// discard leaves standard output open.
func (o output) discard() error {
	if o.standard {
		return nil
	}
	return o.Discard()
}
