package report

import (
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/plot"
)

// data describes the cohort.
func data(r *evaluate.Report) section {
	t := &table{Caption: "The cohort", Header: []string{"hospital", "stays", "septic stays", "hours", "hours with the label"}}
	line := func(name string, stays, septic, hours, labelled int) {
		t.add(name, count(stays), fmt.Sprintf("%s (%s)", count(septic), share(septic, stays)), count(hours), fmt.Sprintf("%s (%s)", count(labelled), share(labelled, hours)))
	}
	for _, h := range r.Data.Hospitals {
		line(h.Name, h.Stays, h.SepticStays, h.Hours, h.SepticHours)
	}
	line("all", r.Data.Stays, r.Data.SepticStays, r.Data.Hours, r.Data.SepticHours)
	blocks := []block{{Table: t}}
	if part := publicPart(r); part != "" {
		blocks = append(blocks, text("%s%s", part, after(withheld(r))))
	}
	blocks = append(blocks, text("Age, sex and kind of unit of the patients are counted with the figures in \"Subgroups\"; race, ethnicity, language and income are not in the data."))
	return study(r, "data",
		"Stays in intensive care, hour by hour. The model is made for adults; others in the files are counted in \"Subgroups\". The label marks the hours from 6 before the onset of sepsis on; onset is when the criteria of Sepsis-3 are met in the record (suspicion of infection and a rise of the SOFA score).", blocks...)
}

// atHome is the main table.
func atHome(r *evaluate.Report) section {
	const about = "Each stay is predicted by a model that never saw it. Calibration and threshold are fitted on other stays of the same hospitals, whose predictions come from " +
		"models that did learn from it (cross-fitting); what is measured of files as they are served is free of this."
	if r.AtHome == nil || len(r.AtHome.Groups) == 0 {
		return study(r, "at-home", about)
	}
	var blocks []block
	if len(methodOf(r, "at_home")) == 0 {
		blocks = append(blocks, block{Method: r.AtHome.Method})
	}
	blocks = append(blocks,
		block{Table: byMeasure("Out-of-fold figures at the watch-list threshold. \"now only\": a single hour sent without its history", r.AtHome.Groups, allMeasures)},
		text("The rule of counting hours: %s. In \"Beside simple rules\" its hour is chosen on the other folds, as the model's threshold is, so its utility may differ a little.", r.AtHome.HoursRule))
	if p := pooled(r); p != nil {
		blocks = append(blocks, text("An AUPRC is to be read beside the share of hours with the label, %.2f %%, which is what chance would reach.", 100*p.Prevalence))
	}
	return study(r, "at-home", about, append(blocks, omitted(r.AtHome.Omitted)...)...)
}

// baselines compares with simple rules on the same stays.
func baselines(r *evaluate.Report) section {
	const about = "What simple rules reach on the same stays: an alarm from some hour in intensive care on, and the bedside scores, as far as the record holds their parts. Their thresholds are chosen on the other folds, as the model's is."
	if len(r.Baselines) == 0 {
		return study(r, "baselines", about)
	}
	f := forest{title: "Challenge utility of the model and of simple rules", axis: "Challenge utility (0: never alarm; 1: perfect)", reference: &plot.Reference{Direction: plot.Vertical}}
	hospitals, rules := baselineNames(r.Baselines)
	f.rows = append([]string{"the model"}, rules...)
	for _, hospital := range hospitals {
		f.series = append(f.series, dots{hospital, baselineUtilities(r, hospital, rules)})
	}
	worth := &table{
		Caption: "Simple rules, and how far the model is above them on the same stays (paired difference): alarms",
		Header:  []string{"rule", "hospital", "known, of hours", "utility", "model above, utility", "sensitivity (hours)", "specificity (hours)"},
	}
	ranks := &table{Caption: "Simple rules, and how far the model is above them on the same stays (paired difference): ranking", Header: []string{"rule", "hospital", "AUROC", "model above, AUROC", "AUPRC", "model above, AUPRC"}}
	for _, b := range r.Baselines {
		worth.add(b.English, b.Hospital, number(100*b.Known, 1)+" %", interval(b.Utility, 3), difference(b.ModelUtility, 3), interval(b.AtSensitivity, 3), interval(b.AtSpecificity, 3))
		ranks.add(b.English, b.Hospital, interval(b.AUROC, 3), difference(b.ModelAUROC, 3), interval(b.AUPRC, 3), difference(b.ModelAUPRC, 3))
	}
	return study(r, "baselines", about,
		f.block("Consciousness, urine output and vasopressors are not in the record, so the bedside scores are partial and do worse here than at a bedside.", "rule"), block{Table: worth}, block{Table: ranks})
}

