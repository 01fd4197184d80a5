package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/metric"
	"github.com/medtech-detect/sepsis/parallel"
)

// How many stays of a site are needed before something is fitted to them.
const (
	// MinSepticStays is the least number of septic stays, and of others: calibration has two parameters, and ten events
	// for each are the usual least (Peduzzi et al. 1996, doi:10.1016/S0895-4356(96)00236-3), with a third ten for the
	// thresholds.
	MinSepticStays = 30
	// AdvisedSepticStays is the number from which figures of a site are fairly precise (Collins et al. 2016,
	// doi:10.1002/sim.6787).
	AdvisedSepticStays = 100
)

// Recalibration says how calibration and thresholds of a bundle were fitted to a site. It holds no time and no path.
type Recalibration struct {
	Parent     sepsis.ModelInfo `json:"parent"` // the bundle that it was made from
	Command    string           `json:"command"`
	Data       []string         `json:"data"`        // the cohorts' names
	DataDigest string           `json:"data_sha256"` // of the stays' files
	Synthetic  bool             `json:"synthetic"`   // fitted to made-up stays
	Stays      int              `json:"stays"`       // of adults, to which it was fitted
	Septic     int              `json:"septic_stays"`
	Hours      int              `json:"hours"`
	GoVersion  string           `json:"go_version"`
}

// Recalibrate fits calibration and both thresholds to the labelled stays of a site and leaves the trees, and the
// reference of what they have learnt from, as they are. What it is given of the Recalibration is kept; parent and
// counts are filled in. Stays of patients who are not known to be adults are left out. The figures of the parent become parent evidence:
// nothing is known yet of the new thresholds but on the stays that they were fitted to.
//
// The stays must not be among those of the training: on them the trees are too sure. One of them is enough to be refused.
func (m *Model) Recalibrate(ctx context.Context, stays []sepsis.LabelledStay, threads int, r Recalibration) (*Bundle, error) {
	if err := m.bundle.refuseKnown(stays, r.DataDigest); err != nil {
		return nil, fmt.Errorf("recalibrate: %w", err)
	}
	adults, err := r.count(stays)
	if err != nil {
		return nil, err
	}
	margins := make([][]float64, len(adults))
	err = parallel.EachUntil(ctx, threads, len(adults), func(i int) {
		margins[i] = m.margins(&adults[i].Stay, 0, len(adults[i].Observations))
	})
	if err != nil {
		return nil, fmt.Errorf("recalibrate: %w", err)
	}
	var h hours
	for i, stay := range adults {
		h.add(stay.Hospital, stay.Labels, margins[i], metric.RowGains(stay.Labels))
	}
	point, err := h.operate("the site's probabilities")
	if err != nil {
		return nil, fmt.Errorf("recalibrate: %w", err)
	}
	r.Parent = m.info
	return m.bundle.recalibrated(point, r), nil
}

// refuseKnown refuses stays that the trees have learnt from. A bundle without fingerprints recognises only all of them
// together, by their digest.
func (b *Bundle) refuseKnown(stays []sepsis.LabelledStay, digest string) error {
	known, first := 0, ""
	for i := range stays {
		if !b.Learnt.knows(&stays[i].Stay) {
			continue
		}
		if known++; known == 1 {
			first = named(&stays[i])
		}
	}
	if known > 0 {
		return fmt.Errorf("%d of %d stays, the first one %s, are among those that the model was trained on, and it is too sure of them: "+
			"leave them out, or start from a model that was trained without them", known, len(stays), first)
	}
	if digest != "" && digest == b.Provenance.DataDigest {
		return errors.New("these are the stays that the model was trained on, and it is too sure of them: " +
			"take others, or start from a model that was trained without them")
	}
	return nil
}

// count fills in the counts and refuses stays that do not suffice.
func (r *Recalibration) count(stays []sepsis.LabelledStay) (adults []*sepsis.LabelledStay, err error) {
	if err := needLabels(stays); err != nil {
		return nil, fmt.Errorf("recalibrate: %w", err)
	}
	r.Stays, r.Septic, r.Hours = 0, 0, 0
	for i := range stays {
		s := &stays[i]
		if !s.Adult() {
			continue
		}
		adults = append(adults, s)
		r.Hours += len(s.Observations)
		if s.Septic() {
			r.Septic++
		}
	}
	r.Stays = len(adults)
	if other := r.Stays - r.Septic; r.Septic < MinSepticStays || other < MinSepticStays {
		return nil, fmt.Errorf("recalibrate: %d septic and %d other stays of adults: at least %d of both are needed; collect more before fitting anything to them%s",
			r.Septic, other, MinSepticStays, LeftOut(stays).agesMissing())
	}
	return adults, nil
}

// recalibrated is a copy of the bundle with other operating points.
func (b *Bundle) recalibrated(point operation, r Recalibration) *Bundle {
	child := b.child(r.Parent, recalibrated, r.Synthetic)
	child.Pooling = nil // the site's probabilities are those of the mean already
	child.Calibration, child.Operating, child.Alert = point.calibration, point.utility, &point.alert
	child.Provenance.Recalibrations = append(slices.Clone(b.Provenance.Recalibrations), r)
	child.SelfTest = recordSelfTest(newModel(child))
	return child
}
