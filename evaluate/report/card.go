package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/model"
)

// ModelCard writes the card as a Markdown page. Figures at home come from the evidence that the card carries; those
// that only an evaluation gives, at the other hospital and by subgroup, from the report, and without one the page says
// where they are to be had. It fails when the card's evidence is not what package evaluate writes.
func ModelCard(card *model.Card, r *evaluate.Report) ([]byte, error) {
	evidence, err := evidenceOf(card)
	if err != nil {
		return nil, err
	}
	p := &cardPage{card: card}
	p.identity()
	p.use()
	p.warnings()
	p.failures(r)
	p.inside(r)
	p.training()
	if r != nil {
		p.publicPart(r)
	}
	p.figures(evidence, r)
	p.served(r)
	p.risks(r)
	p.benefit(r)
	p.parts(r)
	p.ward(r, "The watch list, out of fold", utilityPoint)
	p.ward(r, "The alert, out of fold", alertPoint)
	p.elsewhere(r)
	p.bySubgroup(r)
	p.upkeep()
	p.provenance()
	return []byte(p.text.String()), nil
}

// evidenceOf is what the card carries: of the model itself, or of the one that it was fitted to a site from.
func evidenceOf(card *model.Card) (*evaluate.Evidence, error) {
	raw := card.Evidence
	if card.ParentEvidence != nil {
		raw = card.ParentEvidence
	}
	if len(raw) == 0 {
		return nil, nil
	}
	var evidence evaluate.Evidence
	if err := json.Unmarshal(raw, &evidence); err != nil {
		return nil, fmt.Errorf("model card: evidence: %w", err)
	}
	return &evidence, nil
}

// cardPage is the page as far as it is written.
type cardPage struct {
	text strings.Builder
	card *model.Card
}

func (p *cardPage) write(format string, values ...any) { fmt.Fprintf(&p.text, format, values...) }

func (p *cardPage) heading(title string) { p.write("## %s\n\n", title) }

func (p *cardPage) paragraph(format string, values ...any) { p.write(format+"\n\n", values...) }

func (p *cardPage) items(sentences []string) {
	for _, sentence := range sentences {
		p.write("- %s\n", sentence)
	}
	p.text.WriteString("\n")
}

// facts is a table of two columns.
func (p *cardPage) facts(pairs ...[2]string) {
	p.text.WriteString("| | |\n| --- | --- |\n")
	for _, pair := range pairs {
		p.write("| %s | %s |\n", pair[0], markdown(pair[1]))
	}
	p.text.WriteString("\n")
}

func (p *cardPage) identity() {
	c := p.card
	p.write("# Model card: %s %s\n\n", c.Name, c.Version)
	p.paragraph("%s", c.Summary)
	p.paragraph("**%s**", c.Status)
	p.facts([2]string{"developer", c.Developer.Name + "; " + c.Developer.Contact}, [2]string{"release", c.Release.Stage},
		[2]string{"version", c.Version}, [2]string{"date", c.Release.Date}, [2]string{"availability", c.Release.Availability},
		[2]string{"regulation", c.Release.Regulation}, [2]string{"licence", c.Release.Licence})
}

func (p *cardPage) use() {
	c := p.card
	p.heading("Intended use")
	p.paragraph("%s", c.IntendedUse)
	p.paragraph("Users: %s", c.IntendedUsers)
	p.paragraph("Patients: %s", c.TargetPopulation)
	p.heading("How to use it")
	p.items(c.HowToUse)
	p.heading("Out of scope")
	p.items(c.OutOfScope)
	p.heading("Human oversight")
	p.paragraph("%s", c.HumanOversight)
}

func (p *cardPage) warnings() {
	p.heading("Warnings")
	p.items(p.card.Warnings)
	p.heading("Limits")
	p.items(p.card.Limits)
	p.heading("Known risks")
	p.paragraph("Clinical risk level: %s", p.card.ClinicalRisk)
	p.text.WriteString("| risk | what stands against it |\n| --- | --- |\n")
	for _, risk := range p.card.Risks {
		p.write("| %s | %s |\n", markdown(risk.Risk), markdown(risk.Control))
	}
	p.text.WriteString("\n")
}