// baselineNames lists the hospitals and the rules in the order in which they first come.
func baselineNames(all []evaluate.Baseline) (hospitals, rules []string) {
	seen := map[string]bool{}
	for _, b := range all {
		if !seen["hospital "+b.Hospital] {
			hospitals, seen["hospital "+b.Hospital] = append(hospitals, b.Hospital), true
		}
		if !seen["rule "+b.English] {
			rules, seen["rule "+b.English] = append(rules, b.English), true
		}
	}
	return hospitals, rules
}

// baselineUtilities are the utilities of the model and of the rules at one hospital.
func baselineUtilities(r *evaluate.Report, hospital string, rules []string) []*evaluate.Figure {
	figures := make([]*evaluate.Figure, 1+len(rules))
	if g := atHomeGroup(r, hospital); g != nil {
		figures[0] = g.Utility
	}
	for i, rule := range rules {
		for _, b := range r.Baselines {
			if b.Hospital == hospital && b.English == rule {
				figures[i+1] = b.Utility
			}
		}
	}
	return figures
}

// phases follows the hours since admission.
func phases(r *evaluate.Report) section {
	const about = "How the figures depend on the time since admission to intensive care. The Brier skill compares with always answering the share of labelled hours in that phase: above 0 the model is better."
	if len(r.Phases) == 0 {
		return study(r, "phases", about)
	}
	groups := phaseGroups(r)
	f := forest{
		title: "Utility and AUROC by phase of the stay", axis: "Challenge utility; AUROC", rows: names(groups), reference: &plot.Reference{Direction: plot.Vertical},
		series: []dots{{"utility", column(groups, utility)}, {"AUROC", column(groups, auroc)}, {"utility of counting hours", column(groups, hoursRule)}},
	}
	t := byMeasure("By phase of the stay", groups, hourMeasures)
	prevalence, above := []string{"Brier score of the prevalence"}, []string{"Brier skill"}
	for i := range r.Phases {
		prevalence, above = append(prevalence, interval(r.Phases[i].PrevalenceBrier, 5)), append(above, interval(r.Phases[i].BrierSkill, 4))
	}
	t.add(prevalence...)
	t.add(above...)
	return study(r, "phases", about, f.block("The utility of a phase is the share of what was to be had in its hours.", "phase"), block{Table: t})
}

// phaseGroups are the groups of the phases under their names.
func phaseGroups(r *evaluate.Report) []evaluate.Group {
	groups := make([]evaluate.Group, len(r.Phases))
	for i, p := range r.Phases {
		groups[i] = p.Group
		groups[i].Name = hours(p.FromHour, p.ToHour)
	}
	return groups
}

