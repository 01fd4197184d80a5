package plot_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medtech-detect/sepsis/plot"
)

var update = flag.Bool("update", false, "write the golden files")

var nan = math.NaN()

// element is one element of a picture, with the text in it.
type element struct {
	name, text string
	attributes map[string]string
}

// elements reads a picture as XML, so that a malformed one fails.
func elements(t interface{ Fatalf(string, ...any) }, svg []byte) []element {
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	var all []element
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			all = append(all, e)
		case xml.CharData:
			if len(all) > 0 {
				all[len(all)-1].text += strings.TrimSpace(string(token))
			}
		}
	}
}

func texts(all []element) []string {
	var found []string
	for _, e := range all {
		if e.name == "text" {
			found = append(found, e.text)
		}
	}
	return found
}

// drawn are the elements in a colour, as fill or stroke.
func drawn(all []element, colour string) []element {
	return slices.DeleteFunc(slices.Clone(all), func(e element) bool {
		return e.attributes["fill"] != colour && e.attributes["stroke"] != colour
	})
}

func number(t *testing.T, e element, name string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(e.attributes[name], 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value
}

// examples has a figure of each kind and each layer.
func examples() map[string]plot.Figure {
	x, low, y, high := []float64{1, 2, 3, 4}, []float64{0, 1, 2, 1}, []float64{1, nan, 3, 2}, []float64{2, 3, 4, 3}
	chart := plot.Chart{
		Title: "Risk & <hours>", XLabel: "ICU hour", YLabel: "risk",
		Layers: []plot.Layer{
			plot.Band{Name: "A", X: x, Low: low, High: high},
			plot.Line{Name: "A", X: x, Y: y},
			plot.Steps{Name: "B", X: x, Y: y[:3], Filled: true},
			plot.Points{Name: "C", X: x, Y: y, Labels: []string{"one", "", "three"}},
			plot.ErrorBars{Name: "D", X: x, Y: y, Low: low, High: high},
			plot.ErrorBars{Name: "E", X: x, Y: y, Low: low, High: high, Horizontal: true},
			plot.Reference{Name: "threshold", At: 2},
			plot.Reference{Direction: plot.Identity},
			plot.Reference{Direction: plot.Vertical, At: 3},
		},
	}
	bars := plot.Chart{
		Title: "Bars", Y: plot.Axis{Percent: true}, X: plot.Axis{Categories: []string{"a", "b"}},
		Layers: []plot.Layer{plot.Bars{Name: "A", Values: []float64{0.5, -0.25}, Low: low, High: high}, plot.Bars{Name: "B", Values: []float64{1}}},
	}
	heat := plot.HeatMap{Title: "Heat", Rows: []string{"r", "s"}, Columns: []string{"c"}, Values: [][]float64{{1}}, Scale: plot.Diverging}
	return map[string]plot.Figure{
		"chart": chart, "bars": bars, "heat map": heat,
		"grid":             plot.Grid{Title: "All", Figures: []plot.Figure{chart, bars, heat}, Columns: 2, SharedLegend: true},
		"empty chart":      plot.Chart{},
		"empty heat map":   plot.HeatMap{},
		"empty grid":       plot.Grid{},
		"one value":        plot.Chart{Layers: []plot.Layer{plot.Line{X: []float64{3}, Y: []float64{-2}}}},
		"all equal":        plot.Chart{Layers: []plot.Layer{plot.Line{X: []float64{1, 2}, Y: []float64{5, 5}}}},
		"all zero":         plot.Chart{Layers: []plot.Layer{plot.Bars{Values: []float64{0, 0}}}},
		"logarithmic":      plot.Chart{X: plot.Axis{Log: true}, Y: plot.Axis{Log: true}, Layers: []plot.Layer{plot.Line{X: x, Y: high}, plot.Bars{Values: x}}},
		"enormous":         plot.Chart{Layers: []plot.Layer{plot.Line{X: []float64{-1e300, 1e300}, Y: []float64{1e-300, 1e300}}}},
		"one among others": plot.Chart{Layers: []plot.Layer{plot.Line{X: []float64{1, 1 + 1e-15}, Y: []float64{1, 2}}}},
	}
}

// TestSelfContained: what a strict Content-Security-Policy forbids, and what would clash when several pictures share
// a page, does not occur.
func TestSelfContained(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)<script|<style|<foreignObject|<image|<use|\sstyle=|\sid=|\sclass=|href|url\(|\son[a-z]+=|NaN|Inf|-0[" ]`)
	for name, figure := range examples() {
		svg := figure.SVG()
		if found := forbidden.Find(svg); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
		all := elements(t, svg)
		root := all[0]
		if root.name != "svg" || root.attributes["role"] != "img" || root.attributes["viewBox"] == "" {
			t.Errorf("%s begins with %v", name, root)
		}
		if all[1].name != "title" || all[2].name != "desc" || all[2].text == "" {
			t.Errorf("%s: no title and description at the start", name)
		}
		if !bytes.Equal(svg, figure.SVG()) {
			t.Errorf("%s: the same figure gives other bytes", name)
		}
	}
}

func TestTextIsEscaped(t *testing.T) {
	hostile := "<script>&\"'\x00"
	svg := plot.Chart{
		Title: hostile, XLabel: hostile, YLabel: hostile, X: plot.Axis{Categories: []string{hostile}},
		Layers: []plot.Layer{plot.Points{Name: hostile, X: []float64{0}, Y: []float64{1}, Labels: []string{hostile}}},
	}.SVG()
	if bytes.Contains(svg, []byte("<script")) {
		t.Error("a script got in")
	}
	for _, text := range texts(elements(t, svg)) {
		if _, err := strconv.ParseFloat(text, 64); err != nil && text != "<script>&\"'\uFFFD" {
			t.Errorf("text %q", text)
		}
	}
}

// TestNoData: without a value there are axes and a word, whatever the reason.
func TestNoData(t *testing.T) {
	cases := map[string]plot.Figure{
		"no layer":         plot.Chart{},
		"nothing in it":    plot.Chart{Layers: []plot.Layer{plot.Line{}, plot.Bars{}, plot.Band{}, plot.ErrorBars{}, plot.Steps{}}},
		"not finite":       plot.Chart{Layers: []plot.Layer{plot.Points{X: []float64{nan, 1, math.Inf(1)}, Y: []float64{1, nan, 2}}}},
		"not above 0":      plot.Chart{Y: plot.Axis{Log: true}, Layers: []plot.Layer{plot.Line{X: []float64{1, 2}, Y: []float64{0, -1}}}},
		"a reference only": plot.Chart{Layers: []plot.Layer{plot.Reference{At: 1}}},
		"empty heat map":   plot.HeatMap{Rows: []string{"r"}, Columns: []string{"c"}, Values: [][]float64{{nan}}},
		"empty grid":       plot.Grid{},
	}
	for name, figure := range cases {
		if !slices.Contains(texts(elements(t, figure.SVG())), "no data") {
			t.Errorf("%s: not said", name)
		}
	}
}

// TestGap: a value that is not finite interrupts a line, and a value alone is still to be seen.
func TestGap(t *testing.T) {
	line := plot.Line{X: []float64{1, 2, 3, 4, 5, 6}, Y: []float64{1, 2, nan, 3, math.Inf(-1), 4}}
	var shapes []string
	for _, e := range drawn(elements(t, plot.Chart{Layers: []plot.Layer{line}}.SVG()), plot.Blue) {
		shapes = append(shapes, e.name)
	}
	if want := []string{"path", "circle", "circle"}; !slices.Equal(shapes, want) {
		t.Errorf("drawn as %v, want %v", shapes, want)
	}
}

// axisTexts are the numbers along an axis of a chart that shows two points.
func axisTexts(t *testing.T, axis plot.Axis, low, high float64) []string {
	t.Helper()
	chart := plot.Chart{X: axis, Y: plot.Axis{Ticks: []plot.Tick{}}, Layers: []plot.Layer{plot.Points{X: []float64{low, high}, Y: []float64{0, 1}}}}
	return texts(elements(t, chart.SVG()))
}

// TestTicks has the round numbers that one would choose by hand, about eight on an axis of 640 pixels.
func TestTicks(t *testing.T) {
	cases := []struct {
		name      string
		axis      plot.Axis
		low, high float64
		want      string
	}{
		{"tens", plot.Axis{}, 3, 58, "0 10 20 30 40 50 60"},
		{"negative, with a true minus", plot.Axis{}, -1, 1, "−1 −0.5 0 0.5 1"},
		{"decimals of the step", plot.Axis{}, 0.1, 0.35, "0.1 0.15 0.2 0.25 0.3 0.35"},
		{"thousands", plot.Axis{}, 0, 50000, "0 10,000 20,000 30,000 40,000 50,000"},
		{"shares", plot.Axis{Percent: true}, 0, 0.06, "0 % 1 % 2 % 3 % 4 % 5 % 6 %"},
		{"from zero", plot.Axis{FromZero: true}, 8, 10, "0 2 4 6 8 10"},
		{"fixed", plot.Axis{Fixed: plot.Interval{Low: 0.5, High: 2.5}}, 1, 2, "0.5 1 1.5 2 2.5"},
		{"fixed the wrong way round is not used", plot.Axis{Fixed: plot.Interval{Low: 5, High: 1}}, 0, 5, "0 1 2 3 4 5"},
		{"given", plot.Axis{Ticks: []plot.Tick{{At: 2, Label: "two"}, {At: 99, Label: "beyond"}}}, 1, 3, "two"},
		{"decades", plot.Axis{Log: true}, 0.02, 300, "0.01 0.1 1 10 100 1000"},
		{"within a decade", plot.Axis{Log: true}, 3, 30, "2 5 10 20 50"},
		{"a decade alone", plot.Axis{Log: true}, 10, 10, "1 2 5 10 20 50 100"},
		{"one value", plot.Axis{}, 10, 10, "9 9.5 10 10.5 11"},
		{"near ends, logarithmic", plot.Axis{Log: true, Fixed: plot.Interval{Low: 2.5, High: 6.5}}, 3, 6, "3 4 5 6"},
		{"nearer ends, logarithmic", plot.Axis{Log: true, Fixed: plot.Interval{Low: 7.2, High: 7.9}}, 7.3, 7.6, "7.2 7.4 7.6 7.8"},
	}
	for _, c := range cases {
		if got := strings.Join(axisTexts(t, c.axis, c.low, c.high), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestEveryAxisCanBeRead: however small the picture, and however near the ends, two places or more are marked.
func TestEveryAxisCanBeRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		low := rapid.Float64Range(0.001, 1000).Draw(rt, "low")
		high := low * (1 + rapid.Float64Range(0.001, 1000).Draw(rt, "length"))
		axis := plot.Axis{Log: rapid.Bool().Draw(rt, "log"), Percent: rapid.Bool().Draw(rt, "percent"), Fixed: plot.Interval{Low: low, High: high}}
		chart := plot.Chart{
			X: axis, Y: plot.Axis{Ticks: []plot.Tick{}}, Width: rapid.IntRange(100, 900).Draw(rt, "width"),
			Layers: []plot.Layer{plot.Points{X: []float64{low, high}, Y: []float64{0, 1}}},
		}
		if marks := texts(elements(t, chart.SVG())); len(marks) < 2 {
			rt.Fatalf("from %g to %g: %q", low, high, marks)
		}
	})
}

// TestPlaces: on an axis from 0 to 4, 1 lies at a quarter and 2 in the middle; on a logarithmic one from 1 to 100, 10 does.
func TestPlaces(t *testing.T) {
	cases := []struct {
		name string
		axis plot.Axis
		x    []float64
		want float64
	}{
		{"linear", plot.Axis{}, []float64{0, 1, 4}, 0.25},
		{"logarithmic", plot.Axis{Log: true}, []float64{1, 10, 100}, 0.5},
	}
	for _, c := range cases {
		dots := drawn(elements(t, plot.Chart{X: c.axis, Layers: []plot.Layer{plot.Points{X: c.x, Y: []float64{0, 1, 2}}}}.SVG()), plot.Blue)
		if len(dots) != 3 {
			t.Fatalf("%s: %d points", c.name, len(dots))
		}
		first, middle, last := number(t, dots[0], "cx"), number(t, dots[1], "cx"), number(t, dots[2], "cx")
		if got := (middle - first) / (last - first); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("%s: at %g of the axis, want %g", c.name, got, c.want)
		}
		if top, bottom := number(t, dots[2], "cy"), number(t, dots[0], "cy"); top >= bottom {
			t.Errorf("%s: larger values are not higher", c.name)
		}
	}
}

// TestBars: a bar twice as large is twice as long, lying or standing, and grouped bars do not overlap.
func TestBars(t *testing.T) {
	for _, lying := range []bool{false, true} {
		length, side, at := "height", "width", "x"
		if lying {
			length, side, at = "width", "height", "y"
		}
		all := elements(t, plot.Chart{Layers: []plot.Layer{
			plot.Bars{Name: "A", Values: []float64{1, 2}, Horizontal: lying},
			plot.Bars{Name: "B", Values: []float64{nan, 1}, Horizontal: lying},
		}}.SVG())
		a, b := drawn(all, plot.Blue)[1:], drawn(all, plot.Vermillion)[1:] // without the legend's
		if len(a) != 2 || len(b) != 1 {
			t.Fatalf("lying %v: %d and %d bars, want 2 and 1", lying, len(a), len(b))
		}
		if ratio := number(t, a[1], length) / number(t, a[0], length); math.Abs(ratio-2) > 1e-3 {
			t.Errorf("lying %v: the bar of 2 is %g times as long as that of 1", lying, ratio)
		}
		first, second := number(t, a[1], at), number(t, b[0], at)
		if lying { // the vertical axis goes upwards here
			first, second = second, first
		}
		if first+number(t, a[1], side) > second+0.01 {
			t.Errorf("lying %v: the bars of a group overlap", lying)
		}
	}
}

// TestFirstCategoryIsOnTop: lists are read from above.
func TestFirstCategoryIsOnTop(t *testing.T) {
	chart := plot.Chart{Y: plot.Axis{Categories: []string{"first", "second"}}, Layers: []plot.Layer{plot.Bars{Values: []float64{1, 2}, Horizontal: true}}}
	bars := drawn(elements(t, chart.SVG()), plot.Blue)
	if number(t, bars[0], "y") >= number(t, bars[1], "y") {
		t.Error("the first category lies below the second")
	}
}

// TestLegend: layers of one name share colour and entry; layers without name and charts told so have none.
func TestLegend(t *testing.T) {
	x := []float64{0, 1}
	chart := plot.Chart{Layers: []plot.Layer{
		plot.Band{Name: "model", X: x, Low: x, High: x},
		plot.Line{Name: "model", X: x, Y: x},
		plot.Line{Name: "other", X: x, Y: x},
		plot.Line{X: x, Y: x},
		plot.Reference{Name: "chance", At: 0.5},
	}}
	count := func(figure plot.Figure, name string) int {
		return len(slices.DeleteFunc(texts(elements(t, figure.SVG())), func(text string) bool { return text != name }))
	}
	for _, name := range []string{"model", "other", "chance"} {
		if got := count(chart, name); got != 1 {
			t.Errorf("%s occurs %d times in the legend", name, got)
		}
		if got := count(plot.Grid{Figures: []plot.Figure{chart, chart}, SharedLegend: true}, name); got != 1 {
			t.Errorf("%s occurs %d times in the shared legend", name, got)
		}
		if got := count(plot.Grid{Figures: []plot.Figure{chart, chart}}, name); got != 2 {
			t.Errorf("%s occurs %d times in two legends", name, got)
		}
	}
	chart.NoLegend = true
	if got := count(chart, "model"); got != 0 {
		t.Error("a legend is drawn all the same")
	}
}

// TestHeatMapColours: the ends and the middle of the scales, from the colours' definition.
func TestHeatMapColours(t *testing.T) {
	cases := []struct {
		scale plot.Scale
		want  []string // of -1, -0.5, 0, 1 and a gap
	}{
		{plot.Diverging, []string{plot.Vermillion, "#EAAF80", "#FFFFFF", plot.Blue, "#EBEBEB"}},
		{plot.Sequential, []string{"#FFFFFF", "#BFCFDC", "#809FB9", "#003F72", "#EBEBEB"}},
	}
	for _, c := range cases {
		svg := plot.HeatMap{Rows: []string{"r"}, Columns: []string{"a", "b", "c", "d", "e"}, Values: [][]float64{{-1, -0.5, 0, 1, nan}}, Scale: c.scale}.SVG()
		var cells []string
		for _, e := range elements(t, svg) {
			if e.name == "rect" && len(cells) < 5 && e.attributes["x"] != "" {
				cells = append(cells, e.attributes["fill"])
			}
		}
		if !slices.Equal(cells, c.want) {
			t.Errorf("scale %d: %v, want %v", c.scale, cells, c.want)
		}
	}
}

// TestAnyNumbersAndWords: whatever is drawn, the picture is XML of finite places, within a bounded size.
func TestAnyNumbersAndWords(t *testing.T) {
	notFinite := regexp.MustCompile(`NaN|Inf|\de[+-]?\d`)
	rapid.Check(t, func(t *rapid.T) {
		values := func(name string) []float64 { return rapid.SliceOfN(rapid.Float64(), 0, 5).Draw(t, name) }
		axis := func(name string) plot.Axis {
			return plot.Axis{
				Log: rapid.Bool().Draw(t, name+" log"), Percent: rapid.Bool().Draw(t, name+" percent"), FromZero: rapid.Bool().Draw(t, name+" zero"),
				Fixed: plot.Interval{Low: rapid.Float64().Draw(t, name+" low"), High: rapid.Float64().Draw(t, name+" high")},
			}
		}
		x, y, low, high, word := values("x"), values("y"), values("low"), values("high"), rapid.String().Draw(t, "word")
		chart := plot.Chart{
			Title: word, XLabel: word, YLabel: word, X: axis("x"), Y: axis("y"),
			Width: rapid.IntRange(-1, 900).Draw(t, "width"), Height: rapid.IntRange(-1, 900).Draw(t, "height"),
			Layers: []plot.Layer{
				plot.Line{Name: word, X: x, Y: y},
				plot.Steps{X: x, Y: y, Filled: true},
				plot.Points{X: x, Y: y, Labels: []string{word}},
				plot.Bars{Values: y, Low: low, High: high},
				plot.Band{X: x, Low: low, High: high},
				plot.ErrorBars{X: x, Y: y, Low: low, High: high},
				plot.Reference{Direction: plot.Identity, Name: word},
			},
		}
		heat := plot.HeatMap{Title: word, Rows: []string{word, "r"}, Columns: []string{"c", word}, Values: [][]float64{x, y}, Fixed: chart.X.Fixed}
		svg := plot.Grid{Title: word, Figures: []plot.Figure{chart, heat}}.SVG()
		for _, e := range elements(t, svg) {
			for name, value := range e.attributes {
				if notFinite.MatchString(value) && name != "fill" {
					t.Fatalf("%s %s=%q", e.name, name, value)
				}
			}
		}
		if len(svg) > 1<<20 {
			t.Fatalf("%d bytes", len(svg))
		}
	})
}

// TestEqualChartsGiveTheGoldenBytes holds the bytes, since reports are compared byte for byte.
// After a wanted change, look at the picture: go test ./plot -update.
func TestEqualChartsGiveTheGoldenBytes(t *testing.T) {
	const golden = "testdata/chart.svg"
	svg := examples()["chart"].SVG()
	if *update {
		if err := os.WriteFile(golden, svg, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(svg, want) {
		t.Error("the picture is not testdata/chart.svg")
	}
}
