package model

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
)

// What an alert must be worth.
const (
	// AlertPrevalence is the share of septic stays to which predictive values are adjusted, so that they can be
	// compared: 7 % of hospitalisations, 2,552 of 38,455 (Wong et al. 2021, doi:10.1001/jamainternmed.2021.2626).
	AlertPrevalence = 0.07
	// AlertPPV is what the share of true alerts must reach at that prevalence, at each hospital: more than twice the 0.13 that Bayes' rule
	// gives there to the widely used model of Wong et al., whose sensitivity of 0.33 and specificity of 0.83 they published
	// with a predictive value of 0.12. Its second version had 0.13 to 0.26 at four systems (JAMA Network Open 2026, PMC12949446). It stands above
	// 0.26 by about the half-width of its interval on some 1,400 septic stays, so that 0.26 is reached beyond chance.
	AlertPPV = 0.28
	// minAlerted is how many stays must be alerted before a share of them says anything: with fewer its
	// standard error, sqrt(0.3*0.7/20), is above 0.1.
	minAlerted = 20
	// MinSepticApart is how many septic stays a group, such as a hospital, needs before anything is said of it by itself: with fewer
	// than 100 events it is hardly known (Vergouwe et al. 2005, doi:10.1016/j.jclinepi.2004.06.017).
	MinSepticApart = 100
	// minOthersApart is how many stays without sepsis a hospital needs, by the same source.
	minOthersApart = 100
)

// AlertPoint is the high-precision operating point, with what it was chosen for.
type AlertPoint struct {
	OperatingPoint
	Clear      float64 `json:"clear"` // an alert lasts until the probability is below this
	Prevalence float64 `json:"prevalence"`
	TargetPPV  float64 `json:"target_ppv"`
	// PPV is the share of stays alerted at or before onset among all alerted stays, adjusted to Prevalence, on the
	// stays on which the threshold was chosen, of the hospital where it is least; nil when none of them was alerted. As the lowest
	// threshold that reaches TargetPPV was taken, it says no more than that there was one: package evaluate has the value out of fold.
	PPV *float64 `json:"ppv"`
}

// Rule is the state machine of the operating point.
func (a AlertPoint) Rule() sepsis.AlertRule {
	return sepsis.AlertRule{Threshold: a.Threshold, Clear: a.Clear}
}

// AdjustedPPV is a positive predictive value at another prevalence, by Bayes' rule (Altman and Bland 1994,
// doi:10.1136/bmj.309.6947.102). inTime is the share of septic stays alerted at or before onset, anyTime that of
// septic stays alerted at all, and falseAlarm that of other stays alerted at all. A septic stay alerted too late
// counts as an alert that was not true. It is NaN when there is no alert.
func AdjustedPPV(inTime, anyTime, falseAlarm, prevalence float64) float64 {
	return prevalence * inTime / (prevalence*anyTime + (1-prevalence)*falseAlarm)
}

// peak is what decides when a stay is alerted: at any threshold up to its highest probability.
type peak struct {
	hospital string
	septic   bool
	ever     float64 // of all hours
	inTime   float64 // of the hours up to onset, in a septic stay
}

// peakOf finds the highest probabilities of a stay. Onset is 6 hours after the first label, by position (see
// metric.StayUtility), and may lie beyond the last hour.
func peakOf(hospital string, labels []bool, probabilities []float64) peak {
	first := slices.Index(labels, true)
	p := peak{hospital: hospital, septic: first >= 0}
	for hour, probability := range probabilities {
		p.ever = max(p.ever, probability)
		if p.septic && hour <= first-metric.OptimalHours {
			p.inTime = max(p.inTime, probability)
		}
	}
	return p
}

// chooseAlert finds the lowest threshold, not below that of utility, at which the adjusted predictive value reaches
// the target, at each hospital that can be looked at apart. Where none does, it is the one of highest value; where too few stays are alerted to
// tell, that of utility.
func chooseAlert(peaks []peak, utility float64, source string) AlertPoint {
	point := AlertPoint{
		OperatingPoint: OperatingPoint{Name: "alert", Threshold: utility},
		Prevalence:     AlertPrevalence, TargetPPV: AlertPPV,
	}
	choices := alertChoices(peaks, utility)
	value := fmt.Sprintf("share of stays alerted by onset among all alerted stays, adjusted to a prevalence of %g, of %s%s", AlertPrevalence, source, whereLeast(peaks))
	switch chosen, reached := lowestReaching(choices, AlertPPV); {
	case len(choices) == 0:
		point.Choice = fmt.Sprintf("that of utility: fewer than %d stays are alerted, too few to choose by", minAlerted)
	case reached:
		point.Threshold, point.PPV = chosen.threshold, &chosen.ppv
		point.Choice = fmt.Sprintf("lowest, not below that of utility, with at least %g as %s", AlertPPV, value)
	default:
		point.Threshold, point.PPV = chosen.threshold, &chosen.ppv
		point.Choice = fmt.Sprintf("highest %s; none reaches %g", value, AlertPPV)
	}
	// Half of the threshold is about half of the odds. But no answer is an alert and Negative at once.
	point.Clear = max(point.Threshold/2, utility)
	return point
}

