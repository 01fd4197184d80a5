package report

import (
	"fmt"
	"math"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/plot"
)

// degraded shows less input than was recorded.
func degraded(r *evaluate.Report) section {
	const about = "The same model, given less than was recorded: what a caller with a poorer record would get. Differences are to full input on the same hours."
	if len(r.Degraded) == 0 {
		return study(r, "degraded", about)
	}
	groups := inputGroups(r)
	f := forest{title: "Loss with less information", axis: "difference to full input", signed: true, reference: &plot.Reference{Direction: plot.Vertical}}
	losses, ranks := dots{name: "utility"}, dots{name: "AUROC"}
	clock := &table{
		Caption: "What is left above counting ICU hours with less information (paired differences on the same hours)",
		Header:  []string{"input", "utility", "of counting hours", "difference", "AUROC", "of the ICU hour alone", "difference"},
	}
	meaning := &table{Caption: "What was taken away", Header: []string{"input", "what it is"}, Words: true}
	for i, d := range r.Degraded {
		g := &groups[i]
		f.rows = append(f.rows, d.Name)
		losses.figures, ranks.figures = append(losses.figures, d.Utility), append(ranks.figures, d.AUROC)
		meaning.add(d.Name, d.Description)
		if d.OverHoursAUROC != nil {
			clock.add(d.Name, interval(g.Utility, 3), interval(g.HoursRule, 3), difference(g.OverHoursRule, 3), interval(g.AUROC, 3), interval(d.ClockAUROC, 3), difference(d.OverHoursAUROC, 3))
		}
	}
	f.series = []dots{losses, ranks}
	blocks := []block{f.block("Below 0: worse than with full input.", "input"), {Table: byMeasure("Figures with less information", groups, allMeasures)}}
	if len(clock.Rows) > 0 {
		blocks = append(blocks, block{Table: clock})
	}
	return study(r, "degraded", about, append(blocks, block{Table: meaning})...)
}

// inputGroups are the groups of the poorer inputs under their names.
func inputGroups(r *evaluate.Report) []evaluate.Group {
	groups := make([]evaluate.Group, len(r.Degraded))
	for i, d := range r.Degraded {
		groups[i] = d.Group
		groups[i].Name = d.Name
	}
	return groups
}

// hourBands asks whether the model only counts hours.
func hourBands(r *evaluate.Report) section {
	const about = "Sepsis is found more often the longer somebody stays, so a model may do well by counting hours alone. Within a band of hours the clock has less to tell, and what it still tells stands beside the model; what the model tells above that, it has from the rest of the record."
	if len(r.HourBands) == 0 {
		return study(r, "hour-bands", about)
	}
	f, areas, precisions := bands(r.HourBands)
	return study(r, "hour-bands", about,
		append([]block{f.block("An AUROC of 0.5 is chance.", "ICU hours"), {Table: areas}, {Table: precisions}}, bandUtilities(r.HourBands, "")...)...)
}

// bandUtilities compares what alarms are worth within bands; nothing in a report that does not hold it.
func bandUtilities(all []evaluate.HourBand, trained string) []block {
	t := &table{Caption: "Utility of model and clock within bands of ICU hours" + trained, Header: []string{"ICU hours", "hours (with label)", "the model", "counting hours", "difference"}}
	held := false
	for _, b := range all {
		held = held || b.OverUtility != nil
		t.add(hours(b.FromHour, b.ToHour), fmt.Sprintf("%s (%.2f %%)", count(b.Hours), 100*b.Prevalence), interval(b.ModelUtility, 3), interval(b.ClockUtility, 3), difference(b.OverUtility, 3))
	}
	if !held {
		return nil
	}
	return []block{text("Counting hours is silent before its best hour and always on from it, so in an early band it has 0. The utility is the share of what was to be had in the band's hours."), {Table: t}}
}

