// Package score holds the bedside scores that clinicians know: NEWS2, SIRS, qSOFA and SOFA.
//
// Each score is a table of items, one for each part of the published score, in the published order. A part
// whose measurements are missing is unknown: it is named and never counted as 0. No score here is complete,
// except SIRS: level of consciousness, ventilation, vasopressors and urine output are not among the
// measurements. What is unknown can only add points, so every value is a lower bound of the full score.
//
// The values passed in are those that hold at the bedside: the latest measurement of each variable, already
// carried forward ([sepsis.Stay.Latest]).
package score

import "github.com/medtech-detect/sepsis"

// WindowHours is how many hours back a measurement counts for the scores: SOFA is defined over 24 hours (Vincent et
// al. 1996, doi:10.1007/BF01709751); the latest value within them is taken.
const WindowHours = 24

// Item is one part of a score.
type Item struct {
	// Name is the part's name, such as "supplemental_oxygen".
	Name string
	// Points gives the part's points, and whether its measurements are known. Unknown parts have 0 points.
	Points func(v *sepsis.Values) (points int, known bool)
}

// BedsideScore is a published score as a table.
type BedsideScore struct {
	Name    string // the name in the API
	English string // the name in full
	French  string
	Source  string // the publication that every cut-off is from, unless an item names another one
	Maximum int    // the highest value of the full score, with the parts that cannot be known here
	Items   []Item // in the order of the publication
}

// All lists the scores in the order of the API.
var All = []BedsideScore{NEWS2, SIRS, QSOFA, SOFA}

// Points gives the sum over the known parts, and how many parts are known. It does not allocate.
func (s BedsideScore) Points(v *sepsis.Values) (total, known int) {
	for i := range s.Items {
		if points, ok := s.Items[i].Points(v); ok {
			total += points
			known++
		}
	}
	return total, known
}

// Of gives the score with the names of its missing parts, in the order of the items. The value is nil when no
// part is known.
func (s BedsideScore) Of(v *sepsis.Values) sepsis.Score {
	score := sepsis.Score{Missing: make([]string, 0, len(s.Items)), Maximum: s.Maximum}
	for _, item := range s.Items {
		if _, known := item.Points(v); !known {
			score.Missing = append(score.Missing, item.Name)
		}
	}
	if total, known := s.Points(v); known > 0 {
		score.Value = &total
	}
	return score
}
