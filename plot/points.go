package plot

import "slices"

// Points marks places; a point outside fixed axes is left out.
type Points struct {
	Name   string
	X, Y   []float64
	Labels []string // written beside the points where there is room; nil or empty: none
}

var (
	_ Layer = Points{}
	_ Layer = ErrorBars{}
)

func (l Points) series() series { return series{l.Name, pointKey} }

func (l Points) extent(x, y *extent) { addPairs(x, y, l.X, l.Y) }

func (l Points) draw(p *panel) {
	const size = 3.5 // radius in pixels
	var taken []box
	for i := range min(len(l.X), len(l.Y)) {
		if at, there := p.inside(l.X[i], l.Y[i]); there {
			p.marker(at, size, p.look)
			taken = append(taken, box{at.x - size, at.y - size, 2 * size, 2 * size})
		}
	}
	for i := range min(len(l.X), len(l.Y), len(l.Labels)) {
		if at, there := p.inside(l.X[i], l.Y[i]); there && l.Labels[i] != "" {
			taken = p.pointLabel(at, size, l.Labels[i], taken)
		}
	}
}

// pointLabel writes beside a point where there is room: right, left, above or below. Where there is none, the text is
// left out, since two texts on top of each other cannot be read. It gives the places that are taken now.
func (p *panel) pointLabel(at point, size float64, text string, taken []box) []box {
	const small = 10.0
	width, gap := textWidth(text, small), size+2
	for _, place := range []box{
		{at.x + gap, at.y - small/2, width, small},
		{at.x - gap - width, at.y - small/2, width, small},
		{at.x - width/2, at.y - gap - small, width, small},
		{at.x - width/2, at.y + gap, width, small},
	} {
		if !p.area.holds(place) || slices.ContainsFunc(taken, place.meets) {
			continue
		}
		p.text(text, place.left, place.bottom()-small/6, small, anchorStart, ink)
		return append(taken, place)
	}
	return taken
}

// holds tells whether another box lies inside.
func (b box) holds(other box) bool {
	return other.left >= b.left && other.top >= b.top && other.right() <= b.right() && other.bottom() <= b.bottom()
}

// meets tells whether two boxes share some area.
func (b box) meets(other box) bool {
	return b.left < other.right() && other.left < b.right() && b.top < other.bottom() && other.top < b.bottom()
}

// marker draws a point in the shape of its series: disc, square, diamond, triangle, in turn.
func (c *canvas) marker(at point, size float64, look style) {
	switch look.marker % 4 {
	case 0:
		c.empty("circle", "cx", at.x, "cy", at.y, "r", size, "fill", look.colour)
	case 1:
		c.empty("rect", "x", at.x-0.9*size, "y", at.y-0.9*size, "width", 1.8*size, "height", 1.8*size, "fill", look.colour)
	case 2:
		d := 1.25 * size
		c.empty("path", "d", path([]point{{at.x, at.y - d}, {at.x + d, at.y}, {at.x, at.y + d}, {at.x - d, at.y}})+"Z", "fill", look.colour)
	case 3:
		d := 1.2 * size
		c.empty("path", "d", path([]point{{at.x, at.y - d}, {at.x + d, at.y + 0.8*d}, {at.x - d, at.y + 0.8*d}})+"Z", "fill", look.colour)
	}
}

// ErrorBars marks places with an interval about each. A point whose interval has a gap is drawn without it.
type ErrorBars struct {
	Name       string
	X, Y       []float64
	Low, High  []float64 // of Y, or of X if Horizontal
	Horizontal bool      // the interval lies along the horizontal axis, as in a forest plot
}

func (e ErrorBars) series() series { return series{e.Name, pointKey} }

func (e ErrorBars) len() int { return min(len(e.X), len(e.Y), len(e.Low), len(e.High)) }

func (e ErrorBars) extent(x, y *extent) {
	n := e.len()
	addPairs(x, y, e.X[:n], e.Y[:n])
	for _, end := range [][]float64{e.Low[:n], e.High[:n]} {
		if e.Horizontal {
			addPairs(x, y, end, e.Y[:n])
		} else {
			addPairs(x, y, e.X[:n], end)
		}
	}
}

// ends are the places of the interval's ends.
func (e ErrorBars) ends(p *panel, i int) (low, high point, there bool) {
	var thereLow, thereHigh bool
	if e.Horizontal {
		low, thereLow = p.place(e.Low[i], e.Y[i])
		high, thereHigh = p.place(e.High[i], e.Y[i])
	} else {
		low, thereLow = p.place(e.X[i], e.Low[i])
		high, thereHigh = p.place(e.X[i], e.High[i])
	}
	return low, high, thereLow && thereHigh
}

func (e ErrorBars) draw(p *panel) {
	p.clipped(func() {
		for i := range e.len() {
			if low, high, there := e.ends(p, i); there {
				p.whisker(low, high, e.Horizontal)
			}
		}
	})
	Points{X: e.X[:e.len()], Y: e.Y[:e.len()]}.draw(p)
}

// whisker draws an interval with a short stroke across at both ends.
func (p *panel) whisker(low, high point, horizontal bool) {
	const half = 4
	across := point{half, 0}
	if horizontal {
		across = point{0, half}
	}
	data := path([]point{low, high})
	for _, end := range []point{low, high} {
		data += path([]point{{end.x - across.x, end.y - across.y}, {end.x + across.x, end.y + across.y}})
	}
	p.empty("path", "d", data, "fill", "none", "stroke", p.look.colour, "stroke-width", 1.5)
}
