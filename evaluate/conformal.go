package evaluate

import (
	"context"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/parallel"
)

// checkedStay holds the hours of a stay with what the conformal check says of them.
type checkedStay struct {
	hospital string
	labels   []bool
	p        []float64 // p-value of each hour
}

// conformalHome measures the check out of fold: at all hours, and at snapshots.
func conformalHome(ctx context.Context, stays []sepsis.LabelledStay, predicted *model.OutOfFold, how bootstrap) ([]ConformalPart, error) {
	hours, now := make([]checkedStay, len(stays)), make([]checkedStay, len(stays))
	snapshots := make([][]model.Snapshot, len(stays))
	for _, snapshot := range predicted.Rows.Snapshots {
		snapshots[snapshot.Stay] = append(snapshots[snapshot.Stay], snapshot)
	}
	err := parallel.EachUntil(ctx, 0, len(stays), func(i int) {
		hours[i] = checkedStay{stays[i].Hospital, stays[i].Labels, predicted.PValues(i, &stays[i].Stay)}
		now[i].hospital = stays[i].Hospital
		for _, snapshot := range snapshots[i] {
			now[i].labels = append(now[i].labels, stays[i].Labels[snapshot.Row])
			now[i].p = append(now[i].p, predicted.SnapshotPValue(snapshot, &stays[i]))
		}
	})
	if err != nil {
		return nil, err
	}
	found := []ConformalPart{}
	for _, part := range []struct {
		input string
		hours []checkedStay
	}{{AllHours, hours}, {NowOnly, now}} {
		for _, hospital := range append([]string{pooled}, hospitalsOf(hours)...) {
			found = append(found, conformal(hospital, part.input, part.hours, how))
		}
	}
	return found, nil
}

func hospitalsOf(stays []checkedStay) []string {
	names := map[string]bool{}
	for i := range stays {
		names[stays[i].hospital] = true
	}
	return sortedKeys(names)
}

// conformalCarried measures the check of one hospital at the stays of another one.
func conformalCarried(ctx context.Context, reference *model.Reference, from string, stays []sepsis.LabelledStay, how bootstrap) (ConformalPart, error) {
	hours := make([]checkedStay, len(stays))
	err := parallel.EachUntil(ctx, 0, len(stays), func(i int) {
		hours[i] = checkedStay{stays[i].Hospital, stays[i].Labels, reference.PValues(&stays[i].Stay)}
	})
	part := conformal(pooled, AllHours, hours, how)
	part.From, part.Hospital = from, stays[0].Hospital
	return part, err
}

// conformal finds which share of the hours of a hospital the check flags at each of its levels.
func conformal(hospital, input string, all []checkedStay, how bootstrap) ConformalPart {
	part := ConformalPart{Hospital: hospital, Input: input, Levels: []ConformalLevel{}}
	var stays []checkedStay
	for _, stay := range all {
		if hospital == pooled || stay.hospital == hospital {
			stays = append(stays, stay)
			part.Hours += len(stay.p)
		}
	}
	part.Stays = len(stays)
	for _, level := range model.ConformalLevels {
		ratios := flagged(stays, level)
		m, _ := resample(len(stays), how, ratiosOf(ratios[:]))
		part.Levels = append(part.Levels, ConformalLevel{
			Nominal: level, All: m.figure(flaggedAll), Labelled: m.figure(flaggedLabelled), Other: m.figure(flaggedOther),
		})
	}
	return part
}

// The shares of flagged hours, by their place.
const (
	flaggedAll = iota
	flaggedLabelled
	flaggedOther
	numFlagged
)

// flagged counts the hours with a p-value at or below a level among all hours, those with the label, and the others.
func flagged(stays []checkedStay, level float64) [numFlagged]ratio {
	var ratios [numFlagged]ratio
	for i := range ratios {
		ratios[i] = newRatio(len(stays))
	}
	for i := range stays {
		for h, p := range stays[i].p {
			kind := flaggedOther
			if stays[i].labels[h] {
				kind = flaggedLabelled
			}
			for _, of := range []int{flaggedAll, kind} {
				ratios[of].below[i]++
				ratios[of].above[i] += count(p <= level)
			}
		}
	}
	return ratios
}
