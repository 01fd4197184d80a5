package challenge_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	sepsis "github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"pgregory.net/rapid"
)

// Each case is one hour; the expectation lists what is left and what was counted.
func TestCleaning(t *testing.T) {
	tests := []struct{ name, columns, values, left, counted string }{
		{"nothing wrong", "HR|FiO2", "80|0.5", "80 0.5", ""},
		{"FiO2 in percent", "HR|FiO2", "80|50", "80 NaN", "FiO2 out_of_range 1"},
		{"bounds are inside", "HR|FiO2|Temp", "300|0.2|45", "300 0.2 45", ""},
		{"just beyond the bounds", "HR|FiO2|Temp", "300.1|0.19|45.1", "NaN NaN NaN", "HR out_of_range 1, Temp out_of_range 1, FiO2 out_of_range 1"},
		{"diastolic above systolic", "HR|SBP|DBP", "80|70|90", "80 NaN NaN", "SBP diastolic_above_systolic 1, DBP diastolic_above_systolic 1"},
		{"diastolic is systolic", "SBP|DBP", "90|90", "90 90", ""},
		{
			"two rules share a value, which is counted once", "SBP|MAP|DBP", "70|120|90", "NaN NaN NaN",
			"SBP diastolic_above_systolic 1, MAP map_outside_pressures 1, DBP diastolic_above_systolic 1",
		},
		{"a value out of range breaks no rule", "SBP|DBP", "10|90", "NaN 90", "SBP out_of_range 1"},
		{"ionised calcium is kept", "Calcium", "1.1", "1.1", "Calcium ionised_calcium_kept 1"},
		{"total calcium", "Calcium", "4", "4", ""},
		{"gas", "HCO3|pH|PaCO2", "10|7.4|60", "NaN NaN NaN", "HCO3 blood_gas_incoherent 1, pH blood_gas_incoherent 1, PaCO2 blood_gas_incoherent 1"},
		{"all missing", "HR|SBP", "NaN|", "NaN NaN", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			record := mustRead(t, test.columns+"|ICULOS\n"+test.values+"|1\n")
			var left []string
			for _, name := range strings.Split(test.columns, "|") {
				for v, info := range sepsis.Variables {
					if info.Challenge == name {
						left = append(left, fmt.Sprint(record.Observations[0].Values[v]))
					}
				}
			}
			if got := strings.Join(left, " "); got != test.left {
				t.Errorf("%s is left, want %s", got, test.left)
			}
			if got := counts(record.Cleaning); got != test.counted {
				t.Errorf("counted %q, want %q", got, test.counted)
			}
		})
	}
}

func counts(c challenge.Cleaning) string {
	var all []string
	for _, f := range c.Findings {
		all = append(all, fmt.Sprintf("%s %s %d", f.Column, f.Reason, f.Count))
	}
	return strings.Join(all, ", ")
}

// Age and HospAdmTime are counted once a stay, however many rows it has.
func TestCleaningOfDescription(t *testing.T) {
	tests := []struct {
		fields           string
		age, hoursBefore float64
		counted          string
	}{
		{"60|-3", 60, 3, ""},
		{"60|0", 60, 0, ""},
		{"17.9|-3", 17.9, 3, "Age under_age_kept 1"},
		{"18|-3", 18, 3, ""},
		{"121|-3", sepsis.Missing, 3, "Age out_of_range 1"},
		{"-1|-3", sepsis.Missing, 3, "Age out_of_range 1"},
		{"60|0.01", 60, sepsis.Missing, "HospAdmTime hospital_admission_after_icu_admission 1"},
		{"60|-10001", 60, sepsis.Missing, "HospAdmTime out_of_range 1"},
		{"NaN|NaN", sepsis.Missing, sepsis.Missing, ""},
	}
	for _, test := range tests {
		record := mustRead(t, "Age|HospAdmTime|ICULOS\n"+test.fields+"|1\n"+test.fields+"|2\n")
		if got, want := fmt.Sprint(record.Age, record.HoursBefore), fmt.Sprint(test.age, test.hoursBefore); got != want {
			t.Errorf("%s is read as %s, want %s", test.fields, got, want)
		}
		if got := counts(record.Cleaning); got != test.counted {
			t.Errorf("%s: counted %q, want %q", test.fields, got, test.counted)
		}
	}
}

