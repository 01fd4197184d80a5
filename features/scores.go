package features

import "github.com/medtech-detect/sepsis/score"

// bedsideScores are followed over the stay, as far as their parts are known.
var bedsideScores = [...]score.BedsideScore{score.NEWS2, score.SIRS, score.QSOFA, score.SOFA}

// bedside adds the partial bedside scores and their course over a day: the Sepsis-3 definition is a rise of
// SOFA by 2 (doi:10.1001/jama.2016.0287).
func (t *table) bedside() {
	for i, b := range bedsideScores {
		t.add(b.Name, Bedside, b.Name, func(s *state) float64 { return s.bedside[i].ago(0) })
		t.add(b.Name+"_mean_6h", Bedside, b.Name, func(s *state) float64 { return s.points[i].six.mean })
		t.add(b.Name+"_high_24h", Bedside, b.Name, func(s *state) float64 { return s.points[i].day.high })
		t.add(b.Name+"_rise_24h", Bedside, b.Name, func(s *state) float64 { return s.bedside[i].ago(0) - s.points[i].day.low })
		t.add(b.Name+"_above_usual", Bedside, b.Name, func(s *state) float64 { return s.bedside[i].ago(0) - s.usual[i].value })
	}
}
