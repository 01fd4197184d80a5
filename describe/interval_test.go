package describe_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/describe"
)

// hundreds has stays of one hour: of hospital a with rates from 0 on, every fourth with the label; of b the same, shifted.
func hundreds(stays int, shift float64) cohort {
	var c cohort
	for i := range stays {
		rate := 40 + float64((7*i)%100)
		septic := row{values: map[sepsis.Variable]float64{sepsis.HeartRate: rate}, label: i%4 == 0}
		c = append(c, stay("a", septic))
	}
	for i := range stays {
		c = append(c, stay("b", row{values: map[sepsis.Variable]float64{sepsis.HeartRate: 40 + float64((7*i)%100) + shift}}))
	}
	return c
}

func width(e describe.Estimate) float64 { return float64(e.High - e.Low) }

// TestIntervalsAreAsWideAsTheyShouldBe: with one hour a stay, a share has the binomial standard error, sqrt(p(1-p)/n),
// and its 95 % interval is 2 * 1.96 of them wide; 400 draws are good for about a tenth of that.
func TestIntervalsAreAsWideAsTheyShouldBe(t *testing.T) {
	p := read(t, hundreds(400, 0)).Groups[1].Who.Prevalence
	want := 2 * 1.96 * math.Sqrt(0.25*0.75/400)
	if p.Value != 0.25 || math.Abs(width(p)-want) > 0.15*want || p.Low >= p.Value || p.High <= p.Value {
		t.Errorf("%+v, %.4f wide, want %.4f", p, width(p), want)
	}
}

// TestHoursAreNoStays: the same hours twice in every stay are no more evidence, the same stays twice are.
func TestHoursAreNoStays(t *testing.T) {
	once := syntheticStays(t)
	var longer, more cohort
	for _, record := range once {
		twice := record
		twice.Observations, twice.Labels = nil, nil
		for i, o := range record.Observations {
			twice.Observations = append(twice.Observations, o, o)
			twice.Labels = append(twice.Labels, record.Labels[i], record.Labels[i])
		}
		longer, more = append(longer, twice), append(more, record, record)
	}
	a, b, c := read(t, once).Groups[0], read(t, longer).Groups[0], read(t, more).Groups[0]
	for v := range a.Contrasts {
		if x, y := a.Contrasts[v], b.Contrasts[v]; !sameEstimate(x.AUROC, y.AUROC) || !sameEstimate(x.MeasuredRatio, y.MeasuredRatio) {
			t.Errorf("%s: %+v, with every hour twice %+v", x.Name, x.AUROC, y.AUROC)
		}
	}
	rate, moreOfIt := a.Contrasts[sepsis.HeartRate].AUROC, c.Contrasts[sepsis.HeartRate].AUROC
	if !near(moreOfIt.Value, float64(rate.Value)) || math.Abs(width(moreOfIt)/width(rate)-math.Sqrt(0.5)) > 0.15 {
		t.Errorf("%+v, with every stay twice %+v", rate, moreOfIt)
	}
	if !sameEstimate(a.Onset.HourAUROC, b.Onset.HourAUROC) || width(a.Onset.HourAUROC) <= 0 {
		t.Errorf("ICU hour: %+v and %+v", a.Onset.HourAUROC, b.Onset.HourAUROC)
	}
}

func sameEstimate(a, b describe.Estimate) bool {
	return near(a.Value, float64(b.Value)) && near(a.Low, float64(b.Low)) && near(a.High, float64(b.High))
}

// TestDistanceOfTheSame: two hospitals alike have an interval that reaches 0, two that differ have not.
func TestDistanceOfTheSame(t *testing.T) {
	distance := func(shift float64) describe.Estimate {
		for _, d := range read(t, hundreds(200, shift)).Pairs[0].Variables {
			if d.Name == "heart_rate" {
				return d.Distance
			}
		}
		t.Fatal("no heart rate")
		return describe.Estimate{}
	}
	if alike := distance(0); alike.Value != 0 || alike.Low != 0 {
		t.Errorf("alike: %+v", alike)
	}
	if apart := distance(30); !near(apart.Value, 0.3) || apart.Low < 0.15 || apart.Low >= 0.3 || apart.High <= 0.3 {
		t.Errorf("apart: %+v", apart)
	}
}

// TestTooFewStays: nine stays with the label have figures without an interval, and the page says so; ten have one.
func TestTooFewStays(t *testing.T) {
	septic := func(stays int) *describe.Report { return read(t, hundreds(4*stays, 0)) }
	nine, ten := septic(9), septic(10)
	of := func(r *describe.Report) []describe.Estimate {
		g := r.Groups[1]
		return []describe.Estimate{g.Who.Prevalence, g.Onset.HourAUROC, g.Contrasts[sepsis.HeartRate].AUROC, g.Contrasts[sepsis.HeartRate].MeasuredRatio, g.Onset.Bands[0].Labelled}
	}
	for i, e := range of(nine) {
		if !e.Value.Defined() || e.Low.Defined() || e.High.Defined() {
			t.Errorf("figure %d of nine septic stays: %+v", i, e)
		}
	}
	for i, e := range of(ten) {
		if !e.Low.Defined() || !e.High.Defined() || e.Low > e.Value || e.High < e.Value {
			t.Errorf("figure %d of ten septic stays: %+v", i, e)
		}
	}
	const text = "too few stays for an interval"
	if !bytes.Contains(nine.FindingsPage(), []byte("25.00 % ("+text+")")) {
		t.Errorf("the page does not say that there are %s", text)
	}
}

// TestIntervalOfACorrelation: of rank correlations under normality the standard error of Fisher's z is sqrt((1+r²/2)/(n-3)) (Bonett
// and Wright 2000, doi:10.1007/BF02294183), which 400 draws meet within a quarter. With every stay twice it is narrower; with every hour twice it is the same.
func TestIntervalOfACorrelation(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var once, twice, longer cohort
	for range 500 {
		shared, own := random.NormFloat64(), random.NormFloat64()
		both := row{values: map[sepsis.Variable]float64{sepsis.HeartRate: 90 + 10*shared, sepsis.SystolicBP: 120 + 10*shared + 10*own}}
		once, twice, longer = append(once, stay("a", both)), append(twice, stay("a", both), stay("a", both)), append(longer, stay("a", both, both))
	}
	of := func(c cohort) describe.Estimate {
		return read(t, c).Correlations.Values[sepsis.HeartRate][sepsis.SystolicBP]
	}
	found := of(once)
	r, reach := float64(found.Value), 1.96*math.Sqrt((1+float64(found.Value*found.Value)/2)/(500-3))
	want := math.Tanh(math.Atanh(r)+reach) - math.Tanh(math.Atanh(r)-reach)
	if math.Abs(width(found)-want) > 0.25*want || found.Low >= found.Value || found.High <= found.Value {
		t.Errorf("%+v, %.4f wide, want %.4f", found, width(found), want)
	}
	if more := of(twice); width(more) > 0.85*width(found) || width(more) < 0.55*width(found) {
		t.Errorf("%+v, with every stay twice %+v", found, more)
	}
	if more := of(longer); !sameEstimate(found, more) {
		t.Errorf("%+v, with every hour twice %+v", found, more)
	}
}
