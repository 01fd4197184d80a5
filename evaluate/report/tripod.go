package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

// status says whether an item of the checklist is answered.
type status string

const (
	answered      status = "answered"
	partly        status = "partly"
	notDone       status = "not done"
	notApplicable status = "not applicable"
)

// item is one part of the 27 items of TRIPOD+AI, under a short name of our own, with the answer.
type item struct {
	Number string // such as "5a"
	Part   string // of a paper, such as "Methods"
	Name   string
	Status status
	Answer string
	Places []link // of the report
}

// source of the checklist.
const tripodSource = "TRIPOD+AI, Collins et al., BMJ 2024;385:e078378, doi:10.1136/bmj-2023-078378"

// Tripod writes the TRIPOD+AI checklist as Markdown: the 27 items under short names of our own, each with its answer
// and where it stands in the report, or "not done". Figures come from the report, facts of the model from the card;
// without a card they are said to stand in it.
func Tripod(r evaluate.Report, card *model.Card) []byte {
	return tripod(&r, card, func(place link) string {
		return fmt.Sprintf("[%s](%s#%s)", markdown(place.Text), FileName, place.Anchor)
	})
}

// TripodApart is the checklist for a place where the page is not beside it: it names the page's sections.
func TripodApart(r evaluate.Report, card *model.Card) []byte {
	return tripod(&r, card, func(place link) string { return markdown(place.Text) })
}

func tripod(r *evaluate.Report, card *model.Card, refer func(place link) string) []byte {
	var out strings.Builder
	items := checklist(r, card)
	fmt.Fprintf(&out, "# TRIPOD+AI checklist\n\nItems of %s, under short names of our own. %s The last column names sections of the report that `sepsis evaluate` writes.\n\n",
		tripodSource, tally(items))
	out.WriteString("| item | part | what is asked | status | answer | where |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, i := range items {
		var places []string
		for _, place := range i.Places {
			places = append(places, refer(place))
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s |\n", i.Number, i.Part, markdown(i.Name), i.Status, markdown(i.Answer), strings.Join(places, ", "))
	}
	return []byte(out.String())
}

// tally counts the items by status.
func tally(items []item) string {
	counts := map[status]int{}
	for _, i := range items {
		counts[i.Status]++
	}
	return fmt.Sprintf("Of %d parts, %d answered, %d partly, %d not done, %d not applicable.",
		len(items), counts[answered], counts[partly], counts[notDone], counts[notApplicable])
}

// markdown writes text that a Markdown table shows as it is.
func markdown(text string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "\r\n", " ", "\n", " ", "\r", " ", "<", "&lt;", "[", "\\[", "]", "\\]").Replace(text)
}

// checklistSection is the checklist as a part of the page.
func checklistSection(r *evaluate.Report) section {
	items := checklist(r, nil)
	t := &table{Caption: "TRIPOD+AI", Header: []string{"item", "part", "what is asked", "status", "answer and where"}, Words: true}
	for _, i := range items {
		cells := row(i.Number, i.Part, i.Name, string(i.Status), i.Answer)
		cells[4].Links = i.Places
		t.Rows = append(t.Rows, cells)
	}
	return newSection("tripod", text("Items of %s, under short names of our own. %s", tripodSource, tally(items)), block{Table: t})
}

// checklist answers the items, in their order.
func checklist(r *evaluate.Report, card *model.Card) []item {
	var all []item
	for _, part := range []struct {
		name  string
		items []item
	}{
		{"Title and abstract", opening()},
		{"Introduction", introduction(r)},
		{"Methods", append(cohortItems(r), append(outcomeItems(r), analysisItems(r, card)...)...)},
		{"Open science", openScience(r)},
		{"Patient and public involvement", []item{{Number: "19", Name: "Part of patients and the public in design and conduct", Status: notDone, Answer: "None on record."}}},
		{"Results", results(r, card)},
		{"Discussion", discussion(r)},
	} {
		for _, i := range part.items {
			i.Part = part.name
			all = append(all, i)
		}
	}
	return all
}

// ran is the status of an item that a study answers.
func ran(done bool) status {
	if done {
		return answered
	}
	return notDone
}

func opening() []item {
	return []item{
		{Number: "1", Name: "Title: prediction model, population, outcome", Status: answered, Answer: "Named in title and first section.", Places: links("summary")},
		{Number: "2", Name: "Abstract", Status: partly, Answer: "The first screen sums up design, data and results, without the abstract's own form.", Places: links("summary")},
	}
}

