package model

import (
	"github.com/medtech-detect/sepsis"
)

// alert follows the rule through the stays of a fold. A snapshot is the only hour that its caller sends.
func (o *OutOfFold) alert(fold int, rule sepsis.AlertRule) {
	for stay, its := range o.Fold {
		if its == fold {
			from, to := o.Rows.Starts[stay], o.Rows.Starts[stay+1]
			copy(o.Alert[from:to], rule.States(o.Probabilities[from:to]))
		}
	}
	for i, snapshot := range o.Rows.Snapshots {
		if row := o.Rows.Hours() + i; o.Fold[snapshot.Stay] == fold {
			o.Alert[row] = rule.Next(false, o.Probabilities[row])
		}
	}
}

// Reliability says how far to rely on each hour of a stay, the i-th of the training, by a reference made of the other
// folds. Without references it tells only whether enough is known.
func (o *OutOfFold) Reliability(i int, stay *sepsis.Stay) []sepsis.Reliability {
	return o.reference(i).Reliabilities(stay)
}

// PValues tell how usual each hour of a stay is, the i-th of the training, by the same references.
func (o *OutOfFold) PValues(i int, stay *sepsis.Stay) []float64 { return o.reference(i).PValues(stay) }

// SnapshotPValue tells the same of a snapshot, of which stay is the stay.
func (o *OutOfFold) SnapshotPValue(snapshot Snapshot, stay *sepsis.LabelledStay) float64 {
	return o.reference(snapshot.Stay).PValues(snapshot.flat(stay))[0]
}

func (o *OutOfFold) reference(stay int) *Reference {
	if len(o.References) == 0 {
		return &Reference{}
	}
	return o.References[o.Fold[stay]]
}

// latest are the values that are known at each snapshot.
func (r *run) latest() []sepsis.Values {
	latest := make([]sepsis.Values, len(r.rows.Snapshots))
	for i, snapshot := range r.rows.Snapshots {
		latest[i] = snapshot.flat(&r.training.Stays[snapshot.Stay]).Observations[0].Values
	}
	return latest
}

// reference is made of the snapshots of the adult stays that are chosen: every sixth hour with what was known in it.
// Whether a stay is counted or held comes from bits of its draw that deal out no folds.
func (r *run) reference(latest []sepsis.Values, chosen func(stay int) bool) *Reference {
	var hours []sepsis.Values
	var counted []bool
	for i, snapshot := range r.rows.Snapshots {
		if !chosen(snapshot.Stay) || !r.adult[snapshot.Stay] {
			continue
		}
		stay := &r.training.Stays[snapshot.Stay]
		hours = append(hours, latest[i])
		counted = append(counted, draw(r.training.Seed, stay.Hospital, stay.ID)>>32&1 == 0)
	}
	return fitReference(hours, func(i int) bool { return counted[i] })
}