// bands compares model and clock in bands of hours, first the AUROC, then the AUPRC.
func bands(all []evaluate.HourBand) (f forest, areas, precisions *table) {
	f = forest{title: "AUROC within bands of ICU hours", axis: "AUROC", reference: &plot.Reference{Direction: plot.Vertical, At: 0.5}}
	model, clock := dots{name: "the model"}, dots{name: "the ICU hour alone"}
	areas = &table{Caption: "AUROC of model and clock within bands of ICU hours", Header: []string{"ICU hours", "hours (with label)", "the model", "the clock", "difference"}}
	precisions = &table{Caption: "AUPRC of model and clock within bands of ICU hours", Header: areas.Header}
	for _, b := range all {
		name, counted := hours(b.FromHour, b.ToHour), fmt.Sprintf("%s (%.2f %%)", count(b.Hours), 100*b.Prevalence)
		f.rows = append(f.rows, name)
		model.figures, clock.figures = append(model.figures, b.Model), append(clock.figures, b.Clock)
		areas.add(name, counted, interval(b.Model, 3), interval(b.Clock, 3), difference(b.Over, 3))
		precisions.add(name, counted, interval(b.ModelAUPRC, 3), interval(b.ClockAUPRC, 3), difference(b.OverAUPRC, 3))
	}
	f.series = []dots{model, clock}
	return f, areas, precisions
}

// withoutHours is the model that cannot tell the time.
func withoutHours(r *evaluate.Report) section {
	const about = "The model trained anew without the hour in intensive care and without any count of measurements or of hours, over the stay or a part of it. The features left do not count hours, but some still hint at them: below are those that go most with the hour in the first day, one by one; together they tell more."
	w := r.WithoutHours
	if w == nil {
		return study(r, "without-hours", about)
	}
	f, areas, precisions := bands(w.Bands)
	const trained = ", trained without the clock"
	f.title += trained
	areas.Caption += trained
	precisions.Caption += trained
	compared := &table{Caption: "With and without the clock", Header: ablatedHeader("training")}
	compared.add(append([]string{"with"}, ablatedCells(&w.With)...)...)
	compared.add(append([]string{"without"}, ablatedCells(&w.Without)...)...)
	blocks := []block{
		text("Recipe: %s. Features left out: %s.", w.Recipe, join(w.Removed)),
		{Table: compared},
		text("Without the clock, the utility differs by %s and the AUROC by %s. Counting hours has a utility of %s; the model without the clock is %s above it.",
			difference(w.UtilityDifference, 3), difference(w.AUROCDifference, 3), interval(w.Clock, 3), difference(w.OverClock, 3)),
	}
	if w.UtilityTrainings != nil {
		blocks = append(blocks,
			text("Over trainings by other seeds: utility %s; AUROC %s.", overTrainings(w.UtilityTrainings), overTrainings(w.AUROCTrainings)),
			text("Both chances together: utility %s; AUROC %s. %s", judged(w.UtilityDifference, w.UtilityTrainings), judged(w.AUROCDifference, w.AUROCTrainings), togetherMeans))
	}
	blocks = append(blocks, f.block("Each band compares the model without the clock to the ICU hour alone.", "ICU hours"), block{Table: areas}, block{Table: precisions})
	blocks = append(append(blocks, bandUtilities(w.Bands, trained)...), block{Table: hints(w.Hints)})
	return study(r, "without-hours", about, blocks...)
}

// hints are the features that still go with the time.
func hints(all []evaluate.TimeHint) *table {
	t := &table{Caption: "Features left that go most with the ICU hour in the first 24 hours", Header: []string{"feature", "rank correlation with the ICU hour (0: none)", "known, of these hours"}}
	for _, h := range all {
		t.add(h.Feature, difference(h.Correlation, 3), number(100*h.Known, 1)+" %")
	}
	return t
}

func ablatedHeader(name string) []string {
	return []string{name, "features", "utility", "AUROC", "AUPRC", "Brier score"}
}

func ablatedCells(a *evaluate.Ablated) []string {
	return []string{count(a.Features), interval(a.Utility, 3), interval(a.AUROC, 3), interval(a.AUPRC, 3), interval(a.Brier, 5)}
}

