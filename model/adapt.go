package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
)

// MinAdaptStays is the least number of stays from which forecasts are learnt anew: the rarest outcomes come out a few times in a hundred
// stays, and a tree needs about ten of them to a leaf.
const MinAdaptStays = 500

// Adaptation says how the forecasts of a bundle were learnt anew at a site. It holds no time and no path.
type Adaptation struct {
	Parent     sepsis.ModelInfo `json:"parent"` // the bundle that it was made from
	Command    string           `json:"command"`
	Data       []string         `json:"data"`        // the cohorts' names
	DataDigest string           `json:"data_sha256"` // of the stays' files
	Synthetic  bool             `json:"synthetic"`   // learnt from made-up stays
	Stays      int              `json:"stays"`       // of adults, from which it was learnt
	Hours      int              `json:"hours"`
	GoVersion  string           `json:"go_version"`
}

// Adapt learns the forecasts anew from the stays of a site, without any label of them, and leaves everything else as it
// is: how likely it is that lactate will be measured, or a fever be seen, is then said by the site's own habits, while the trees that
// foresee sepsis take it as before. What it is given of the Adaptation is kept; parent and counts are filled in.
//
// Calibration and thresholds stay those of the training: only labels could tell how they should move (see [Model.Recalibrate]).
// The progress may be nil.
func (m *Model) Adapt(ctx context.Context, stays []*sepsis.Stay, threads int, progress func(Progress), a Adaptation) (*Bundle, error) {
	options := m.bundle.Provenance.Options
	if len(m.bundle.Forecasters) == 0 || options.Forecasts == nil {
		return nil, errors.New("adapt: the model was trained without forecasts: there is nothing to learn anew")
	}
	t := Training{Seed: m.bundle.Provenance.Seed, Threads: threads, Options: options, Progress: progress}
	var left Left
	for _, stay := range stays {
		if left.count(stay); stay.Adult() {
			t.Stays = append(t.Stays, sepsis.LabelledStay{Stay: *stay})
		}
	}
	if len(t.Stays) < MinAdaptStays {
		return nil, fmt.Errorf("adapt: %d stays of adults: at least %d are needed; collect more before learning anything from them%s",
			len(t.Stays), MinAdaptStays, left.agesMissing())
	}
	forecasters, hours, err := t.forecasters(ctx)
	if err != nil {
		return nil, fmt.Errorf("adapt: %w", err)
	}
	a.Parent, a.Stays, a.Hours = m.info, len(t.Stays), hours
	return m.bundle.adapted(forecasters, a), nil
}

// forecasters learns the forecasts alone.
func (t *Training) forecasters(ctx context.Context) (forecasters []Forecaster, hours int, err error) {
	r := &run{training: t, rows: NewRows(t.Stays, t.Seed), adult: make([]bool, len(t.Stays))}
	everywhere := func(int) bool { return true }
	for i := range r.adult {
		r.adult[i] = true
	}
	if err := r.cut(ctx); err != nil {
		return nil, 0, err
	}
	if t.Progress != nil { // a training learns them once for each fold, too
		tell := t.Progress
		t.Progress = func(p Progress) { tell(Progress{p.Stage, p.Done, min(p.Total, len(Forecasts))}) }
	}
	forecasters, err = r.forecasters(ctx, everywhere, 0)
	return forecasters, r.rows.Hours(), err
}

// adapted is a copy of the bundle with other forecasts.
func (b *Bundle) adapted(forecasters []Forecaster, a Adaptation) *Bundle {
	child := b.child(a.Parent, adapted, a.Synthetic)
	child.Forecasters = slices.Clone(b.Forecasters)
	for f, forecaster := range forecasters {
		if !Forecasts[f].Labelled {
			child.Forecasters[f] = forecaster
		}
	}
	child.Provenance.Adaptations = append(slices.Clone(b.Provenance.Adaptations), a)
	child.SelfTest = recordSelfTest(newModel(child))
	return child
}
