package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/medtech-detect/sepsis/evaluate"
)

// risksTitle is the heading of what [calibrationSentences] say.
const risksTitle = "How far its risks are off"

// calibrationSentences say how far risks are off. Slope and calibration in the large come first, because readers ask for them, with
// why they say little here; what is off shows without bins, near the threshold, and by parts.
func calibrationSentences(r *evaluate.Report) []string {
	g := pooled(r)
	if g == nil {
		return []string{"Whether its probabilities mean what they say was not measured."}
	}
	sentences := []string{fmt.Sprintf("Its probabilities, at home: calibration slope %s, where 1 is ideal and less is too extreme; calibration in the large %s, where 0 is ideal and less means that risks are overstated. "+
		"Pooled, both come near their ideals by how risks are fitted: to other stays of the same hospitals, all together. So they do not show that each risk is right.",
		interval(g.CalibrationSlope, 3), interval(g.CalibrationInLarge, 3))}
	if len(r.Calibration) == 0 {
		return sentences
	}
	sentences = append(sentences, withoutBins(&r.Calibration[0], g)...)
	sentences = append(sentences, nearThreshold(r)...)
	sentences = append(sentences, partsOff(&r.Calibration[0])...)
	return append(sentences, worstPart(r.Calibration)...)
}

// withoutBins tells the distances of the smoothed curve of all hospitals together.
func withoutBins(c *evaluate.CalibrationDeciles, g *evaluate.Group) []string {
	if c.Smoothed == nil {
		return nil
	}
	return []string{fmt.Sprintf("Without bins, risks are off by %s percentage points on the mean of all hours, and by %s on the mean of the hours on the watch list. For scale: %.2f %% of hours have the label.",
		interval(scaled(c.Smoothed.Index, 100), 2), interval(scaled(c.Smoothed.Watched, 100), 2), 100*g.Prevalence)}
}

// nearThreshold tells what is seen at the point of each smoothed curve that is nearest to the threshold of the watch list.
func nearThreshold(r *evaluate.Report) []string {
	var clauses []string
	for _, c := range r.Calibration {
		if c.Smoothed == nil || len(c.Smoothed.Points) == 0 {
			continue
		}
		nearest := c.Smoothed.Points[0]
		for _, p := range c.Smoothed.Points {
			if math.Abs(p.Predicted-r.AtHome.Threshold) < math.Abs(nearest.Predicted-r.AtHome.Threshold) {
				nearest = p
			}
		}
		clauses = append(clauses, fmt.Sprintf("%s, %s foretold and %s seen", c.Hospital, exactly(nearest.Predicted), percent(nearest.Observed)))
	}
	return gathered(fmt.Sprintf("Near %.1f %%, where the watch list begins: ", 100*r.AtHome.Threshold), clauses)
}

// overstated tells whether the mean risk of a part is above the interval of the share with the label.
func overstated(b evaluate.CalibrationPart) bool { return clearlyBelow(b.Observed, b.Predicted) }

// understated tells whether the mean risk of a part is below the interval of the share with the label.
func understated(b evaluate.CalibrationPart) bool { return clearlyAbove(b.Observed, b.Predicted) }

// partsThatAre numbers the parts of which something is true, from 1 for the lowest risks.
func partsThatAre(so func(evaluate.CalibrationPart) bool, parts []evaluate.CalibrationPart) []string {
	var numbers []string
	for i, b := range parts {
		if so(b) {
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	return numbers
}

// partsOff tells in which parts of all hours risks are off, which shows the shape of the error.
func partsOff(c *evaluate.CalibrationDeciles) []string {
	high, low := partsThatAre(overstated, c.Bins), partsThatAre(understated, c.Bins)
	if len(high)+len(low) == 0 {
		return nil
	}
	var sides []string
	if len(high) > 0 {
		sides = append(sides, "too high in "+join(high))
	}
	if len(low) > 0 {
		sides = append(sides, "too low in "+join(low))
	}
	return []string{fmt.Sprintf("Of %d parts of equal size by rising risk (%s), the mean risk lies outside the interval of what is seen in %d: %s, counted from the lowest.",
		len(c.Bins), c.Hospital, len(high)+len(low), join(sides))}
}

// worstPart tells of the part of the hours, at any hospital, whose mean risk is outside the interval of what is seen and furthest from it.
func worstPart(all []evaluate.CalibrationDeciles) []string {
	var worst evaluate.CalibrationPart
	hospital, most := "", 0.0
	for _, c := range all {
		for _, parts := range [][]evaluate.CalibrationPart{c.Bins, c.Top} {
			for _, b := range parts {
				if !overstated(b) && !understated(b) {
					continue
				}
				if distance := math.Abs(b.Predicted - b.Observed.Value); distance > most {
					worst, hospital, most = b, c.Hospital, distance
				}
			}
		}
	}
	if hospital == "" {
		return nil
	}
	return []string{fmt.Sprintf("Furthest off, of all parts beyond their intervals, are risks from %.1f %% to %.1f %% (%s): %.1f %% foretold, %s seen.",
		100*worst.Low, 100*worst.High, hospital, 100*worst.Predicted, percent(worst.Observed))}
}