// ablation leaves out groups of features.
func ablation(r *evaluate.Report) section {
	const about = "The model trained anew without one group of features at a time. What others can stand in for shows little loss, so losses do not add up."
	a := r.Ablation
	if a == nil {
		return study(r, "ablation", about)
	}
	f := forest{title: "Difference when a group is left out", axis: "difference to all features", signed: true, reference: &plot.Reference{Direction: plot.Vertical}}
	worth, ranks := dots{name: "utility"}, dots{name: "AUROC"}
	t := &table{Caption: "Without each group of features", Header: ablatedHeader("left out")}
	change := &table{Caption: "Without each group of features: differences to all features (paired)", Header: []string{"left out", "utility", "AUROC", "AUPRC"}}
	meaning := &table{Caption: "The groups", Header: []string{"group", "what it is"}, Words: true}
	t.add(append([]string{"nothing"}, ablatedCells(&a.Full)...)...)
	for i := range a.Parts {
		p := &a.Parts[i]
		f.rows = append(f.rows, p.Family)
		worth.figures, ranks.figures = append(worth.figures, p.UtilityDifference), append(ranks.figures, p.AUROCDifference)
		t.add(append([]string{p.Family}, ablatedCells(&p.Ablated)...)...)
		change.add(p.Family, difference(p.UtilityDifference, 3), difference(p.AUROCDifference, 3), difference(p.AUPRCDifference, 3))
		meaning.add(p.Family, p.Meaning)
	}
	f.series = []dots{worth, ranks}
	recipe := []block{text("Recipe: %s.", a.Recipe)}
	if warning := ablationWarning(a); warning != "" {
		recipe = append(recipe, notice("%s", warning))
	}
	if a.Trainings > 1 {
		recipe = append(recipe, text("%s", togetherMeans), list(ablationWords(a)...))
		change.Header = []string{"left out", "utility", "over trainings", "AUROC", "over trainings", "AUPRC", "over trainings"}
		for i := range a.Parts {
			p := &a.Parts[i]
			change.Rows[i] = row(p.Family, difference(p.UtilityDifference, 3), overTrainings(p.UtilityTrainings), difference(p.AUROCDifference, 3), overTrainings(p.AUROCTrainings),
				difference(p.AUPRCDifference, 3), overTrainings(p.AUPRCTrainings))
		}
	}
	return study(r, "ablation", about, append(recipe, f.block(ablationCaption(a), "group left out"), block{Table: t}, block{Table: change}, block{Table: meaning})...)
}

// ablationCaption says what the picture shows, and what its intervals do not hold.
func ablationCaption(a *evaluate.Ablation) string {
	const caption = "Below 0: the group helps. The intervals are over stays"
	if a.Trainings > 1 {
		return caption + " alone; whether a difference is beyond noise is judged above, with the chance of the training."
	}
	return caption + "."
}

// overTrainings is a difference with its interval over trainings.
func overTrainings(o *evaluate.OverTrainings) string {
	if o == nil {
		return undefined
	}
	return difference(o.Mean, 3)
}

// togetherMeans says what "beyond noise" stands for, and what it does not hold.
const togetherMeans = "Here a difference stands with one interval for two chances together, that of the stays and that of the training, around the mean of the trainings. Its half-width is the root of the sum of the squares " +
	"of two half-widths, of the bootstrap over stays and of Student's interval over trainings, which is an approximation. Beyond noise is a difference of which this interval does not hold 0: that asks more than that neither of the two does. " +
	"The trainings share the same halves of the stays, so their spread is that of the trees' seeds alone; what other halves would change is not in it."

// together is a difference with one interval for the chance of the stays and that of the training; nil where one of them is not known. Each may leave out 0
// both together not, so its half-width is the root of the sum of the squares of theirs (as in Zou and Donner 2008, doi:10.1002/sim.3095). That is an approximation: it takes both chances for independent, the
// bootstrap interval for symmetric, and Student's half-width for one that adds as that of a normal deviate does.
func together(overStays *evaluate.Figure, o *evaluate.OverTrainings) *evaluate.Figure {
	if o == nil || !defined(overStays) || !defined(o.Mean) {
		return nil
	}
	half := math.Hypot((overStays.High-overStays.Low)/2, (o.Mean.High-o.Mean.Low)/2)
	return &evaluate.Figure{Value: o.Mean.Value, Low: o.Mean.Value - half, High: o.Mean.Value + half}
}

// judged is a difference with the interval of both chances, and whether it is beyond them.
func judged(overStays *evaluate.Figure, o *evaluate.OverTrainings) string {
	both := together(overStays, o)
	switch {
	case both == nil:
		return difference(overStays, 3) + ", of which the noise is not known"
	case clearlyOff(both):
		return difference(both, 3) + ", beyond noise"
	}
	return difference(both, 3) + ", within noise"
}

// ablationWords say which differences are beyond noise.
func ablationWords(a *evaluate.Ablation) []string {
	var lines []string
	for i := range a.Parts {
		p := &a.Parts[i]
		lines = append(lines, fmt.Sprintf("Without %s: utility %s; AUROC %s.", p.Family, judged(p.UtilityDifference, p.UtilityTrainings), judged(p.AUROCDifference, p.AUROCTrainings)))
	}
	return lines
}

