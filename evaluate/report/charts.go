package report

import (
	"math"

	"github.com/medtech-detect/sepsis/evaluate"
	"github.com/medtech-detect/sepsis/plot"
)

// dots are the figures of one series of a forest plot, one for each row; nil is a gap.
type dots struct {
	name    string
	figures []*evaluate.Figure
}

// forest is a plot of figures with their intervals.
type forest struct {
	title     string
	axis      string // what the figures are
	percent   bool
	signed    bool // the figures are differences
	rows      []string
	series    []dots
	reference *plot.Reference
}

// Room of a forest plot, in pixels.
const (
	forestHead = 110 // title, legend, axis
	forestRow  = 22  // for each series of each row
)

// chart lays the series of a row one below the other.
func (f forest) chart() plot.Chart {
	c := plot.Chart{
		Title: f.title, XLabel: f.axis, X: plot.Axis{Percent: f.percent}, Y: plot.Axis{Categories: f.rows},
		Width: 720, Height: forestHead + forestRow*len(f.rows)*max(1, len(f.series)),
	}
	if f.reference != nil {
		c.Layers = append(c.Layers, *f.reference)
	}
	for i, s := range f.series {
		shift := 0.0
		if n := len(f.series); n > 1 {
			spread := min(0.6, 0.25*float64(n-1)) // of the room of a row, so that rows stay apart
			shift = spread * (float64(i)/float64(n-1) - 0.5)
		}
		c.Layers = append(c.Layers, s.layer(shift))
	}
	return c
}

func (s dots) layer(shift float64) plot.ErrorBars {
	bars := plot.ErrorBars{Name: s.name, Horizontal: true}
	for i, f := range s.figures {
		value, low, high := parts(f)
		bars.X, bars.Low, bars.High = append(bars.X, value), append(bars.Low, low), append(bars.High, high)
		bars.Y = append(bars.Y, float64(i)+shift)
	}
	return bars
}

// parts are a figure's value and interval; what is undefined is NaN, which a plot leaves out.
func parts(f *evaluate.Figure) (value, low, high float64) {
	if !defined(f) {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return f.Value, f.Low, f.High
}

// values has a row for each row of the plot and a column for each series.
func (f forest) values(caption, name string) *table {
	t := &table{Caption: caption, Header: []string{name}}
	for _, s := range f.series {
		t.Header = append(t.Header, s.name)
	}
	for i, r := range f.rows {
		cells := []string{r}
		for _, s := range f.series {
			cells = append(cells, f.written(s.figures[i]))
		}
		t.add(cells...)
	}
	return t
}

// written is a figure as the plot means it.
func (f forest) written(figure *evaluate.Figure) string {
	switch {
	case f.percent:
		return percent(figure)
	case f.signed:
		return difference(figure, 3)
	}
	return interval(figure, 3)
}

// block is the plot with its caption and its values.
func (f forest) block(caption, rowName string) block {
	return picture(f.chart(), caption, f.values(f.title, rowName))
}

// column picks one measure of each group.
func column(groups []evaluate.Group, m measure) []*evaluate.Figure {
	figures := make([]*evaluate.Figure, len(groups))
	for i := range groups {
		figures[i] = m.of(&groups[i])
	}
	return figures
}

func names(groups []evaluate.Group) []string {
	all := make([]string, len(groups))
	for i := range groups {
		all[i] = groups[i].Name
	}
	return all
}

// lineOf is a line through the values of figures, and band their intervals.
func lineOf(name string, x []float64, figures []*evaluate.Figure) (plot.Line, plot.Band) {
	line, band := plot.Line{Name: name, X: x, Solid: true}, plot.Band{Name: name, X: x}
	for _, f := range figures {
		value, low, high := parts(f)
		line.Y, band.Low, band.High = append(line.Y, value), append(band.Low, low), append(band.High, high)
	}
	return line, band
}
