package report_test

import (
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/evaluate/report"
)

// TestForecastsWorth: what is lost without forecasts, which of it is beyond chance, what they cost, and each recipe with forecasts of either hospital.
func TestForecastsWorth(t *testing.T) {
	r := handMade()
	r.Families = append(r.Families, evaluate.ModelFamily{
		Name: evaluate.WithoutForecasts, OverUtility: fig(-0.005), OverAUROC: fig(-0.02), OverAUPRC: fig(0.03), TrainSeconds: 150, Bytes: 1_500_400,
	})
	written := string(report.ForecastsWorth(&r))
	for _, want := range []string{
		"| Challenge utility | -0.0050 (-0.0150 to +0.0050) | no |", "| AUROC | -0.0200 (-0.0300 to -0.0100) | yes |", "| AUPRC | +0.0300 (+0.0200 to +0.0400) | yes |",
		"training 300 s instead of 150 s, and 2,000 kB instead of 1,500 kB.",
		"| north to south, as is | 0.280 (0.270 to 0.290) | 0.340 (0.330 to 0.350) | 0.780 (0.770 to 0.790) | 0.780 (0.770 to 0.790) |",
	} {
		if !strings.Contains(written, want) {
			t.Errorf("%q is not in %s", want, written)
		}
	}
	if strings.Contains(written, evaluate.PortableRecipe) {
		t.Error("the portable recipe, of which one side is missing, has a row")
	}
}

// TestForecastsOfNothing: a report without kinds of model and transfers says that nothing was measured, and of whom it is.
func TestForecastsOfNothing(t *testing.T) {
	written := string(report.ForecastsWorth(&evaluate.Report{Data: evaluate.Data{Synthetic: true}}))
	if strings.Count(written, "was not measured") != 2 || !strings.Contains(written, "SYNTHETIC") {
		t.Errorf("%q", written)
	}
}
