package plot

import (
	"math"
	"strings"
)

// HeatMap shows a table of values as colours.
type HeatMap struct {
	Title    string
	Columns  []string    // a name for each column
	Rows     []string    // a name for each row, the first on top
	Values   [][]float64 // [row][column]; what is absent or not finite is a gap
	Scale    Scale
	Fixed    Interval // values of the two ends, where Low < High; otherwise they fit the values, about 0 if Diverging
	Percent  bool     // values are shares: 0.25 is written as 25 %
	Decimals int      // of the values written into the cells; under 0: none are written
	Width    int      // pixels; 0: 640
}

var _ Figure = HeatMap{}

// SVG is the heat map as one self-contained svg element.
func (h HeatMap) SVG() []byte {
	width, height := h.size()
	return document(h.Title, h.description(), width, height, h.drawOn)
}

func (h HeatMap) description() string {
	return "Heat map. Rows: " + strings.Join(h.Rows, ", ") + ". Columns: " + strings.Join(h.Columns, ", ") + "."
}

func (h HeatMap) legend() []legendEntry { return nil }

func (h HeatMap) withoutLegend() Figure { return h }

func (h HeatMap) size() (width, height float64) {
	l := h.layout()
	return l.width, l.height
}

// ends are the values at the two ends of the colours.
func (h HeatMap) ends() (Interval, bool) {
	var all extent
	for _, row := range h.Values {
		all.add(row...)
	}
	if h.Fixed.Low < h.Fixed.High && finite(h.Fixed.Low) && finite(h.Fixed.High) {
		return h.Fixed, all.any
	}
	if h.Scale == Diverging {
		reach := math.Max(math.Abs(all.low), math.Abs(all.high))
		all.low, all.high = -reach, reach
	}
	low, high := widen(all.low, all.high)
	return Interval{low, high}, all.any
}

// heatLayout is where the parts of a heat map lie.
type heatLayout struct {
	width, height float64
	title         heading
	area          box
	cell          point // the size of a cell
	slanted       bool
}

// The measures of a heat map, in pixels.
const (
	barWidth   = 14.0 // the colour bar's
	barRoom    = 76.0
	cellLowest = 15.0
	cellHigh   = 22.0
	nameSize   = textSize - 1
)

func (h HeatMap) layout() heatLayout {
	l := heatLayout{width: pixels(h.Width, defaultWidth)}
	l.title = newHeading(h.Title, l.width)
	left := math.Min(edge+longest(h.Rows), 0.5*l.width)
	columns, rows := float64(max(1, len(h.Columns))), float64(max(1, len(h.Rows)))
	l.cell.x = math.Max(2, (l.width-left-barRoom)/columns)
	l.cell.y = math.Max(cellLowest, math.Min(cellHigh, l.cell.x))
	l.slanted = longest(h.Columns) > l.cell.x
	head := 22.0
	if l.slanted {
		head = 14 + 0.87*longest(h.Columns)
	}
	l.area = box{left, l.title.height() + head, l.cell.x * columns, l.cell.y * rows}
	l.height = l.area.bottom() + 10
	return l
}

func longest(names []string) float64 {
	width := 0.0
	for _, name := range names {
		width = math.Max(width, textWidth(name, nameSize))
	}
	return width
}

func (h HeatMap) drawOn(on *canvas) {
	l := h.layout()
	l.title.draw(on)
	h.drawNames(on, l)
	ends, some := h.ends()
	for row := range h.Rows {
		for column := range h.Columns {
			h.drawCell(on, l, ends, row, column)
		}
	}
	on.empty("rect", "x", l.area.left, "y", l.area.top, "width", l.area.width, "height", l.area.height, "fill", "none", "stroke", paleInk)
	if !some {
		on.text("no data", l.area.left+l.area.width/2, l.area.top+l.area.height/2+4, textSize+2, anchorMiddle, paleInk)
		return
	}
	h.drawBar(on, l, ends)
}

func (h HeatMap) drawNames(on *canvas, l heatLayout) {
	for i, name := range h.Rows {
		on.text(name, l.area.left-5, l.area.top+l.cell.y*(float64(i)+0.5)+4, nameSize, anchorEnd, ink)
	}
	for i, name := range h.Columns {
		x, y := l.area.left+l.cell.x*(float64(i)+0.5), l.area.top-6
		if l.slanted {
			x += 4
			on.text(name, x, y, nameSize, anchorStart, ink, "transform", "rotate(-60 "+coordinate(x)+" "+coordinate(y)+")")
			continue
		}
		on.text(name, x, y, nameSize, anchorMiddle, ink)
	}
}

// gapColour is that of cells without a value; no scale has it.
const gapColour = "#EBEBEB"

func (h HeatMap) value(row, column int) float64 {
	if row < len(h.Values) && column < len(h.Values[row]) {
		return h.Values[row][column]
	}
	return math.NaN()
}

func (h HeatMap) drawCell(on *canvas, l heatLayout, ends Interval, row, column int) {
	x, y := l.area.left+l.cell.x*float64(column), l.area.top+l.cell.y*float64(row)
	value := h.value(row, column)
	if !finite(value) {
		on.empty("rect", "x", x, "y", y, "width", l.cell.x, "height", l.cell.y, "fill", gapColour)
		return
	}
	ground := h.Scale.at((value - ends.Low) / (ends.High - ends.Low))
	on.empty("rect", "x", x, "y", y, "width", l.cell.x, "height", l.cell.y, "fill", ground.String())
	if text := h.number(value, h.Decimals); h.Decimals >= 0 && textWidth(text, nameSize) <= l.cell.x {
		on.text(text, x+l.cell.x/2, y+l.cell.y/2+4, nameSize, anchorMiddle, inkOn(ground))
	}
}

func (h HeatMap) number(value float64, decimals int) string {
	if h.Percent {
		return label(100*value, max(0, decimals)) + " %"
	}
	return label(value, max(0, decimals))
}

// drawBar draws the colours from end to end, with numbers.
func (h HeatMap) drawBar(on *canvas, l heatLayout, ends Interval) {
	const parts = 40
	height := math.Min(l.area.height, 180)
	x := l.area.right() + 14
	for i := range parts {
		share := (float64(i) + 0.5) / parts
		on.empty("rect", "x", x, "y", l.area.top+height*(1-float64(i+1)/parts), "width", barWidth, "height", height/parts+0.5, "fill", h.Scale.at(share).String())
	}
	axis := Axis{Percent: h.Percent, Fixed: ends}
	if height < 60 { // too low for round numbers
		axis.Ticks = []Tick{{ends.Low, h.number(ends.Low, 2)}, {ends.High, h.number(ends.High, 2)}}
	}
	along := scale{low: ends.Low, high: ends.High, from: l.area.top + height, to: l.area.top}
	for _, tick := range axis.resolve(extent{}, max(2, int(height/40))).ticks {
		if y, there := along.within(tick.At); there {
			on.empty("path", "d", path([]point{{x + barWidth, y}, {x + barWidth + 3, y}}), "stroke", paleInk)
			on.text(tick.Label, x+barWidth+6, y+4, nameSize, anchorStart, paleInk)
		}
	}
}
