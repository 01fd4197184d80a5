// Package report writes what [evaluate.Report] holds for people to read: one HTML page without script or outside
// resource, the TRIPOD+AI checklist, and the model card as a page. It computes no figures; every figure that it writes
// comes from the report or from the card.
package report

import (
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis/evaluate"
)

// FileName is the name under which the checklist refers to the HTML page.
const FileName = "report.html"

// HTML writes the report as one self-contained page: readable in five minutes at the top, in an hour as a whole. A
// figure that is undefined is written as such, and a study that was not run is said not to have been run.
func HTML(r evaluate.Report) ([]byte, error) {
	p := newPage(&r)
	return p.html()
}

// newPage lays out the report.
func newPage(r *evaluate.Report) *page {
	return &page{
		Title: "Foreseeing sepsis in intensive care: evaluation report",
		Lead:  lead(r),
		Parts: []part{
			{"In five minutes", []section{summary(r), wardAtAGlance(r), failures(r)}},
			{"How well it does at home", []section{data(r), atHome(r), served(r), baselines(r), phases(r), calibration(r), decision(r), curves(r), wardInFull(r)}},
			{"Where and for whom", []section{transfers(r), recalibrated(r), besidePublished(r), subgroups(r), reliability(r)}},
			{"What it rests on", []section{degraded(r), hourBands(r), withoutHours(r), ablation(r), importance(r), families(r)}},
			{"Methods", []section{methods(r), measures(), settings(r), notRun(r), checklistSection(r)}},
		},
		Foot: "Made from the report's JSON; no figure on this page was typed by hand. Data SHA-256 " + r.Data.Digest + ".",
	}
}

func lead(r *evaluate.Report) string {
	return fmt.Sprintf("%s stays, %s of them septic, %s hours, from %s. Figures in brackets are 95 %% intervals over patients.",
		count(r.Data.Stays), count(r.Data.SepticStays), count(r.Data.Hours), join(r.Data.Names))
}

// join lists words, as "a, b and c".
func join(words []string) string {
	switch n := len(words); n {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	default:
		text := words[0]
		for _, word := range words[1 : n-1] {
			text += ", " + word
		}
		return text + " and " + words[n-1]
	}
}

// pooledName is the group of all hospitals together.
const pooledName = "pooled"

// pooled is the group of all stays in cross-validation, if it was measured.
func pooled(r *evaluate.Report) *evaluate.Group { return atHomeGroup(r, pooledName) }

func atHomeGroup(r *evaluate.Report, name string) *evaluate.Group {
	if r.AtHome == nil {
		return nil
	}
	i := slices.IndexFunc(r.AtHome.Groups, func(g evaluate.Group) bool { return g.Name == name })
	if i < 0 {
		return nil
	}
	return &r.AtHome.Groups[i]
}

// methodOf tells how a part of the report was made, by its name in the JSON.
func methodOf(r *evaluate.Report, part string) []block {
	for _, m := range r.Methods {
		if m.Part == part {
			return []block{{Method: m.Text}}
		}
	}
	return nil
}

// notRunText stands where a part is missing. A cohort of one hospital, say, leaves nothing to carry.
const notRunText = "This part was not run, or the data leave nothing to measure."

// whyNot says why the part of a section is missing.
func whyNot(r *evaluate.Report, anchor string) block {
	if why := r.NotMeasured[placeAt(anchor).study]; why != "" {
		return notice("This part could not be measured on these stays: %s.", why)
	}
	return notice(notRunText)
}

// study is a section of parts of the report. Without blocks it says why there are none.
func study(r *evaluate.Report, anchor, about string, blocks ...block) section {
	s := newSection(anchor, text("%s", about))
	if len(blocks) == 0 {
		s.Blocks = append(s.Blocks, whyNot(r, anchor))
		return s
	}
	s.Blocks = append(s.Blocks, methodOf(r, placeAt(anchor).parts[0])...)
	s.Blocks = append(s.Blocks, blocks...)
	return s
}

// omitted names the parts of a cohort that have no figures.
func omitted(parts []string) []block {
	if len(parts) == 0 {
		return nil
	}
	return []block{text("Without figures, because septic or other hours are missing in them: %s.", join(parts))}
}