// calibration draws predicted against observed shares.
func calibration(r *evaluate.Report) section {
	const about = "Whether a risk of, say, 5 % means that 5 of 100 such hours have the label. Hours are sorted by risk and cut into ten parts of equal size."
	if len(r.Calibration) == 0 {
		return study(r, "calibration", about)
	}
	grid := plot.Grid{Title: "Calibration", Columns: 3}
	bins := &table{Caption: "Calibration in tenths of the hours", Header: []string{"hospital", "risk from", "risk to", "hours", "mean risk", "share with the label"}}
	fits := &table{Caption: "Calibration in two numbers; ideal are 1 and 0", Header: []string{"hospital", "slope", "in the large"}}
	ends := calibrationEnds(r.Calibration)
	for _, c := range r.Calibration {
		grid.Figures = append(grid.Figures, calibrationChart(c, ends))
		fits.add(c.Hospital, interval(c.Slope, 3), interval(c.Intercept, 3))
		for _, b := range c.Bins {
			bins.add(calibrationRow(c.Hospital, b)...)
		}
	}
	blocks := []block{
		picture(grid, "Points on the diagonal are well calibrated; above it risks are understated, below it overstated. All axes are logarithmic and have the same ends: an interval that reaches 0 is cut below, and a tenth without a labelled hour is in the table alone. The highest tenth of the hours is one point, as the tenths have equal sizes.", bins),
		{Table: fits},
	}
	return study(r, "calibration", about, append(blocks, unbinned(r.Calibration)...)...)
}

// calibrationRow is a part of the hours in the tables of calibration.
func calibrationRow(hospital string, b evaluate.CalibrationPart) []string {
	return []string{hospital, number(100*b.Low, 2) + " %", number(100*b.High, 2) + " %", count(b.Hours), number(100*b.Predicted, 2) + " %", finePercent(b.Observed)}
}

// unbinned shows the highest risks apart, and calibration without bins; nothing in a report that does not hold them.
func unbinned(all []evaluate.CalibrationDeciles) []block {
	top := &table{Caption: "Calibration in parts of the highest tenth of the hours", Header: []string{"hospital", "risk from", "risk to", "hours", "mean risk", "share with the label"}}
	points := &table{Caption: "Smoothed calibration", Header: []string{"hospital", "risk", "share with the label"}}
	grid, end := plot.Grid{Title: "Smoothed calibration", Columns: 3}, smoothedEnd(all)
	for _, c := range all {
		for _, b := range c.Top {
			top.add(calibrationRow(c.Hospital, b)...)
		}
		if c.Smoothed == nil {
			continue
		}
		grid.Figures = append(grid.Figures, smoothedChart(c, end))
		for _, p := range c.Smoothed.Points {
			points.add(c.Hospital, exactly(p.Predicted), finePercent(p.Observed))
		}
	}
	var blocks []block
	if len(top.Rows) > 0 {
		blocks = append(blocks, text("Decisions are made at the highest risks, so the highest tenth is divided further."), block{Table: top})
	}
	if len(grid.Figures) > 0 {
		blocks = append(blocks,
			picture(grid, "The share of hours with the label at each risk, by local regression and not in groups. On the diagonal risks are right; above it they are understated, below it overstated. All axes have the same end.", points),
			block{Table: distances(all)})
	}
	return blocks
}

// distances has how far risks are off without bins, a row for each curve that tells it.
func distances(all []evaluate.CalibrationDeciles) *table {
	t := &table{
		Caption: "How far risks are from what is observed, without bins (percentage points; ideal is 0)",
		Header:  []string{"hospital", "on the mean of all hours (ICI)", "on the mean of the hours on the watch list", "half of the hours within (E50)", "nine tenths within (E90)"},
	}
	for _, c := range all {
		if s := c.Smoothed; s != nil {
			t.add(c.Hospital, interval(scaled(s.Index, 100), 2), interval(scaled(s.Watched, 100), 2), interval(scaled(s.Median, 100), 2), interval(scaled(s.Ninetieth, 100), 2))
		}
	}
	return t
}

// smoothedEnd is the end of all axes of the smoothed charts, so that the diagonal is one and hospitals can be compared.
func smoothedEnd(all []evaluate.CalibrationDeciles) float64 {
	end := 0.0
	for _, c := range all {
		if c.Smoothed == nil {
			continue
		}
		for _, p := range c.Smoothed.Points {
			if end = max(end, p.Predicted); defined(p.Observed) {
				end = max(end, p.Observed.High)
			}
		}
	}
	return end
}

