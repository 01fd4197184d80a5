package server

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/fhir"
	"github.com/medtech-detect/sepsis/score"
	"github.com/medtech-detect/sepsis/ucum"
)

// cardsAnswer is the answer of a service (CDS Hooks 2.0, "CDS Service Response").
type cardsAnswer struct {
	Cards []card `json:"cards"`
}

// card is what a clinician sees.
type card struct {
	UUID            string     `json:"uuid" doc:"the id of the prediction, written as a UUID; feedback names it"`
	Summary         string     `json:"summary" maxLength:"139"`
	Detail          string     `json:"detail" doc:"GitHub Flavored Markdown"`
	Indicator       string     `json:"indicator" enum:"info,warning,critical"`
	Source          cardSource `json:"source"`
	OverrideReasons []coding   `json:"overrideReasons,omitempty"`
	Links           []cardLink `json:"links,omitempty"`
}

type cardSource struct {
	Label string `json:"label"`
	URL   string `json:"url,omitempty"`
	Topic coding `json:"topic"`
}

type cardLink struct {
	Label string `json:"label"`
	URL   string `json:"url"`
	Type  string `json:"type" enum:"absolute,smart"`
}

type coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

// indicators are CDS Hooks' words for how urgent a card is.
var indicators = map[cardKind]string{alertCard: "critical", watchCard: "warning", lowCard: "info", indeterminateCard: "info", outdatedCard: "info"}

// kindOfCard: an answer that should not be relied on is never urgent by itself, and one about hours that have passed says nothing of the next.
func kindOfCard(given *answer, sinceLast time.Duration) cardKind {
	switch {
	case sinceLast > sepsis.HorizonHours*time.Hour:
		return outdatedCard
	case given.Reliability.Level == sepsis.Indeterminate && given.Prediction == sepsis.Negative:
		return indeterminateCard
	case given.Reliability.Level == sepsis.Indeterminate:
		return watchCard
	case given.Alert:
		return alertCard
	case given.Prediction == sepsis.Positive:
		return watchCard
	}
	return lowCard
}

// newCard makes the card of an answer to a call that came at a time.
func newCard(given *answer, reading *fhir.Reading, words *phrases, base string, at time.Time) card {
	sinceLast := at.Sub(reading.Last)
	kind := kindOfCard(given, sinceLast)
	summary := words.summaries[kind]
	if strings.Contains(summary, "%s") {
		summary = fmt.Sprintf(summary, words.percent(given.Probability))
	}
	made := card{
		UUID: uuidOf(given.ID), Summary: words.together.Replace(summary), Indicator: indicators[kind], Detail: words.together.Replace(detail(given, reading, words, sinceLast)),
		Source: cardSource{Label: words.source, URL: base + "/", Topic: coding(fhir.Sepsis)},
		Links:  []cardLink{{Label: words.page, URL: base + docsPath, Type: "absolute"}},
	}
	if kind == watchCard || kind == alertCard {
		for _, code := range overrideCodes {
			made.OverrideReasons = append(made.OverrideReasons, coding{System: overrideSystem, Code: code, Display: words.overrides[code]})
		}
	}
	return made
}

// uuidOf writes a ULID as a UUID: the same 128 bits in other digits.
func uuidOf(id string) string {
	parsed := ulid.MustParse(id)
	digits := hex.EncodeToString(parsed[:])
	return strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")
}

// idOfCard is the prediction of a card, from its UUID or from the ULID itself.
func idOfCard(uuid string) (string, bool) {
	if parsed, err := ulid.ParseStrict(uuid); err == nil {
		return parsed.String(), true
	}
	var id ulid.ULID
	digits := strings.ReplaceAll(uuid, "-", "")
	if len(uuid) != 36 || len(digits) != 32 {
		return "", false
	}
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return "", false
	}
	return id.String(), true
}

// driversShown is how many of the contributions a card lists.
const driversShown = 6

