package challenge

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	sepsis "github.com/medtech-detect/sepsis"
	"pgregory.net/rapid"
)

// The quick way to read a number gives the very float64 that the standard library gives.
func TestParseNumberIsExact(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`-?[0-9]{0,12}\.?[0-9]{0,8}`).Draw(r, "text")
		if text == "" {
			return
		}
		want, wantErr := strconv.ParseFloat(text, 64)
		got, err := parseNumber([]byte(text))
		if (err == nil) != (wantErr == nil) || math.Float64bits(got) != math.Float64bits(want) {
			r.Fatalf("%q is read as %v (%v), want %v (%v)", text, got, err, want, wantErr)
		}
	})
}

func FuzzParseStay(f *testing.F) {
	f.Add("HR|ICULOS|SepsisLabel\n80|1|0\nNaN|2|1\n")
	f.Add(strings.Join(stayColumns, "|") + "\n" + strings.Repeat("NaN|", 39) + "1|0\n")
	f.Add("SBP|MAP|DBP|Age|Gender|Unit1|Unit2|HospAdmTime|ICULOS\r\n70|120|90|63|1|0|1|-3.2|4\r\n")
	f.Add("\ufeffFiO2|pH|PaCO2|HCO3|ICULOS\n40|7.4|40|24|1")
	f.Add("HR|HR|ICULOS\n1e999|-Inf|0x1p3\n")
	f.Fuzz(func(t *testing.T, content string) {
		stay, cleaning, err := parseStay("p1.psv", []byte(content), asRecorded)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "p1.psv:") {
				t.Errorf("the error %q does not name the file", err)
			}
			return
		}
		if cleaning.Hours != len(stay.Observations) || cleaning.Stays != 1 {
			t.Errorf("counted %+v for %d hours", cleaning, len(stay.Observations))
		}
		checkRoundTrip(t, stay)
	})
}

// checkRoundTrip writes a cleaned stay, and reads the same stay, with nothing left to clean.
func checkRoundTrip(t *testing.T, stay sepsis.LabelledStay) {
	t.Helper()
	var written bytes.Buffer
	if err := WriteStay(&written, &stay); err != nil {
		t.Fatal(err)
	}
	again, cleaning, err := parseStay("p1.psv", written.Bytes(), asRecorded)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", again), fmt.Sprintf("%+v", stay); got != want {
		t.Errorf("read back as %s, want %s", got, want)
	}
	if cleaning.Removed() != 0 {
		t.Errorf("cleaning twice takes out more: %s", cleaning.String())
	}
}
