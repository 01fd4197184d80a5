package plot

// Layer is one thing that a chart draws: [Line], [Steps], [Points], [Bars], [Band], [ErrorBars] or [Reference].
// Layers of one name share a colour and one entry of the legend; a layer without name has no entry.
// Where the slices of a layer differ in length, the shortest counts.
type Layer interface {
	// extent widens the axes to what the layer holds.
	extent(x, y *extent)
	draw(p *panel)
	series() series
}

// series is what a layer shows in the legend.
type series struct {
	name string
	key  key
}

// key is the sign of a legend entry.
type key int

const (
	lineKey key = iota
	pointKey
	boxKey
	referenceKey
)

// panel is where a layer draws, and how.
type panel struct {
	*canvas
	area   box
	x, y   scale
	look   style
	slot   int // among the bars, from 0
	slots  int // how many layers of bars there are
	noDash bool
}

// box is a rectangle of the picture.
type box struct{ left, top, width, height float64 }

func (b box) right() float64  { return b.left + b.width }
func (b box) bottom() float64 { return b.top + b.height }

// place is the point of the picture that belongs to two values, if both have one.
func (p *panel) place(x, y float64) (point, bool) {
	px, thereX := p.x.at(x)
	py, thereY := p.y.at(y)
	return point{px, py}, thereX && thereY
}

// inside is place for values within the axes alone.
func (p *panel) inside(x, y float64) (point, bool) {
	px, thereX := p.x.within(x)
	py, thereY := p.y.within(y)
	return point{px, py}, thereX && thereY
}

// clipped draws what may reach beyond the axes; a nested svg element hides what does.
func (p *panel) clipped(draw func()) {
	p.open("svg", "x", p.area.left, "y", p.area.top, "width", p.area.width, "height", p.area.height, "overflow", "hidden",
		"viewBox", coordinate(p.area.left)+" "+coordinate(p.area.top)+" "+coordinate(p.area.width)+" "+coordinate(p.area.height))
	draw()
	p.end("svg")
}

// point is a place of the picture.
type point struct{ x, y float64 }

// pieces cuts a row of points at its gaps.
func pieces(n int, at func(i int) (point, bool)) [][]point {
	var all [][]point
	var piece []point
	for i := range n {
		if next, there := at(i); there {
			piece = append(piece, next)
			continue
		}
		if len(piece) > 0 {
			all = append(all, piece)
			piece = nil
		}
	}
	if len(piece) > 0 {
		all = append(all, piece)
	}
	return all
}

// path writes points as path data.
func path(points []point) string {
	data := make([]byte, 0, 12*len(points))
	for i, p := range points {
		if i == 0 {
			data = append(data, 'M')
		} else {
			data = append(data, 'L')
		}
		data = append(data, coordinate(p.x)+" "+coordinate(p.y)...)
	}
	return string(data)
}