// notCarried stands in the card for what only an evaluation tells.
const notCarried = "The bundle does not carry these figures: `sepsis evaluate` measures them."

// failures has the list of the report; without one, what nobody knows of any model.
func (p *cardPage) failures(r *evaluate.Report) {
	p.heading(placeAt("fails").title)
	if r == nil {
		p.paragraph(notCarried)
		r = &evaluate.Report{}
	}
	for _, f := range failings(r) {
		p.write("### %s\n\n", f.title)
		p.items(f.sentences)
	}
}

func (p *cardPage) inside(r *evaluate.Report) {
	c := p.card
	p.heading("Output")
	p.paragraph("%s", c.Output)
	p.paragraph("Positive from %.4f on: %s.", c.OperatingPoint.Threshold, c.OperatingPoint.Choice)
	p.paragraph("An alert begins at %.4f and lasts until the probability is below %.4f: %s. %s", c.AlertPoint.Threshold, c.AlertPoint.Clear, c.AlertPoint.Choice, p.alertPPV(r))
	p.paragraph("Calibration: 1 / (1 + exp(-(%.4f + %.4f × margin))).", c.Calibration.Intercept, c.Calibration.Slope)
	p.paragraph("Outcome: %s", c.Outcome)
	p.heading("Inputs")
	p.paragraph("%s", c.Inputs.Description)
	p.paragraph("Of the hour: %s.", join(english(c.Inputs.Measurements)))
	p.paragraph("Of the stay: %s.", join(english(c.Inputs.Stay)))
	p.paragraph("Missing: %s", c.Inputs.Missing)
	p.paragraph("Not used: %s", c.Inputs.NotUsed)
	p.heading("Kind of model")
	p.paragraph("%s %s.", c.ModelType, trees(c))
	p.forecasts()
}

// trees tells how large the model is.
func trees(c *model.Card) string {
	text := fmt.Sprintf("%d trees on %d features", c.Trees, c.Features)
	if len(c.Forecasts) > 0 {
		text += fmt.Sprintf(" and %d forecasts, which have %d trees of their own", len(c.Forecasts), c.ForecastTrees)
	}
	if c.NetworkWeights > 0 {
		text += fmt.Sprintf(", and %d weights of networks", c.NetworkWeights)
	}
	return text
}

// forecasts lists what the trees are told of the hours to come.
func (p *cardPage) forecasts() {
	if len(p.card.Forecasts) == 0 {
		return
	}
	t := &table{Caption: "Forecasts", Header: []string{"name", "what is foreseen", "learnt from"}}
	for _, f := range p.card.Forecasts {
		learnt := "all stays, without labels"
		if f.Labelled {
			learnt = "stays without sepsis"
		}
		t.add(f.Name, f.English, learnt)
	}
	p.table(t)
}

// alertPPV tells what the alert is worth on stays that it was not chosen on. On those that it was, it has what it was
// chosen for, which says nothing.
func (p *cardPage) alertPPV(r *evaluate.Report) string {
	if p.card.Training.FittedToSite() {
		return "What it is worth on stays that it was not fitted to is not known."
	}
	if r != nil {
		if w := wardOf(r, pooledName, alertPoint); w != nil {
			return fmt.Sprintf("Out of fold the share is %s, at %s alarms per patient-day; unadjusted it is %s.",
				interval(w.StayPPVAdjusted, 3), interval(w.AlarmsPerPatientDay, 2), interval(w.StayPPV, 3))
		}
	}
	return "What it is worth on stays that it was not chosen on, `sepsis evaluate` measures."
}

func english(inputs []model.Input) []string {
	words := make([]string, len(inputs))
	for i, input := range inputs {
		words[i] = input.English
		if input.Unit != "" && input.Unit != "1" {
			words[i] += " (" + markdown(input.Unit) + ")"
		}
	}
	return words
}

