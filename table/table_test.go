package table_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/parquet-go/parquet-go"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/server"
	"github.com/medtech-detect/sepsis/table"
)

// all reads to the end. Stays that are wrong are given as errors.
func all(t *testing.T, reader table.Reader, err error) (stays []challenge.Record, wrong []error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for {
		record, err := reader.Next()
		_, ofStay := errors.AsType[*table.StayError](err)
		switch {
		case errors.Is(err, io.EOF):
			return stays, wrong
		case ofStay:
			wrong = append(wrong, err)
		case err != nil:
			return stays, append(wrong, err)
		default:
			stays = append(stays, record)
		}
	}
}

func csvOf(t *testing.T, text string) ([]challenge.Record, []error) {
	t.Helper()
	reader, err := table.NewCSV(strings.NewReader(text), challenge.Entry{ID: "x", Location: "x.csv"}, table.NewPatients(), len(text))
	return all(t, reader, err)
}

func TestCSVWithTheNamesOfTheAPI(t *testing.T) {
	stays, wrong := csvOf(t, "\ufeffpatient_id,icu_hour,age,sex,icu_unit,hours_in_hospital_before_icu,heart_rate,lactate\r\n"+
		"a,1,67,female,medical,12.5,90,\r\n"+
		"a,3,67,female,medical,12.5,NaN,2.5\r\n"+
		"\"b, the second\",1,50,,,,999,\n")
	if len(stays) != 2 || len(wrong) != 0 {
		t.Fatalf("%+v, %v", stays, wrong)
	}
	a, b := stays[0], stays[1]
	if a.ID != "a" || a.Age != 67 || a.Sex != sepsis.Female || a.ICUUnit != sepsis.MedicalICU || a.HoursBefore != 12.5 || a.Labels != nil {
		t.Errorf("%+v", a)
	}
	if o := a.Observations; len(o) != 2 || o[1].Hour != 3 || o[0].Values[sepsis.HeartRate] != 90 || o[0].Values.Has(sepsis.Lactate) || o[1].Values[sepsis.Lactate] != 2.5 {
		t.Errorf("%+v", o)
	}
	// 999 beats a minute are implausible: taken out and counted, as of the Challenge's files.
	if b.ID != "b, the second" || b.Sex != "" || !sepsis.IsMissing(b.HoursBefore) || b.Observations[0].Values.Any() || b.Cleaning.Removed() != 1 {
		t.Errorf("%+v", b)
	}
}

// TestSameAsTheChallengesFiles: a stay in the Challenge's own form, read as a table, is the same stay.
func TestSameAsTheChallengesFiles(t *testing.T) {
	stays, err := challenge.Synthesize(challenge.SynthOptions{Stays: 5, Seed: 7, SepticShare: 1})
	if err != nil {
		t.Fatal(err)
	}
	for stay := range stays {
		var file bytes.Buffer
		if err := challenge.WriteStay(&file, &stay); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(file.String(), "|", ",")
		reader, err := table.NewCSV(strings.NewReader(text), challenge.Entry{ID: stay.ID, Location: "p.csv"}, table.NewPatients(), 0)
		got, wrong := all(t, reader, err)
		if len(got) != 1 || len(wrong) != 0 {
			t.Fatalf("%d stays, %v", len(got), wrong)
		}
		want := stay
		want.Hospital, want.PatientID = "", stay.ID
		if fmt.Sprint(got[0].LabelledStay) != fmt.Sprint(want) {
			t.Errorf("%v\n%v", got[0].LabelledStay, want)
		}
	}
}

