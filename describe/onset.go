package describe

import (
	"slices"

	"github.com/medtech-detect/sepsis"
)

// Onset tells when sepsis sets in. The label begins 6 hours before onset ([metric.OptimalHours]).
type Onset struct {
	// Hour is the ICU hour of onset: the first hour with the label + 6.
	Hour Distribution `json:"onset_hour"`
	// LabelledFromStart counts the septic stays whose first row has the label. Their onset is not known: they are
	// not in Hour and Histogram, nor in AtRisk and Begins of ByHour.
	LabelledFromStart int          `json:"labelled_from_first_row"`
	LastSeptic        Distribution `json:"last_hour_septic"` // the ICU hour at which the records of septic stays end
	LastOther         Distribution `json:"last_hour_other"`  // and those of the other stays with labels
	HourAUROC         Estimate     `json:"hour_auroc"`       // of the ICU hour alone, hours with the label against others
	Histogram         Histogram    `json:"histogram"`        // of the hours of onset
	ByHour            []Hour       `json:"by_hour"`          // from ICU hour 1 on
	Bands             []Band       `json:"bands"`            // of ICU hours; they overlap
}

// Band is a band of ICU hours, the first and the last included.
type Band struct {
	From     int      `json:"from"`
	To       int      `json:"to"`
	Labelled Estimate `json:"labelled"` // share of its hours with labels that have the label
}

// Hour counts the stays with labels in one ICU hour.
type Hour struct {
	Hour     int `json:"hour"`
	Stays    int `json:"stays"`    // recorded in this hour
	Labelled int `json:"labelled"` // of these, with the label in this hour
	Septic   int `json:"septic"`   // of these, septic at any time of the stay
	AtRisk   int `json:"at_risk"`  // recorded in this hour, with no label in an earlier one
	Begins   int `json:"begins"`   // of these, with the label in this hour: it begins
}

// add adds the counts of other stays, or of another hour.
func (h *Hour) add(more Hour) {
	h.Stays += more.Stays
	h.Labelled += more.Labelled
	h.Septic += more.Septic
	h.AtRisk += more.AtRisk
	h.Begins += more.Begins
}

// hazardBand is how many hours a band of the hazard has: as many as the label is early.
const hazardBand = 6

// longestCharted is the last ICU hour that is drawn and binned: the Challenge cuts stays at two weeks
// (doi:10.1097/CCM.0000000000004145).
const longestCharted = 336

func (h *hospital) newOnset() Onset {
	o := Onset{Hour: describeValues(h.onsets), LabelledFromStart: h.labelledFromStart}
	o.LastSeptic, o.LastOther = describeValues(h.lastSeptic), describeValues(h.lastOther)
	o.Histogram = newHistogram(sortedCopy(h.onsets), bandEdges(longestCharted+hazardBand), false)
	if len(h.byHour) > 0 {
		o.ByHour = h.byHour[1:]
	}
	o.HourAUROC = h.estimateHours(hourBand{1, sepsis.MaxICUHour}, auroc)
	for _, band := range slices.Concat(longBands, equalBands()) {
		o.Bands = append(o.Bands, Band{band.from, band.to, h.labelledShare(band)})
	}
	return o
}

// labelledShare is the share of the hours in a band that have the label.
func (h *hospital) labelledShare(band hourBand) Estimate {
	return h.estimateHours(band, func(counts []split) Number {
		hours := total(counts)
		return ratio(float64(hours.second), float64(hours.first+hours.second))
	})
}

// estimateHours measures a figure of the ICU hours of a band, without and with the label.
func (h *hospital) estimateHours(band hourBand, figure func(counts []split) Number) Estimate {
	from, to, enough := h.byICUHour.within(float64(band.from), float64(band.to), h.stays)
	var drawn []Number
	for _, counts := range h.drawn {
		drawn = append(drawn, figure(counts[from:to]))
	}
	if !enough {
		return newEstimate(drawn[0], nil)
	}
	return newEstimate(drawn[0], drawn[1:])
}

// bandEdges are the edges of bands of hours up to the given one; whole hours lie between them.
func bandEdges(last int) []float64 {
	var edges []float64
	for edge := 0; edge <= last; edge += hazardBand {
		edges = append(edges, float64(edge)+0.5)
	}
	return edges
}

// hourBand is a band of ICU hours, the first and the last included.
type hourBand struct{ from, to int }

// equalBands are bands of hazardBand hours, up to the last hour that is charted.
func equalBands() []hourBand {
	var bands []hourBand
	for from := 1; from+hazardBand-1 <= longestCharted; from += hazardBand {
		bands = append(bands, hourBand{from, from + hazardBand - 1})
	}
	return bands
}

// longBands are few bands, for tables: each about twice as long as the one before, and cut at hour 60, at which the
// records of nearly all stays without sepsis end in the Challenge data.
var longBands = []hourBand{{1, 6}, {7, 12}, {13, 24}, {25, 48}, {49, 60}, {61, 96}, {97, 192}, {193, longestCharted}}

// within adds up the hours of a band.
func (o *Onset) within(band hourBand) Hour {
	sum := Hour{Hour: band.from}
	for _, hour := range o.ByHour[min(len(o.ByHour), band.from-1):min(len(o.ByHour), band.to)] {
		sum.add(hour)
	}
	return sum
}

// labelled is the share of the band's hours with the label.
func (o *Onset) labelled(band hourBand) Estimate {
	for _, b := range o.Bands {
		if b.From == band.from && b.To == band.to {
			return b.Labelled
		}
	}
	return Estimate{undefined, undefined, undefined}
}