func smoothedChart(c evaluate.CalibrationDeciles, end float64) plot.Chart {
	var x []float64
	var observed []*evaluate.Figure
	for _, p := range c.Smoothed.Points {
		x, observed = append(x, p.Predicted), append(observed, p.Observed)
	}
	line, band := lineOf("observed", x, observed)
	axis := plot.Axis{Percent: true, Fixed: plot.Interval{Low: 0, High: end}}
	return plot.Chart{
		Title: c.Hospital, XLabel: "risk", YLabel: "share with the label", X: axis, Y: axis,
		Layers: []plot.Layer{plot.Reference{Direction: plot.Identity}, band, line}, Width: 320, Height: 300,
	}
}

// calibrationEnds are the ends of all axes of the calibration charts: one interval that holds every point, and every interval as
// far as it is drawn, so that the diagonal is one and hospitals can be compared.
func calibrationEnds(all []evaluate.CalibrationDeciles) plot.Interval {
	const room = 1.25 // beyond the outermost
	ends := plot.Interval{Low: math.Inf(1)}
	hold := func(x float64) {
		if finite(x) && x > 0 {
			ends.Low, ends.High = min(ends.Low, x/room), max(ends.High, x*room)
		}
	}
	for _, c := range all {
		hold(smallestShare(c.Bins) / 2)
		for _, b := range c.Bins {
			value, low, high := parts(b.Observed)
			for _, x := range []float64{b.Predicted, value, low, high} {
				hold(x)
			}
		}
	}
	return ends
}

func calibrationChart(c evaluate.CalibrationDeciles, ends plot.Interval) plot.Chart {
	bars := plot.ErrorBars{}
	for _, b := range c.Bins {
		value, low, high := parts(b.Observed)
		bars.X, bars.Y = append(bars.X, b.Predicted), append(bars.Y, value)
		bars.Low, bars.High = append(bars.Low, max(low, ends.Low)), append(bars.High, high)
	}
	axis := plot.Axis{Log: true, Percent: true, Fixed: ends}
	return plot.Chart{
		Title: c.Hospital, XLabel: "mean risk", YLabel: "share with the label", X: axis, Y: axis,
		Layers: []plot.Layer{plot.Reference{Direction: plot.Identity}, bars}, Width: 320, Height: 300,
	}
}

// smallestShare is the smallest observed share above 0, or 1: a logarithmic axis does not reach 0.
func smallestShare(bins []evaluate.CalibrationPart) float64 {
	smallest := 1.0
	for _, b := range bins {
		if defined(b.Observed) && b.Observed.Value > 0 {
			smallest = min(smallest, b.Observed.Value)
		}
	}
	return smallest
}

// decision draws net benefit.
func decision(r *evaluate.Report) section {
	const about = "Net benefit weighs alarms that were right against alarms that were not, at each risk from which somebody would act: to act at 5 % is to accept 19 needless looks for one needed. The curve should lie above both alarming everybody and alarming nobody (0)."
	if len(r.Decision) == 0 {
		return study(r, "decision", about)
	}
	grid := plot.Grid{Title: "Net benefit by threshold", Columns: 3, SharedLegend: true}
	t := &table{Caption: "Net benefit for 1,000 hours", Header: []string{"hospital", "threshold", "the model", "alarm everybody", "the model above the better of all and none"}}
	for _, c := range r.Decision {
		grid.Figures = append(grid.Figures, decisionChart(c))
		for _, p := range c.Points {
			t.add(c.Hospital, exactly(p.Threshold), interval(scaled(p.Model, 1000), 2), interval(scaled(p.All, 1000), 2), difference(scaled(p.Advantage, 1000), 2))
		}
	}
	return study(r, "decision", about,
		picture(grid, "Net benefit for 1,000 hours; alarming nobody is 0. The curve of alarming everybody leaves the picture below.", t))
}