func TestWrongStaysAreToldAndPassedOver(t *testing.T) {
	stays, wrong := csvOf(t, "patient_id,icu_hour,age,sex,hours_in_hospital_before_icu,heart_rate\n"+
		"a,1,67,,,90\n"+
		"b,1,67,,,fast\nb,2,67,,,91\n"+
		"c,2,67,,,90\nc,1,67,,,90\n"+
		"d,1,67,F,,90\n"+
		"e,1,67,,-5,90\n"+
		"a,2,67,,,90\n"+
		",1,67,,,90\n"+
		"z,1,67,,,90\n")
	if len(stays) != 2 || stays[0].ID != "a" || stays[1].ID != "z" {
		t.Errorf("stays %+v", stays)
	}
	for i, want := range []string{
		"x.csv:3: column heart_rate: \"fast\" is not a number", "x.csv:6: column icu_hour: the hour 1 comes after 2", "x.csv:7: column sex: F is neither female nor male",
		"x.csv:8: column hours_in_hospital_before_icu: -5 is below 0", "x.csv:9: column patient_id: the patient a was there before", "x.csv:10: column patient_id: the patient is missing",
	} {
		if i >= len(wrong) || !strings.HasPrefix(wrong[i].Error(), want) {
			t.Errorf("error %d of %v, want %s", i, wrong, want)
		}
	}
}

// TestErrorsSpeakAsTheTable: of columns and of words as it writes them, whichever names it has.
func TestErrorsSpeakAsTheTable(t *testing.T) {
	for text, want := range map[string]string{
		"icu_hour,age\n1,67\n2,68\n":                          "x.csv:3: column age: changes within the stay, from 67 to 68",
		"ICULOS,Age\n1,67\n2,\n":                              "x.csv:3: column Age: changes within the stay, from 67 to not recorded",
		"icu_hour,sex\n1,female\n2,male\n":                    "x.csv:3: column sex: changes within the stay, from female to male",
		"icu_hour,Gender\n1,0\n2,1\n":                         "x.csv:3: column Gender: changes within the stay, from 0 to 1",
		"icu_hour,icu_unit\n1,medical\n2,surgical\n":          "x.csv:3: column icu_unit: changes within the stay, from medical to surgical",
		"icu_hour,icu_unit\n1,\n2,surgical\n":                 "x.csv:3: column icu_unit: changes within the stay, from not recorded to surgical",
		"icu_hour,hours_in_hospital_before_icu\n1,5\n2,7.5\n": "x.csv:3: column hours_in_hospital_before_icu: changes within the stay, from 5 to 7.5",
		"icu_hour,HospAdmTime\n1,-5\n2,-7.5\n":                "x.csv:3: column HospAdmTime: changes within the stay, from -5 to -7.5",
		"icu_hour\n1.5\n":                                     "x.csv:2: column icu_hour: 1.5 is not a whole hour",
		"ICULOS\n2\n2\n":                                      "x.csv:3: column ICULOS: the hour 2 is repeated",
		"icu_hour,Unit1,Unit2\n1,1,1\n":                       "x.csv:2: column Unit2: Unit1 and Unit2 are both 1",
	} {
		if _, wrong := csvOf(t, text); len(wrong) != 1 || !strings.HasPrefix(wrong[0].Error(), want) {
			t.Errorf("%q: %v, want %s", text, wrong, want)
		}
	}
}

