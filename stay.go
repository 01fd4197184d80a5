package sepsis

import "math"

// Sex is the patient's sex as recorded.
type Sex string

// The sexes that the Challenge data know; the empty string means: not recorded.
const (
	Female Sex = "female"
	Male   Sex = "male"
)

// ICUUnit is the kind of intensive care unit.
type ICUUnit string

// The units that the Challenge data know; the empty string means: not recorded.
const (
	MedicalICU  ICUUnit = "medical"
	SurgicalICU ICUUnit = "surgical"
)

// HourUnknown is the hour of an observation for which no hour was given (the flat form only).
const HourUnknown = 0

// MaxICUHour is the last hour that a stay may reach: 366 days.
const MaxICUHour = 8784

// Observation is what was measured in one hour.
type Observation struct {
	Hour   int // whole hours since ICU admission: 1 is the first hour; HourUnknown if not given
	Values Values
}

// Stay is one patient's time in intensive care, up to the hour of its last observation.
type Stay struct {
	PatientID    string // opaque; echoed and recorded, never used by the model
	Age          float64
	Sex          Sex
	ICUUnit      ICUUnit
	HoursBefore  float64 // hours in hospital before the ICU, at least 0; Missing if not given
	Observations []Observation
}

// Adult tells whether the patient is known to be an adult, for whom the model is made: an unknown age is not taken for one.
func (s *Stay) Adult() bool { return s.Age >= AdultAge } // false for Missing, which is not a number

// HourBin is the whole hour of a time since ICU admission: 1 for the first hour, [0, 1]. What lies above a whole hour by rounding alone
// belongs to it, as when a client adds up minutes.
func HourBin(icuHour float64) int { return max(1, int(math.Ceil(icuHour-rounding))) }

// Latest gives, for each measurement, its last value that is at most window hours older than the last
// observation; what was not measured in that time is missing.
func (s *Stay) Latest(window int) Values {
	latest := NoValues()
	if len(s.Observations) == 0 {
		return latest
	}
	from := len(s.Observations) - 1
	now := s.Observations[from].Hour
	for from > 0 && now-s.Observations[from-1].Hour <= window { // hours go forward
		from--
	}
	for i := range s.Observations[from:] {
		observation := &s.Observations[from+i]
		for v, value := range observation.Values {
			if !IsMissing(value) {
				latest[v] = value
			}
		}
	}
	return latest
}

// LabelledStay is a recorded stay of which it is known, hour by hour, whether sepsis was about to set in.
type LabelledStay struct {
	Stay
	ID       string // the name of its file, without folder and extension
	Hospital string // the cohort that it belongs to, such as "training_setA"
	Labels   []bool // one for each observation: the Challenge's SepsisLabel; nil when the file has none
}

// Septic tells whether sepsis sets in during the stay.
func (s *LabelledStay) Septic() bool {
	for _, label := range s.Labels {
		if label {
			return true
		}
	}
	return false
}

// StayVariable is one of the 6 variables that describe the stay and not the hour.
type StayVariable struct {
	Name      string // the field in the API; icu_unit gathers two columns
	Challenge string // the column in the Challenge's files
	English   string
	French    string
	Unit      string   // UCUM; empty for a choice
	Range     Range    // hard range, for numbers
	Choices   []string // accepted words, for choices
}

// Bounds of the stay variables.
const (
	AdultAge     = 18    // years; the model is for adults
	MaxAge       = 120   // years
	MaxHoursWait = 10000 // hours in hospital before the ICU; 5,367 is the longest in the Challenge data
)

// StayVariables is the vocabulary of the stay, in the column order of the Challenge's files.
var StayVariables = [6]StayVariable{
	{Name: "age", Challenge: "Age", English: "Age", French: "Âge", Unit: "a", Range: Range{AdultAge, MaxAge}},
	{Name: "sex", Challenge: "Gender", English: "Sex", French: "Sexe", Choices: []string{string(Female), string(Male)}},
	{Name: "icu_unit", Challenge: "Unit1", English: "Kind of intensive care unit: medical", French: "Type de réanimation : médicale", Choices: []string{string(MedicalICU), string(SurgicalICU)}},
	{Name: "icu_unit", Challenge: "Unit2", English: "Kind of intensive care unit: surgical", French: "Type de réanimation : chirurgicale", Choices: []string{string(MedicalICU), string(SurgicalICU)}},
	{Name: "hours_in_hospital_before_icu", Challenge: "HospAdmTime", English: "Hours in hospital before the ICU (the Challenge counts them below zero)", French: "Heures d'hospitalisation avant la réanimation", Unit: "h", Range: Range{0, MaxHoursWait}},
	{Name: "icu_hour", Challenge: "ICULOS", English: "Hours since ICU admission", French: "Heures depuis l'admission en réanimation", Unit: "h", Range: Range{0, MaxICUHour}},
}
