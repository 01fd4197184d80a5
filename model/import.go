package model

import (
	"context"
	"fmt"

	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/parallel"
)

// Imported says where trees come from that were trained elsewhere.
type Imported struct {
	File   string `json:"file"`   // its name
	SHA256 string `json:"sha256"` // of the file
	Fold   int    `json:"fold"`   // that the trees did not learn from, to which calibration and thresholds were fitted
	Stays  int    `json:"stays"`  // of adults in it
	Septic int    `json:"septic_stays"`
	Hours  int    `json:"hours"`
}

// Import makes a bundle of trees that were trained elsewhere on the features of the training's stays, all but those of one fold (see
// [Folds]). Calibration, thresholds and the AUROC, which is returned, come from that fold; so nothing is known of the
// thresholds but on the stays that they were fitted to. What the other stays look like becomes the reference. The trees may use any
// of the features, in any order: names tell which.
//
// Of the training it reads stays, names, provenance, seed, threads and the number of folds; file and digest of Imported are kept.
func Import(ctx context.Context, t Training, trees *gbdt.Booster, i Imported) (*Bundle, float64, error) {
	if trees.Objective() != gbdt.Logistic {
		return nil, 0, fmt.Errorf("import: the trees have the objective %s: train them for a binary outcome, %s", trees.Objective(), gbdt.Logistic)
	}
	trees, err := trees.WithFeatures(features.Names())
	if err != nil {
		return nil, 0, fmt.Errorf("import: %w: train on columns of `sepsis features`, and keep their names in the model (feature_names of XGBoost)", err)
	}
	if err := CheckFolds(t.Options.Folds); err != nil {
		return nil, 0, fmt.Errorf("import: %w", err)
	}
	if i.Fold < 0 || i.Fold >= t.Options.Folds {
		return nil, 0, fmt.Errorf("import: fold %d: there are folds 0 to %d", i.Fold, t.Options.Folds-1)
	}
	t.Options.Members = 1
	if err := t.check(); err != nil {
		return nil, 0, fmt.Errorf("import: %w", err)
	}
	r, err := layOut(&t)
	if err != nil {
		return nil, 0, fmt.Errorf("import: %w", err)
	}
	point, auroc, err := r.operateImported(ctx, trees, &i)
	if err != nil {
		return nil, 0, fmt.Errorf("import: %w", err)
	}
	reference := r.reference(r.latest(), func(stay int) bool { return r.fold[stay] != i.Fold })
	bundle := t.bundle(nil, trees, nil, point, reference)
	bundle.Provenance.Imported = &i
	bundle.Learnt = fingerprints(t.Stays)
	bundle.SelfTest = recordSelfTest(newModel(bundle))
	return bundle, auroc, nil
}

// operateImported fits calibration and operating points to the adults' stays of the fold that the trees did not see, and counts them.
func (r *run) operateImported(ctx context.Context, trees *gbdt.Booster, i *Imported) (operation, float64, error) {
	applied := newModel(&Bundle{Manifest: Manifest{Alert: &AlertPoint{}, Reference: &Reference{}}, Trees: trees})
	var held []int
	for stay := range r.training.Stays {
		if r.adult[stay] && r.fold[stay] == i.Fold {
			held = append(held, stay)
		}
	}
	margins := make([][]float64, len(held))
	err := parallel.EachUntil(ctx, r.training.Threads, len(held), func(k int) {
		stay := &r.training.Stays[held[k]]
		margins[k] = applied.margins(&stay.Stay, 0, len(stay.Observations))
	})
	if err != nil {
		return operation{}, 0, err
	}
	var h hours
	for k, stay := range held {
		s := &r.training.Stays[stay]
		h.add(s.Hospital, s.Labels, margins[k], metric.RowGains(s.Labels))
		if s.Septic() {
			i.Septic++
		}
	}
	i.Stays, i.Hours = len(held), len(h.septic)
	if other := i.Stays - i.Septic; i.Septic < MinSepticStays || other < MinSepticStays {
		return operation{}, 0, fmt.Errorf("fold %d has %d septic and %d other stays of adults: at least %d of both are needed; give more stays, or fewer folds%s",
			i.Fold, i.Septic, other, MinSepticStays, LeftOut(r.training.Stays).agesMissing())
	}
	auroc, err := metric.AUROC(h.septic, h.margins, nil)
	if err != nil {
		return operation{}, 0, err
	}
	point, err := h.operate(fmt.Sprintf("the probabilities of fold %d, which the trees did not learn from", i.Fold))
	return point, auroc, err
}

// importWarnings say of imported trees what their maker alone knows.
func importWarnings(p Provenance) []string {
	if p.Imported == nil {
		return nil
	}
	return []string{fmt.Sprintf("Its trees were trained elsewhere and imported (%s): that they did not learn from the stays of fold %d, to which calibration and thresholds were fitted, "+
		"is the word of whoever trained them. Figures are known of no other stays: evaluate before any use.", p.Imported.File, p.Imported.Fold)}
}

// thirdParties names whose work is in the model, beginning with those whose data it has learnt from.
func thirdParties(p Provenance, authors string) string {
	if p.Imported != nil {
		return fmt.Sprintf("%s, and whoever trained the imported trees (%s, SHA-256 %s).", authors, p.Imported.File, p.Imported.SHA256)
	}
	return authors + "; no third party's model or service is part of it."
}
