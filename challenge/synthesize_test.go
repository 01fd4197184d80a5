package challenge_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sepsis "github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/challenge"
	"pgregory.net/rapid"
)

func synthesize(t interface{ Fatal(...any) }, options challenge.SynthOptions) []sepsis.LabelledStay {
	stays, err := challenge.Synthesize(options)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(stays)
}

func written(t interface{ Fatal(...any) }, stays []sepsis.LabelledStay) string {
	var all bytes.Buffer
	for i := range stays {
		if err := challenge.WriteStay(&all, &stays[i]); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// Whatever the seed: nothing to clean, and the shape of the Challenge's records.
func TestSynthesize(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		options := challenge.SynthOptions{
			Stays: rapid.IntRange(1, 3).Draw(r, "stays"), Seed: rapid.Uint64().Draw(r, "seed"),
			SepticShare: rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(r, "share"),
		}
		stays := synthesize(r, options)
		if len(stays) != options.Stays {
			r.Errorf("%d stays, want %d", len(stays), options.Stays)
		}
		for i := range stays {
			checkClean(r, challenge.Record{LabelledStay: stays[i]})
			checkShape(r, &stays[i])
			if septic := stays[i].Septic(); septic && options.SepticShare == 0 || !septic && options.SepticShare == 1 {
				r.Errorf("septic is %t for a share of %v", septic, options.SepticShare)
			}
		}
		var cleaning challenge.Cleaning
		for i := range stays {
			cleaning.Merge(mustRead(t, written(r, stays[i:i+1])).Cleaning)
		}
		if len(cleaning.Findings) != 0 {
			r.Errorf("there was something to clean:\n%s", cleaning.String())
		}
	})
}

// checkShape holds the facts of the Challenge: 8 hours to two weeks; label 1 from 6 hours before onset, and then to the
// end, 3 hours after it: 10 labelled hours, or fewer where the stay begins later than that.
func checkShape(t *rapid.T, stay *sepsis.LabelledStay) {
	hours := len(stay.Observations)
	if hours < 8 || hours > 336 || len(stay.Labels) != hours {
		t.Errorf("%s: %d hours, %d labels", stay.ID, hours, len(stay.Labels))
	}
	if stay.Age < 18 || stay.Age > 100 || stay.HoursBefore < 0 {
		t.Errorf("%s: age %v, %v hours before", stay.ID, stay.Age, stay.HoursBefore)
	}
	for i := range stay.Observations {
		if stay.Observations[i].Hour != i+1 {
			t.Errorf("%s: row %d is hour %d", stay.ID, i, stay.Observations[i].Hour)
		}
	}
	if want := max(0, hours-10); stay.Septic() && slices.Index(stay.Labels, true) != want || stay.Septic() && slices.Contains(stay.Labels[want:], false) {
		t.Errorf("%s: labels %v", stay.ID, stay.Labels)
	}
}

func TestSynthesizeIsReproducible(t *testing.T) {
	options := challenge.SynthOptions{Stays: 20, Seed: 7, SepticShare: 0.2}
	want := written(t, synthesize(t, options))
	if written(t, synthesize(t, options)) != want {
		t.Error("the same options give other bytes")
	}
	longer := options
	longer.Stays = 30
	if got := written(t, synthesize(t, longer)[:20]); got != want {
		t.Error("a longer cohort begins otherwise")
	}
	for name, change := range map[string]func(o *challenge.SynthOptions){
		"seed":     func(o *challenge.SynthOptions) { o.Seed++ },
		"hospital": func(o *challenge.SynthOptions) { o.Hospital = "synthetic_setB" },
	} {
		other := options
		change(&other)
		if written(t, synthesize(t, other)) == want {
			t.Errorf("another %s gives the same stays", name)
		}
	}
}

// Septic stays must be told from others by what worsens, and not with ease. The bounds are wide: it is the direction
// that sepsis is known for (Sepsis-3, doi:10.1001/jama.2016.0287).
func TestSynthesizeLooksPlausible(t *testing.T) {
	stays := synthesize(t, challenge.SynthOptions{Stays: 2000, Seed: 1, SepticShare: 0.3})
	septic := 0
	var lengths []int
	for i := range stays {
		lengths = append(lengths, len(stays[i].Observations))
		if stays[i].Septic() {
			septic++
		}
	}
	slices.Sort(lengths)
	if septic < 520 || septic > 680 { // 600 ± 4 standard deviations
		t.Errorf("%d of 2000 are septic", septic)
	}
	if median, long := lengths[1000], lengths[1980]; median < 25 || median > 50 || long < 80 {
		t.Errorf("median length %d, 99th percentile %d", median, long)
	}
	worse := map[sepsis.Variable]float64{
		sepsis.HeartRate: 1, sepsis.RespiratoryRate: 1, sepsis.Temperature: 1, sepsis.MeanArterialPressure: -1, sepsis.SystolicBP: -1,
		sepsis.Lactate: 1, sepsis.Creatinine: 1, sepsis.WBC: 1, sepsis.Platelets: -1,
	}
	for v, sign := range worse {
		gap := effect(stays, v)
		if sign*gap < 0.1 || sign*gap > 2 {
			t.Errorf("%s differs by %.2f standard deviations in the labelled hours", v, gap)
		}
	}
	drawn := measured(stays, sepsis.Creatinine)
	if drawn[true] < 1.2*drawn[false] || drawn[false] < 0.04 || drawn[true] > 0.3 {
		t.Errorf("creatinine is drawn in %.3f of the labelled and %.3f of the other hours", drawn[true], drawn[false])
	}
}