func TestCleaningTable(t *testing.T) {
	root := folder(t, map[string]string{
		"ward/p1.psv": "FiO2|SBP|DBP|Calcium|Age|ICULOS\n40|120|80|1.2|17|1\n50|70|90|9|17|2\n",
		"ward/p2.psv": "FiO2|ICULOS\n0.4|1\n0|2\n",
	})
	_, cleaning, err := open(t, root).ReadAll(t.Context(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `2 stays, 4 hours, 10 measurements; 5 values taken out
SBP      diastolic_above_systolic  1
DBP      diastolic_above_systolic  1
FiO2     out_of_range              3
Calcium  ionised_calcium_kept      1
Age      under_age_kept            1
`
	var written bytes.Buffer
	n, err := cleaning.WriteTo(&written)
	if err != nil || n != int64(written.Len()) || written.String() != want || cleaning.String() != want {
		t.Errorf("wrote %d bytes (%v):\n%s\nwant\n%s", n, err, written.String(), want)
	}
	if got := cleaning.Count("FiO2", challenge.Reason(sepsis.OutOfRange)); got != 3 {
		t.Errorf("%d FiO2 out of range, want 3", got)
	}
	if got := cleaning.Count("FiO2", challenge.IonisedCalcium); got != 0 {
		t.Errorf("%d FiO2 were ionised calcium", got)
	}
}

// randomStay draws hours whose values lie around and beyond the hard ranges.
func randomStay(t *rapid.T) string {
	var text strings.Builder
	for _, info := range sepsis.Variables {
		text.WriteString(info.Challenge + "|")
	}
	text.WriteString("ICULOS\n")
	for hour := range rapid.IntRange(1, 3).Draw(t, "hours") {
		for _, info := range sepsis.Variables {
			if rapid.IntRange(0, 3).Draw(t, "missing") == 0 {
				text.WriteString("NaN|")
				continue
			}
			width := info.Hard.Max - info.Hard.Min
			fmt.Fprintf(&text, "%v|", rapid.Float64Range(info.Hard.Min-width/10, info.Hard.Max+width/10).Draw(t, info.Name))
		}
		fmt.Fprintf(&text, "%d\n", hour+1)
	}
	return text.String()
}

func TestCleanedStayBreaksNoRule(t *testing.T) {
	removed := 0
	rapid.Check(t, func(r *rapid.T) {
		content := randomStay(r)
		record := mustRead(t, content)
		kept := checkClean(r, record)
		removed += record.Cleaning.Removed()
		if record.Cleaning.Measurements != kept+record.Cleaning.Removed() {
			r.Errorf("%d values, of which %d were kept and %d taken out", record.Cleaning.Measurements, kept, record.Cleaning.Removed())
		}
	})
	if removed == 0 {
		t.Error("nothing was ever taken out: the test tests nothing")
	}
}

// checkClean looks for broken rules and counts the values.
func checkClean(t interface{ Errorf(string, ...any) }, record challenge.Record) int {
	values := 0
	for i := range record.Observations {
		observed := &record.Observations[i].Values
		for v, value := range observed {
			if sepsis.IsMissing(value) {
				continue
			}
			values++
			if problem, outside := sepsis.CheckRange(sepsis.Variable(v), value); outside {
				t.Errorf("%s hour %d: %s", record.ID, i, problem.Message)
			}
		}
		for _, broken := range sepsis.Incoherences(observed) {
			t.Errorf("%s hour %d: %s", record.ID, i, broken.Problem.Message)
		}
	}
	return values
}

func TestCleaningsMergeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var parts []challenge.Cleaning
		for range rapid.IntRange(0, 4).Draw(r, "stays") {
			parts = append(parts, mustRead(t, randomStay(r)).Cleaning)
		}
		var forward, backward challenge.Cleaning
		for i := range parts {
			forward.Merge(parts[i])
			backward.Merge(parts[len(parts)-1-i])
		}
		if fmt.Sprintf("%+v", forward) != fmt.Sprintf("%+v", backward) {
			r.Errorf("forward %+v, backward %+v", forward, backward)
		}
	})
}
