package plot

// legendEntry is one name of the legend, with its sign.
type legendEntry struct {
	name string
	look style
	key  key
}

// entries are the names of the layers, each once, in the order of the layers. A line's sign goes before that of a
// band or of points under the same name.
func (c Chart) entries() []legendEntry {
	var entries []legendEntry
	place := make(map[string]int)
	looks := c.looks()
	for i, layer := range c.Layers {
		s := layer.series()
		if s.name == "" {
			continue
		}
		if at, known := place[s.name]; known {
			entries[at].key = min(entries[at].key, s.key)
			continue
		}
		look := looks[i]
		if line, isLine := layer.(Line); isLine && line.Solid {
			look.dash = ""
		}
		place[s.name] = len(entries)
		entries = append(entries, legendEntry{s.name, look, s.key})
	}
	return entries
}

// The measures of a legend, in pixels.
const (
	legendRow  = 18.0
	keyWidth   = 24.0
	legendText = textSize - 0.5
)

// drawLegend writes the entries in rows within the room's width and gives the height that they take.
func drawLegend(on *canvas, entries []legendEntry, room box) float64 {
	if len(entries) == 0 {
		return 0
	}
	for _, placed := range placeLegend(entries, room) {
		entry, at := placed.legendEntry, placed.at
		entry.draw(on, at)
		on.text(entry.name, at.x+keyWidth+4, at.y+4, legendText, anchorStart, ink)
	}
	return legendHeight(entries, room.width)
}

type placedEntry struct {
	legendEntry
	at point // the sign's left end
}

func placeLegend(entries []legendEntry, room box) []placedEntry {
	var placed []placedEntry
	x, y := room.left, room.top+legendRow/2
	for _, entry := range entries {
		width := keyWidth + 4 + textWidth(entry.name, legendText) + 16
		if x > room.left && x+width > room.right() {
			x, y = room.left, y+legendRow
		}
		placed = append(placed, placedEntry{entry, point{x, y}})
		x += width
	}
	return placed
}

func legendHeight(entries []legendEntry, width float64) float64 {
	if len(entries) == 0 {
		return 0
	}
	placed := placeLegend(entries, box{0, 0, width, 0})
	return placed[len(placed)-1].at.y + legendRow/2 + 4
}

func (e legendEntry) draw(on *canvas, at point) {
	middle := point{at.x + keyWidth/2, at.y}
	switch e.key {
	case boxKey:
		on.empty("rect", "x", middle.x-6, "y", middle.y-6, "width", 12.0, "height", 12.0, "fill", e.look.colour)
	case pointKey:
		on.marker(middle, 4, e.look)
	case lineKey, referenceKey:
		attributes := []any{"d", path([]point{at, {at.x + keyWidth, at.y}}), "stroke", e.look.colour, "stroke-width", 2.0}
		if e.look.dash != "" {
			attributes = append(attributes, "stroke-dasharray", e.look.dash)
		}
		on.empty("path", attributes...)
	}
}
