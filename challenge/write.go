package challenge

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	sepsis "github.com/medtech-detect/sepsis"
)

// WriteStay writes a stay in the Challenge's format: all 41 columns in order, "NaN" for what is missing. A stay
// without labels has no SepsisLabel column. What [Cohort.Read] reads of it is the same stay.
func WriteStay(w io.Writer, stay *sepsis.LabelledStay) error {
	if err := checkWritable(stay); err != nil {
		return err
	}
	columns := stayColumns
	if stay.Labels == nil {
		columns = stayColumns[:labelColumn]
	}
	out := bufio.NewWriter(w)
	writeLine(out, columns)
	constant := constantFields(&stay.Stay)
	fields := make([]string, 0, numColumns)
	for i := range stay.Observations {
		observation := &stay.Observations[i]
		fields = fields[:0]
		for _, value := range observation.Values {
			fields = append(fields, formatNumber(value))
		}
		fields = append(fields, constant...)
		fields = append(fields, strconv.Itoa(observation.Hour))
		if stay.Labels != nil {
			fields = append(fields, formatBinary(stay.Labels[i]))
		}
		writeLine(out, fields)
	}
	return out.Flush()
}

func checkWritable(stay *sepsis.LabelledStay) error {
	if len(stay.Observations) == 0 {
		return fmt.Errorf("stay %s has no observations", stay.ID)
	}
	if stay.Labels != nil && len(stay.Labels) != len(stay.Observations) {
		return fmt.Errorf("stay %s has %d labels for %d observations", stay.ID, len(stay.Labels), len(stay.Observations))
	}
	before := 0
	for i := range stay.Observations {
		hour := stay.Observations[i].Hour
		if hour <= before || hour > sepsis.MaxICUHour {
			return fmt.Errorf("stay %s has the hour %d after %d; hours go forward from 1 to %d", stay.ID, hour, before, sepsis.MaxICUHour)
		}
		before = hour
	}
	return nil
}

// constantFields are Age, Gender, Unit1, Unit2 and HospAdmTime.
func constantFields(stay *sepsis.Stay) []string {
	gender, unit1, unit2 := sepsis.Missing, sepsis.Missing, sepsis.Missing
	switch stay.Sex {
	case sepsis.Female:
		gender = 0
	case sepsis.Male:
		gender = 1
	}
	switch stay.ICUUnit {
	case sepsis.MedicalICU:
		unit1, unit2 = 1, 0
	case sepsis.SurgicalICU:
		unit1, unit2 = 0, 1
	}
	return []string{
		formatNumber(stay.Age), formatNumber(gender), formatNumber(unit1), formatNumber(unit2),
		formatNumber(0 - stay.HoursBefore), // and not -HoursBefore, which would write "-0"
	}
}

// writeLine leaves errors to the Flush at the end, as bufio.Writer keeps the first.
func writeLine(out *bufio.Writer, fields []string) {
	_, _ = out.WriteString(strings.Join(fields, "|"))
	_ = out.WriteByte('\n')
}

// formatNumber gives the fewest digits that read back as the same number.
func formatNumber(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func formatBinary(x bool) string {
	if x {
		return "1"
	}
	return "0"
}
