package challenge_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	sepsis "github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
)

const wellFormed = `HR|Temp|Age|Gender|Unit1|Unit2|HospAdmTime|ICULOS|SepsisLabel
88|NaN|63.5|1|0|1|-4.25|2|0
|36.8|63.5|1|0|1|-4.25|3|0
91.5|NaN|63.5|1|0|1|-4.25|7|1
`

func TestReadStay(t *testing.T) {
	record := mustRead(t, wellFormed)
	if record.ID != "p1" || record.PatientID != "p1" || record.Hospital != "ward" {
		t.Errorf("identified as %q, %q of %q", record.ID, record.PatientID, record.Hospital)
	}
	if record.Age != 63.5 || record.Sex != sepsis.Male || record.ICUUnit != sepsis.SurgicalICU || record.HoursBefore != 4.25 {
		t.Errorf("described as %v, %v, %v, %v", record.Age, record.Sex, record.ICUUnit, record.HoursBefore)
	}
	if got := fmt.Sprint(record.Labels); got != "[false false true]" {
		t.Errorf("labels are %s", got)
	}
	var hours, heartRates, temperatures []any
	for _, o := range record.Observations {
		hours = append(hours, o.Hour)
		heartRates = append(heartRates, o.Values[sepsis.HeartRate])
		temperatures = append(temperatures, o.Values[sepsis.Temperature])
		if o.Values.Has(sepsis.Lactate) {
			t.Error("a lactate was made up")
		}
	}
	if got := fmt.Sprint(hours, heartRates, temperatures); got != "[2 3 7] [88 NaN 91.5] [NaN 36.8 NaN]" {
		t.Errorf("read %s", got)
	}
	if c := record.Cleaning; c.Stays != 1 || c.Hours != 3 || c.Measurements != 3 || len(c.Findings) != 0 {
		t.Errorf("counted %+v", c)
	}
}

func TestReadTolerates(t *testing.T) {
	for name, content := range map[string]string{
		"Windows line ends": strings.ReplaceAll(wellFormed, "\n", "\r\n"),
		"no last line end":  strings.TrimSuffix(wellFormed, "\n"),
		"byte order mark":   "\ufeff" + wellFormed,
		"nan in lower case": strings.ReplaceAll(wellFormed, "NaN", "nan"),
		"exponents":         strings.ReplaceAll(wellFormed, "91.5", "9.15e+01"),
	} {
		if got, want := describe(mustRead(t, content)), describe(mustRead(t, wellFormed)); got != want {
			t.Errorf("%s: read %s, want %s", name, got, want)
		}
	}
}

// describe prints a stay, so that missing values compare equal.
func describe(record challenge.Record) string { return fmt.Sprintf("%+v", record) }

func TestReadDescription(t *testing.T) {
	type description struct {
		sex  sepsis.Sex
		unit sepsis.ICUUnit
	}
	for fields, want := range map[string]description{
		"0|1|0":       {sepsis.Female, sepsis.MedicalICU},
		"1|0|1":       {sepsis.Male, sepsis.SurgicalICU},
		"NaN|NaN|NaN": {},
		"1|0|0":       {sepsis.Male, ""},
		"0|1|NaN":     {sepsis.Female, sepsis.MedicalICU},
	} {
		record := mustRead(t, "Gender|Unit1|Unit2|ICULOS\n"+fields+"|1\n")
		if got := (description{record.Sex, record.ICUUnit}); got != want {
			t.Errorf("%s is read as %v, want %v", fields, got, want)
		}
		if record.Labels != nil || !sepsis.IsMissing(record.Age) || !sepsis.IsMissing(record.HoursBefore) {
			t.Errorf("%s: columns that are not there have values: %s", fields, describe(record))
		}
	}
}

