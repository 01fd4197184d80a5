package report

import (
	"cmp"
	"slices"
)

// place is a section of the page, by all of its names.
type place struct {
	anchor string // lower-case words with hyphens
	title  string
	short  string   // what links to it say; its title if empty
	parts  []string // of the report's JSON that are shown in it; it tells the method of the first
	study  string   // that they come from
}

// places are the sections of the page, in its order.
var places = []place{
	{anchor: "summary", title: "What this is, and what it shows", short: "What this is"},
	{anchor: "ward", title: "What a ward would see", study: "home"},
	{anchor: "fails", title: "Where it fails"},
	{anchor: "data", title: "The patients", parts: []string{"data"}, study: "data"},
	{anchor: "at-home", title: "Cross-validation", parts: []string{"at_home"}, study: "home"},
	{anchor: "served", title: "As it is served", parts: []string{"served"}, study: "served"},
	{anchor: "baselines", title: "Beside simple rules", parts: []string{"baselines"}, study: "home"},
	{anchor: "phases", title: "By phase of the stay", parts: []string{"phases"}, study: "home"},
	{anchor: "calibration", title: "Calibration", parts: []string{"calibration"}, study: "home"},
	{anchor: "decision", title: "Decision curves", parts: []string{"decision"}, study: "home"},
	{anchor: "curves", title: "ROC and precision-recall curves", short: "Curves", parts: []string{"roc", "pr"}, study: "home"},
	{anchor: "ward-in-full", title: "The ward in full", parts: []string{"ward", "hysteresis"}, study: "home"},
	{anchor: "transfers", title: "Carried to the other hospital", parts: []string{"transfers"}, study: "transfer"},
	{anchor: "recalibrated", title: "Recalibrated at the other hospital", parts: []string{"recalibrated"}, study: "transfer"},
	{anchor: "published", title: "Beside published figures"},
	{anchor: "subgroups", title: "Subgroups and fairness", short: "Subgroups", parts: []string{"subgroups"}, study: "home"},
	{anchor: "reliability", title: "Reliability of single answers", short: "Reliability", parts: []string{"reliability", "conformal"}, study: "reliability"},
	{anchor: "degraded", title: "With less information", parts: []string{"degraded"}, study: "degraded"},
	{anchor: "hour-bands", title: "Does it just count hours?", parts: []string{"hour_bands"}, study: "home"},
	{anchor: "without-hours", title: "Trained without the clock", parts: []string{"without_hours"}, study: "hours"},
	{anchor: "ablation", title: "Groups of features left out", parts: []string{"ablation"}, study: "ablation"},
	{anchor: "importance", title: "What the trees look at", parts: []string{"importance"}, study: "home"},
	{anchor: "families", title: "Other kinds of model", parts: []string{"families"}, study: "families"},
	{anchor: "methods", title: "How the figures were made"},
	{anchor: "measures", title: "What the measures mean", short: "Measures"},
	{anchor: "settings", title: "To make it again", short: "Settings"},
	{anchor: "not-run", title: "What was not done"},
	{anchor: "tripod", title: "TRIPOD+AI checklist"},
}

// placeAt is the section of an anchor, which must be there.
func placeAt(anchor string) place {
	return places[slices.IndexFunc(places, func(p place) bool { return p.anchor == anchor })]
}

// links lead to sections.
func links(anchors ...string) []link {
	var all []link
	for _, anchor := range anchors {
		p := placeAt(anchor)
		all = append(all, link{p.anchor, cmp.Or(p.short, p.title)})
	}
	return all
}

// shownIn leads to the section that shows a part of the JSON; nowhere if none does.
func shownIn(part string) []link {
	for _, p := range places {
		if slices.Contains(p.parts, part) {
			return links(p.anchor)
		}
	}
	return nil
}

// newSection begins a section of the page.
func newSection(anchor string, blocks ...block) section {
	return section{ID: anchor, Title: placeAt(anchor).title, Blocks: blocks}
}