// importance tells what the trees split on.
func importance(r *evaluate.Report) section {
	const about = "Which variables the trees split on, by how much these splits lower the loss. It tells what the trees use, not what a network beside them does, nor what causes sepsis; variables that go together share it by chance."
	i := r.Importance
	if i == nil {
		return study(r, "importance", about)
	}
	return study(r, "importance", about,
		importanceBlock("Variables", i.Variables), importanceBlock("Families of features", i.Families), importanceBlock("Single features", i.Features))
}

// mostBars is how many variables a chart of importance shows; its table shows all.
const mostBars = 20

func importanceBlock(title string, all []evaluate.VariableImportance) block {
	t := &table{Caption: title, Header: []string{"name", "features", "share (lowest to highest fold)"}}
	var bars plot.Bars
	c := plot.Chart{Title: title, XLabel: "share of the loss reduction", X: plot.Axis{Percent: true, FromZero: true}, Width: 720}
	for i, v := range all {
		t.add(importanceName(v), count(v.Features), percent(v.Share))
		if i >= mostBars {
			continue
		}
		value, low, high := parts(v.Share)
		bars.Values, bars.Low, bars.High = append(bars.Values, value), append(bars.Low, low), append(bars.High, high)
		c.Y.Categories = append(c.Y.Categories, importanceName(v))
	}
	bars.Horizontal = true
	c.Height = forestHead + forestRow*len(c.Y.Categories)
	c.Layers = []plot.Layer{bars}
	which := fmt.Sprintf("The first %d of %d.", mostBars, len(all))
	if len(all) <= mostBars {
		which = fmt.Sprintf("All %d.", len(all))
	}
	return picture(c, which+" Whiskers: lowest and highest fold, not an interval.", t)
}

func importanceName(v evaluate.VariableImportance) string {
	if v.English != "" {
		return v.English
	}
	return v.Name
}

// families puts other kinds of model beside ours.
func families(r *evaluate.Report) section {
	const about = "Other kinds of model on the same folds and features, with what they cost: `sepsis compare --out FILE` makes them, `sepsis evaluate --families FILE` puts them here."
	if len(r.Families) == 0 {
		return study(r, "families", about)
	}
	f := forest{title: "Utility of kinds of model", axis: "Challenge utility", reference: &plot.Reference{Direction: plot.Vertical}}
	t := &table{Caption: "Kinds of model: what they are worth", Header: []string{"model", "utility", "difference to the first", "AUROC", "difference to the first"}}
	rest := &table{Caption: "Kinds of model: other figures, and what they cost", Header: []string{"model", "AUPRC", "Brier score", "slope", "training, s", "size, kB"}}
	meaning := &table{Caption: "The models", Header: []string{"model", "what it is"}, Words: true}
	byName := map[string]*dots{}
	var order []string
	for i := range r.Families {
		m := &r.Families[i]
		f.rows = append(f.rows, m.Name)
		for _, g := range m.Groups {
			if byName[g.Name] == nil {
				byName[g.Name] = &dots{name: g.Name, figures: make([]*evaluate.Figure, len(r.Families))}
				order = append(order, g.Name)
			}
			byName[g.Name].figures[i] = g.Utility
		}
		cells := familyRow(m, i == 0)
		t.add(cells[:len(t.Header)]...)
		rest.add(append([]string{m.Name}, cells[len(t.Header):]...)...)
		meaning.add(m.Name, m.Description)
	}
	for _, name := range order {
		f.series = append(f.series, *byName[name])
	}
	return study(r, "families", about, f.block("Differences are paired, on the same stays.", "model"), block{Table: t}, block{Table: rest}, block{Table: meaning})
}

// familyRow has the pooled figures of one kind of model; the first one differs from nothing.
func familyRow(m *evaluate.ModelFamily, first bool) []string {
	var g evaluate.Group
	if len(m.Groups) > 0 {
		g = m.Groups[0]
	}
	overUtility, overAUROC := difference(m.OverUtility, 3), difference(m.OverAUROC, 3)
	if first {
		overUtility, overAUROC = "–", "–"
	}
	training := number(m.TrainSeconds, 0)
	if m.Name == evaluate.WithoutNetwork {
		training = "with the first"
	}
	return []string{
		m.Name, interval(g.Utility, 3), overUtility, interval(g.AUROC, 3), overAUROC, interval(g.AUPRC, 3), interval(g.Brier, 5), interval(g.CalibrationSlope, 3),
		training, count((m.Bytes + 500) / 1000),
	}
}