// Every refusal names the file and, where there is one, the line and the column.
func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"empty", "", ": the file is empty; a header of column names is expected"},
		{"header only", "ICULOS\n", ":1: no rows after the header"},
		{"unknown column", "Shoesize|HR|ICULOS\n", `:1: unknown column "Shoesize"`},
		{"misspelt column", "Lactat|ICULOS\n", `:1: unknown column "Lactat"; did you mean "Lactate"?`},
		{"another measurement", "ALT|ICULOS\n", `:1: unknown column "ALT"; it is none of the measurements that the model uses; leave it out`},
		{"wrong case", "hr|ICULOS\n", `:1: unknown column "hr"; did you mean "HR"?`},
		{"API name", "spo2|ICULOS\n", `:1: unknown column "spo2"; the Challenge calls it "O2Sat"`},
		{"English name", "Heart Rate|ICULOS\n", `:1: unknown column "Heart Rate"; the Challenge calls it "HR"`},
		{"commas", "HR,ICULOS\n", `:1: unknown column "HR,ICULOS"; columns are separated by |`},
		{"endless column", strings.Repeat("x", 1000), `:1: unknown column "` + strings.Repeat("x", 40) + `…"`},
		{"duplicate column", "HR|ICULOS|HR\n", ":1: column HR: the column occurs twice"},
		{"no hour column", "HR\n80\n", ":1: the column ICULOS is missing"},
		{"too few fields", "HR|ICULOS\n80|1\n80\n", ":3: 1 fields, but the header names 2 columns"},
		{"too many fields", "HR|ICULOS\n80|1|3\n", ":2: 3 fields, but the header names 2 columns"},
		{"blank line", "HR|ICULOS\n80|1\n\n80|2\n", ":3: the line is empty"},
		{"word", "HR|ICULOS\nfast|1\n", `:2: column HR: "fast" is not a number; what was not measured is an empty cell or NaN`},
		{"missing as R writes it", "HR|ICULOS\nNA|1\n", `:2: column HR: "NA" is not a number; what was not measured is an empty cell or NaN`},
		{"spaces only", "HR|ICULOS\n  |1\n", `:2: column HR: "  " is not a number; what was not measured is an empty cell or NaN`},
		{"space", "HR|ICULOS\n 80|1\n", `:2: column HR: " 80" is not a number; leave out the spaces`},
		{"decimal comma", "Temp|ICULOS\n36,6|1\n", `:2: column Temp: "36,6" is not a number; decimals are written with a point`},
		{"gzip", "\x1f\x8b\b\b\x00\r\x01", ":1: the file is packed with gzip; unpack it"},
		{"a workbook", "PK\x03\x04\x14\x00\"", ":1: the file is packed with zip, as Excel's workbooks are; give it the name of a .zip, or save the workbook as text"},
		{"carriage returns alone", "HR|ICULOS\r80|1\r", ":1: lines end with carriage returns alone, as on old Macs; save the file with the line ends of Windows or Unix (CRLF or LF)"},
		{"UTF-16", "\xff\xfeH\x00R\x00", ":1: the file is written in UTF-16; write it as UTF-8"},
		{"sign only", "HR|ICULOS\n-|1\n", `:2: column HR: "-" is not a number`},
		{"hexadecimal", "HR|ICULOS\n0x50p0|1\n", `:2: column HR: "0x50p0" is not a number`},
		{"infinite", "HR|ICULOS\n-Inf|1\n", `:2: column HR: "-Inf" is infinite; a missing value is NaN`},
		{"overflow", "HR|ICULOS\n1e999|1\n", `:2: column HR: "1e999" is too large for a number`},
		{"hour missing", "HR|ICULOS\n80|NaN\n", ":2: column ICULOS: the hour is missing"},
		{"hour 0", "HR|ICULOS\n80|0\n", ":2: column ICULOS: 0 is not a whole hour from 1 to 8784"},
		{"hour 1.5", "HR|ICULOS\n80|1.5\n", ":2: column ICULOS: 1.5 is not a whole hour from 1 to 8784"},
		{"hour 8785", "HR|ICULOS\n80|8785\n", ":2: column ICULOS: 8785 is not a whole hour from 1 to 8784"},
		{"hour repeated", "ICULOS\n4\n4\n", ":3: column ICULOS: the hour 4 is repeated"},
		{"hour goes back", "ICULOS\n4\n3\n", ":3: column ICULOS: the hour 3 comes after 4; rows must go forward in time"},
		{"age changes", "Age|ICULOS\n60|1\n61|2\n", ":3: column Age: changes within the stay, from 60 to 61"},
		{"sex changes", "Gender|ICULOS\n0|1\n1|2\n", ":3: column Gender: changes within the stay, from 0 to 1"},
		{"unit appears", "Unit1|ICULOS\nNaN|1\n1|2\n", ":3: column Unit1: changes within the stay, from NaN to 1"},
		{"unit changes", "Unit2|ICULOS\n1|1\n0|2\n", ":3: column Unit2: changes within the stay, from 1 to 0"},
		{"admission changes", "HospAdmTime|ICULOS\n-1|1\n-2|2\n", ":3: column HospAdmTime: changes within the stay, from -1 to -2"},
		{"sex 2", "Gender|ICULOS\n2|1\n", ":2: column Gender: 2 is neither 0 nor 1"},
		{"unit 0.5", "Unit1|ICULOS\n0.5|1\n", ":2: column Unit1: 0.5 is neither 0 nor 1"},
		{"unit -1", "Unit2|ICULOS\n-1|1\n", ":2: column Unit2: -1 is neither 0 nor 1"},
		{"both units", "Unit1|Unit2|ICULOS\n1|1|1\n", ":2: column Unit2: Unit1 and Unit2 are both 1"},
		{"label 2", "ICULOS|SepsisLabel\n1|0\n2|2\n", ":3: column SepsisLabel: 2 is neither 0 nor 1"},
		{"label missing", "ICULOS|SepsisLabel\n1|NaN\n", ":2: column SepsisLabel: NaN is neither 0 nor 1"},
		{"binary", "\x00\xff\xfe\n", `:1: unknown column "\x00\xff\xfe"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(t, test.content)
			if err == nil {
				t.Fatal("accepted")
			}
			if _, tail, _ := strings.Cut(err.Error(), "p1.psv"); !strings.HasPrefix(tail, test.want) {
				t.Errorf("says %q, want …%q", err, test.want)
			}
			if format, is := errors.AsType[*challenge.FormatError](err); !is || !strings.HasSuffix(format.Location, "p1.psv") {
				t.Errorf("%T does not tell the place", err)
			}
		})
	}
}

// A year has 8,784 hours at most; its file is read, and one more row is not.
func TestReadLongestStay(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("ICULOS\n")
	for hour := range sepsis.MaxICUHour {
		fmt.Fprintln(&rows, hour+1)
	}
	if record := mustRead(t, rows.String()); len(record.Observations) != sepsis.MaxICUHour {
		t.Errorf("%d rows were read", len(record.Observations))
	}
	if _, err := read(t, rows.String()+"8785\n"); err == nil {
		t.Error("a row too many was read")
	}
}

// TestBlankLabelIsNoneToPredict, in any row; a wrong one is refused all the same.
func TestBlankLabelIsNoneToPredict(t *testing.T) {
	for rows, want := range map[string]string{
		"1|NaN\n2|NaN\n": "[]", "1|\n2|0\n": "[]", "1|1\n2|nan\n": "[]", "1|0\n2|1\n": "[false true]",
		"1|NaN\n2|2\n": "column SepsisLabel: 2 is neither 0 nor 1", "1|-1\n": "column SepsisLabel: -1 is neither 0 nor 1",
	} {
		content := "ICULOS|SepsisLabel\n" + rows
		cohort := open(t, folder(t, map[string]string{"ward/p1.psv": content}))
		record, err := cohort.ReadToPredict(0)
		if got := fmt.Sprint(record.Labels, err); !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", rows, got, want)
		}
		if _, strict := read(t, content); (strict == nil) != (want == "[false true]") {
			t.Errorf("%q as it was recorded: %v", rows, strict)
		}
		if _, _, strict := cohort.ReadAll(t.Context(), 1, nil); (strict == nil) != (want == "[false true]") {
			t.Errorf("%q to learn from: %v", rows, strict)
		}
	}
}
