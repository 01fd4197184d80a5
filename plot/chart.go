package plot

import (
	"math"
	"strings"
)

// Default size of a chart in pixels, and what is drawn at most.
const (
	defaultWidth  = 640
	defaultHeight = 400
	smallest      = 60
	mostPixels    = 10000
)

// Chart is a plot with two axes.
type Chart struct {
	Title    string
	XLabel   string
	YLabel   string
	X, Y     Axis
	Layers   []Layer // drawn in this order, later ones on top
	Width    int     // pixels; 0: 640
	Height   int     // pixels; 0: 400
	NoLegend bool    // even if layers have names
}

// Figure is a picture: a [Chart], a [HeatMap] or a [Grid].
type Figure interface {
	// SVG is the picture as one self-contained svg element.
	SVG() []byte
	// size is the room that the picture takes, in pixels.
	size() (width, height float64)
	drawOn(c *canvas)
	legend() []legendEntry
	withoutLegend() Figure
}

var _ Figure = Chart{}

// SVG is the chart as one self-contained svg element.
func (c Chart) SVG() []byte {
	width, height := c.size()
	return document(c.Title, c.description(), width, height, c.drawOn)
}

// description is for screen readers.
func (c Chart) description() string {
	parts := []string{"Chart."}
	if c.XLabel != "" {
		parts = append(parts, "Horizontal axis: "+c.XLabel+".")
	}
	if c.YLabel != "" {
		parts = append(parts, "Vertical axis: "+c.YLabel+".")
	}
	var names []string
	for _, entry := range c.entries() {
		names = append(names, entry.name)
	}
	if len(names) > 0 {
		parts = append(parts, "Series: "+strings.Join(names, ", ")+".")
	}
	return strings.Join(parts, " ")
}

// pixels is a wanted length, or the default, within what can be drawn.
func pixels(wanted, otherwise int) float64 {
	if wanted <= 0 {
		wanted = otherwise
	}
	return float64(max(smallest, min(mostPixels, wanted)))
}

func (c Chart) size() (width, height float64) {
	return pixels(c.Width, defaultWidth), pixels(c.Height, defaultHeight)
}

func (c Chart) legend() []legendEntry { return c.entries() }

func (c Chart) withoutLegend() Figure {
	c.NoLegend = true
	return c
}

// extents are the intervals that the layers cover.
func (c Chart) extents() (x, y extent) {
	x.log, y.log = c.X.Log, c.Y.Log
	for _, layer := range c.Layers {
		layer.extent(&x, &y)
	}
	return x, y
}

func (c Chart) drawOn(on *canvas) {
	width, height := c.size()
	title := newHeading(c.Title, width)
	title.draw(on)
	top := title.height()
	if !c.NoLegend {
		top += drawLegend(on, c.entries(), box{12, top, width - 24, 0})
	}
	dataX, dataY := c.extents()
	f := c.frame(box{0, top, width, height - top}, dataX, dataY)
	f.drawAxes(on)
	if !dataX.any || !dataY.any {
		on.text("no data", f.area.left+f.area.width/2, f.area.top+f.area.height/2, textSize+2, anchorMiddle, paleInk)
		return
	}
	c.drawLayers(on, f)
}

func (c Chart) drawLayers(on *canvas, f frame) {
	looks := c.looks()
	slots, slot := 0, 0
	for _, layer := range c.Layers {
		if _, isBars := layer.(Bars); isBars {
			slots++
		}
	}
	for i, layer := range c.Layers {
		p := &panel{canvas: on, area: f.area, x: f.scaleX, y: f.scaleY, look: looks[i], slot: slot, slots: slots}
		layer.draw(p)
		if _, isBars := layer.(Bars); isBars {
			slot++
		}
	}
}

// looks gives each layer its style: layers of one name share it, and reference lines use up no colour.
func (c Chart) looks() []style {
	looks := make([]style, len(c.Layers))
	byName := make(map[string]style)
	for i, layer := range c.Layers {
		s := layer.series()
		if s.key == referenceKey {
			looks[i] = style{colour: Grey, dash: referenceDash}
			continue
		}
		look, known := byName[s.name]
		if !known {
			look = seriesStyle(len(byName))
			byName[s.name] = look
		}
		looks[i] = look
	}
	return looks
}

// frame is a chart's axes, laid out.
type frame struct {
	chart          Chart
	area           box
	scaleX, scaleY scale
	x, y           resolved
	slanted        bool // the words below the horizontal axis
}

// The room around the area, in pixels.
const (
	tickLength = 4.0
	tickGap    = 6.0 // from the axis to its numbers
	labelRoom  = 20.0
	edge       = 14.0
	minArea    = 20.0
)

