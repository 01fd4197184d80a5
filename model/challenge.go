package model

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// challengeSets are the names of the Challenge's training sets, and of the folder that holds both.
var challengeSets = []string{"training_setA", "training_setB", "training"}

// shippedStays are the stays that the shipped model has learnt from: public ones, of the Challenge.
var shippedStays = sync.OnceValue(func() Fingerprints {
	archive, err := zip.NewReader(bytes.NewReader(defaultBundle), int64(len(defaultBundle)))
	if err != nil {
		return nil
	}
	stays, err := readStays(archive)
	if err != nil {
		return nil
	}
	return stays
})

// ofChallenge tells whether the trees have learnt from the Challenge's stays alone: all data are called as its training sets are, and most
// stays are among those of the shipped model, which is of most of what is public. Without that nothing is claimed of where data come from, under
// which licence they are, and what their patients were asked: a hospital's own are of the same form.
func (b *Bundle) ofChallenge() bool {
	p := &b.Provenance
	if p.Synthetic || len(p.Data) == 0 {
		return false
	}
	for _, name := range p.Data {
		if !slices.Contains(challengeSets, strings.TrimSuffix(name, ".zip")) {
			return false
		}
	}
	shipped, shared := shippedStays(), 0
	for _, mark := range b.Learnt {
		if _, found := slices.BinarySearch(shipped, mark); found {
			shared++
		}
	}
	return shared > 0 && 2*shared >= len(b.Learnt)
}

// theirs is what whoever trained the model on records of their own has to state, and nobody else can.
const theirs = "Not recorded: it is for whoever trained the model to state"

// origin is what a card says of where the training data come from.
type origin struct {
	developer Developer
	licence   string // of the model
	outcome   string
	learnt    string   // the limit of where it was learnt
	label     string   // the limit of what its label is
	records   []string // limits of the records that it was learnt from
	data      TrainingData
	authors   string // whose data they are
	consent   string
}

const demographics = "Age, sex and kind of unit are recorded (the kind of unit not for all); race, ethnicity, language and income are not. " +
	"`sepsis evaluate` counts stays and outcomes by age, sex, unit and hospital."

func (b *Bundle) origin() origin {
	switch {
	case b.Provenance.Synthetic:
		return madeUp()
	case b.ofChallenge():
		return challengeOrigin()
	}
	return ownOrigin(&b.Provenance)
}

func challengeOrigin() origin {
	return origin{
		developer: Developer{Name: "MedTech Detect", Contact: "the issues of github.com/medtech-detect/sepsis"},
		licence:   "Apache-2.0",
		outcome:   outcome,
		learnt:    "Learnt from two hospital systems in the United States; at another hospital discrimination falls. Evaluate locally before any use.",
		label:     "The label is Sepsis-3 as computed from records (suspicion of infection and a rise of SOFA), not a bedside diagnosis.",
		records: []string{
			"The records of septic stays end 3 hours after onset, those of nearly all others by the third day. Of those that last longer most are septic, as on no ward: where others stay as long, " +
				"expect more alarms, and fewer of them right, than the figures say.",
			"What it foresees is what came under the care that was given: a patient who was treated before sepsis showed counts as one without it.",
			"The records carry no dates and were published in 2019: it knows nothing of how practice has changed since.",
			"Each stay is taken for a patient, as the Challenge does: whether two are of one person, the records do not say.",
		},
		data: TrainingData{
			Description:  "Hourly records of intensive care stays in the format of the PhysioNet/CinC Challenge 2019.",
			Source:       "Reyna et al., Crit Care Med 2020, doi:10.1097/CCM.0000000000004145; data set doi:10.13026/v64v-d857",
			Licence:      "CC BY 4.0",
			Demographics: demographics,
		},
		authors: "The data set's authors",
		consent: "The data set is public and de-identified; patients were not asked anew.",
	}
}

func madeUp() origin {
	o := challengeOrigin()
	o.records = nil
	o.learnt = "Learnt from made-up stays: what it does at any hospital is not known."
	o.data = TrainingData{
		Description:  "SYNTHETIC stays made by `sepsis data synth`. This model says nothing of real patients.",
		Demographics: "None: the patients are made up.",
	}
	o.authors, o.consent = "Nobody: the stays are made up", "None was needed: the patients are made up."
	return o
}

// ownOrigin says what is known of records that are not the Challenge's, and what is not.
func ownOrigin(p *Provenance) origin {
	return origin{
		developer: Developer{Name: "whoever trained the model, by the program of MedTech Detect", Contact: "not recorded"},
		licence:   "Of the program Apache-2.0; of the model not recorded: it is for whoever trained it to state.",
		outcome:   "The column SepsisLabel of the training data. How it was judged is for whoever trained the model to state; the program takes it for what the Challenge means by it: " + outcome,
		learnt:    "Learnt from the records of whoever trained it; at another hospital discrimination falls. Evaluate locally before any use.",
		label:     "The label is what the training data say: how it was judged is for whoever trained the model to state.",
		data: TrainingData{
			Description: fmt.Sprintf("Hourly records of intensive care stays in the format of the PhysioNet/CinC Challenge 2019, not known to be its own: %s; learnt by `%s`.",
				strings.Join(p.Data, ", "), p.Command),
			Source:       "Not recorded: whose records they are is for whoever trained the model to state",
			Licence:      theirs,
			Demographics: demographics,
		},
		authors: "Whoever the training data are of",
		consent: theirs + ".",
	}
}