func decisionChart(c evaluate.DecisionCurve) plot.Chart {
	var x []float64
	var model, all []*evaluate.Figure
	top := 0.0
	for _, p := range c.Points {
		x, model, all = append(x, p.Threshold), append(model, scaled(p.Model, 1000)), append(all, scaled(p.All, 1000))
		if defined(p.Model) {
			top = math.Max(top, 1000*p.Model.High)
		}
	}
	line, band := lineOf("the model", x, model)
	everybody, _ := lineOf("alarm everybody", x, all)
	return plot.Chart{
		Title: c.Hospital, XLabel: "threshold", YLabel: "net benefit for 1,000 hours", X: plot.Axis{Percent: true}, Y: plot.Axis{Fixed: plot.Interval{Low: -top / 4, High: top * 1.1}},
		Layers: []plot.Layer{plot.Reference{Direction: plot.Horizontal, Name: "alarm nobody"}, band, line, everybody}, Width: 320, Height: 300,
	}
}

// curves draws ROC and precision-recall curves.
func curves(r *evaluate.Report) section {
	const about = "What each choice of threshold would give, hour by hour."
	if len(r.ROC)+len(r.PR) == 0 {
		return study(r, "curves", about)
	}
	roc := curveChart("ROC", "1 - specificity", "sensitivity", r.ROC)
	roc.Layers = append(roc.Layers, plot.Reference{Direction: plot.Identity, Name: "chance"})
	pr := curveChart("Precision and recall", "recall (sensitivity)", "precision (PPV)", r.PR)
	pr.Y.Fixed = plot.Interval{}
	grid := plot.Grid{Title: "ROC and precision-recall curves", Figures: []plot.Figure{roc, pr}, Columns: 2}
	areas := &table{Caption: "Areas under the curves", Header: []string{"curve", "hospital", "area", "by chance"}}
	at := &table{Caption: "Points of the curves", Header: []string{"curve", "hospital", "threshold", "1 - specificity", "sensitivity (recall)", "precision (PPV)"}}
	for _, set := range []struct {
		name   string
		curves []evaluate.Curve
		cells  func(evaluate.CurvePoint) []string
	}{
		{"ROC", r.ROC, func(p evaluate.CurvePoint) []string { return []string{number(p.X, 3), number(p.Y, 3), "–"} }},
		{"precision-recall", r.PR, func(p evaluate.CurvePoint) []string { return []string{"–", number(p.X, 3), number(p.Y, 3)} }},
	} {
		for _, c := range set.curves {
			chance := c.Level
			if set.name == "ROC" {
				chance = 0.5
			}
			areas.add(set.name, c.Name, interval(c.Area, 3), number(chance, 3))
			for _, p := range thinned(c.Points) {
				at.add(append([]string{set.name, c.Name, number(100*p.Threshold, 2) + " %"}, set.cells(p)...)...)
			}
		}
	}
	return study(r, "curves", about,
		picture(grid, "The table holds every tenth point; the JSON holds all.", at), block{Table: areas})
}

func curveChart(title, x, y string, all []evaluate.Curve) plot.Chart {
	c := plot.Chart{
		Title: title, XLabel: x, YLabel: y, X: plot.Axis{Fixed: plot.Interval{Low: 0, High: 1}}, Y: plot.Axis{Fixed: plot.Interval{Low: 0, High: 1}},
		Width: 430, Height: 400,
	}
	for _, curve := range all {
		line := plot.Line{Name: curve.Name}
		for _, p := range curve.Points {
			line.X, line.Y = append(line.X, p.X), append(line.Y, p.Y)
		}
		c.Layers = append(c.Layers, line)
	}
	return c
}

// thinned keeps every tenth point, and the last.
func thinned(all []evaluate.CurvePoint) []evaluate.CurvePoint {
	var some []evaluate.CurvePoint
	for i, p := range all {
		if i%10 == 0 || i == len(all)-1 {
			some = append(some, p)
		}
	}
	return some
}