func TestRefusesTables(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                "empty",
		"heart_rate\n90\n":                                "x.csv:1: the column icu_hour is missing; the Challenge's ICULOS would do, too",
		"icu_hour,heart_rat\n1,90":                        `did you mean "heart_rate"?`,
		"icu_hour,HR,heart_rate\n":                        "x.csv:1: column heart_rate: the column HR says the same",
		"Unit2,icu_hour,icu_unit\n":                       "x.csv:1: column icu_unit: the column Unit2 says the same",
		"icu_hour,ph,ph\n":                                "x.csv:1: column ph: the column occurs twice",
		"ICULOS,HR,HR\n":                                  "x.csv:1: column HR: the column occurs twice",
		"patient_id,ICULOS,patient_id\n":                  "x.csv:1: column patient_id: the column occurs twice",
		"icu_hour;heart_rate\n1;90":                       "x.csv:1: columns are separated by semicolons; separate them by commas",
		"icu_hour\theart_rate\n1\t90":                     "x.csv:1: columns are separated by tabs",
		"ICULOS|HR\n1|90":                                 "x.csv:1: columns are separated by bars",
		"icu;hour\n":                                      "semicolons",
		"\x1f\x8b\b\b\x00\r\x01":                          "x.csv:1: the file is packed with gzip; unpack it",
		"PK\x03\x04\x14\x00\"":                            "x.csv:1: the file is packed with zip, as Excel's workbooks are",
		"icu_hour,HR\r1,90\r2,91\r":                       "x.csv:1: lines end with carriage returns alone, as on old Macs; save the file with the line ends of Windows or Unix",
		"\ufeff\"icu_hour\",\"HR\"\r1,90":                 "x.csv:1: lines end with carriage returns alone",
		"icu_hour,HR\r" + strings.Repeat("1,90\r", 1<<18): "x.csv:1: lines end with carriage returns alone",
		"icu;hour,heart_rate\n":                           "unknown column",
		",icu_hour\n0,1\n":                                "a column has no name, as pandas writes its index; write the table without it (index=False)",
		"Patient_ID,icu_hour\n":                           `did you mean "patient_id"?`,
		"icu_hour,PaO2\n":                                 `unknown column "PaO2"; it is none of the measurements that the model uses; leave it out`,
		"\xff\xfei\x00c\x00":                              "UTF-16",
		"icu_hour,\"\n":                                   "x.csv:",
	} {
		if _, err := table.NewCSV(strings.NewReader(text), challenge.Entry{ID: "x", Location: "x.csv"}, table.NewPatients(), 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, wrong := csvOf(t, "icu_hour,heart_rate\n1,90\n2\n"); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "x.csv:3") {
		t.Errorf("a short row: %v", wrong)
	}
}

// TestQuotationMarksThatDoNotMatch end the reading at the row in which they begin, wherever the reader notices.
func TestQuotationMarksThatDoNotMatch(t *testing.T) {
	const header, row = "patient_id,icu_hour,age\n", "a,1,67\n"
	for text, want := range map[string]string{
		header + row + "\"b,1,67\n" + strings.Repeat("c,1,67\n", 100):           "x.csv:3: a quotation mark of the row that begins here does not match",
		header + row + "\"b\"c,1,67\n":                                          "x.csv:3: a quotation mark of the row that begins here does not match",
		header + row + "b\"c,1,67\n":                                            "x.csv:3: a quotation mark stands in a cell that does not begin with one",
		header + row + "\"b,1,67\n" + strings.Repeat("another,1,67\n", 100_000): "x.csv:3: a row is longer than 1 MiB; perhaps a quotation mark opens and does not close",
		header + row + "\"b,1,67\nc,1,67\nd\",1,67\n":                           "x.csv:3: column patient_id: \"b,1,67\\nc,1,67\\nd\" has a line break",
	} {
		if _, wrong := csvOf(t, text); len(wrong) != 1 || !strings.HasPrefix(wrong[0].Error(), want) {
			t.Errorf("%v, want %s", wrong, want)
		}
	}
	long := strings.Repeat("x", 1000)
	if stays, wrong := csvOf(t, header+strings.Repeat(long+",1,67\n"+long+"y,1,67\n"+long+",2,67\n", 2000)); len(stays) != 2 || len(wrong) != 3999 {
		t.Errorf("the rows of a long table count together: %d stays, %d wrong", len(stays), len(wrong))
	}
}

// TestNamesThatAreNotUTF8 would be written alike in JSON, and make Parquet that others do not read.
func TestNamesThatAreNotUTF8(t *testing.T) {
	stays, wrong := csvOf(t, "patient_id,icu_hour,age\nRen\xe9,1,67\nRen\xe8,1,67\nRené,1,67\n")
	if len(stays) != 1 || stays[0].ID != "René" || len(wrong) != 2 || !strings.HasPrefix(wrong[0].Error(), `x.csv:2: column patient_id: "Ren\xe9" is not UTF-8`) {
		t.Errorf("%+v, %v", stays, wrong)
	}
}

