package plot

import (
	"math"
	"strings"
)

// Grid shows several figures as one picture: small multiples.
type Grid struct {
	Title        string
	Description  string   // for screen readers; empty: the figures' titles
	Figures      []Figure // row by row
	Columns      int      // 0: 3
	SharedLegend bool     // one legend above all, with the names of all charts, in place of one in each
}

var _ Figure = Grid{}

// SVG is the grid as one self-contained svg element.
func (g Grid) SVG() []byte {
	width, height := g.size()
	return document(g.Title, g.description(), width, height, g.drawOn)
}

func (g Grid) description() string {
	if g.Description != "" {
		return g.Description
	}
	var titles []string
	for _, figure := range g.Figures {
		titles = append(titles, titleOf(figure))
	}
	return "Small multiples: " + strings.Join(titles, "; ") + "."
}

func titleOf(figure Figure) string {
	switch f := figure.(type) {
	case Chart:
		return f.Title
	case HeatMap:
		return f.Title
	case Grid:
		return f.Title
	}
	return ""
}

// legend gathers the names of all charts, each once.
func (g Grid) legend() []legendEntry {
	var all []legendEntry
	known := make(map[string]bool)
	for _, figure := range g.Figures {
		for _, entry := range figure.legend() {
			if !known[entry.name] {
				known[entry.name] = true
				all = append(all, entry)
			}
		}
	}
	return all
}

func (g Grid) withoutLegend() Figure {
	figures := make([]Figure, len(g.Figures))
	for i, figure := range g.Figures {
		figures[i] = figure.withoutLegend()
	}
	g.Figures, g.SharedLegend = figures, false
	return g
}

// cells are the places of the figures below title and legend.
func (g Grid) cells() (places []point, width, height float64) {
	columns := g.Columns
	if columns < 1 {
		columns = 3
	}
	for start := 0; start < len(g.Figures); start += columns {
		row := g.Figures[start:min(start+columns, len(g.Figures))]
		x, tallest := 0.0, 0.0
		for _, figure := range row {
			w, h := figure.size()
			places = append(places, point{x, height})
			x, tallest = x+w, math.Max(tallest, h)
		}
		width, height = math.Max(width, x), height+tallest
	}
	return places, math.Max(width, smallest), height
}

// head is what stands above the figures.
func (g Grid) head(width float64) (title heading, legend []legendEntry, height float64) {
	title = newHeading(g.Title, width)
	height = title.height()
	if g.SharedLegend {
		legend = g.legend()
		height += legendHeight(legend, width-24)
	}
	return title, legend, height
}

func (g Grid) size() (width, height float64) {
	_, width, height = g.cells()
	if len(g.Figures) == 0 {
		width, height = defaultWidth, smallest
	}
	_, _, head := g.head(width)
	return width, head + height
}

func (g Grid) drawOn(on *canvas) {
	places, _, _ := g.cells()
	width, height := g.size()
	title, legend, head := g.head(width)
	title.draw(on)
	drawLegend(on, legend, box{12, title.height(), width - 24, 0})
	if len(g.Figures) == 0 {
		on.text("no data", width/2, (head+height)/2, textSize+2, anchorMiddle, paleInk)
	}
	for i, figure := range g.Figures {
		if g.SharedLegend {
			figure = figure.withoutLegend()
		}
		on.open("g", "transform", "translate("+coordinate(places[i].x)+" "+coordinate(head+places[i].y)+")")
		figure.drawOn(on)
		on.end("g")
	}
}
