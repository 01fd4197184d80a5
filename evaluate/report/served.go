package report

import "github.com/medtech-detect/sepsis/evaluate"

// served is how files do that were made as the shipped one is, on stays that they have not seen. It is left out where nobody asked for it.
func served(r *evaluate.Report) section {
	const about = "The shipped file answers with the mean of the models of all folds. Here all of the training is done anew without each fifth of the stays, and the file that comes out of it answers for these."
	if r.Served == nil {
		return study(r, "served", about)
	}
	return study(r, "served", about,
		block{Method: r.Served.Method},
		block{Table: byMeasure("Figures of the files, at their own watch-list thresholds", r.Served.Groups, allMeasures)},
	)
}

// frontMeasures are the figures at home that say most.
var frontMeasures = []measure{utility, hoursRule, auroc, auprc, slope, sensitivity, specificity}

// servedFigures are those of files as they are served.
func (p *cardPage) servedFigures(r *evaluate.Report) {
	if r.Served == nil {
		return
	}
	p.table(byMeasure(placeAt("served").title+": the training as a whole cross-validated, each file on stays that it has not seen (95 % intervals over patients)", r.Served.Groups, frontMeasures))
}