func introduction(r *evaluate.Report) []item {
	return []item{
		{Number: "3a", Name: "Clinical context, reasons, existing models", Status: partly, Answer: "The use is described and simple rules and other kinds of model stand beside it; the literature is not reviewed.", Places: links("summary", "baselines")},
		{Number: "3b", Name: "Population, purpose in care, users", Status: answered, Answer: "Model card: intended use, intended users, target population, out of scope."},
		{Number: "3c", Name: "Known inequalities between groups", Status: partly, Answer: "Subgroups are measured; race, ethnicity, language and income are not in the data, and the literature on them is not reviewed.", Places: links("subgroups")},
		aims(r),
	}
}

// aims are what the report has figures for.
func aims(r *evaluate.Report) item {
	i := item{Number: "4", Name: "Aims: development, evaluation, or both", Status: answered, Places: links("at-home")}
	if len(r.Transfers) > 0 {
		i.Answer = "Both: development, with cross-validation, and evaluation at a hospital system left out of it."
		i.Places = append(i.Places, links("transfers")...)
		return i
	}
	i.Answer = "Development, with cross-validation. Evaluation at a hospital left out of it is not part of this report."
	if r.AtHome == nil {
		i.Status, i.Answer = notDone, "Neither cross-validation nor evaluation at a hospital left out of it is part of this report."
	}
	return i
}

func cohortItems(r *evaluate.Report) []item {
	from := originOf(r)
	return []item{
		{Number: "5a", Name: "Source of the data, and how representative", Status: partly, Answer: fmt.Sprintf("%s: %s.%s How the patients compare with those of other hospitals is not known.", from.source, join(r.Data.Names), after(publicPart(r))), Places: links("data")},
		{Number: "5b", Name: "Dates of the data", Status: notDone, Answer: from.dates},
		{Number: "6a", Name: "Setting and centres", Status: answered, Answer: setting(r), Places: links("data")},
		{Number: "6b", Name: "Who was eligible", Status: partly, Answer: "All stays in the files. " + from.leftOut + "; stays under 18, or of unknown age, are predicted but not learnt from."},
		{Number: "6c", Name: "Treatments, and how they were handled", Status: notDone, Answer: "Treatments are not in the data."},
		{Number: "7", Name: "Preparing the data, and whether alike for all groups", Status: answered, Answer: "One reader cleans all stays by the same rules and counts what it takes out: docs/cleaning.txt."},
	}
}

func outcomeItems(r *evaluate.Report) []item {
	from := originOf(r)
	return []item{
		{Number: "8a", Name: "Outcome: what, when, how judged, why chosen", Status: from.judged, Answer: from.outcome, Places: links("data")},
		{Number: "8b", Name: "Who judged the outcome, where that takes judgement", Status: from.judges, Answer: from.judging},
		{Number: "8c", Name: "Blinding of those who judged the outcome", Status: from.judges, Answer: from.blinding},
		{Number: "9a", Name: "Choice of predictors before modelling", Status: answered, Answer: "All variables of the record; the features made from them are one table in the program (features/)." + foreseenAnswer(r, " Forecasts of the hours to come are predictors, too, made of the same features: the model card lists them, docs/adr/0006-forecasts.md says why.")},
		{Number: "9b", Name: "Predictors: definition, when and how measured", Status: partly, Answer: "Names, units, codes and ranges: docs/vocabulary.md. How each hospital measured is not known."},
		{Number: "9c", Name: "Who judged the predictors, where that takes judgement", Status: notApplicable, Answer: "Measurements and laboratory values of the record."},
	}
}

