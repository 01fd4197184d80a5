package table_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/server"
	"github.com/medtech-detect/sepsis/table"
)

// field is a required column of a Parquet file and its values, one for each row.
type field struct {
	node   parquet.Node
	values []any
}

// fileOf writes a Parquet file with columns of any type.
func fileOf(t *testing.T, fields map[string]field) []byte {
	t.Helper()
	group, rows := parquet.Group{}, 0
	for name, f := range fields {
		group[name], rows = f.node, len(f.values)
	}
	schema := parquet.NewSchema("stays", group)
	var file bytes.Buffer
	writer := parquet.NewGenericWriter[any](&file, schema)
	for i := range rows {
		row := make(parquet.Row, len(fields))
		for name, f := range fields {
			leaf, _ := schema.Lookup(name)
			row[leaf.ColumnIndex] = parquet.ValueOf(f.values[i]).Level(0, 0, leaf.ColumnIndex)
		}
		if _, err := writer.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func openParquet(file []byte) (table.Reader, error) {
	return table.NewParquet(bytes.NewReader(file), int64(len(file)), challenge.Entry{ID: "x", Location: "x.parquet"}, table.NewPatients())
}

func parquetStays(t *testing.T, fields map[string]field) ([]challenge.Record, []error) {
	t.Helper()
	reader, err := openParquet(fileOf(t, fields))
	return all(t, reader, err)
}

var firstHour = field{parquet.Leaf(parquet.Int32Type), []any{int32(1)}}

// TestDecimalsAreScaled: a creatinine of 0.9 stays one, however the database wrote it.
func TestDecimalsAreScaled(t *testing.T) {
	fixed := func(bytes ...byte) []byte { return bytes }
	for name, test := range map[string]struct {
		field
		want float64
	}{
		"INT32":                           {field{parquet.Decimal(1, 9, parquet.Int32Type), []any{int32(9)}}, 0.9},
		"INT32 with two digits":           {field{parquet.Decimal(2, 5, parquet.Int32Type), []any{int32(123)}}, 1.23},
		"INT64":                           {field{parquet.Decimal(4, 18, parquet.Int64Type), []any{int64(9000)}}, 0.9},
		"INT64 beyond 2^53":               {field{parquet.Decimal(17, 18, parquet.Int64Type), []any{int64(123456789012345678)}}, 1.23456789012345678},
		"FIXED_LEN_BYTE_ARRAY":            {field{parquet.Decimal(1, 38, parquet.FixedLenByteArrayType(16)), []any{append(make([]byte, 15), 9)}}, 0.9},
		"FIXED_LEN_BYTE_ARRAY of 5 bytes": {field{parquet.Decimal(2, 11, parquet.FixedLenByteArrayType(5)), []any{fixed(0, 0, 0, 1, 4)}}, 2.6},
		"BYTE_ARRAY":                      {field{parquet.Decimal(1, 9, parquet.ByteArrayType), []any{fixed(9)}}, 0.9},
		"without scale":                   {field{parquet.Decimal(0, 9, parquet.Int32Type), []any{int32(2)}}, 2},
	} {
		read, wrong := parquetStays(t, map[string]field{"icu_hour": firstHour, "creatinine": test.field})
		if len(read) != 1 || len(wrong) != 0 {
			t.Errorf("%s: %d stays, %v", name, len(read), wrong)
			continue
		}
		if got := read[0].Observations[0].Values[sepsis.Creatinine]; got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	below := map[string]field{
		"icu_hour": firstHour, "HospAdmTime": {parquet.Decimal(2, 11, parquet.FixedLenByteArrayType(5)), []any{fixed(0xff, 0xff, 0xff, 0xff, 0x06)}},
	}
	if read, wrong := parquetStays(t, below); len(read) != 1 || read[0].HoursBefore != 2.5 {
		t.Errorf("a DECIMAL below 0: %+v, %v", read, wrong)
	}
	endless := map[string]field{"icu_hour": firstHour, "age": {parquet.Decimal(0, 9, parquet.ByteArrayType), []any{make([]byte, 33)}}}
	if _, wrong := parquetStays(t, endless); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "row 1: column age: a DECIMAL of 33 bytes") {
		t.Errorf("%v", wrong)
	}
}

// TestRefusesOtherTypes: a time or a date is no number, whatever integer stands for it.
func TestRefusesOtherTypes(t *testing.T) {
	for name, f := range map[string]field{
		"TIMESTAMP":            {parquet.Timestamp(parquet.Millisecond), []any{int64(1)}},
		"DATE":                 {parquet.Date(), []any{int32(1)}},
		"TIME":                 {parquet.Time(parquet.Millisecond), []any{int32(1)}},
		"UUID":                 {parquet.UUID(), []any{make([]byte, 16)}},
		"JSON":                 {parquet.JSON(), []any{[]byte("1")}},
		"BSON":                 {parquet.BSON(), []any{[]byte("1")}},
		"FIXED_LEN_BYTE_ARRAY": {parquet.Leaf(parquet.FixedLenByteArrayType(2)), []any{[]byte("11")}},
		"DECIMAL":              {parquet.Decimal(77, 77, parquet.ByteArrayType), []any{[]byte{1}}},
	} {
		_, err := openParquet(fileOf(t, map[string]field{"icu_hour": firstHour, "heart_rate": f}))
		if err == nil || !strings.Contains(err.Error(), "x.parquet: column heart_rate: its type in the file is "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNeighbouringPatients are two, however large the numbers are that name them.
func TestNeighbouringPatients(t *testing.T) {
	const large = 1 << 53
	wide := append(make([]byte, 8), 0, 0x20, 0, 0, 0, 0, 0, 0)
	for name, ids := range map[string]field{
		"INT64":   {parquet.Leaf(parquet.Int64Type), []any{int64(large), int64(large + 1)}},
		"Int(64)": {parquet.Int(64), []any{int64(large), int64(large + 1)}},
		"DECIMAL": {parquet.Decimal(0, 38, parquet.FixedLenByteArrayType(16)), []any{wide, append(slices.Clone(wide[:15]), 1)}},
		"text":    {parquet.String(), []any{"9007199254740992", "9007199254740993"}},
	} {
		hours := field{parquet.Leaf(parquet.Int32Type), []any{int32(1), int32(1)}}
		read, wrong := parquetStays(t, map[string]field{"icu_hour": hours, "patient_id": ids})
		if len(read) != 2 || len(wrong) != 0 || read[0].ID != "9007199254740992" || read[1].ID != "9007199254740993" {
			t.Errorf("%s: %+v, %v", name, read, wrong)
		}
	}
	read, wrong := csvOf(t, "patient_id,icu_hour\n9007199254740992,1\n9007199254740993,1\n")
	if len(read) != 2 || len(wrong) != 0 || read[1].ID != "9007199254740993" {
		t.Errorf("CSV: %+v, %v", read, wrong)
	}
	for text, want := range map[string]int{
		`{"patient_id": "9007199254740992", "ph": 7.4, "age": 67}` + "\n" + `{"patient_id": "9007199254740993", "ph": 7.4, "age": 67}`: 2,
		`{"patient_id": 9007199254740992, "ph": 7.4, "age": 67}` + "\n" + `{"patient_id": 9007199254740993, "ph": 7.4, "age": 67}`:     0, // the API wants text
	} {
		read, wrong := all(t, table.NewNDJSON(strings.NewReader(text), "x.ndjson", server.ReadPatient, len(text)), nil)
		if len(read) != want || len(wrong) != 2-want || want == 2 && read[0].ID == read[1].ID {
			t.Errorf("%s: %+v, %v", text, read, wrong)
		}
	}
}

// TestNamesOfPatients of other types: unsigned, a UUID, and floating-point, which pandas makes of whole numbers when one is missing.
func TestNamesOfPatients(t *testing.T) {
	id := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	for want, f := range map[string]field{
		"4294967295":                           {parquet.Uint(32), []any{uint32(math.MaxUint32)}},
		"18446744073709551615":                 {parquet.Uint(64), []any{uint64(math.MaxUint64)}},
		"00010203-0405-0607-0809-0a0b0c0d0e0f": {parquet.UUID(), []any{id}},
		"7":                                    {parquet.Leaf(parquet.DoubleType), []any{7.}},
	} {
		read, wrong := parquetStays(t, map[string]field{"icu_hour": firstHour, "patient_id": f})
		if len(read) != 1 || read[0].ID != want {
			t.Errorf("%+v, %v, want %s", read, wrong, want)
		}
	}
	for number, want := range map[float64]string{1 << 53: "may stand for several patients", math.NaN(): "the patient is missing"} {
		f := field{parquet.Leaf(parquet.DoubleType), []any{number}}
		if _, wrong := parquetStays(t, map[string]field{"icu_hour": firstHour, "patient_id": f}); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), want) {
			t.Errorf("%v: %v, want %s", number, wrong, want)
		}
	}
}

// TestIndexOfPandas: the column that pandas adds of its own is passed over, whatever it holds, and that one only.
func TestIndexOfPandas(t *testing.T) {
	index := field{parquet.Timestamp(parquet.Millisecond), []any{int64(1)}}
	rate := field{parquet.Leaf(parquet.DoubleType), []any{80.}}
	read, wrong := parquetStays(t, map[string]field{"icu_hour": firstHour, "heart_rate": rate, "__index_level_0__": index})
	if len(read) != 1 || read[0].Observations[0].Values[sepsis.HeartRate] != 80 {
		t.Errorf("%+v, %v", read, wrong)
	}
	if _, err := openParquet(fileOf(t, map[string]field{"icu_hour": firstHour, "__index_level_1__": index})); err == nil {
		t.Error("any other name is passed over, too")
	}
}
