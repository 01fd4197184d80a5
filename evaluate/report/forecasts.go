package report

import (
	"slices"

	"github.com/medtech-detect/sepsis/evaluate"
)

// ForecastsWorth writes, as Markdown, what forecasts are worth at home, what they cost, and what learning them anew at the other
// hospital gains.
func ForecastsWorth(r *evaluate.Report) []byte {
	p := &cardPage{}
	if r.Data.Synthetic {
		p.paragraph("**SYNTHETIC data: the patients are made up. These figures say nothing about real ones.**")
	}
	p.withoutForecasts(r)
	p.learntAnew(r)
	return []byte(p.text.String())
}

// withoutForecasts holds the same recipe without forecasts against the shipped recipe, which is the first family.
func (p *cardPage) withoutForecasts(r *evaluate.Report) {
	place := slices.IndexFunc(r.Families, func(f evaluate.ModelFamily) bool { return f.Name == evaluate.WithoutForecasts })
	if place < 1 {
		p.paragraph("What forecasts are worth at home was not measured.")
		return
	}
	with, without := &r.Families[0], &r.Families[place]
	t := &table{
		Caption: "At home, the same recipe without forecasts less the one with them (95 % intervals over patients, paired)",
		Header:  []string{"measure", "difference", "beyond the chance of the patients"},
	}
	line := func(name string, over *evaluate.Figure) {
		beyond := "no"
		if clearlyOff(over) {
			beyond = "yes"
		}
		t.add(name, difference(over, 4), beyond)
	}
	line("Challenge utility", without.OverUtility)
	line("AUROC", without.OverAUROC)
	line("AUPRC", without.OverAUPRC)
	p.table(t)
	p.paragraph("What they cost, of all folds: training %.0f s instead of %.0f s, and %s kB instead of %s kB.",
		with.TrainSeconds, without.TrainSeconds, count((with.Bytes+500)/1000), count((without.Bytes+500)/1000))
}

// learntAnew holds each recipe with forecasts of the other hospital against the same with those of the hospital of training.
func (p *cardPage) learntAnew(r *evaluate.Report) {
	t := &table{
		Caption: "At the other hospital, with forecasts of the hospital of training, and learnt anew there without labels (95 % intervals over patients)",
		Header:  []string{"from, to, recipe", "utility, as learnt", "utility, learnt anew", "AUROC, as learnt", "AUROC, learnt anew"},
	}
	anew := map[string]string{evaluate.AsIs: evaluate.AsIsAdapted, evaluate.PortableRecipe: evaluate.PortableAdapted}
	for i := range r.Transfers {
		before := &r.Transfers[i]
		place := slices.IndexFunc(r.Transfers, func(t evaluate.Transfer) bool {
			return t.From == before.From && t.To == before.To && t.Variant == anew[before.Variant]
		})
		if place < 0 {
			continue
		}
		after := &r.Transfers[place]
		t.add(transferName(before), interval(before.Group.Utility, 3), interval(after.Group.Utility, 3), interval(before.Group.AUROC, 3), interval(after.Group.AUROC, 3))
	}
	if len(t.Rows) == 0 {
		p.paragraph("What learning forecasts anew at the other hospital gains was not measured.")
		return
	}
	p.table(t)
}
