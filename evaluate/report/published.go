package report

import (
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
)

// published are figures of others, as their sources give them.
var published = [][]string{
	{
		"the Challenge's winner (team \"Can I get your Signature?\")", "A 0.433, B 0.434 (no interval)", "third hospital −0.123 (no interval)",
		"hidden stays of A, of B and of a third hospital, scored once by the organisers", "Reyna et al. 2020, doi:10.1097/CCM.0000000000004145",
	},
	{
		"median of the systems in a review of 91 studies", "0.381 (no interval)", "−0.164 (no interval)",
		"each study's own data and validation: internal, and external", "Wang et al. 2025, doi:10.1038/s41746-025-01587-1",
	},
}

const notMeasured = "not measured"

const notTheSame = "These are not the same measure, and no ranking follows. The winner's figures are of stays that nobody outside could see, scored once; ours are of public stays, by cross-validation " +
	"on folds that the recipe was chosen on, and so somewhat hopeful. The third hospital is not public: ours were carried between the first two, in both directions, and the portable recipe was chosen by these very " +
	"figures. The review's medians are over other data, definitions and thresholds."

// notTheSameOwn stands in its place beside figures of records that are not the Challenge's.
const notTheSameOwn = "These are not the same measure, and no ranking follows: the stays, the hospitals and how the label was judged are others. The winner's figures are of stays that nobody outside could see, scored once; " +
	"ours are by cross-validation. The review's medians are over other data, definitions and thresholds."

// publishedTable holds figures of others beside those of the report.
func publishedTable(r *evaluate.Report) *table {
	t := &table{Caption: "Challenge utility, published and here", Header: []string{"system", "at hospitals that it learnt from", "at one that it did not", "measured on", "source"}, Words: true}
	for _, p := range published {
		t.add(p...)
	}
	t.add("the shipped recipe", utilitiesAtHome(r), carriedTo(r, evaluate.AsIs, utility), measuredOn(r, "public stays of A and B: cross-validation, and carried from each to the other"), "this report")
	t.add("the portable recipe, with forecasts of the other hospital (ships no model)", notMeasured, carriedTo(r, evaluate.PortableAdapted, utility), measuredOn(r, "public stays, carried from each to the other"), "this report")
	return t
}

// measuredOn says so of the Challenge's stays, and names others.
func measuredOn(r *evaluate.Report, public string) string {
	if r.Data.OfChallenge() {
		return public
	}
	return "stays of " + join(r.Data.Names)
}

func utilitiesAtHome(r *evaluate.Report) string {
	if r.AtHome == nil {
		return notMeasured
	}
	var all []string
	for i := range r.AtHome.Groups {
		if g := &r.AtHome.Groups[i]; g.Name != evaluate.NowOnly {
			all = append(all, g.Name+" "+interval(g.Utility, 3))
		}
	}
	return strings.Join(all, "; ")
}

// carriedTo is a figure of a variant at each hospital that it was carried to.
func carriedTo(r *evaluate.Report, variant string, m measure) string {
	var all []string
	for i := range r.Transfers {
		if t := &r.Transfers[i]; t.Variant == variant && t.Failed == "" {
			all = append(all, fmt.Sprintf("%s %s", t.To, m.write(&t.Group)))
		}
	}
	if len(all) == 0 {
		return notMeasured
	}
	return strings.Join(all, "; ")
}

// besidePublished is the section of the published figures. Made-up patients are not held beside real ones.
func besidePublished(r *evaluate.Report) section {
	s := newSection("published")
	if r.Data.Synthetic {
		s.Blocks = append(s.Blocks, text("Figures of made-up patients are not held beside those of real ones."))
		return s
	}
	why := notTheSameOwn
	if r.Data.OfChallenge() {
		why = notTheSame
	}
	s.Blocks = append(s.Blocks, text("%s", why), block{Table: publishedTable(r)}, text("%s", notTheSameAlerts), block{Table: publishedAlertsTable(r)})
	return s
}
