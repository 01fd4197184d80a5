package plot

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// The look of all pictures: black on white reads well in print, too.
const (
	fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
	ink        = "#222222" // text; contrast to white 15.9 : 1 (WCAG 2.2, 1.4.3 asks for 4.5 : 1)
	paleInk    = "#595959" // axis numbers; contrast to white 7.0 : 1
	rule       = "#DDDDDD" // grid lines
	paper      = "#FFFFFF"

	titleSize = 15.0
	textSize  = 12.0
	lineSpace = 1.35 // line height over font size
)

// canvas gathers the elements of one picture.
type canvas struct{ svg bytes.Buffer }

// empty writes an element without content. Attributes are names and values in turn; a value is a string or a float64.
func (c *canvas) empty(name string, attributes ...any) {
	c.start(name, attributes)
	c.svg.WriteString("/>\n")
}

func (c *canvas) open(name string, attributes ...any) {
	c.start(name, attributes)
	c.svg.WriteString(">\n")
}

func (c *canvas) end(name string) { c.svg.WriteString("</" + name + ">\n") }

func (c *canvas) start(name string, attributes []any) {
	c.svg.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		c.svg.WriteString(" " + attributes[i].(string) + `="`)
		switch value := attributes[i+1].(type) {
		case float64:
			c.svg.WriteString(coordinate(value))
		case string:
			c.escape(value)
		}
		c.svg.WriteByte('"')
	}
}

// element writes an element that holds text alone.
func (c *canvas) element(name, content string, attributes ...any) {
	c.start(name, attributes)
	c.svg.WriteByte('>')
	c.escape(content)
	c.end(name)
}

// escape writes text so that XML reads it as such; what XML cannot hold becomes U+FFFD.
func (c *canvas) escape(text string) {
	_ = xml.EscapeText(&c.svg, []byte(text)) // a buffer takes everything
}

// The places of a text about its point.
const (
	anchorStart  = "start"
	anchorMiddle = "middle"
	anchorEnd    = "end"
)

func (c *canvas) text(content string, x, y, size float64, anchor, colour string, more ...any) {
	attributes := append([]any{"x", x, "y", y, "font-size", size, "text-anchor", anchor, "fill", colour}, more...)
	c.element("text", content, attributes...)
}

// textWidth estimates the width of a text: no font is at hand, and 0.56 of the size is the mean of common sans-serifs.
func textWidth(text string, size float64) float64 {
	return 0.56 * size * float64(utf8.RuneCountInString(text))
}

// wrap breaks a text into lines that fit the width; a word that is too long stays whole.
func wrap(text string, size, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && textWidth(line+" "+word, size) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}

// document wraps what draw draws into one self-contained picture.
func document(title, description string, width, height float64, draw func(c *canvas)) []byte {
	c := &canvas{}
	c.open("svg", "xmlns", "http://www.w3.org/2000/svg", "width", width, "height", height,
		"viewBox", "0 0 "+coordinate(width)+" "+coordinate(height), "role", "img", "font-family", fontFamily)
	c.element("title", title)
	c.element("desc", description)
	c.empty("rect", "width", width, "height", height, "fill", paper)
	draw(c)
	c.end("svg")
	return c.svg.Bytes()
}

// heading is a title, broken into lines.
type heading struct {
	lines []string
	width float64 // of the picture
	size  float64 // of the text
}

func newHeading(title string, width float64) heading {
	const narrow = 320
	size := titleSize
	if width < narrow {
		size = textSize
	}
	return heading{wrap(title, size, width-16), width, size}
}

func (h heading) draw(c *canvas) {
	for i, line := range h.lines {
		c.text(line, h.width/2, h.size*(1.2+lineSpace*float64(i)), h.size, anchorMiddle, ink, "font-weight", "600")
	}
}

func (h heading) height() float64 {
	return 8 + h.size*lineSpace*float64(len(h.lines))
}