func analysisItems(r *evaluate.Report, card *model.Card) []item {
	from := originOf(r)
	return []item{
		{Number: "10", Name: "Size of the study, and whether it is enough", Status: partly, Answer: sizeAnswer(r, card), Places: links("data")},
		{Number: "11", Name: "Missing data", Status: answered, Answer: "Missing stays missing: the trees learn a side for it, networks are told of it, and how long ago each variable was measured is a feature. No imputation.", Places: links("degraded")},
		{Number: "12a", Name: "Which data served for development and which for evaluation", Status: ran(r.AtHome != nil), Answer: "Folds that keep each patient together, stratified by hospital and outcome" + wholeHospitals(r) + "." + after(withheld(r)) + foreseenAnswer(r, " Forecasts are learnt within each fold, as the trees are."), Places: links("methods")},
		{Number: "12b", Name: "How predictors enter the model", Status: answered, Answer: "As numbers, binned by quantiles that use no label; nothing is cut into categories by hand."},
		{Number: "12c", Name: "Kind of model, building, tuning, internal validation", Status: answered, Answer: "Model card, docs/adr/0003-training-recipe.md, docs/lab.md. " + foreseenAnswer(r, "The forecasts are trees of their own, fitted first; the trees that foresee sepsis take what they say as columns. ") + from.tuning, Places: links("settings", "families")},
		{Number: "12d", Name: "Differences between clusters, such as hospitals", Status: ran(len(r.Transfers) > 0), Answer: "Each hospital apart, and carried from each to the other.", Places: links("at-home", "transfers")},
		{Number: "12e", Name: "Measures and plots of performance", Status: answered, Answer: "Each with its definition, formula and source; net benefit, smoothed calibration and what a ward would see part by part.", Places: links("measures", "methods")},
		{Number: "12f", Name: "Updating of the model after evaluation", Status: ran(updated(r)), Answer: "Adaptation to the other hospital's records without their labels, where a variant of the transfers says so; " + updatingAnswer(r), Places: updatingPlaces(r)},
		{Number: "12g", Name: "How predictions were calculated in the evaluation", Status: answered, Answer: "By the same program and features that serve; calibration and threshold from stays outside the evaluated ones.", Places: links("methods")},
		{Number: "13", Name: "Class imbalance", Status: answered, Answer: "No resampling of classes. Hours are weighted: where the utility is learnt, by what an alarm is worth; where the label is learnt, as the shipped recipe does, an hour without it by " + strconv.FormatFloat(model.QuietWeight, 'g', -1, 64) + " of one with it. Probabilities are recalibrated on the label afterwards, without weights.", Places: links("calibration")},
		{Number: "14", Name: "Methods for fairness", Status: partly, Answer: "Measured by subgroup, with gaps between groups and their intervals; no method to make the model fairer was applied.", Places: links("subgroups")},
		{Number: "15", Name: "Output: probability, classes, thresholds and why", Status: ran(len(r.Ward) > 0), Answer: "A calibrated probability and the operating points, each with how its threshold was chosen.", Places: links("ward-in-full")},
		{Number: "16", Name: "How development and evaluation data differ", Status: ran(len(r.Transfers) > 0), Answer: "The hospitals side by side, and figures at each.", Places: links("data", "transfers")},
		{Number: "17", Name: "Ethical approval and consent", Status: notDone, Answer: from.consent},
	}
}

// foreseenAnswer is an answer about forecasts; nothing if the recipe does without them.
func foreseenAnswer(r *evaluate.Report, answer string) string {
	var recipe model.Options
	if json.Unmarshal(r.Options.Training, &recipe) != nil || recipe.Forecasts == nil {
		return ""
	}
	return answer
}

// updated tells whether a transfer did more than carry the model as it is.
func updated(r *evaluate.Report) bool {
	return len(r.Recalibrated) > 0 || slices.ContainsFunc(r.Transfers, func(t evaluate.Transfer) bool {
		return t.Variant == evaluate.AsIsAdapted || t.Variant == evaluate.PortableAdapted
	})
}

// updatingAnswer tells whether recalibration is measured.
func updatingAnswer(r *evaluate.Report) string {
	if len(r.Recalibrated) == 0 {
		return "recalibration on labels is not part of this report."
	}
	return "recalibration on labelled stays of one half of the other hospital, measured on its other half."
}

// updatedAnswer ends the sentence on the results of updating.
func updatedAnswer(r *evaluate.Report) string {
	if len(r.Recalibrated) == 0 {
		return "."
	}
	return "; of recalibration with labels, before and after on the same stays."
}

// updatingPlaces are where updating is shown.
func updatingPlaces(r *evaluate.Report) []link {
	places := links("transfers")
	if len(r.Recalibrated) == 0 {
		return places
	}
	return append(places, links("recalibrated")...)
}

// performed says whether there are figures, and of subgroups, too.
func performed(r *evaluate.Report) status {
	switch {
	case pooled(r) == nil:
		return notDone
	case len(r.Subgroups) == 0:
		return partly
	}
	return answered
}

// sizeAnswer tells the events for each predictor, feature or forecast, if the card says how many there are.
func sizeAnswer(r *evaluate.Report, card *model.Card) string {
	stays := "All stays in the files"
	if r.Data.Sample > 0 {
		stays = fmt.Sprintf("A sample of at most %s stays of each hospital", count(r.Data.Sample))
	}
	answer := fmt.Sprintf("%s: %s septic of %s.%s No calculation was made beforehand; the width of the intervals tells what the size allows.", stays, count(r.Data.SepticStays), count(r.Data.Stays), after(publicPart(r)))
	if card != nil && card.Features > 0 {
		predictors := card.Features + len(card.Forecasts)
		answer += fmt.Sprintf(" %.1f septic stays for each of %d predictors.", float64(r.Data.SepticStays)/float64(predictors), predictors)
	}
	return answer
}