// detail is the card's text in Markdown. It holds numbers and our own words only: nothing of it was sent as text.
func detail(given *answer, reading *fhir.Reading, words *phrases, sinceLast time.Duration) string {
	var b strings.Builder
	if counted(given.Warnings)[sepsis.TrainedOnSyntheticData] > 0 {
		fmt.Fprintf(&b, "**%s**\n\n", words.synthetic)
	}
	fmt.Fprintf(&b, "**%s%s %s** (%s)\n", words.probability, words.colon, words.percent(given.Probability),
		fmt.Sprintf(words.threshold, words.percent(given.Threshold), words.percent(given.AlertThreshold)))
	fmt.Fprintf(&b, "\n"+words.counted+"\n", wholeHours(sinceLast))
	if reasons := given.Reliability.Reasons; len(reasons) > 0 {
		fmt.Fprintf(&b, "\n*%s*%s %s\n", words.reliability[given.Reliability.Level], words.colon, joined(reasons, words.semicolon+" ", func(r sepsis.Reason) string { return words.reasons[r.Code] }))
	}
	writeDrivers(&b, given.Explanation, words)
	writeScores(&b, given.Scores, words)
	writeLeftOut(&b, reading, words)
	writeWarnings(&b, counted(reading.Warnings), words) // all of them, also those that the answer does not list
	fmt.Fprintf(&b, "\n%s%s %s %s (`%.12s`)\n\n*%s*\n", words.model, words.colon, given.Model.Name, given.Model.Version, given.Model.SHA256, words.notice)
	return b.String()
}

// wholeHours is a time in hours that have passed.
func wholeHours(since time.Duration) string {
	if since < time.Hour {
		return "< 1 h"
	}
	return fmt.Sprintf("%d h", int(since.Hours()))
}

func counted(warnings []sepsis.Warning) map[sepsis.WarningCode]int {
	counts := map[sepsis.WarningCode]int{}
	for _, warning := range warnings {
		counts[warning.Code]++
	}
	return counts
}

// writeWarnings lists the warnings of the input, in the order of their table.
func writeWarnings(b *strings.Builder, counts map[sepsis.WarningCode]int, words *phrases) {
	title := fmt.Sprintf("\n**%s**\n\n", words.warningsTitle)
	for _, warning := range sepsis.WarningCodes {
		count := counts[warning.Code]
		if count == 0 {
			continue
		}
		b.WriteString(title + "- ")
		if title = ""; count > 1 {
			fmt.Fprintf(b, "%d × ", count)
		}
		b.WriteString(words.warnings[warning.Code] + "\n")
	}
}

func joined[T any](items []T, separator string, text func(T) string) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = text(item)
	}
	return strings.Join(words, separator)
}

func writeDrivers(b *strings.Builder, contributions []sepsis.Contribution, words *phrases) {
	if len(contributions) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s**\n\n%s\n|---|---|---|---|\n", words.drivers, words.driversHead)
	for _, c := range contributions[:min(len(contributions), driversShown)] {
		effect := words.lowers
		if c.Contribution > 0 {
			effect = words.raises
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s (%s) |\n", words.nameOf(c.Name), valueOf(c, words), hoursAgo(c), effect,
			strings.Replace(fmt.Sprintf("%+.2f", c.Contribution), ".", words.decimal, 1))
	}
}

// years is the unit of an age (UCUM).
const years = "a"

func valueOf(c sepsis.Contribution, words *phrases) string {
	switch {
	case c.Choice != "":
		return words.word(c.Choice)
	case c.Value == nil:
		return "–"
	case c.Unit == nil:
		return words.number(*c.Value)
	case *c.Unit == years:
		return words.number(*c.Value) + " " + words.years
	}
	return ucum.Unit(*c.Unit).Amount(words.number(*c.Value))
}

func hoursAgo(c sepsis.Contribution) string {
	if c.HoursAgo == nil {
		return "–"
	}
	return fmt.Sprintf("%d h", *c.HoursAgo)
}

func writeScores(b *strings.Builder, values scores, words *phrases) {
	fmt.Fprintf(b, "\n**%s**\n\n", words.scoresTitle)
	for i, value := range values {
		shown := "–"
		if value.Value != nil {
			shown = fmt.Sprintf("%d", *value.Value)
		}
		fmt.Fprintf(b, "- %s%s %s", words.nameOf(score.All[i].Name), words.colon, shown)
		if len(value.Missing) > 0 {
			fmt.Fprintf(b, " ("+words.missing+")", joined(value.Missing, ", ", words.word))
		}
		b.WriteString("\n")
	}
}

// writeLeftOut counts what may have been a value and was not used. What was measured before the stay, and what could be none, is not told here.
func writeLeftOut(b *strings.Builder, reading *fhir.Reading, words *phrases) {
	counts := map[fhir.Reason]int{}
	for _, ignored := range reading.Ignored {
		if !slices.Contains(untold, ignored.Reason) {
			counts[ignored.Reason]++
		}
	}
	if len(counts) == 0 {
		return
	}
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d × %s", counts[reason], words.word(string(reason))))
	}
	fmt.Fprintf(b, "\n%s%s %s\n", words.leftOut, words.colon, strings.Join(parts, ", "))
}

var untold = []fhir.Reason{
	fhir.NotRead, fhir.Panel, fhir.Duplicate, fhir.Superseded, fhir.BeforeStay, fhir.NoResource,
}
