package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/medtech-detect/sepsis/plot"
)

// page is the report as its reader meets it: parts of sections of blocks, each block of one kind.
type page struct {
	Title string
	Lead  string
	Parts []part
	Foot  string
}

// part gathers the sections for one reader.
type part struct {
	Title    string
	Sections []section
}

// section has an anchor, a heading, and blocks.
type section struct {
	ID     string // of the anchor: lower-case words with hyphens
	Title  string
	Blocks []block
}

// block is one of its fields; the others are empty.
type block struct {
	Heading *heading
	Text    string
	Notice  string   // text that must not be overlooked
	Method  string   // how the figures that follow were made
	List    []string // each a sentence
	Table   *table
	Chart   *chart
	Hundred *hundreds
	Code    *code
}

// code is text that is shown as it is, on demand.
type code struct{ Title, Text string }

// heading is a heading below that of the section.
type heading struct{ ID, Title string }

// table has a caption, a header, and rows as long as the header; the first cell of a row names it.
type table struct {
	Caption string
	Header  []string
	Rows    [][]cell
	Words   bool // the cells are sentences and not figures
}

// cell is text, and links to places of the page.
type cell struct {
	Text  string
	Links []link
}

// link leads to an anchor of the page.
type link struct{ Anchor, Text string }

// chart is a picture, what it shows in a sentence, and the table of its values.
type chart struct {
	Caption string
	SVG     template.HTML
	Table   *table
}

// picture makes a block of a figure, which carries its own title.
func picture(figure plot.Figure, caption string, values *table) block {
	return block{Chart: &chart{
		Caption: caption,
		SVG:     template.HTML(figure.SVG()), //nolint:gosec // package plot escapes every text
		Table:   values,
	}}
}

// hundreds shows natural frequencies: of a hundred patients each, how many.
type hundreds struct{ Groups []hundred }

// hundred is how many of a hundred patients something happens to; nothing is drawn when that is undefined.
type hundred struct {
	Of     string // what the hundred have in common
	Text   string // what the count means, as a sentence
	Count  int    // 0 to 100
	Draw   bool
	Marked string // "good" or "bad": what it means to be counted
}

// Dots are the hundred patients; the counted ones come first.
func (h hundred) Dots() []dot {
	dots := make([]dot, 100)
	for i := range dots {
		dots[i] = dot{X: 6 + 12*(i%10), Y: 6 + 12*(i/10), Counted: i < h.Count}
	}
	return dots
}

// dot is one patient in the picture.
type dot struct {
	X, Y    int
	Counted bool
}

func text(format string, values ...any) block { return block{Text: fmt.Sprintf(format, values...)} }

func notice(format string, values ...any) block { return block{Notice: fmt.Sprintf(format, values...)} }

func list(sentences ...string) block { return block{List: sentences} }

func head(id, title string) block { return block{Heading: &heading{ID: id, Title: title}} }

// row makes cells of texts.
func row(texts ...string) []cell {
	cells := make([]cell, len(texts))
	for i, t := range texts {
		cells[i].Text = t
	}
	return cells
}

// add appends a row of texts.
func (t *table) add(texts ...string) { t.Rows = append(t.Rows, row(texts...)) }

//go:embed page.gohtml
var pageTemplate string

//go:embed style.css
var style string

var parsed = template.Must(template.New("page").Funcs(template.FuncMap{
	"tight": tight,
	"whole": whole,
	"style": func() template.CSS { return template.CSS(style) }, //nolint:gosec // the style sheet is part of the program
}).Parse(pageTemplate))

// Class tells the style sheet what sort of table it is.
func (t *table) Class() string {
	const most = 9 // columns that fit the width of a printed page at the usual size
	switch {
	case t.Words:
		return "words"
	case len(t.Header) > most:
		return "wide"
	}
	return "figures"
}

// tight keeps the ends of an interval, and a number and its sign, on one line, so that a figure breaks before its interval.
func tight(text string) string {
	return strings.NewReplacer(" to ", "\u00a0to\u00a0", " %", "\u00a0%").Replace(text)
}

// whole keeps a number and its sign on one line, in a text that is free to break elsewhere.
func whole(text string) string { return strings.ReplaceAll(text, " %", "\u00a0%") }

// html writes the page.
func (p *page) html() ([]byte, error) {
	var out bytes.Buffer
	if err := parsed.Execute(&out, p); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return out.Bytes(), nil
}