// effect is the difference of the means in labelled and other hours, in standard deviations of the latter.
func effect(stays []sepsis.LabelledStay, v sepsis.Variable) float64 {
	var n, sum, squares [2]float64
	for i := range stays {
		for h, label := range stays[i].Labels {
			value := stays[i].Observations[h].Values[v]
			if sepsis.IsMissing(value) {
				continue
			}
			class := 0
			if label {
				class = 1
			}
			n[class]++
			sum[class] += value
			squares[class] += value * value
		}
	}
	mean := sum[0] / n[0]
	return (sum[1]/n[1] - mean) / math.Sqrt(squares[0]/n[0]-mean*mean)
}

// measured is the share of hours with a value, by label.
func measured(stays []sepsis.LabelledStay, v sepsis.Variable) map[bool]float64 {
	hours, values := map[bool]float64{}, map[bool]float64{}
	for i := range stays {
		for h, label := range stays[i].Labels {
			hours[label]++
			if stays[i].Observations[h].Values.Has(v) {
				values[label]++
			}
		}
	}
	return map[bool]float64{true: values[true] / hours[true], false: values[false] / hours[false]}
}

func TestSynthesizeRefuses(t *testing.T) {
	for _, options := range []challenge.SynthOptions{
		{},
		{Stays: -1},
		{Stays: 1_000_000},
		{Stays: 1, SepticShare: -0.1},
		{Stays: 1, SepticShare: 1.1},
		{Stays: 1, SepticShare: math.NaN()},
		{Stays: 1, Hospital: "training_setA"},
		{Stays: 1, Hospital: "synthetic/../training_setA"},
	} {
		if _, err := challenge.Synthesize(options); err == nil {
			t.Errorf("%+v was accepted", options)
		}
		if _, err := challenge.WriteCohort(t.Context(), t.TempDir(), options); err == nil {
			t.Errorf("%+v was written", options)
		}
	}
}

func TestIsSynthetic(t *testing.T) {
	for hospital, want := range map[string]bool{"synthetic_setA": true, "synthetic_setB": true, "training_setA": false, "": false} {
		if challenge.IsSynthetic(hospital) != want {
			t.Errorf("%q is synthetic: %t", hospital, !want)
		}
	}
}

func TestWriteCohort(t *testing.T) {
	dir := t.TempDir()
	options := challenge.SynthOptions{Stays: 30, Seed: 3, SepticShare: 0.3, Hospital: "synthetic_setB"}
	if written, err := challenge.WriteCohort(t.Context(), dir, options); err != nil || written != 30 {
		t.Fatalf("%d stays, %v", written, err)
	}
	notice, err := os.ReadFile(filepath.Join(dir, "synthetic_setB", "SYNTHETIC.txt"))
	if err != nil || !strings.Contains(string(notice), "not recorded from patients") {
		t.Errorf("the notice is %q (%v)", notice, err)
	}
	stays, _, err := open(t, dir).ReadAll(t.Context(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%+v", stays) != fmt.Sprintf("%+v", synthesize(t, options)) {
		t.Error("the stays read back are not those that were made")
	}
	if stays[0].ID != "synthetic000001" || !challenge.IsSynthetic(stays[0].Hospital) {
		t.Errorf("the first stay is %s of %s", stays[0].ID, stays[0].Hospital)
	}
	if _, err := challenge.WriteCohort(t.Context(), dir, options); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("writing into a folder in use says %v", err)
	}
}

func TestWriteStay(t *testing.T) {
	stay := mustRead(t, wellFormed).LabelledStay
	var out bytes.Buffer
	if err := challenge.WriteStay(&out, &stay); err != nil {
		t.Fatal(err)
	}
	// The header of the Challenge's files, as its description lists the columns (doi:10.13026/v64v-d857).
	header := "HR|O2Sat|Temp|SBP|MAP|DBP|Resp|EtCO2|BaseExcess|HCO3|FiO2|pH|PaCO2|SaO2|AST|BUN|Alkalinephos|Calcium|Chloride|" +
		"Creatinine|Bilirubin_direct|Glucose|Lactate|Magnesium|Phosphate|Potassium|Bilirubin_total|TroponinI|Hct|Hgb|PTT|WBC|" +
		"Fibrinogen|Platelets|Age|Gender|Unit1|Unit2|HospAdmTime|ICULOS|SepsisLabel"
	lines := strings.Split(out.String(), "\n")
	if lines[0] != header {
		t.Errorf("the header is %s", lines[0])
	}
	if want := "91.5|" + strings.Repeat("NaN|", 33) + "63.5|1|0|1|-4.25|7|1"; lines[3] != want {
		t.Errorf("the last row is %s, want %s", lines[3], want)
	}
	stay.HoursBefore = 0
	stay.Labels = nil
	out.Reset()
	if err := challenge.WriteStay(&out, &stay); err != nil {
		t.Fatal(err)
	}
	if rows := strings.Split(out.String(), "\n"); strings.Contains(rows[0], "SepsisLabel") || !strings.HasSuffix(rows[1], "|0|1|0|2") {
		t.Errorf("without labels, and with no time before the ICU:\n%s", out.String())
	}
}

func TestWriteStayRefuses(t *testing.T) {
	hours := func(hours ...int) sepsis.LabelledStay {
		var stay sepsis.LabelledStay
		for _, hour := range hours {
			stay.Observations = append(stay.Observations, sepsis.Observation{Hour: hour, Values: sepsis.NoValues()})
		}
		return stay
	}
	short := hours(1, 2)
	short.Labels = []bool{true}
	for name, stay := range map[string]sepsis.LabelledStay{
		"nothing": hours(), "unknown hour": hours(sepsis.HourUnknown), "repeated": hours(2, 2), "back": hours(3, 2),
		"beyond": hours(sepsis.MaxICUHour + 1), "labels missing": short,
	} {
		if err := challenge.WriteStay(&bytes.Buffer{}, &stay); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}
