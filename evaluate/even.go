package evaluate

import "github.com/medtech-detect/sepsis"

// EvenSample keeps at most so many stays of each hospital, evenly spaced in their order; 0 keeps all. It stands here, and
// not where it is asked for, because figures depend on it, and results are kept by what computes them.
func EvenSample(stays []sepsis.LabelledStay, most int) []sepsis.LabelledStay {
	if most == 0 {
		return stays
	}
	sizes, seen := map[string]int{}, map[string]int{}
	for i := range stays {
		sizes[stays[i].Hospital]++
	}
	var kept []sepsis.LabelledStay
	for i := range stays {
		hospital := stays[i].Hospital
		position, size := seen[hospital], sizes[hospital]
		seen[hospital]++
		if share := min(most, size); position*share/size != (position+1)*share/size {
			kept = append(kept, stays[i])
		}
	}
	return kept
}
