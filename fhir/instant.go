package fhir

import (
	"strings"
	"time"
)

// widestZone is how far from UTC a time zone may be, in seconds: 14 hours (https://hl7.org/fhir/R4/datatypes.html#dateTime, its regular expression).
const widestZone = 14 * 60 * 60

// readInstant reads a dateTime or an instant. The reason is empty when it says an hour in a time zone.
//
// FHIR asks for seconds; a time without them is read as well, because the hour is all that matters. Its 60th second
// (a leap second) is the first of the next minute. The first moment of the year 1 is what programs write for no time.
func readInstant(text string) (time.Time, Reason) {
	day, clock, hasClock := strings.Cut(text, "T")
	if !hasClock {
		if isPartialDate(text) {
			return time.Time{}, PartialTime
		}
		return time.Time{}, NoTime
	}
	leap := strings.Contains(clock, ":60")
	if leap {
		clock = strings.Replace(clock, ":60", ":59", 1)
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		at, err := time.Parse(layout, day+"T"+clock)
		if err != nil {
			continue
		}
		if _, zone := at.Zone(); zone < -widestZone || zone > widestZone {
			return time.Time{}, NoTimeZone
		}
		if leap {
			at = at.Add(time.Second)
		}
		if at.IsZero() {
			return at, NoTime
		}
		return at, ""
	}
	if _, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
		return time.Time{}, NoTimeZone
	}
	return time.Time{}, NoTime
}

func isPartialDate(text string) bool {
	_, _, _, known := readDate(text)
	return known
}

// readDate reads a year, a month or a day. Month and day are 0 when they are not said.
func readDate(text string) (year int, month time.Month, day int, known bool) {
	for _, layout := range []string{"2006-01-02", "2006-01", "2006"} {
		at, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		year, month, day = at.Date()
		if layout == "2006" {
			month = 0
		}
		if layout != "2006-01-02" {
			day = 0
		}
		return year, month, day, true
	}
	return 0, 0, 0, false
}

// age is the completed years from a birth date to a time, in that time's zone. Of a birth date without month or day, the
// last possible day counts: the age is at least so high.
func age(birth string, at time.Time) (float64, bool) {
	year, month, day, known := readDate(birth)
	if !known {
		return 0, false
	}
	if month == 0 {
		month = time.December
	}
	if day == 0 {
		day = 31
	}
	years := at.Year() - year
	if at.Month() < month || at.Month() == month && at.Day() < day {
		years--
	}
	return float64(years), true
}
