package challenge

import (
	sepsis "github.com/medtech-detect/sepsis"
)

// stayParser builds one stay from the rows of its file.
type stayParser struct {
	*table
	stay     sepsis.LabelledStay
	cleaning Cleaning
	blank    labelRule
	constant [hospAdmTimeColumn - ageColumn + 1]float64 // Age, Gender, Unit1, Unit2, HospAdmTime of the first row
}

// purpose is what a stay is read for.
type purpose struct {
	required column // must be in the header
	blank    labelRule
}

// labelRule says what a blank label is.
type labelRule int

const (
	blankIsWrong    labelRule = iota
	blankIsNoLabels           // the whole stay is taken for one without labels, so that no row gets another's
)

// What stays are read for.
var (
	asRecorded = purpose{required: iculosColumn}
	toScore    = purpose{required: labelColumn}
	toPredict  = purpose{required: iculosColumn, blank: blankIsNoLabels}
)

// parseStay reads and cleans one stay.
func parseStay(location string, data []byte, why purpose) (sepsis.LabelledStay, Cleaning, error) {
	rows, err := newTable(location, data, stayColumns, why.required)
	if err != nil {
		return sepsis.LabelledStay{}, Cleaning{}, err
	}
	p := &stayParser{table: rows, blank: why.blank}
	p.stay.Observations = make([]sepsis.Observation, 0, rows.rows())
	if rows.has(labelColumn) {
		p.stay.Labels = make([]bool, 0, rows.rows())
	}
	for {
		found, err := p.next()
		if err == nil && found {
			err = p.addRow()
		}
		if err != nil {
			return sepsis.LabelledStay{}, Cleaning{}, err
		}
		if !found {
			break
		}
	}
	if len(p.stay.Observations) == 0 {
		return sepsis.LabelledStay{}, Cleaning{}, p.problem("no rows after the header")
	}
	p.cleaning.Stays, p.cleaning.Hours = 1, len(p.stay.Observations)
	return p.stay, p.cleaning, nil
}

func (p *stayParser) addRow() error {
	hour, err := p.hour()
	if err != nil {
		return err
	}
	if len(p.stay.Observations) == 0 {
		err = p.describe()
	} else {
		err = p.checkConstant()
	}
	if err != nil {
		return err
	}
	if err := p.addLabel(); err != nil {
		return err
	}
	observation := sepsis.Observation{Hour: hour, Values: sepsis.Values(p.row[:sepsis.NumVariables])}
	p.cleaning.cleanValues(&observation.Values)
	p.stay.Observations = append(p.stay.Observations, observation)
	return nil
}

// addLabel reads the label, where there is a column of them.
func (p *stayParser) addLabel() error {
	if !p.has(labelColumn) {
		return nil
	}
	if p.blank == blankIsNoLabels && sepsis.IsMissing(p.row[labelColumn]) {
		p.stay.Labels = nil
		return nil
	}
	label, err := p.binary(labelColumn)
	if p.stay.Labels != nil {
		p.stay.Labels = append(p.stay.Labels, label)
	}
	return err
}

// hour reads ICULOS: whole hours that go forward. Gaps are allowed.
func (p *stayParser) hour() (int, error) {
	if !p.has(iculosColumn) {
		return sepsis.HourUnknown, nil
	}
	value := p.row[iculosColumn]
	if sepsis.IsMissing(value) {
		return 0, p.problemAt(iculosColumn, "the hour is missing")
	}
	if value < 1 || value > sepsis.MaxICUHour || value != float64(int(value)) {
		return 0, p.problemAt(iculosColumn, "%v is not a whole hour from 1 to %d", value, sepsis.MaxICUHour)
	}
	hour := int(value)
	if len(p.stay.Observations) == 0 {
		return hour, nil
	}
	switch before := p.stay.Observations[len(p.stay.Observations)-1].Hour; {
	case hour == before:
		return 0, p.problemAt(iculosColumn, "the hour %d is repeated", hour)
	case hour < before:
		return 0, p.problemAt(iculosColumn, "the hour %d comes after %d; rows must go forward in time", hour, before)
	}
	return hour, nil
}

// describe reads, from the first row, what describes the stay as a whole.
func (p *stayParser) describe() error {
	copy(p.constant[:], p.row[ageColumn:])
	for _, c := range []column{genderColumn, unit1Column, unit2Column} {
		if sepsis.IsMissing(p.row[c]) {
			continue
		}
		if _, err := p.binary(c); err != nil {
			return err
		}
	}
	medical, surgical := p.row[unit1Column] == 1, p.row[unit2Column] == 1
	switch {
	case medical && surgical:
		return p.problemAt(unit2Column, "Unit1 and Unit2 are both 1")
	case medical:
		p.stay.ICUUnit = sepsis.MedicalICU
	case surgical:
		p.stay.ICUUnit = sepsis.SurgicalICU
	}
	switch p.row[genderColumn] {
	case 0:
		p.stay.Sex = sepsis.Female
	case 1:
		p.stay.Sex = sepsis.Male
	}
	p.stay.Age = p.cleaning.cleanAge(p.row[ageColumn])
	p.stay.HoursBefore = p.cleaning.cleanHoursBefore(p.row[hospAdmTimeColumn])
	return nil
}

// checkConstant refuses a stay whose description changes on the way: it is two stays, or a broken file.
func (p *stayParser) checkConstant() error {
	for i, first := range p.constant {
		c := ageColumn + column(i)
		value := p.row[c]
		if value == first || sepsis.IsMissing(value) && sepsis.IsMissing(first) {
			continue
		}
		return p.problemAt(c, "changes within the stay, from %s to %s", p.spelt(c, first), p.spelt(c, value))
	}
	return nil
}
