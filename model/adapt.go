package model

import (
	"context"
	"errors"
	"fmt"
	"math"
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
	// Kept are the forecasts that need no label and yet are those of the parent, because too few of their outcomes are known at the site.
	Kept []string `json:"kept_forecasts,omitempty"`
}

// Adapt learns the forecasts anew from the stays of a site, without any label of them, and leaves everything else as it
// is: how likely it is that lactate will be measured, or a fever be seen, is then said by the site's own habits, while the trees that
// foresee sepsis take it as before. What it is given of the Adaptation is kept; parent, counts, and the forecasts that could not be learnt are filled in.
//
// Calibration and thresholds stay those of the training: only labels could tell how they should move (see [Model.Recalibrate]).
// The progress may be nil.
func (m *Model) Adapt(ctx context.Context, stays []*sepsis.Stay, threads int, progress func(Progress), a Adaptation) (*Bundle, error) {
	options := m.bundle.Provenance.Options
	options.Network = nil // it is not told what forecasts say, and stays as it is
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
	learnt, err := t.forecasters(ctx)
	if err != nil {
		return nil, fmt.Errorf("adapt: %w", err)
	}
	a.Parent, a.Stays, a.Hours, a.Kept = m.info, len(t.Stays), learnt.hours, nil
	return m.bundle.adapted(learnt, a)
}

// siteForecasts are forecasts as they were learnt at a site.
type siteForecasts struct {
	all   []Forecaster
	known []bool // of each, whether enough of its outcomes were known to learn it
	hours int    // of the stays
}

// forecasters learns the forecasts alone.
func (t *Training) forecasters(ctx context.Context) (learnt siteForecasts, err error) {
	r := &run{training: t, rows: NewRows(t.Stays, t.Seed), adult: make([]bool, len(t.Stays))}
	everywhere := func(int) bool { return true }
	for i := range r.adult {
		r.adult[i] = true
	}
	if err := r.cut(ctx); err != nil {
		return learnt, err
	}
	if t.Progress != nil { // a training learns them once for each fold, too
		tell := t.Progress
		t.Progress = func(p Progress) { tell(Progress{p.Stage, p.Done, min(p.Total, len(Forecasts))}) }
	}
	for f := range Forecasts {
		learnt.known = append(learnt.known, knownRows(r.forecastRows(everywhere), r.outcomes[f]) >= t.splitRows())
	}
	learnt.hours = r.rows.Hours()
	learnt.all, err = r.forecasters(ctx, everywhere, 0)
	return learnt, err
}

// splitRows is the least number of rows that a forecast's trees can divide: each side of a split needs MinChildWeight, and a row of a logistic loss weighs
// p(1-p), a quarter at most. From fewer they would say the same of every hour.
func (t *Training) splitRows() int { return int(math.Ceil(2 * 4 * t.Options.Forecasts.MinChildWeight)) }

// knownRows counts the rows of which the outcome is known.
func knownRows(rows []int32, outcomes []sighting) int {
	known := 0
	for _, row := range rows {
		if outcomes[row] != unknown {
			known++
		}
	}
	return known
}

// adapted is a copy of the bundle with other forecasts. Those of which too little was known are kept: one that says the same of every hour would tell the
// trees something that it never told them in the training. Where all are, there is nothing that was learnt.
func (b *Bundle) adapted(learnt siteForecasts, a Adaptation) (*Bundle, error) {
	child := b.child(a.Parent, adapted, a.Synthetic)
	child.Forecasters = slices.Clone(b.Forecasters)
	anew := 0
	for f, forecaster := range learnt.all {
		switch {
		case Forecasts[f].Labelled:
		case !learnt.known[f]:
			a.Kept = append(a.Kept, Forecasts[f].Name)
		default:
			child.Forecasters[f] = forecaster
			anew++
		}
	}
	if anew == 0 {
		return nil, errors.New("adapt: of no forecast are enough outcomes known at the site: give longer stays, with more measurements")
	}
	child.Provenance.Adaptations = append(slices.Clone(b.Provenance.Adaptations), a)
	child.SelfTest = recordSelfTest(newModel(child))
	return child, nil
}
