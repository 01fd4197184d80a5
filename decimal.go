package sepsis

import (
	"math"
	"strconv"
)

// Decimal writes a number as it was sent: the shortest text that is read as the same number, without an exponent where people would
// write none (below 1e21 and from 1e-6 on, as ECMAScript does).
func Decimal(x float64) string {
	if size := math.Abs(x); size < 1e-6 || size >= 1e21 {
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
	if reread(x, 'g', sentDigits) == x {
		return Decimal(x)
	}
	return Decimal(reread(x, 'f', decimals))
}

// reread is the number that stands there when x is written in a format with so many digits: infinite when that is more than the largest.
func reread(x float64, format byte, digits int) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, format, digits, 64), 64)
	return y
}

// beyond writes a number that lies outside a range, readably if that still shows that it does.
func beyond(x float64, limits Range) string {
	text := readable(x)
	if shown, _ := strconv.ParseFloat(text, 64); limits.Contains(shown) {
		return Decimal(x)
	}
	return text
}
