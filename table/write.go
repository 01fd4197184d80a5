package table

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"github.com/medtech-detect/sepsis"
)

// Prediction is what is told of one hour of a stay.
type Prediction struct {
	PatientID   string
	Hospital    string // empty where it is not known
	Risk        sepsis.Risk
	Reliability sepsis.ReliabilityLevel // how far to rely on it
	Explanation *sepsis.Explanation     // nil where none was asked for
}

// Writer writes predictions.
type Writer interface {
	Write(predictions []Prediction) error
	// Close ends what is written; it does not close what it is written to.
	Close() error
}

// Format is a form in which predictions are written.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	NDJSON  Format = "ndjson"
	Parquet Format = "parquet"
)

// NewWriter makes a writer. With names of what explanations name there are columns for an explanation: base_value, raw_output, and one
// for each name, which holds its contribution.
func NewWriter(format Format, to io.Writer, explained []string) (Writer, error) {
	columns := predictionColumns(explained)
	switch format {
	case CSV:
		return newCSVWriter(to, columns)
	case NDJSON:
		buffered := bufio.NewWriter(to)
		return &ndjsonWriter{buffered, json.NewEncoder(buffered)}, nil
	case Parquet:
		return newParquetWriter(to, columns), nil
	}
	return nil, fmt.Errorf("there is no format %q", format)
}

// kind is what a column holds.
type kind int

const (
	textKind kind = iota
	wholeKind
	numberKind
	truthKind
)

// predictionColumn is a column of what is written. Its value is a string, an int, a float64 or a bool, or nil for what is not known.
type predictionColumn struct {
	name string
	kind kind
	of   func(p *Prediction) any
}

func predictionColumns(explained []string) []predictionColumn {
	columns := []predictionColumn{
		{patientColumn, textKind, func(p *Prediction) any { return p.PatientID }},
		{"hospital", textKind, func(p *Prediction) any { return p.Hospital }},
		{"icu_hour", wholeKind, func(p *Prediction) any {
			if p.Risk.Hour == sepsis.HourUnknown {
				return nil
			}
			return p.Risk.Hour
		}},
		{"probability", numberKind, func(p *Prediction) any { return p.Risk.Probability }},
		{"prediction", textKind, func(p *Prediction) any { return string(p.Risk.Label) }},
		{"alert", truthKind, func(p *Prediction) any { return p.Risk.Alert }},
		{"risk_band", textKind, func(p *Prediction) any { return string(p.Risk.Band) }},
		{"reliability", textKind, func(p *Prediction) any { return string(p.Reliability) }},
	}
	if len(explained) == 0 {
		return columns
	}
	columns = append(
		columns,
		predictionColumn{"base_value", numberKind, func(p *Prediction) any { return p.Explanation.Base }},
		predictionColumn{"raw_output", numberKind, func(p *Prediction) any { return p.Explanation.Output }},
	)
	for _, name := range explained {
		columns = append(columns, predictionColumn{"contribution_" + name, numberKind, func(p *Prediction) any { return p.contribution(name) }})
	}
	return columns
}

// contribution is 0 for what the explanation leaves out.
func (p *Prediction) contribution(name string) float64 {
	for _, c := range p.Explanation.Contributions {
		if c.Name == name {
			return c.Contribution
		}
	}
	return 0
}

type csvWriter struct {
	out     *csv.Writer
	columns []predictionColumn
	record  []string
}

func newCSVWriter(to io.Writer, columns []predictionColumn) (*csvWriter, error) {
	w := &csvWriter{out: csv.NewWriter(to), columns: columns}
	for _, c := range columns {
		w.record = append(w.record, c.name)
	}
	return w, w.out.Write(w.record)
}

func (w *csvWriter) Write(predictions []Prediction) error {
	for i := range predictions {
		for c := range w.columns {
			w.record[c] = field(w.columns[c].of(&predictions[i]))
		}
		if err := w.out.Write(w.record); err != nil {
			return err
		}
	}
	return nil
}

