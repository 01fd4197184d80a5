package plot

import "math"

// Bars draws a bar from 0 for each value, at the places 0, 1, … of the axis, which usually has Categories. Several
// layers of bars stand side by side.
type Bars struct {
	Name       string
	Values     []float64
	Low, High  []float64 // ends of intervals, drawn as whiskers; nil: none
	Horizontal bool      // the bars lie; the categories are those of the vertical axis
}

var _ Layer = Bars{}

func (b Bars) series() series { return series{b.Name, boxKey} }

func (b Bars) extent(x, y *extent) {
	along, across := y, x
	if b.Horizontal {
		along, across = x, y
	}
	some := false
	for i, value := range b.Values {
		single := extent{log: along.log}
		single.add(value)
		if !single.any {
			continue
		}
		some = true
		along.add(value)
		across.add(float64(i)-0.5, float64(i)+0.5)
	}
	if some {
		along.add(0)
		along.add(b.Low...)
		along.add(b.High...)
	}
}

// groupWidth is the share of a category's room that its bars take together.
const groupWidth = 0.8

func (b Bars) draw(p *panel) {
	thickness := groupWidth / float64(max(1, p.slots))
	p.clipped(func() {
		for i, value := range b.Values {
			from := float64(i) - groupWidth/2 + thickness*float64(p.slot)
			b.bar(p, value, from, from+thickness)
			b.interval(p, i, from+thickness/2)
		}
	})
}

func (b Bars) bar(p *panel, value, from, to float64) {
	along, across := p.y, p.x
	if b.Horizontal {
		along, across = p.x, p.y
	}
	end, there := along.at(value)
	start, thereStart := across.at(from)
	stop, thereStop := across.at(to)
	if !there || !thereStart || !thereStop {
		return
	}
	base := p.baseline(along)
	lengthFrom, length := math.Min(base, end), math.Abs(end-base)
	sideFrom, side := math.Min(start, stop), math.Max(0.5, math.Abs(stop-start)-0.5)
	if b.Horizontal {
		p.empty("rect", "x", lengthFrom, "y", sideFrom, "width", length, "height", side, "fill", p.look.colour)
		return
	}
	p.empty("rect", "x", sideFrom, "y", lengthFrom, "width", side, "height", length, "fill", p.look.colour)
}

func (b Bars) interval(p *panel, i int, at float64) {
	if i >= len(b.Low) || i >= len(b.High) {
		return
	}
	dark := *p
	dark.look.colour = ink
	var low, high point
	var thereLow, thereHigh bool
	if b.Horizontal {
		low, thereLow = p.place(b.Low[i], at)
		high, thereHigh = p.place(b.High[i], at)
	} else {
		low, thereLow = p.place(at, b.Low[i])
		high, thereHigh = p.place(at, b.High[i])
	}
	if thereLow && thereHigh {
		dark.whisker(low, high, b.Horizontal)
	}
}
