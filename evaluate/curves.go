package evaluate

import "math"

// curvePoints is how many points of a curve are kept: more than can be seen.
const curvePoints = 200

// curves are the ROC and the precision-recall curve of a sample whose group was measured.
func curves(s sample, g *Group) (roc, pr Curve) {
	roc = Curve{Name: g.Name, Area: g.AUROC, Level: g.Prevalence}
	pr = Curve{Name: g.Name, Area: g.AUPRC, Level: g.Prevalence}
	sorted := newRows(s, math.Inf(1)).sorted
	positives := float64(s.septicHours())
	negatives := float64(len(sorted)) - positives
	truePositives, falsePositives := 0.0, 0.0
	for i := range sorted {
		if sorted[i].label {
			truePositives++
		} else {
			falsePositives++
		}
		if i+1 < len(sorted) && sorted[i+1].probability == sorted[i].probability {
			continue
		}
		threshold, recall := sorted[i].probability, truePositives/positives
		roc.Points = append(roc.Points, CurvePoint{X: falsePositives / negatives, Y: recall, Threshold: threshold})
		pr.Points = append(pr.Points, CurvePoint{X: recall, Y: truePositives / (truePositives + falsePositives), Threshold: threshold})
	}
	roc.Points, pr.Points = thin(roc.Points), thin(pr.Points)
	return roc, pr
}

// thin keeps points of a curve at about equal distances along it, the first and the last among them. Distances are
// |dx| + |dy|.
func thin(points []CurvePoint) []CurvePoint {
	if len(points) <= curvePoints {
		return points
	}
	length := 0.0
	along := make([]float64, len(points))
	for i := 1; i < len(points); i++ {
		length += math.Abs(points[i].X-points[i-1].X) + math.Abs(points[i].Y-points[i-1].Y)
		along[i] = length
	}
	kept := points[:1:1]
	for i := 1; i < len(points)-1; i++ {
		if along[i] >= length*float64(len(kept))/(curvePoints-1) && len(kept) < curvePoints-1 {
			kept = append(kept, points[i])
		}
	}
	return append(kept, points[len(points)-1])
}