// field gives numbers in the fewest digits that read back as the same number.
func field(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(value)
}

func (w *csvWriter) Close() error {
	w.out.Flush()
	return w.out.Error()
}

type ndjsonWriter struct {
	out     *bufio.Writer
	encoder *json.Encoder
}

// ndjsonLine has the names of the API's answer; of reliability it has the level alone, as the tables do.
type ndjsonLine struct {
	PatientID   string                  `json:"patient_id"`
	Hospital    string                  `json:"hospital,omitempty"`
	ICUHour     *int                    `json:"icu_hour"`
	Probability float64                 `json:"probability"`
	Prediction  sepsis.Label            `json:"prediction"`
	Alert       bool                    `json:"alert"`
	RiskBand    sepsis.RiskBand         `json:"risk_band"`
	Reliability sepsis.ReliabilityLevel `json:"reliability"`
	Explanation []sepsis.Contribution   `json:"explanation,omitzero"`
	BaseValue   *float64                `json:"base_value,omitempty"`
	RawOutput   *float64                `json:"raw_output,omitempty"`
}

func (w *ndjsonWriter) Write(predictions []Prediction) error {
	for i := range predictions {
		p := &predictions[i]
		line := ndjsonLine{
			PatientID: p.PatientID, Hospital: p.Hospital, Probability: p.Risk.Probability, Prediction: p.Risk.Label, Alert: p.Risk.Alert, RiskBand: p.Risk.Band,
			Reliability: p.Reliability,
		}
		if p.Risk.Hour != sepsis.HourUnknown {
			line.ICUHour = &p.Risk.Hour
		}
		if e := p.Explanation; e != nil {
			line.Explanation, line.BaseValue, line.RawOutput = e.Contributions, &e.Base, &e.Output
		}
		if err := w.encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (w *ndjsonWriter) Close() error { return w.out.Flush() }

type parquetWriter struct {
	out     *parquet.GenericWriter[any]
	columns []predictionColumn
	places  []int // of each column in the schema, which sorts by name
	row     parquet.Row
	rows    int
}

// rowGroup is how many rows are held before they are written: with 100,000 the columns of the group and what compresses them took 60 MiB, with
// 10,000 a tenth, and the file grows by 1 or 2 %.
const rowGroup = 10_000

func newParquetWriter(to io.Writer, columns []predictionColumn) *parquetWriter {
	nodes := map[kind]parquet.Node{
		textKind: parquet.String(), wholeKind: parquet.Optional(parquet.Int(64)), numberKind: parquet.Leaf(parquet.DoubleType), truthKind: parquet.Leaf(parquet.BooleanType),
	}
	group := parquet.Group{}
	for _, c := range columns {
		group[c.name] = nodes[c.kind]
	}
	schema := parquet.NewSchema("prediction", group)
	w := &parquetWriter{
		out: parquet.NewGenericWriter[any](to, schema, parquet.Compression(&parquet.Zstd)), columns: columns, row: make(parquet.Row, len(columns)),
	}
	for _, c := range columns {
		leaf, _ := schema.Lookup(c.name)
		w.places = append(w.places, leaf.ColumnIndex)
	}
	return w
}

func (w *parquetWriter) Write(predictions []Prediction) error {
	for i := range predictions {
		for c, column := range w.columns {
			place := w.places[c]
			value, defined := column.of(&predictions[i]), 0
			if column.kind == wholeKind && value != nil {
				defined, value = 1, int64(value.(int))
			}
			w.row[place] = parquet.ValueOf(value).Level(0, defined, place)
		}
		if _, err := w.out.WriteRows([]parquet.Row{w.row}); err != nil {
			return err
		}
		if w.rows++; w.rows%rowGroup == 0 {
			if err := w.out.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *parquetWriter) Close() error { return w.out.Close() }
