package report

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/metric"
)

// methods lists how each part was made.
func methods(r *evaluate.Report) section {
	s := newSection("methods")
	s.Blocks = append(s.Blocks, list(
		"Figures in brackets are the ends of a 95 % interval over patients. An interval of a difference that does not hold 0 is one that the chance of the stays alone hardly makes.",
		"The intervals hold the trained models fixed. Where the two sides of a difference were trained apart (groups of features left out, without the clock, other kinds of model, the portable recipe), another training may move it too; where there were several trainings, their spread stands beside. They share the same halves of the stays, so it is the spread of the trees' seeds alone.",
		"What is undefined is written so: a share of nothing, or a figure for which septic or other hours are missing.",
		"No figure is corrected for the number of comparisons.",
	))
	if len(r.Methods) == 0 {
		s.Blocks = append(s.Blocks, text("The report's JSON describes no methods."))
		return s
	}
	t := &table{Caption: "Part by part", Header: []string{"part", "how it was made", "shown in"}, Words: true}
	for _, m := range r.Methods {
		cells := row(m.Part, m.Text, "")
		cells[2].Links = shownIn(m.Part)
		t.Rows = append(t.Rows, cells)
	}
	s.Blocks = append(s.Blocks, block{Table: t})
	return s
}

// measureWords say what each measure means.
var measureWords = []string{
	"AUROC: of pairs of an hour with and an hour without the label, the share in which the first has the higher risk.",
	"AUPRC: the mean share of true alarms over all sensitivities; chance reaches the share of hours with the label.",
	"Utility: what alarms are worth by the Challenge's rules, which reward early ones, punish late and missed ones, and charge a little for false ones. 1 is perfect, 0 what never alarming has; below 0 it would be better never to alarm.",
	"Sensitivity and specificity of hours: of the hours with the label the share that is in alarm, and of the others the share that is not.",
	"Brier score: the mean squared distance of risk and label. To answer the share of labelled hours, always, scores that share times what is left to 1.",
	"PPV: of the alarms, the share that was right. It depends on how common sepsis is where it is measured.",
	"Calibration slope: below 1 risks are too extreme, above it too timid. Calibration in the large: above 0 they are too low on the whole, below it too high.",
	"Net benefit: alarms that were right less those that were not, these weighed by the odds of the risk from which one would act. The curve of alarming nobody is 0.",
	"Lead time: hours from an alarm to the onset of sepsis, in septic stays with an alarm at or before onset; those without one have none and are not in it.",
	"Integrated calibration index (ICI), E50, E90: how far risks are from the share of hours with the label at that risk, on the mean, for half and for nine tenths of the hours.",
}

// measures defines every measure, from package metric.
func measures() section {
	t := &table{Caption: "The measures", Header: []string{"measure", "better", "range", "ideal", "formula", "undefined when", "source"}, Words: true}
	for _, d := range metric.Definitions() {
		t.add(d.Name, string(d.Direction), d.Range, number(d.Ideal, 0), d.Formula, d.UndefinedWhen, d.Citation)
	}
	return newSection("measures", list(measureWords...), block{Table: t})
}

// unmeasured tells of each study that could not be carried out, why.
func unmeasured(r *evaluate.Report) []string {
	var told []string
	for _, name := range slices.Sorted(maps.Keys(r.NotMeasured)) {
		told = append(told, name+": "+r.NotMeasured[name])
	}
	return told
}

// settings holds what is needed to make the report again.
func settings(r *evaluate.Report) section {
	t := &table{Caption: "Settings", Header: []string{"setting", "value"}, Words: true}
	t.add("command", r.Origin.Command)
	t.add("program", r.Origin.Version)
	t.add("Go", r.Origin.GoVersion)
	t.add("data", join(r.Data.Names))
	t.add("SHA-256 of the data", r.Data.Digest)
	t.add("stays of each hospital", atMost(r.Data.Sample))
	t.add("seed", strconv.FormatUint(r.Options.Seed, 10))
	t.add("bootstrap draws of an interval", count(r.Options.Resamples))
	t.add("folds of the quick recipe", count(r.Options.QuickFold))
	blocks := []block{
		text("The same data, seed and program give the same figures, with any number of threads."),
		{Table: t},
		{Code: &code{"Training recipe", indented(r.Options.Training)}},
		{Code: &code{"Quick recipe, of the ablations", indented(r.Options.Quick)}},
	}
	for _, v := range r.Options.Variants {
		blocks = append(blocks, block{Code: &code{"Recipe of the transfers, " + v.Name, indented(v.Options)}})
	}
	return newSection("settings", blocks...)
}

// atMost says how large a sample was drawn.
func atMost(sample int) string {
	if sample == 0 {
		return "all"
	}
	return "at most " + count(sample) + ", evenly spaced in their order"
}

// indented lays JSON out for reading.
func indented(raw json.RawMessage) string {
	var out bytes.Buffer
	if len(raw) == 0 || json.Indent(&out, raw, "", "  ") != nil {
		return "not recorded"
	}
	return out.String()
}

// notRun names the studies that were not asked for, and those that could not be carried out.
func notRun(r *evaluate.Report) section {
	s := newSection("not-run")
	if len(r.NotRun) == 0 {
		s.Blocks = append(s.Blocks, text("All studies of the program were run."))
	} else {
		s.Blocks = append(s.Blocks, text("Studies that were not asked for:"), list(r.NotRun...))
	}
	if len(r.NotMeasured) > 0 {
		s.Blocks = append(s.Blocks, text("Studies that could not be carried out on these stays, and why:"), list(unmeasured(r)...))
	}
	s.Blocks = append(s.Blocks, text("Beyond this program: no prospective study, no silent trial at a bedside, no hospital outside the data, no study of what clinicians do with the answers or of what becomes of patients."))
	return s
}
