package server

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/medtech-detect/sepsis"
)

// ReadPatient reads a patient as POST /predict/patient does: strictly, with all that is wrong. The stay is to be used only when
// there are no problems.
func ReadPatient(body []byte) (sepsis.Stay, []sepsis.Problem) {
	if len(body) > maxBody {
		return sepsis.Stay{}, []sepsis.Problem{{Location: "body", Code: sepsis.OutOfRange, Message: "a patient may have 4 MiB"}}
	}
	read, found := decodePatient(body)
	return read.stay, found.list()
}

// WritePatient appends a stay as a body of POST /predict/patient: in the form with history, or flat when its one observation
// has no hour, which is possible only there. What was not measured is left out. The service refuses a stay without age, or without a measurement.
func WritePatient(body []byte, stay *sepsis.Stay) []byte {
	if len(stay.Observations) == 1 && stay.Observations[0].Hour == sepsis.HourUnknown {
		return WriteFlatPatient(body, stay)
	}
	body = append(appendStay(body, stay), `"observations":[`...)
	for i := range stay.Observations {
		body = appendNumber(append(body, '{'), "icu_hour", float64(stay.Observations[i].Hour))
		body = append(closed(appendValues(body, &stay.Observations[i].Values), '}'), ',')
	}
	return append(closed(body, ']'), '}')
}

// WriteFlatPatient is WritePatient for a stay of one observation, in the flat form.
func WriteFlatPatient(body []byte, stay *sepsis.Stay) []byte {
	body = appendStay(body, stay)
	if hour := stay.Observations[0].Hour; hour != sepsis.HourUnknown {
		body = appendNumber(body, "icu_hour", float64(hour))
	}
	return closed(appendValues(body, &stay.Observations[0].Values), '}')
}

func appendStay(body []byte, stay *sepsis.Stay) []byte {
	body = append(body, '{')
	if stay.PatientID != "" {
		id, _ := jsontext.AppendQuote(nil, stay.PatientID) // what is not UTF-8 becomes U+FFFD
		body = append(append(body, `"patient_id":`...), id...)
		body = append(body, ',')
	}
	body = appendNumber(body, "age", stay.Age)
	body = appendWord(body, "sex", string(stay.Sex))
	body = appendWord(body, "icu_unit", string(stay.ICUUnit))
	return appendNumber(body, "hours_in_hospital_before_icu", stay.HoursBefore)
}

func appendValues(body []byte, values *sepsis.Values) []byte {
	for v, value := range values {
		body = appendNumber(body, sepsis.Variable(v).String(), value)
	}
	return body
}

// appendNumber adds a member with a comma, unless it is missing.
func appendNumber(body []byte, name string, value float64) []byte {
	if sepsis.IsMissing(value) {
		return body
	}
	body = append(append(append(body, '"'), name...), `":`...)
	return append(strconv.AppendFloat(body, value, 'g', -1, 64), ',')
}

func appendWord(body []byte, name, word string) []byte {
	if word == "" {
		return body
	}
	return append(append(append(append(append(body, '"'), name...), `":"`...), word...), `",`...)
}

// closed ends what was opened, in place of the comma after the last member.
func closed(body []byte, with byte) []byte {
	if body[len(body)-1] == ',' {
		body = body[:len(body)-1]
	}
	return append(body, with)
}
