package plot

import (
	"math"
	"strconv"
	"strings"
)

// largest is the largest magnitude that is drawn; beyond it, differences of two values could overflow.
const largest = 1e300

// finite tells whether a value can be drawn.
func finite(value float64) bool { return math.Abs(value) <= largest }

// decimal writes a number with at most the given number of decimals, without trailing zeros and without "-0".
func decimal(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// coordinate writes a place in the picture; a hundredth of a pixel cannot be seen.
func coordinate(value float64) string { return decimal(value, 2) }

// label writes a number for people: with thousands separators, or with an exponent if it is very large or small.
func label(value float64, decimals int) string {
	magnitude := math.Abs(value)
	if magnitude >= 1e9 || (magnitude > 0 && magnitude < 1e-6) {
		return strconv.FormatFloat(value, 'g', 4, 64)
	}
	text := decimal(value, decimals)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "−", text[1:]
	}
	whole, fraction, pointed := strings.Cut(text, ".")
	grouped := groupThousands(whole)
	if pointed {
		grouped += "." + fraction
	}
	return sign + grouped
}

// groupThousands sets commas into whole numbers of five digits and more; four digits read well without.
func groupThousands(digits string) string {
	if len(digits) < 5 {
		return digits
	}
	var grouped strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			grouped.WriteByte(',')
		}
		grouped.WriteRune(digit)
	}
	return grouped.String()
}