// TestTablesOfOneNameWithoutPatients are told apart by their folders, and refused where these are the same.
func TestTablesOfOneNameWithoutPatients(t *testing.T) {
	const text = "icu_hour,age\n1,67\n2,67\n"
	seen := table.NewPatients()
	for _, test := range []struct{ hospital, want string }{
		{"north", ""}, {"south", ""}, {"north", "north/x.csv:2: a stay x of north was there before"},
	} {
		reader, err := table.NewCSV(strings.NewReader(text), challenge.Entry{ID: "x", Hospital: test.hospital, Location: test.hospital + "/x.csv"}, seen, 0)
		stays, wrong := all(t, reader, err)
		switch {
		case test.want == "" && (len(stays) != 1 || stays[0].Hospital != test.hospital || len(wrong) != 0):
			t.Errorf("%s: %+v, %v", test.hospital, stays, wrong)
		case test.want != "" && (len(stays) != 0 || len(wrong) != 1 || !strings.HasPrefix(wrong[0].Error(), test.want)):
			t.Errorf("%s: %d stays, %v, want %s", test.hospital, len(stays), wrong, test.want)
		}
	}
}

// TestSurveyFindsPatientsWhoComeBack, in one table or in another one; of each it is told once, and nothing is given of any of their rows.
func TestSurveyFindsPatientsWhoComeBack(t *testing.T) {
	const header = "patient_id,icu_hour,age\n"
	tables := []string{header + "a,1,67\na,2,67\nb,1,67\nc,1,67\nb,2,67\n", header + "d,1,67\n,1,67\nd,2\nc,2,67\n,2,67\ne,1,67\n", "icu_hour,age\n1,67\n"}
	open := func(i int, seen *table.Patients) (table.Reader, error) {
		return table.NewCSV(strings.NewReader(tables[i]), challenge.Entry{ID: "x", Location: fmt.Sprintf("%d.csv", i)}, seen, len(tables[i]))
	}
	survey, told := table.NewSurvey(), 0
	for i := range tables {
		reader, err := open(i, table.NewPatients())
		if err != nil {
			t.Fatal(err)
		}
		if err := survey.Add(reader, func(done, total int) error { told++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	var names, problems []string
	patients := survey.Patients()
	for i := range tables {
		reader, err := open(i, patients)
		stays, wrong := all(t, reader, err)
		for _, stay := range stays {
			names = append(names, fmt.Sprintf("%s%d", stay.ID, len(stay.Observations)))
		}
		for _, problem := range wrong {
			problems = append(problems, problem.Error())
		}
	}
	const apart = "column patient_id: the rows of the patient"
	want := []string{"0.csv:4: " + apart, "0.csv:5: " + apart, "1.csv:2: " + apart, "1.csv:3: column patient_id: the patient is missing", "1.csv:6: column patient_id: the patient is missing"}
	if got := strings.Join(names, " "); got != "a2 e1 x1" || told == 0 {
		t.Errorf("stays %s, told %d times", got, told)
	}
	if !slices.EqualFunc(problems, want, strings.HasPrefix) {
		t.Errorf("%s\nwant\n%s", strings.Join(problems, "\n"), strings.Join(want, "\n"))
	}
	full := errors.New("stopped")
	reader, err := open(0, table.NewPatients())
	if err != nil {
		t.Fatal(err)
	}
	if err := survey.Add(reader, func(int, int) error { return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

func TestNDJSON(t *testing.T) {
	text := "{\"age\": 67, \"ph\": 7.4}\n\n{\"age\": 3, \"pH\": 7.4}\n{\"patient_id\": \"c\", \"age\": 67, \"observations\": [{\"icu_hour\": 2, \"ph\": 7.3}]}"
	stays, wrong := all(t, table.NewNDJSON(strings.NewReader(text), "x.ndjson", server.ReadPatient, len(text)), nil)
	if len(stays) != 2 || stays[0].ID != "line 1" || stays[1].ID != "c" || stays[1].Observations[0].Hour != 2 {
		t.Errorf("%+v", stays)
	}
	if len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "x.ndjson:3: body.age:") || !strings.Contains(wrong[0].Error(), "body.pH:") {
		t.Errorf("%v", wrong)
	}
}

// TestLineTooLong: it costs its own patient, and what follows is read on, with the right number of the line.
func TestLineTooLong(t *testing.T) {
	const good = `{"age": 67, "ph": 7.4}`
	long := strings.Repeat(" ", 4<<20) + good
	for text, want := range map[string]string{
		good + "\n" + long + "\n" + good: "line 1, line 3", long + "\n" + good + "\n": "line 2", good + "\n" + long: "line 1",
		strings.Repeat(" ", 4<<20-len(good)) + good + "\n" + long: "line 1",
	} {
		stays, wrong := all(t, table.NewNDJSON(strings.NewReader(text), "x.ndjson", server.ReadPatient, 0), nil)
		var ids []string
		for _, stay := range stays {
			ids = append(ids, stay.ID)
		}
		if got := strings.Join(ids, ", "); got != want || len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "longer than 4 MiB") {
			t.Errorf("%s, want %s; %v", got, want, wrong)
		}
	}
	broken := io.MultiReader(strings.NewReader(good+"\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if stays, wrong := all(t, table.NewNDJSON(broken, "x.ndjson", server.ReadPatient, 0), nil); len(stays) != 1 || len(wrong) != 1 || !errors.Is(wrong[0], io.ErrUnexpectedEOF) {
		t.Errorf("%v, %v", stays, wrong)
	}
}

// TestRowOfAnotherLength costs its stay alone, also where the patient's cell is the one that is missing.
func TestRowOfAnotherLength(t *testing.T) {
	for text, want := range map[string][]string{
		"patient_id,icu_hour,heart_rate\na,1,80\na,2\na,3,80\nb,1,80\nc,1,80,7\nd,1,80\n": {"x.csv:3: 2 fields, but the header names 3 columns", "x.csv:6: 4 fields, but"},
		"icu_hour,heart_rate,patient_id\n1,80\n1,80,b\n1\n1,80,d\n":                       {"x.csv:2: 2 fields, but the header names 3 columns", "x.csv:4: 1 fields, but"},
	} {
		stays, wrong := csvOf(t, text)
		if len(stays) != 2 || stays[0].ID != "b" || stays[1].ID != "d" || len(wrong) != len(want) {
			t.Errorf("%+v, %v", stays, wrong)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(wrong[i].Error(), want[i]) {
				t.Errorf("%v, want %s", wrong[i], want[i])
			}
		}
	}
}

// hour is a row of a Parquet file as Python writes it: optional numbers, words, whole numbers.
type hour struct {
	Patient   int64    `parquet:"patient_id"`
	Hour      int32    `parquet:"icu_hour"`
	Age       *float64 `parquet:"age,optional"`
	Sex       string   `parquet:"sex"`
	HeartRate *float32 `parquet:"heart_rate,optional"`
	Lactate   *float64 `parquet:"lactate,optional"`
}

func parquetOf[T any](t testing.TB, rows []T) []byte {
	t.Helper()
	var file bytes.Buffer
	writer := parquet.NewGenericWriter[T](&file)
	if _, err := writer.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func hours() []hour {
	var rows []hour
	for i := range 200 {
		row := hour{Patient: 12_345_678 + int64(i/100), Hour: int32(i%100 + 1), Age: new(70.), Sex: "male"} //nolint:gosec // small
		if i%2 == 0 {
			row.HeartRate = new(float32(80.5))
		}
		rows = append(rows, row)
	}
	return rows
}

func TestParquet(t *testing.T) {
	file := parquetOf(t, hours())
	reader, err := table.NewParquet(bytes.NewReader(file), int64(len(file)), challenge.Entry{ID: "x", Location: "x.parquet"}, table.NewPatients())
	stays, wrong := all(t, reader, err)
	if len(stays) != 2 || len(wrong) != 0 {
		t.Fatalf("%d stays, %v", len(stays), wrong)
	}
	if s := stays[1]; s.ID != "12345679" || s.Sex != sepsis.Male || len(s.Observations) != 100 || s.Observations[0].Values[sepsis.HeartRate] != 80.5 ||
		s.Observations[1].Values.Any() || s.Observations[99].Hour != 100 {
		t.Errorf("%+v", s)
	}
	if done, total := reader.Progress(); done != 200 || total != 200 {
		t.Errorf("progress %d of %d", done, total)
	}
	nested := parquetOf(t, []struct {
		Hour []int32 `parquet:"icu_hour"`
	}{{[]int32{1}}})
	if _, err := table.NewParquet(bytes.NewReader(nested), int64(len(nested)), challenge.Entry{ID: "x", Location: "x"}, table.NewPatients()); err == nil {
		t.Error("lists are accepted")
	}
}

// TestParquetWithoutRows: pyarrow, which wrote this file, puts a row group without rows into it.
func TestParquetWithoutRows(t *testing.T) {
	file, err := os.ReadFile("testdata/no_rows.parquet")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := table.NewParquet(bytes.NewReader(file), int64(len(file)), challenge.Entry{ID: "x", Location: "x.parquet"}, table.NewPatients())
	if stays, wrong := all(t, reader, err); len(stays) != 0 || len(wrong) != 0 {
		t.Errorf("%d stays, %v", len(stays), wrong)
	}
}

// TestDamagedParquet: whatever a byte becomes, there is an answer and no panic.
func TestDamagedParquet(t *testing.T) {
	file := parquetOf(t, hours()[:40])
	for i := range file {
		for _, to := range []byte{0, 1, 0x7f, 0xff} {
			damaged := bytes.Clone(file)
			damaged[i] = to
			drain(damaged)
		}
		drain(file[:i])
	}
}

func drain(file []byte) {
	reader, err := table.NewParquet(bytes.NewReader(file), int64(len(file)), challenge.Entry{ID: "x", Location: "x"}, table.NewPatients())
	for range 200 {
		if err != nil {
			return
		}
		if _, err = reader.Next(); err != nil {
			if _, ofStay := errors.AsType[*table.StayError](err); ofStay {
				err = nil
			}
		}
	}
}

func predictions() []table.Prediction {
	explanation := sepsis.NewExplanation(-3, -2.5, []sepsis.Contribution{{Name: "lactate", Value: new(4.1), Unit: new("mmol/L"), HoursAgo: new(2), Contribution: 0.5}})
	return []table.Prediction{
		{PatientID: "a,b", Hospital: "h", Risk: sepsis.Risk{Hour: 3, Probability: 0.125, Label: sepsis.Positive, Alert: true, Band: sepsis.HighRisk}, Reliability: sepsis.GoodReliability, Explanation: &explanation},
		{PatientID: "c", Risk: sepsis.Risk{Hour: sepsis.HourUnknown, Probability: 0.5, Label: sepsis.Negative, Band: sepsis.LowRisk}, Reliability: sepsis.Indeterminate, Explanation: &explanation},
	}
}

func written(t *testing.T, format table.Format, explained []string) []byte {
	t.Helper()
	var out bytes.Buffer
	writer, err := table.NewWriter(format, &out, explained)
	if err != nil {
		t.Fatal(err)
	}
	given := predictions()
	if explained == nil {
		given[0].Explanation, given[1].Explanation = nil, nil
	}
	if err := errors.Join(writer.Write(given), writer.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWrites(t *testing.T) {
	explained := []string{"lactate", "age"}
	for _, test := range []struct {
		format    table.Format
		explained []string
		want      string
	}{
		{table.CSV, nil, "patient_id,hospital,icu_hour,probability,prediction,alert,risk_band,reliability\n\"a,b\",h,3,0.125,Positive,true,high,good\nc,,,0.5,Negative,false,low,indeterminate\n"},
		{
			table.CSV, explained,
			"patient_id,hospital,icu_hour,probability,prediction,alert,risk_band,reliability,base_value,raw_output,contribution_lactate,contribution_age\n" +
				"\"a,b\",h,3,0.125,Positive,true,high,good,-3,-2.5,0.5,0\nc,,,0.5,Negative,false,low,indeterminate,-3,-2.5,0.5,0\n",
		},
		{
			table.NDJSON, nil, `{"patient_id":"a,b","hospital":"h","icu_hour":3,"probability":0.125,"prediction":"Positive","alert":true,"risk_band":"high","reliability":"good"}` + "\n" +
				`{"patient_id":"c","icu_hour":null,"probability":0.5,"prediction":"Negative","alert":false,"risk_band":"low","reliability":"indeterminate"}` + "\n",
		},
	} {
		if got := string(written(t, test.format, test.explained)); got != test.want {
			t.Errorf("%s: %s\nwant %s", test.format, got, test.want)
		}
	}
	if got := string(written(t, table.NDJSON, explained)); !strings.Contains(got, `"explanation":[{"name":"lactate","value":4.1,"unit":"mmol/L","hours_ago":2,"contribution":0.5}],"base_value":-3,"raw_output":-2.5}`) {
		t.Errorf("%s", got)
	}
	if _, err := table.NewWriter("xml", io.Discard, nil); err == nil {
		t.Error("xml is written")
	}
}

func TestWritesParquet(t *testing.T) {
	type row struct {
		Patient string  `parquet:"patient_id"`
		Hour    *int64  `parquet:"icu_hour,optional"`
		P       float64 `parquet:"probability"`
		Label   string  `parquet:"prediction"`
		Alert   bool    `parquet:"alert"`
		Relied  string  `parquet:"reliability"`
		Lactate float64 `parquet:"contribution_lactate"`
		Age     float64 `parquet:"contribution_age"`
	}
	file := written(t, table.Parquet, []string{"lactate", "age"})
	rows, err := parquet.Read[row](bytes.NewReader(file), int64(len(file)))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v, %+v", err, rows)
	}
	if r := rows[0]; r.Patient != "a,b" || *r.Hour != 3 || r.P != 0.125 || r.Label != "Positive" || !r.Alert || r.Relied != "good" || r.Lactate != 0.5 || r.Age != 0 {
		t.Errorf("%+v", r)
	}
	if rows[1].Hour != nil || rows[1].Patient != "c" {
		t.Errorf("%+v", rows[1])
	}
}

// rows are so many made-up patients, of one hour each.
type rows struct {
	left int
	rest []byte
}

func (r *rows) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.left--
		r.rest = fmt.Appendf(r.rest[:0], "p%d,1,67,80\n", r.left)
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// TestMemoryDoesNotGrow: of 200,000 stays, each of one hour, no more is kept than 14 bytes of each patient.
func TestMemoryDoesNotGrow(t *testing.T) {
	const stays, most = 200_000, 14 * 200_000
	reader, err := table.NewCSV(io.MultiReader(strings.NewReader("patient_id,icu_hour,age,heart_rate\n"), &rows{left: stays}), challenge.Entry{ID: "x", Location: "x"}, table.NewPatients(), 0)
	if err != nil {
		t.Fatal(err)
	}
	before, read := heap(), 0
	for ; ; read++ {
		if _, err = reader.Next(); err != nil {
			break
		}
	}
	if grown := heap() - before; !errors.Is(err, io.EOF) || read != stays || grown > most {
		t.Errorf("%v after %d stays, memory grew by %d bytes", err, read, grown)
	}
	runtime.KeepAlive(reader)
}

// TestPatientWhoComesBack: whoever was there is known again, among many, and nobody else is.
func TestPatientWhoComesBack(t *testing.T) {
	const patients = 30_000
	var text strings.Builder
	text.WriteString("patient_id,icu_hour,age,heart_rate\n")
	for range 2 {
		for p := range patients {
			fmt.Fprintf(&text, "p%d,1,67,80\n", p)
		}
	}
	stays, wrong := csvOf(t, text.String())
	if len(stays) != patients || len(wrong) != patients {
		t.Errorf("%d stays, %d refused", len(stays), len(wrong))
	}
}

// TestParquetIsWrittenInParts: what waits to be written does not grow with what was.
func TestParquetIsWrittenInParts(t *testing.T) {
	const most = 8 << 20
	writer, err := table.NewWriter(table.Parquet, io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	one := []table.Prediction{{PatientID: "a", Hospital: "b", Risk: sepsis.Risk{Hour: 1, Probability: 0.1, Label: sepsis.Negative, Band: sepsis.LowRisk}}}
	before := heap()
	for range 99_999 {
		one[0].Risk.Hour++
		one[0].Risk.Probability *= 0.9999
		if err := writer.Write(one); err != nil {
			t.Fatal(err)
		}
	}
	if grown := heap() - before; grown > most {
		t.Errorf("%d bytes wait", grown)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // not that large
}
