package sepsis

import (
	"math"
	"strconv"
)

// Decimal writes a number as it was sent: the shortest text that is read as the same number, without an exponent where people would
// write none (below 1e21 and from 1e-6 on, as ECMAScript does).
func Decimal(x float64) string {
	if size := math.Abs(x); size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// sentDigits is how many digits a number that people or devices send has at most; more come from arithmetic.
const sentDigits = 15

// decimals is how many decimal places show what the coherence rules tell apart.
const decimals = 9

// readable is Decimal without what a conversion adds in the last binary digits, as in 80.03161540000001: what has more digits than
// anything that is sent is rounded.
func readable(x float64) string {
	if short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', sentDigits, 64), 64); err == nil && short == x {
		return Decimal(x)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	if err != nil {
		return Decimal(x)
	}
	return Decimal(rounded)
}

// beyond writes a number that lies outside a range, readably if that still shows that it does.
func beyond(x float64, limits Range) string {
	text := readable(x)
	if shown, err := strconv.ParseFloat(text, 64); err != nil || limits.Contains(shown) {
		return Decimal(x)
	}
	return text
}
