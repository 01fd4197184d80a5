package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medtech-detect/sepsis/evaluate"
)

// FrontPage writes the few figures that a reader should meet before anything else, as Markdown: what is left of the model at
// a hospital of which it has seen no label, and what the alert is worth.
func FrontPage(r *evaluate.Report) []byte {
	p := &cardPage{}
	if r.Data.Synthetic {
		p.paragraph("**SYNTHETIC data: the patients are made up. These figures say nothing about real ones.**")
	}
	if r.Data.Sample > 0 {
		p.paragraph("**From a sample of at most %s stays of each hospital, for trying out.**", count(r.Data.Sample))
	}
	p.publicPart(r)
	p.servedFigures(r)
	p.carriedFigures(r)
	p.alertFigures(r)
	return []byte(p.text.String())
}

func (p *cardPage) carriedFigures(r *evaluate.Report) {
	if len(r.Transfers) == 0 {
		p.paragraph("How well it does at a hospital that it has not learnt from was not measured.")
		return
	}
	t := &table{
		Caption: "Learnt at one hospital and measured at the other, of which no label was used to train or to choose a threshold (95 % intervals over patients)",
		Header:  []string{"from, to, recipe", "Challenge utility", "– of counting ICU hours there", "AUROC"},
	}
	for i := range r.Transfers {
		x := &r.Transfers[i]
		if x.Failed != "" {
			t.add(transferName(x), "failed: "+x.Failed, "", "")
			continue
		}
		t.add(transferName(x), interval(x.Group.Utility, 3), interval(x.Group.HoursRule, 3), interval(x.Group.AUROC, 3))
	}
	p.table(t)
	if slices.ContainsFunc(r.Transfers, func(t evaluate.Transfer) bool { return strings.HasPrefix(t.Variant, evaluate.PortableRecipe) }) {
		p.paragraph("The shipped model is \"%s\". The portable recipe ships no model: `sepsis train --recipe portable` makes one, `sepsis model adapt` gives it a hospital's forecasts.", evaluate.AsIs)
	}
	p.paragraph("%s", originOf(r).tuning)
}

// frontLines are the figures of the alert that say most, by their names in the ward's table.
var frontLines = []string{
	"septic stays alarmed by onset", "other stays without any alarm", "stays with an alarm that are septic and alarmed by onset (PPV)",
	"PPV of stays with an alarm, adjusted to a share of septic stays",
	"alarms that touch the hours near an onset (PPV)", "alarms that begin near an onset", "alarm hours with the label (PPV)", "alarms per patient-day", "hours from last alarm to onset, median",
}

func (p *cardPage) alertFigures(r *evaluate.Report) {
	if wardOf(r, pooledName, alertPoint) == nil {
		p.paragraph("What the alert is worth was not measured.")
		return
	}
	whole := wardTable(r.Ward, alertPoint)
	t := &table{Caption: fmt.Sprintf("The alert, out of fold (an alarm is an unbroken run of hours in which it is on; time runs to the onset of sepsis; PPV is at the share of septic stays in each column, %s of all, but where another is named)",
		share(r.Data.SepticStays, r.Data.Stays)), Header: whole.Header}
	for _, name := range frontLines {
		for _, cells := range whole.Rows {
			if cells[0].Text == name {
				t.Rows = append(t.Rows, cells)
			}
		}
	}
	p.table(t)
}
