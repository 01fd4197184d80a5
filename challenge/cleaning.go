package challenge

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	sepsis "github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/ucum"
)

// Reason tells why a value was taken out, or what is peculiar about a value that was kept. It is
// sepsis.OutOfRange or the code of a coherence rule of package sepsis, or one of the reasons below.
type Reason string

// The reasons of the reader itself.
const (
	// AfterAdmission: the hospital admission lies after the ICU admission, so the time before is unknown.
	AfterAdmission Reason = "hospital_admission_after_icu_admission"
	// IonisedCalcium: the calcium is under sepsis.IonisedCalciumBelow, hence ionised. It is kept.
	IonisedCalcium Reason = "ionised_calcium_kept"
	// UnderAge: the patient is younger than sepsis.AdultAge. The stay is kept.
	UnderAge Reason = "under_age_kept"
)

// Kept tells whether the values counted under this reason were kept.
func (r Reason) Kept() bool { return r == IonisedCalcium || r == UnderAge }

// Finding counts the values of one column that were taken out, or kept and noted, for one reason.
type Finding struct {
	Column string `json:"column"` // the Challenge's name
	Reason Reason `json:"reason"`
	Count  int    `json:"count"` // values; for Age and HospAdmTime, stays
}

// Cleaning counts what was read and what was found in it.
type Cleaning struct {
	Stays        int         `json:"stays"`
	Hours        int         `json:"hours"`        // rows
	Measurements int         `json:"measurements"` // values of the 34 measurements, before any was taken out
	Findings     []Finding   `json:"findings"`     // in column order, then by reason; no two alike
	OtherUnits   []OtherUnit `json:"other_units"`  // in column order, then by unit; no two alike
}

// OtherUnit counts the values of one column that were out of range, and look like values in another unit.
type OtherUnit struct {
	Column string    `json:"column"` // the Challenge's name
	Unit   ucum.Unit `json:"unit"`
	Count  int       `json:"count"`
}

// Merge adds the counts of another cleaning. The order of merging makes no difference.
func (c *Cleaning) Merge(other Cleaning) {
	c.Stays += other.Stays
	c.Hours += other.Hours
	c.Measurements += other.Measurements
	for _, finding := range other.Findings {
		c.add(finding)
	}
	for _, unit := range other.OtherUnits {
		c.addUnit(unit)
	}
}

func (c *Cleaning) addUnit(unit OtherUnit) {
	place, found := slices.BinarySearchFunc(c.OtherUnits, unit, func(a, b OtherUnit) int {
		return cmp.Or(compareColumns(a.Column, b.Column), cmp.Compare(a.Unit, b.Unit))
	})
	if found {
		c.OtherUnits[place].Count += unit.Count
		return
	}
	c.OtherUnits = slices.Insert(c.OtherUnits, place, unit)
}

func (c *Cleaning) add(finding Finding) {
	place, found := slices.BinarySearchFunc(c.Findings, finding, compareFindings)
	if found {
		c.Findings[place].Count += finding.Count
		return
	}
	c.Findings = slices.Insert(c.Findings, place, finding)
}

func compareFindings(a, b Finding) int {
	return cmp.Or(compareColumns(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
}

func compareColumns(a, b string) int {
	return cmp.Compare(slices.Index(stayColumns, a), slices.Index(stayColumns, b))
}

func (c *Cleaning) count(where column, reason Reason) {
	c.add(Finding{Column: where.String(), Reason: reason, Count: 1})
}

// Count is the number found in a column (the Challenge's name) for a reason.
func (c *Cleaning) Count(columnName string, reason Reason) int {
	for _, finding := range c.Findings {
		if finding.Column == columnName && finding.Reason == reason {
			return finding.Count
		}
	}
	return 0
}

// Removed is the number of values that were taken out.
func (c *Cleaning) Removed() int {
	removed := 0
	for _, finding := range c.Findings {
		if !finding.Reason.Kept() {
			removed += finding.Count
		}
	}
	return removed
}

// String is a readable table.
func (c *Cleaning) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d stays, %d hours, %d measurements; %d values taken out\n", c.Stays, c.Hours, c.Measurements, c.Removed())
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0) // its errors are those of a strings.Builder: none
	for _, finding := range c.Findings {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\n", finding.Column, finding.Reason, finding.Count)
	}
	_ = table.Flush()
	return text.String()
}

// WriteTo writes the table of String.
func (c *Cleaning) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, c.String())
	return int64(n), err
}

// cleanValues takes out of one hour what cannot be true of a patient: values outside their hard range, then all
// the values that a broken coherence rule relates, since it cannot be known which of them is wrong.
func (c *Cleaning) cleanValues(values *sepsis.Values) {
	for v, value := range values {
		if sepsis.IsMissing(value) {
			continue
		}
		c.Measurements++
		if _, outside := sepsis.CheckRange(sepsis.Variable(v), value); outside {
			values[v] = sepsis.Missing
			c.count(column(v), Reason(sepsis.OutOfRange))
			if unit, likely := sepsis.Variable(v).Info().LikelyUnit(value); likely {
				c.addUnit(OtherUnit{Column: column(v).String(), Unit: unit, Count: 1})
			}
		}
	}
	for broken := sepsis.Incoherences(values); len(broken) > 0; broken = sepsis.Incoherences(values) {
		for _, rule := range broken {
			c.takeOut(values, rule)
		}
	}
	if values[sepsis.Calcium] < sepsis.IonisedCalciumBelow {
		c.count(column(sepsis.Calcium), IonisedCalcium)
	}
}

func (c *Cleaning) takeOut(values *sepsis.Values, rule sepsis.Incoherence) {
	for _, v := range rule.Variables {
		if values.Has(v) {
			values[v] = sepsis.Missing
			c.count(column(v), Reason(rule.Problem.Code))
		}
	}
}

// cleanAge keeps the ages of minors, and takes out what no patient's age can be.
func (c *Cleaning) cleanAge(age float64) float64 {
	if age < 0 || age > sepsis.MaxAge {
		c.count(ageColumn, Reason(sepsis.OutOfRange))
		return sepsis.Missing
	}
	if age < sepsis.AdultAge {
		c.count(ageColumn, UnderAge)
	}
	return age
}

// cleanHoursBefore turns the time from ICU admission back to hospital admission, which is not above 0, into the
// hours in hospital before the ICU.
func (c *Cleaning) cleanHoursBefore(hospAdmTime float64) float64 {
	if hospAdmTime > 0 {
		c.count(hospAdmTimeColumn, AfterAdmission)
		return sepsis.Missing
	}
	if hospAdmTime < -sepsis.MaxHoursWait {
		c.count(hospAdmTimeColumn, Reason(sepsis.OutOfRange))
		return sepsis.Missing
	}
	return 0 - hospAdmTime // and not -hospAdmTime, which would make a negative zero
}