func openScience(r *evaluate.Report) []item {
	from := originOf(r)
	return []item{
		{Number: "18a", Name: "Funding", Status: notDone, Answer: "None on record."},
		{Number: "18b", Name: "Conflicts of interest", Status: notDone, Answer: "None on record."},
		{Number: "18c", Name: "Protocol", Status: notDone, Answer: "No protocol was published beforehand; choices are kept in docs/adr and docs/lab.md."},
		{Number: "18d", Name: "Registration", Status: notDone, Answer: "Not registered."},
		{Number: "18e", Name: "Sharing of the data", Status: from.shared, Answer: from.sharing, Places: links("settings")},
		{Number: "18f", Name: "Sharing of the code", Status: answered, Answer: "All of it, with the model: github.com/medtech-detect/sepsis, Apache-2.0.", Places: links("settings")},
	}
}

func results(r *evaluate.Report, card *model.Card) []item {
	from := originOf(r)
	return []item{
		{Number: "20a", Name: "Flow of participants, with and without the outcome", Status: partly, Answer: fmt.Sprintf("%s stays, %s septic; %s hours, %s with the label.%s Whom %s left out is not counted.", count(r.Data.Stays), count(r.Data.SepticStays), count(r.Data.Hours), count(r.Data.SepticHours), after(withheld(r)), from.authors), Places: links("data")},
		{Number: "20b", Name: "Characteristics of participants, by setting", Status: partly, Answer: "By hospital and subgroup here; distributions and missing values: " + from.described + ".", Places: links("data", "subgroups")},
		{Number: "20c", Name: "Predictors compared between development and evaluation", Status: partly, Answer: from.described + ", between the hospitals."},
		{Number: "21", Name: "Participants and events in each analysis", Status: inEachAnalysis(r), Answer: "In each table of figures. What each fold learnt from is not counted apart: the stays of adults in the other folds.", Places: links("at-home")},
		{Number: "22", Name: "The model in full, so that others can use it", Status: answered, Answer: modelAnswer(r, card)},
		{Number: "23a", Name: "Performance with intervals, with key subgroups", Status: performed(r), Answer: performanceAnswer(r), Places: links("at-home", "calibration", "subgroups")},
		{Number: "23b", Name: "Performance differing between clusters", Status: ran(len(r.Transfers) > 0), Answer: clusters(r), Places: links("at-home", "transfers")},
		{Number: "24", Name: "Results of updating", Status: ran(updated(r)), Answer: "Of adaptation without labels, where a variant of the transfers says so" + updatedAnswer(r), Places: updatingPlaces(r)},
	}
}

// inEachAnalysis is partly at best: stays are counted where they are measured, not where they are learnt from.
func inEachAnalysis(r *evaluate.Report) status {
	if r.AtHome == nil {
		return notDone
	}
	return partly
}

func modelAnswer(r *evaluate.Report, card *model.Card) string {
	open := "The bundle holds all trees (XGBoost's own format), networks, calibration and thresholds, and can be downloaded with the code"
	if !r.Data.OfChallenge() {
		open = "The bundle holds all trees (XGBoost's own format), networks, calibration and thresholds; whether it is shared is for whoever trained it to state"
	}
	if card == nil {
		return open + "; see the model card."
	}
	return fmt.Sprintf("%s: %s %s, %s, SHA-256 %s.", open, card.Name, card.Version, trees(card), card.SHA256)
}

func performanceAnswer(r *evaluate.Report) string {
	g := pooled(r)
	if g == nil {
		return "Not measured."
	}
	return fmt.Sprintf("Out of fold, pooled: AUROC %s, AUPRC %s at a prevalence of %.2f %%, utility %s, calibration slope %s.",
		interval(g.AUROC, 3), interval(g.AUPRC, 3), 100*g.Prevalence, interval(g.Utility, 3), interval(g.CalibrationSlope, 3))
}

func discussion(r *evaluate.Report) []item {
	return []item{
		{Number: "25", Name: "Interpretation, with fairness, beside earlier studies", Status: partly, Answer: "The first screen interprets; published figures stand beside these, with why they are not the same measure. The literature is not reviewed.", Places: links("summary", "fails", "published")},
		{Number: "26", Name: "Limitations", Status: answered, Answer: "Found in the figures by fixed rules, and those of the data.", Places: links("fails", "not-run")},
		{Number: "27a", Name: "Poor or missing input in use", Status: ran(len(r.Degraded) > 0), Answer: "Input is checked and refused with place and cure; missing values are allowed, and what they cost is measured.", Places: links("degraded", "reliability")},
		{Number: "27b", Name: "What users do with input and output, and what they must know", Status: partly, Answer: "Model card: how to use, human oversight, warnings. No study of users."},
		{Number: "27c", Name: "Next steps, and where else it may hold", Status: partly, Answer: "Evaluation on the unit's own records, in silence, before anything else; hospitals beyond the data are untested.", Places: links("not-run")},
	}
}
