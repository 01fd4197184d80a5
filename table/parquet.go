package table

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/medtech-detect/sepsis/challenge"
)

// parquetSource reads the rows of a Parquet file, some at a time.
type parquetSource struct {
	location string
	columns  []parquetColumn
	groups   []parquet.RowGroup
	rows     parquet.Rows // of the current group; nil before it is opened
	buffer   []parquet.Row
	ready    []parquet.Row
	cells    []cell
	done     int
	total    int
}

// parquetColumn is a column and how its values are read.
type parquetColumn struct {
	name    string
	convert converter
}

type parquetReader struct {
	*rowReader
	*parquetSource
}

// Progress counts rows.
func (p parquetReader) Progress() (done, total int) { return p.done, p.total }

// NewParquet reads a Parquet file with flat columns of numbers (DECIMAL among them) and text, named as in [NewCSV]. It is read as untrusted input: what makes the library
// panic is an error.
func NewParquet(from io.ReaderAt, size int64, entry challenge.Entry, seen *Patients) (reader Reader, err error) {
	location := entry.Location
	defer notParquet(location, &err)
	file, err := parquet.OpenFile(from, size)
	if err != nil {
		return nil, fmt.Errorf("%s: not a Parquet file: %w", location, err)
	}
	var names []string
	for _, field := range file.Schema().Fields() {
		if !field.Leaf() || field.Repeated() {
			return nil, &challenge.FormatError{Location: location, Column: field.Name(), Problem: "it holds lists or groups; a number or a word for each hour is expected"}
		}
		names = append(names, field.Name())
	}
	source := &parquetSource{
		location: location, groups: groupsWithRows(file), buffer: make([]parquet.Row, 64), cells: make([]cell, len(names)), total: int(file.NumRows()),
	}
	rows, err := newRowReader(entry, names, seen, source)
	if err != nil {
		return nil, err
	}
	if source.columns, err = parquetColumns(location, file.Schema()); err != nil {
		return nil, err
	}
	return parquetReader{rows, source}, nil
}

// groupsWithRows leaves out row groups without rows, as pyarrow writes one for a table without rows: the library cannot seek in them.
func groupsWithRows(file *parquet.File) []parquet.RowGroup {
	return slices.DeleteFunc(slices.Clone(file.RowGroups()), func(group parquet.RowGroup) bool { return group.NumRows() == 0 })
}

// parquetColumns refuses columns that hold neither numbers nor text.
func parquetColumns(location string, schema *parquet.Schema) ([]parquetColumn, error) {
	var columns []parquetColumn
	for _, field := range schema.Fields() {
		convert, err := converterOf(field.Name(), field.Type())
		if err != nil {
			return nil, &challenge.FormatError{Location: location, Column: field.Name(), Problem: err.Error()}
		}
		columns = append(columns, parquetColumn{field.Name(), convert})
	}
	return columns, nil
}

// notParquet makes an error of a panic of the library (parquet-go issue 537).
func notParquet(location string, err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("%s: not a well-formed Parquet file: %v", location, cause)
	}
}

func (s *parquetSource) next() (cells []cell, line int, err error) {
	defer notParquet(s.location, &err)
	for len(s.ready) == 0 {
		if err := s.fill(); err != nil {
			return nil, 0, err
		}
	}
	row := s.ready[0]
	s.ready = s.ready[1:]
	s.done++
	clear(s.cells)
	for _, value := range row {
		if value.IsNull() {
			continue
		}
		column := s.columns[value.Column()]
		if s.cells[value.Column()], err = column.convert(value); err != nil {
			return nil, 0, fmt.Errorf("%s: row %d: column %s: %w", s.location, s.done, column.name, err)
		}
	}
	return s.cells, s.done, nil
}

// fill reads some rows.
func (s *parquetSource) fill() error {
	if s.rows == nil {
		if len(s.groups) == 0 {
			return io.EOF
		}
		s.rows, s.groups = s.groups[0].Rows(), s.groups[1:]
	}
	n, err := s.rows.ReadRows(s.buffer)
	s.ready = s.buffer[:n]
	switch {
	case errors.Is(err, io.EOF):
		err = s.rows.Close()
		s.rows = nil
	case err == nil && n == 0:
		err = io.ErrNoProgress
	}
	if err != nil {
		return fmt.Errorf("%s: row %d: %w", s.location, s.done+1, err)
	}
	return nil
}
