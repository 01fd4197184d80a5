package describe

import (
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// Table is a caption, a header, and rows as long as the header.
type Table struct {
	Caption string
	Header  []string
	Rows    [][]string
}

func (t *Table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Markdown writes the table without its caption.
func (t *Table) Markdown() string {
	var b strings.Builder
	write := func(cells []string) {
		for _, cell := range cells {
			b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
		}
		b.WriteString("|\n")
	}
	write(t.Header)
	b.WriteString(strings.Repeat("|---", len(t.Header)) + "|\n")
	for _, row := range t.Rows {
		write(row)
	}
	return b.String()
}

// none stands for a figure that is undefined.
const none = "undefined"

// count writes a whole number with its thousands apart.
func count(n int) string { return humanize.Comma(int64(n)) }

// String writes a figure with three significant digits, and whole numbers whole.
func (n Number) String() string {
	if !n.Defined() {
		return none
	}
	value := float64(n)
	if value == 0 {
		return "0"
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(math.Abs(value)))))
	text := n.fixed(decimals)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// fixed writes a figure with so many decimals.
func (n Number) fixed(decimals int) string {
	if !n.Defined() {
		return none
	}
	return strings.Replace(strconv.FormatFloat(float64(n), 'f', decimals, 64), "-", "−", 1)
}

// signed writes a figure with its sign.
func (n Number) signed(decimals int) string {
	if n > 0 {
		return "+" + n.fixed(decimals)
	}
	return n.fixed(decimals)
}

// percent writes a share in percent.
func (n Number) percent(decimals int) string {
	if !n.Defined() {
		return none
	}
	return (100 * n).fixed(decimals) + " %"
}

// tooFew stands for the interval of a figure that has a value.
const tooFew = "too few stays for an interval"

// in writes a figure with its interval, all in the same way.
func (e Estimate) in(write func(n Number) string) string {
	switch {
	case !e.Value.Defined():
		return none
	case !e.Low.Defined():
		return write(e.Value) + " (" + tooFew + ")"
	}
	return write(e.Value) + " (" + write(e.Low) + " to " + write(e.High) + ")"
}

// fixed writes a figure with so many decimals, and its interval.
func (e Estimate) fixed(decimals int) string {
	return e.in(func(n Number) string { return n.fixed(decimals) })
}

// percent writes a share in percent, and its interval.
func (e Estimate) percent(decimals int) string {
	if !e.Value.Defined() {
		return none
	}
	return strings.Replace(e.in(func(n Number) string { return (100 * n).fixed(decimals) }), " (", " % (", 1)
}

// percent writes a share with its interval.
func (s Share) percent(decimals int) string {
	if s.Whole == 0 {
		return none
	}
	low, high := s.Interval()
	return s.Value().percent(decimals) + " (" + (100 * low).fixed(decimals) + " to " + (100 * high).fixed(decimals) + ")"
}

// spread writes a median with the quartiles.
func (d Distribution) spread() string {
	if d.Count == 0 {
		return none
	}
	return d.Median.String() + " (" + d.P25.String() + " to " + d.P75.String() + ")"
}