func (p *cardPage) training() {
	c := p.card
	p.heading("Training data")
	p.paragraph("%s", c.TrainingData.Description)
	if c.TrainingData.Source != "" {
		p.paragraph("%s. Licence: %s.", c.TrainingData.Source, c.TrainingData.Licence)
	}
	p.paragraph("%s stays (%s septic), %s hours, data digest `%s`.", count(c.Training.Stays), count(c.Training.Septic), count(c.Training.Hours), c.Training.DataDigest)
	p.paragraph("Demographics: %s", c.TrainingData.Demographics)
}

func (p *cardPage) figures(evidence *evaluate.Evidence, r *evaluate.Report) {
	v := p.card.Validation
	p.heading("Validation")
	p.paragraph("Internal: %s", v.Internal)
	if r != nil && r.Served != nil {
		p.paragraph("Files made as the shipped one is are measured in \"%s\".", placeAt("served").title)
	}
	if r != nil && r.AtHome != nil {
		p.paragraph("%s", originOf(r).tuning)
	}
	p.paragraph("External: %s", v.External)
	p.paragraph("Prospective: %s", v.Prospective)
	p.paragraph("Calibration: %s", v.Calibration)
	p.heading(placeAt("measures").title)
	p.items(measureWords)
	p.heading("Figures")
	if evidence == nil {
		p.paragraph("The bundle carries no figures.")
		return
	}
	if p.card.ParentEvidence != nil {
		p.paragraph("These figures are of the parent model, with its own forecasts, calibration and thresholds. None are known of this model: evaluate it on stays of the site that it was not fitted to.")
	}
	p.text.WriteString(evidence.Table())
	p.paragraph("\nCounting ICU hours: %s.", evidence.HoursRule)
}

// served has the figures of files as they are served; nothing in a report that does not hold them.
func (p *cardPage) served(r *evaluate.Report) {
	if r == nil || r.Served == nil {
		return
	}
	p.heading(placeAt("served").title)
	p.paragraph("%s", r.Served.Method)
	p.servedFigures(r)
}

// risks has how far risks are off.
func (p *cardPage) risks(r *evaluate.Report) {
	p.heading(risksTitle)
	if r == nil || pooled(r) == nil {
		p.paragraph(notCarried)
		return
	}
	p.items(calibrationSentences(r))
	if t := distances(r.Calibration); len(t.Rows) > 0 {
		p.table(t)
	}
}

// parts has figures by phase of the stay and with poorer input; those that the report does not hold are left out.
func (p *cardPage) parts(r *evaluate.Report) {
	p.heading("By phase of the stay, and with less information")
	if r == nil || len(r.Phases)+len(r.Degraded) == 0 {
		p.paragraph(notCarried)
		return
	}
	if len(r.Phases) > 0 {
		p.table(groupTable("By phase of the stay. The utility of a phase is the share of what was to be had in its hours; counting hours is silent before its best hour", "phase", phaseGroups(r), worthMeasures))
	}
	if len(r.Degraded) > 0 {
		p.table(groupTable("With less information", "input", inputGroups(r), worthMeasures))
	}
}

// ward has what an operating point is worth on stays that its threshold was not chosen on.
func (p *cardPage) ward(r *evaluate.Report, title, point string) {
	p.heading(title)
	if r == nil || wardOf(r, pooledName, point) == nil {
		p.paragraph(notCarried)
		return
	}
	p.table(wardTable(r.Ward, point))
}

