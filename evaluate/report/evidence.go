package report

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/evaluate"
)

const evidenceNote = "Made by `make documents` from docs/evidence.json, which `sepsis evaluate` found on the PhysioNet/CinC Challenge 2019 data " +
	"(CC BY 4.0, doi:10.13026/v64v-d857). Figures alone, no row."

// noteOn says what evidence is made from.
func noteOn(r *evaluate.Report) string {
	if r.Data.OfChallenge() {
		return evidenceNote
	}
	return "Made by `sepsis model documents` from what `sepsis evaluate` found on " + join(r.Data.Names) + ". Figures alone, no row."
}

// pointNames are the operating points as the API names them.
var pointNames = map[string]string{"utility": "watch", "alert": "alert"}

// Evidence is the part of the report that the service shows of a model. The caller has made sure that the report is of it. Its types are not the
// report's: what is not known is absent in an answer and null in the report, and figures have few digits.
func Evidence(r *evaluate.Report, of sepsis.ModelInfo) (*sepsis.Evidence, error) {
	if r.AtHome == nil || len(r.Calibration) == 0 {
		return nil, errors.New("the report has no calibration curve: evaluate at home, too")
	}
	e := &sepsis.Evidence{
		Note: noteOn(r), Model: of, Method: r.AtHome.Method, Stays: r.Data.Stays, SepticStays: r.Data.SepticStays, Hours: r.Data.Hours,
		Calibration: calibrationCurves(r.Calibration), Decision: decisionCurves(r.Decision), Points: pointsInWard(r.Ward),
		Phases: []sepsis.GroupFigures{}, Subgroups: []sepsis.Subgroups{}, Elsewhere: []sepsis.Elsewhere{},
	}
	for i := range r.Phases {
		figures := figuresOf(&r.Phases[i].Group)
		figures.FromHour, figures.ToHour = r.Phases[i].FromHour, r.Phases[i].ToHour
		e.Phases = append(e.Phases, figures)
	}
	for _, set := range r.Subgroups {
		groups := make([]sepsis.GroupFigures, len(set.Groups))
		for i := range set.Groups {
			groups[i] = judgedFigures(&set.Groups[i])
		}
		e.Subgroups = append(e.Subgroups, sepsis.Subgroups{Name: set.Name, Groups: groups})
	}
	for i := range r.Transfers {
		if t := &r.Transfers[i]; t.Failed == "" {
			e.Elsewhere = append(e.Elsewhere, sepsis.Elsewhere{From: t.From, To: t.To, Recipe: t.Variant, Utility: shown(t.Group.Utility), AUROC: shown(t.Group.AUROC)})
		}
	}
	return e, nil
}

// EvidenceFile is the evidence as a file.
func EvidenceFile(r *evaluate.Report, of sepsis.ModelInfo) ([]byte, error) {
	found, err := Evidence(r, of)
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(found, "", " ")
	return append(text, '\n'), err
}

func calibrationCurves(curves []evaluate.CalibrationDeciles) []sepsis.CalibrationCurve {
	all := make([]sepsis.CalibrationCurve, len(curves))
	for i, curve := range curves {
		all[i] = sepsis.CalibrationCurve{Hospital: curve.Hospital, Slope: shown(curve.Slope), InTheLarge: shown(curve.Intercept), Parts: []sepsis.CalibrationPart{}}
		for _, part := range curve.Bins {
			all[i].Parts = append(all[i].Parts, sepsis.CalibrationPart{
				Low: rounded(part.Low), High: rounded(part.High), Hours: part.Hours, Predicted: rounded(part.Predicted), Observed: shown(part.Observed),
			})
		}
	}
	return all
}

func decisionCurves(curves []evaluate.DecisionCurve) []sepsis.DecisionCurve {
	all := make([]sepsis.DecisionCurve, len(curves))
	for i, curve := range curves {
		all[i] = sepsis.DecisionCurve{Hospital: curve.Hospital, Points: []sepsis.DecisionPoint{}}
		for _, point := range curve.Points {
			all[i].Points = append(all[i].Points, sepsis.DecisionPoint{
				Threshold: point.Threshold, Model: shown(point.Model), All: shown(point.All), Advantage: shown(point.Advantage),
			})
		}
	}
	return all
}

func pointsInWard(views []evaluate.WardView) []sepsis.PointInWard {
	all := []sepsis.PointInWard{}
	for i := range views {
		view := &views[i]
		point := sepsis.PointInWard{
			Hospital: view.Hospital, Point: pointNames[view.Point], SepticStays: view.Septic,
			StaySensitivity: shown(view.StaySensitivity), StaySpecificity: shown(view.StaySpecificity), StayPPV: shown(view.StayPPV),
			AlarmsPerPatientDay: shown(view.AlarmsPerPatientDay),
		}
		if q := view.LeadTime; q != nil {
			point.LeadTime = &sepsis.Quartiles{Count: q.Count, Lower: shown(q.Lower), Median: shown(q.Median), Upper: shown(q.Upper)}
		}
		all = append(all, point)
	}
	return all
}

func figuresOf(g *evaluate.Group) sepsis.GroupFigures {
	return sepsis.GroupFigures{
		Name: g.Name, Stays: g.Stays, SepticStays: g.SepticStays, Hours: g.Hours,
		Utility: shown(g.Utility), AUROC: shown(g.AUROC), CalibrationSlope: shown(g.CalibrationSlope),
		Sensitivity: shown(g.Sensitivity), Specificity: shown(g.Specificity), PPV: shown(g.PPV),
	}
}

// judgedFigures are those of a group that is spoken of by itself: counts alone with too few septic stays.
func judgedFigures(g *evaluate.Group) sepsis.GroupFigures {
	if !spokenOf(g) {
		return sepsis.GroupFigures{Name: g.Name, Stays: g.Stays, SepticStays: g.SepticStays, Hours: g.Hours}
	}
	return figuresOf(g)
}

// shown is a figure as the service gives it; nil when it is undefined.
func shown(f *evaluate.Figure) *evaluate.Figure {
	if f == nil {
		return nil
	}
	return &evaluate.Figure{Value: rounded(f.Value), Low: rounded(f.Low), High: rounded(f.High)}
}

// digits that a figure keeps: the intervals are far wider.
const digits = 5

func rounded(x float64) float64 {
	near, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return near
}
