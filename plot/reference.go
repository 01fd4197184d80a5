package plot

// Direction is that of a reference line.
type Direction int

// The directions of a reference line.
const (
	Horizontal Direction = iota // at a value of the vertical axis
	Vertical                    // at a value of the horizontal axis
	Identity                    // where both axes have the same value
)

// Reference is a thin grey line to compare with. It does not widen the axes.
type Reference struct {
	Name      string
	Direction Direction
	At        float64 // not used for Identity
}

var _ Layer = Reference{}

func (r Reference) series() series { return series{r.Name, referenceKey} }

func (Reference) extent(_, _ *extent) {}

// referenceDash is the same for all reference lines.
const referenceDash = "4 4"

func (r Reference) draw(p *panel) {
	var line [][]point
	switch r.Direction {
	case Horizontal:
		if y, there := p.y.within(r.At); there {
			line = [][]point{{{p.area.left, y}, {p.area.right(), y}}}
		}
	case Vertical:
		if x, there := p.x.within(r.At); there {
			line = [][]point{{{x, p.area.top}, {x, p.area.bottom()}}}
		}
	case Identity:
		line = p.identity()
	}
	p.look.dash = referenceDash
	p.stroke(line, 1.2)
}

// identity is the line of equal values, in many short pieces, since it is bent where one axis alone is logarithmic.
func (p *panel) identity() [][]point {
	const parts = 100
	return pieces(parts+1, func(i int) (point, bool) {
		at := p.x.value(float64(i) / parts)
		return p.place(at, at)
	})
}