// whereLeast says in words that hospitals are looked at apart, when they are, and that some say nothing, when they do.
func whereLeast(peaks []peak) string {
	groups, stays := apart(peaks), 0
	for _, its := range groups {
		stays += len(its)
	}
	words := ""
	if len(groups) > 1 {
		words = ", at the hospital where it is least"
	}
	if stays < len(peaks) {
		words += fmt.Sprintf(", without hospitals of fewer than %d other stays", minOthersApart)
	}
	return words
}

// alertChoice is a threshold and the adjusted predictive value that it has.
type alertChoice struct{ threshold, ppv float64 }

// lowestReaching picks from choices of falling threshold the last that reaches the target, or else the last of those
// with the highest value.
func lowestReaching(choices []alertChoice, target float64) (chosen alertChoice, reached bool) {
	for _, choice := range choices {
		switch {
		case choice.ppv >= target:
			chosen, reached = choice, true
		case !reached && choice.ppv >= chosen.ppv:
			chosen = choice
		}
	}
	return chosen, reached
}

// alertChoices lists the thresholds from the lowest on at which the alerts differ, the highest first, with what they are
// worth where that is least. Each lies midway between two peaks, so that rounding moves no stay across. Those at which too few stays
// are alerted are left out.
func alertChoices(peaks []peak, lowest float64) []alertChoice {
	var groups []alertGroup
	for _, its := range apart(peaks) {
		groups = append(groups, newAlertGroup(its))
	}
	levels := make([]float64, 0, 2*len(peaks))
	for _, p := range peaks {
		levels = append(levels, p.ever)
		if p.septic {
			levels = append(levels, p.inTime)
		}
	}
	slices.Sort(levels)
	levels = slices.Compact(levels)
	var choices []alertChoice
	for i := len(levels) - 1; i >= 0 && levels[i] >= lowest; i-- {
		threshold := lowest
		if i > 0 && levels[i-1] >= lowest {
			threshold = levels[i-1]/2 + levels[i]/2
		}
		if ppv, enough := least(groups, levels[i]); enough {
			choices = append(choices, alertChoice{threshold, ppv})
		}
	}
	return choices
}

// apart deals stays out by hospital, in the order of the hospitals' names. When one of these has too few septic stays to be looked at by itself, all stay together.
// One of too few other stays, or of none, says nothing of how often alerts are right: it is left out as long as there is another one.
func apart(peaks []peak) [][]peak {
	byHospital, septic := map[string][]peak{}, map[string]int{}
	for _, p := range peaks {
		byHospital[p.hospital] = append(byHospital[p.hospital], p)
		if p.septic {
			septic[p.hospital]++
		}
	}
	var groups [][]peak
	for _, hospital := range slices.Sorted(maps.Keys(byHospital)) {
		if septic[hospital] < MinSepticApart {
			return [][]peak{peaks}
		}
		if its := byHospital[hospital]; len(its)-septic[hospital] >= minOthersApart {
			groups = append(groups, its)
		}
	}
	if len(groups) == 0 {
		return [][]peak{peaks}
	}
	return groups
}

// alertGroup are the peaks of stays whose alerts are looked at together, each kind in rising order.
type alertGroup struct{ inTime, anyTime, falseAlarm []float64 }

func newAlertGroup(peaks []peak) alertGroup {
	var g alertGroup
	for _, p := range peaks {
		if p.septic {
			g.inTime, g.anyTime = append(g.inTime, p.inTime), append(g.anyTime, p.ever)
		} else {
			g.falseAlarm = append(g.falseAlarm, p.ever)
		}
	}
	for _, sorted := range [][]float64{g.inTime, g.anyTime, g.falseAlarm} {
		slices.Sort(sorted)
	}
	return g
}

// least is the adjusted predictive value at a threshold in the group where it is least. It is not enough when one of them has too few
// alerts to tell.
func least(groups []alertGroup, threshold float64) (ppv float64, enough bool) {
	ppv = math.Inf(1)
	for _, g := range groups {
		if atLeast(g.anyTime, threshold)+atLeast(g.falseAlarm, threshold) < minAlerted {
			return 0, false
		}
		ppv = min(ppv, AdjustedPPV(share(g.inTime, threshold), share(g.anyTime, threshold), share(g.falseAlarm, threshold), AlertPrevalence))
	}
	return ppv, true
}

// atLeast counts the sorted values that are not below x.
func atLeast(sorted []float64, x float64) int {
	below, _ := slices.BinarySearch(sorted, x)
	return len(sorted) - below
}

func share(sorted []float64, x float64) float64 {
	return float64(atLeast(sorted, x)) / float64(len(sorted))
}
