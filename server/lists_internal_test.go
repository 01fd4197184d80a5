package server

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
)

// unusualOf are values of a variable, as they may be sent, of which the shortest and the longest texts are made.
func unusualOf(info sepsis.VariableInfo) (sent []string) {
	for _, x := range []float64{info.Hard.Min, info.Hard.Max, math.Nextafter(info.Usual.Max, math.Inf(1)), math.Nextafter(info.Usual.Min, 0), 5e-324, 1e-300} {
		sent = append(sent, fmt.Sprint(x))
		for _, unit := range info.Units() {
			sent = append(sent, fmt.Sprintf(`{"value": %v, "unit": %q}`, x, unit))
		}
	}
	return sent
}

// TestListsAreNoLongerThanCounted: the longest warnings and moments, of each variable in each unit, in the last hour of a stay.
func TestListsAreNoLongerThanCounted(t *testing.T) {
	beside := []string{`"systolic_bp": 40`, `"diastolic_bp": 39`, `"mean_arterial_pressure": 55`, `"spo2": 99`, `"sao2": 40`, `"paco2": 20`, `"etco2": 60`, `"ph": 7.4`, `"lactate": 12`, `"base_excess": 0`, `"hematocrit": 50`, `"hemoglobin": 9.1`}
	warned := 0
	for _, info := range sepsis.Variables {
		for _, sent := range unusualOf(info) {
			members := slices.DeleteFunc(slices.Clone(beside), func(m string) bool { return strings.HasPrefix(m, fmt.Sprintf("%q", info.Name)) })
			body := fmt.Sprintf(`{"age": 67, "observations": [{"icu_hour": 8784, %q: %s, %s}]}`, info.Name, sent, strings.Join(members, ", "))
			p, found := decodePatient([]byte(body))
			if len(found.placed) > 0 {
				continue // refused, by its range or by what stands beside it
			}
			for _, warning := range p.warnings.list() {
				warned++
				holdsList(t, warning)
			}
		}
	}
	if warned < 1000 {
		t.Errorf("%d warnings", warned)
	}
	hour := sepsis.MaxICUHour
	longest := moment{ICUHour: &hour, Probability: -1.2345678901234567e-300, Prediction: sepsis.Negative, RiskBand: sepsis.ElevatedRisk, Reliability: sepsis.Indeterminate}
	if encoded, err := encode(longest); err != nil || len(encoded)+len(",") > momentBytes {
		t.Errorf("a moment is counted as %d bytes: %s, %v", momentBytes, encoded, err)
	}
}

func holdsList(t *testing.T, warning sepsis.Warning) {
	t.Helper()
	var p patient
	p.warnings.add(0, warning)
	encoded, err := encode(warning)
	if err != nil {
		t.Fatal(err)
	}
	if counted := p.lists(options{}); int64(len(encoded)+len(",")) > counted {
		t.Errorf("a warning of %d bytes is counted as %d: %s", len(encoded), counted, encoded)
	}
}
