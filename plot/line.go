package plot

import "slices"

// Line joins points in their order; a gap interrupts it.
type Line struct {
	Name  string
	X, Y  []float64
	Solid bool // never dashed; lines are otherwise told apart by dashes, too
}

var (
	_ Layer = Line{}
	_ Layer = Steps{}
	_ Layer = Band{}
)

func (l Line) series() series { return series{l.Name, lineKey} }

func (l Line) extent(x, y *extent) { addPairs(x, y, l.X, l.Y) }

// addPairs counts the pairs alone that will be drawn.
func addPairs(x, y *extent, xs, ys []float64) {
	for i := range min(len(xs), len(ys)) {
		var one, other extent
		one.log, other.log = x.log, y.log
		one.add(xs[i])
		other.add(ys[i])
		if one.any && other.any {
			x.add(xs[i])
			y.add(ys[i])
		}
	}
}

func (l Line) draw(p *panel) {
	p.noDash = l.Solid
	p.stroke(pieces(min(len(l.X), len(l.Y)), func(i int) (point, bool) { return p.place(l.X[i], l.Y[i]) }), 2)
}

// stroke draws pieces of a line; a piece of one point becomes a dot, that it be seen.
func (p *panel) stroke(all [][]point, width float64) {
	p.clipped(func() {
		for _, piece := range all {
			if len(piece) == 1 {
				p.empty("circle", "cx", piece[0].x, "cy", piece[0].y, "r", width, "fill", p.look.colour)
				continue
			}
			p.empty("path", append([]any{
				"d", path(piece), "fill", "none", "stroke", p.look.colour, "stroke-width", width,
				"stroke-linejoin", "round",
			}, p.dash()...)...)
		}
	})
}

// dash is the attribute that dashes a line, if it is to be.
func (p *panel) dash() []any {
	if p.noDash || p.look.dash == "" {
		return nil
	}
	return []any{"stroke-dasharray", p.look.dash}
}

// Steps holds each value up to the next place. With one X more than Y these are the edges of bins, as of a
// histogram; with as many, the last value is a point, as in the curve of an estimated distribution.
type Steps struct {
	Name   string
	X, Y   []float64
	Filled bool // down to 0, or to the axis where that has no 0
}

func (s Steps) series() series {
	if s.Filled {
		return series{s.Name, boxKey}
	}
	return series{s.Name, lineKey}
}

func (s Steps) extent(x, y *extent) {
	for i := range min(len(s.X), len(s.Y)) {
		addPairs(x, y, s.X[i:i+1], s.Y[i:i+1])
		if i+1 < len(s.X) {
			addPairs(x, y, s.X[i+1:i+2], s.Y[i:i+1])
		}
	}
	if s.Filled && y.any {
		y.add(0)
	}
}

// corners are the points of the stairs, two for each step.
func (s Steps) corners(p *panel) [][]point {
	var all [][]point
	var stairs []point
	for i := range min(len(s.X), len(s.Y)) {
		left, there := p.place(s.X[i], s.Y[i])
		if !there {
			all, stairs = append(all, stairs), nil
			continue
		}
		stairs = append(stairs, left)
		if i+1 < len(s.X) {
			if right, there := p.place(s.X[i+1], s.Y[i]); there {
				stairs = append(stairs, right)
			}
		}
	}
	all = append(all, stairs)
	return slices.DeleteFunc(all, func(piece []point) bool { return len(piece) == 0 })
}

func (s Steps) draw(p *panel) {
	p.noDash = s.Filled
	all := s.corners(p)
	if s.Filled {
		base := p.baseline(p.y)
		p.clipped(func() {
			for _, stairs := range all {
				foot := []point{{stairs[len(stairs)-1].x, base}, {stairs[0].x, base}}
				p.empty("path", "d", path(append(slices.Clone(stairs), foot...))+"Z", "fill", p.look.colour, "fill-opacity", 0.25)
			}
		})
	}
	p.stroke(all, 1.5)
}

// baseline is where bars and fillings begin: at 0, or at the end of the axis that is nearest to it.
func (p *panel) baseline(s scale) float64 {
	zero, there := s.at(0)
	if !there {
		return s.from
	}
	low, high := min(s.from, s.to), max(s.from, s.to)
	return max(low, min(high, zero))
}

// Band is the area between two lines, as of an interval; a gap in any of the three interrupts it.
type Band struct {
	Name      string
	X         []float64
	Low, High []float64
}

func (b Band) series() series { return series{b.Name, boxKey} }

func (b Band) len() int { return min(len(b.X), len(b.Low), len(b.High)) }

func (b Band) extent(x, y *extent) {
	n := b.len()
	addPairs(x, y, b.X[:n], b.Low[:n])
	addPairs(x, y, b.X[:n], b.High[:n])
}

func (b Band) draw(p *panel) {
	var upper, lower []point
	p.clipped(func() {
		flush := func() {
			if len(upper) > 1 {
				slices.Reverse(lower)
				p.empty("path", "d", path(append(upper, lower...))+"Z", "fill", p.look.colour, "fill-opacity", 0.2)
			}
			upper, lower = nil, nil
		}
		for i := range b.len() {
			high, thereHigh := p.place(b.X[i], b.High[i])
			low, thereLow := p.place(b.X[i], b.Low[i])
			if !thereHigh || !thereLow {
				flush()
				continue
			}
			upper, lower = append(upper, high), append(lower, low)
		}
		flush()
	})
}