// elsewhere has the figures at a hospital that the model has not learnt from.
func (p *cardPage) elsewhere(r *evaluate.Report) {
	p.heading("At a hospital that it has not learnt from")
	if r == nil || len(r.Transfers) == 0 {
		p.paragraph(notCarried)
		return
	}
	p.table(transferComparisons(r.Transfers))
	p.table(transferThresholds(r.Transfers))
	p.table(variants(r.Transfers))
	p.wardElsewhere(r)
	p.recalibrated(r)
	p.paragraph("The shipped model is of the recipe \"%s\". No model of the portable recipe ships: `sepsis train --recipe portable` makes one.", evaluate.AsIs)
	if !r.Data.Synthetic {
		p.heading("Beside published figures")
		p.paragraph("%s", notTheSame)
		p.table(publishedTable(r))
		p.paragraph("%s", notTheSameAlerts)
		p.table(publishedAlertsTable(r))
	}
}

// bySubgroup has what fairness can be judged by.
func (p *cardPage) bySubgroup(r *evaluate.Report) {
	p.heading("Fairness and subgroups")
	p.paragraph("%s", p.card.Fairness)
	if r == nil || len(r.Subgroups) == 0 {
		p.paragraph("The bundle does not carry figures by subgroup: `sepsis evaluate` measures them.")
		return
	}
	for _, set := range r.Subgroups {
		shown := []measure{auroc, slope, inLarge, sensitivity, ppv}
		if !set.ByHour {
			shown = append(shown, found, disturbed)
		}
		p.table(groupTable("By "+set.Name, set.Name, youngestFirst(set), shown))
	}
	if t := gapTable(r); t != nil {
		p.paragraph("%s", gapsMethod)
		p.table(t)
	}
}

// table writes a table of the page as Markdown.
func (p *cardPage) table(t *table) {
	p.paragraph("%s:", t.Caption)
	p.text.WriteString("|")
	for _, h := range t.Header {
		p.write(" %s |", markdown(h))
	}
	p.text.WriteString("\n|")
	for range t.Header {
		p.text.WriteString(" --- |")
	}
	p.text.WriteString("\n")
	for _, cells := range t.Rows {
		p.text.WriteString("|")
		for _, c := range cells {
			p.write(" %s |", markdown(c.Text))
		}
		p.text.WriteString("\n")
	}
	p.text.WriteString("\n")
}

func (p *cardPage) upkeep() {
	m, t := p.card.Maintenance, p.card.Transparency
	p.heading("Maintenance")
	p.facts([2]string{"updates", m.Updates}, [2]string{"monitoring", m.Monitoring}, [2]string{"recalibration", m.Recalibration},
		[2]string{"adaptation", m.Adaptation}, [2]string{"withdrawal", m.Withdrawal})
	p.heading("Transparency")
	p.facts([2]string{"funding", t.Funding}, [2]string{"third parties", t.ThirdParties}, [2]string{"stakeholders consulted", t.Consulted},
		[2]string{"publications", t.Publications}, [2]string{"reimbursement", t.Reimbursement}, [2]string{"patients' consent", t.Consent}, [2]string{"security", t.Security})
}

func (p *cardPage) provenance() {
	c := p.card
	p.heading("Provenance")
	p.write("`%s`, %s, bundle SHA-256 `%s`.\n", c.Training.Command, c.Training.GoVersion, c.SHA256)
	for _, r := range c.Training.Recalibrations {
		p.write("\nRecalibrated from %s %s (SHA-256 `%s`) by `%s`: calibration and both thresholds fitted to %d stays (%d septic), %d hours of %s, data digest `%s`.\n",
			r.Parent.Name, r.Parent.Version, r.Parent.SHA256, r.Command, r.Stays, r.Septic, r.Hours, join(r.Data), r.DataDigest)
	}
	for _, a := range c.Training.Adaptations {
		p.write("\nAdapted from %s %s (SHA-256 `%s`) by `%s`: the forecasts that need no label learnt anew from %d stays, %d hours of %s, data digest `%s`.\n",
			a.Parent.Name, a.Parent.Version, a.Parent.SHA256, a.Command, a.Stays, a.Hours, join(a.Data), a.DataDigest)
		if len(a.Kept) > 0 {
			p.write("Too few outcomes were known there of %s: these are the parent's.\n", join(a.Kept))
		}
	}
}
