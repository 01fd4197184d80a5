package report

import (
	"fmt"

	"github.com/medtech-detect/sepsis/evaluate"
)

// origin is what the checklist says of where the data come from.
type origin struct {
	source    string
	dates     string
	authors   string // who left stays out
	leftOut   string
	judged    status // of the outcome
	outcome   string
	judges    status // of who judged it
	judging   string
	blinding  string
	tuning    string
	consent   string
	shared    status
	sharing   string
	described string // where the data are described
}

// originOf tells what is known: much of the Challenge's public stays, and next to nothing of records that others hold.
func originOf(r *evaluate.Report) origin {
	switch {
	case r.Data.Synthetic:
		o := challengeOrigin()
		o.source, o.dates = "SYNTHETIC stays, made up", "The stays are made up."
		o.leftOut, o.authors = "None was left out", "those who made them up"
		o.consent, o.sharing = "None was needed: the stays are made up.", "`sepsis data synth` makes such stays."
		o.described = "`sepsis data report`"
		return o
	case r.Data.OfChallenge():
		o := challengeOrigin()
		if withheld(r) != "" {
			o.shared = partly
			o.sharing += " Which of their stays are among these is not published, so that others cannot make these very figures again."
		}
		return o
	}
	return ownOrigin()
}

func challengeOrigin() origin {
	const computed = "It is computed from the record."
	return origin{
		source:    "Records in the format of the PhysioNet/CinC Challenge 2019 (public and de-identified, doi:10.13026/v64v-d857)",
		dates:     "The public records carry no dates.",
		authors:   "the data set's authors",
		leftOut:   "The Challenge's authors had left out short records and sepsis soon after admission",
		judged:    answered,
		outcome:   "The Challenge's label: the criteria of Sepsis-3 as computed from the record, from 6 hours before onset on, which is the earlier of suspicion of infection and rise of SOFA.",
		judges:    notApplicable,
		judging:   computed,
		blinding:  computed + " Antibiotics and cultures are ordered by staff who know the patient.",
		tuning:    "The recipe was chosen on folds of the same data, so figures at home are somewhat hopeful. The portable recipe was chosen by its figures on the same two transfers that measure it, so they are, too; there is no third hospital.",
		consent:   "None was sought for this work, which uses public, de-identified data.",
		shared:    answered,
		sharing:   "The Challenge's data are public (CC BY 4.0); `sepsis data fetch` gets them.",
		described: "docs/data.md",
	}
}

// ownOrigin is that of records that are not known to be the Challenge's: most is for those who hold them to state.
func ownOrigin() origin {
	const notRecorded = "Not recorded: for whoever holds the records to state."
	return origin{
		source:    "Records in the format of the PhysioNet/CinC Challenge 2019, not known to be its own; whose they are is for whoever holds them to state",
		dates:     "The records carry no dates.",
		authors:   "whoever made the files",
		leftOut:   "Which stays are in them, and which are not, is for whoever made them to state",
		judged:    partly,
		outcome:   "The column SepsisLabel, taken for what the Challenge means by it: the criteria of Sepsis-3 as computed from the record, from 6 hours before onset on. How it was judged in these records is for whoever holds them to state.",
		judges:    notDone,
		judging:   notRecorded,
		blinding:  notRecorded,
		tuning:    "The recipes were chosen on the Challenge's public data, of other hospitals.",
		consent:   notRecorded,
		shared:    notDone,
		sharing:   "Not recorded: whether the records are shared, and under which licence, is for whoever holds them to state.",
		described: "`sepsis data report`",
	}
}

// setting counts the hospitals.
func setting(r *evaluate.Report) string {
	if len(r.Data.Hospitals) == 1 {
		return "Intensive care, 1 hospital system."
	}
	return fmt.Sprintf("Intensive care, %d hospital systems.", len(r.Data.Hospitals))
}

// clusters says how far the differences between hospitals can be known.
func clusters(r *evaluate.Report) string {
	switch len(r.Data.Hospitals) {
	case 0:
		return "Not measured."
	case 1:
		return "One hospital: there is nothing to compare."
	case 2:
		return "By hospital; two systems are too few to estimate how much hospitals differ."
	}
	return "By hospital; how much hospitals differ beyond these was not estimated."
}

// wholeHospitals adds to how data were divided that models were carried to hospitals that they had not seen.
func wholeHospitals(r *evaluate.Report) string {
	if len(r.Transfers) == 0 {
		return ""
	}
	return "; and whole hospitals"
}