// frame lays out the axes within the room below title and legend.
func (c Chart) frame(room box, dataX, dataY extent) frame {
	f := frame{chart: c}
	f.y = c.Y.resolve(dataY, max(2, int(room.height/55)))
	left := edge + widest(f.y.ticks, textSize-1) + tickGap
	if c.YLabel != "" {
		left += labelRoom
	}
	left = math.Min(left, 0.6*room.width)
	f.x = c.X.resolve(dataX, max(3, int((room.width-left)/75)))
	width := math.Max(minArea, room.width-left-f.right())
	below := tickGap + textSize*lineSpace
	if f.slanted = f.crowded(width); f.slanted {
		below = tickGap + 8 + 0.71*widest(f.x.ticks, textSize-1)
	}
	if c.XLabel != "" {
		below += labelRoom
	}
	below = math.Min(below+4, 0.6*room.height)
	f.area = box{left, room.top + 6, width, math.Max(minArea, room.height-below-6)}
	f.scaleX = scale{f.x.low, f.x.high, f.area.left, f.area.right(), f.x.log}
	f.scaleY = scale{f.y.low, f.y.high, f.area.bottom(), f.area.top, f.y.log}
	if len(c.Y.Categories) > 0 {
		f.scaleY.from, f.scaleY.to = f.area.top, f.area.bottom()
	}
	return f
}

func widest(ticks []Tick, size float64) float64 {
	width := 0.0
	for _, tick := range ticks {
		width = math.Max(width, textWidth(tick.Label, size))
	}
	return width
}

// right is the room beside the area: that of half the last number below it.
func (f frame) right() float64 {
	if len(f.x.ticks) == 0 || len(f.chart.X.Categories) > 0 {
		return edge
	}
	return math.Max(edge, textWidth(f.x.ticks[len(f.x.ticks)-1].Label, textSize-1)/2+4)
}

// crowded tells whether the words below the horizontal axis would run into each other.
func (f frame) crowded(width float64) bool {
	if len(f.x.ticks) < 2 {
		return false
	}
	return (widest(f.x.ticks, textSize-1)+8)*float64(len(f.x.ticks)) > width*1.05
}

func (f frame) drawAxes(on *canvas) {
	for _, tick := range f.x.ticks {
		f.drawTickX(on, tick)
	}
	for _, tick := range f.y.ticks {
		f.drawTickY(on, tick)
	}
	a := f.area
	on.empty("path", "d", path([]point{{a.left, a.top}, {a.left, a.bottom()}, {a.right(), a.bottom()}}), "fill", "none", "stroke", paleInk)
	_, height := f.chart.size()
	if f.chart.XLabel != "" {
		on.text(f.chart.XLabel, a.left+a.width/2, height-8, textSize, anchorMiddle, ink)
	}
	if f.chart.YLabel != "" {
		middle := a.top + a.height/2
		on.text(f.chart.YLabel, edge+3, middle, textSize, anchorMiddle, ink, "transform", "rotate(-90 "+coordinate(edge+3)+" "+coordinate(middle)+")")
	}
}

func (f frame) drawTickX(on *canvas, tick Tick) {
	x, there := f.scaleX.within(tick.At)
	if !there {
		return
	}
	bottom := f.area.bottom()
	if len(f.chart.X.Categories) == 0 {
		on.empty("path", "d", path([]point{{x, f.area.top}, {x, bottom}}), "stroke", rule)
	}
	on.empty("path", "d", path([]point{{x, bottom}, {x, bottom + tickLength}}), "stroke", paleInk)
	if f.slanted {
		y := bottom + tickGap + 6
		on.text(tick.Label, x+3, y, textSize-1, anchorEnd, paleInk, "transform", "rotate(-45 "+coordinate(x+3)+" "+coordinate(y)+")")
		return
	}
	on.text(tick.Label, x, bottom+tickGap+textSize-2, textSize-1, anchorMiddle, paleInk)
}

func (f frame) drawTickY(on *canvas, tick Tick) {
	y, there := f.scaleY.within(tick.At)
	if !there {
		return
	}
	left := f.area.left
	if len(f.chart.Y.Categories) == 0 {
		on.empty("path", "d", path([]point{{left, y}, {f.area.right(), y}}), "stroke", rule)
	}
	on.empty("path", "d", path([]point{{left - tickLength, y}, {left, y}}), "stroke", paleInk)
	on.text(tick.Label, left-tickGap, y+4, textSize-1, anchorEnd, paleInk)
}
