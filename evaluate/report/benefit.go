package report

import (
	"fmt"

	"github.com/medtech-detect/sepsis/evaluate"
)

// benefitTitle is the heading of what [benefitSentences] say.
const benefitTitle = "From which risk on it is worth acting"

// benefitSentences say at which thresholds the model is better than to alarm everybody, and nobody.
func benefitSentences(r *evaluate.Report) []string {
	var sentences []string
	for i := range r.Decision {
		if c := &r.Decision[i]; len(c.Points) > 0 {
			sentences = append(sentences, c.Hospital+": "+worthActing(c.Points))
		}
	}
	return sentences
}

// worthActing counts the thresholds at which the model is better by its whole interval, and names the others.
func worthActing(points []evaluate.DecisionPoint) string {
	var not []string
	for _, p := range points {
		if !clearlyAbove(p.Advantage, 0) {
			not = append(not, exactly(p.Threshold))
		}
	}
	first, last := exactly(points[0].Threshold), exactly(points[len(points)-1].Threshold)
	if len(not) == 0 {
		return fmt.Sprintf("better than the better of both at all %d thresholds from %s to %s.", len(points), first, last)
	}
	return fmt.Sprintf("better than the better of both at %d of %d thresholds from %s to %s; not at %s.", len(points)-len(not), len(points), first, last, join(not))
}

// benefit has the net benefit beside alarming everybody and nobody; nothing in a report that does not hold it.
func (p *cardPage) benefit(r *evaluate.Report) {
	if r == nil {
		return
	}
	sentences := benefitSentences(r)
	if len(sentences) == 0 {
		return
	}
	p.heading(benefitTitle)
	p.paragraph("To act from a risk of 5 %% on is to accept 19 needless looks for one needed. Net benefit weighs alarms so; below, it is held beside that of alarming everybody and of alarming nobody, " +
		"by the whole 95 %% interval at each threshold. Each hour counts as a decision of its own, which at a bedside it is not.")
	p.items(sentences)
}
