package describe

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"github.com/medtech-detect/sepsis/plot"
)

// page is the report as its reader meets it.
type page struct {
	Synthetic bool
	Sections  []section
}

// section has an anchor, a heading, what to look for, and blocks.
type section struct {
	ID, Title, Text string
	Blocks          []block
}

// block is a chart with its table folded away, or a table alone.
type block struct {
	Chart  template.HTML
	Table  *Table
	Folded bool // the table without a chart, too
}

func charted(figure plot.Figure, table *Table) block {
	return block{Chart: template.HTML(figure.SVG()), Table: table} //nolint:gosec // package plot escapes all text
}

//go:embed page.gohtml
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// HTML writes one self-contained page: no script, nothing from elsewhere. Each chart has its table beside it.
func (r *Report) HTML() ([]byte, error) {
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, page{r.Synthetic, r.sections()}); err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	return out.Bytes(), nil
}

func (r *Report) sections() []section {
	sections := []section{
		{"who", "Who is in it", "A stay is one file, and counts once. An hour is a row. Hours with the label are those from 6 hours before the onset of sepsis on; the records end soon after onset.", []block{
			{Table: r.cohortTable()},
			charted(r.subgroupChart(), r.subgroupTable()),
			charted(r.ageChart(), r.histogramTable("Age: share of stays.", "years", func(g *Group) *Histogram { return &g.Who.AgeHistogram })),
			charted(r.recordedChart(), r.histogramTable("Recorded hours: share of stays.", "hours", func(g *Group) *Histogram { return &g.Who.HoursHistogram })),
		}},
		{"onset", "When sepsis sets in", "The label begins 6 hours before onset. A stay that is labelled from its first row on was so before, at a time that is not known; it is left out of onset hours and of the hours at risk. An hour is at risk when the stay is recorded and was not labelled before. " +
			fmt.Sprintf("Bands of %d hours; bands of fewer than %d hours are not drawn.", hazardBand, leastCharted), []block{
			{Table: r.onsetTable()},
			charted(r.onsetChart(), r.histogramTable("ICU hour of onset: share of onsets.", "ICU hour", func(g *Group) *Histogram { return &g.Onset.Histogram })),
			charted(r.hazardChart(), r.hourTable(equalBands())),
			charted(r.prevalenceChart(), r.hourTable(longBands)),
			charted(r.stayingChart(), r.stayingTable()),
		}},
		{"measured", "What is measured", "An hour without a value is missing, and missing is not the same as normal.", []block{
			charted(r.measuredChart(), r.measuredTable()),
			charted(r.frequencyChart(), r.frequencyTable()),
		}},
		{"values", "What the values are", "After cleaning. The bins are the same for all hospitals; strongly skewed variables have a logarithmic axis.", []block{
			charted(r.valueChart(), r.valueTable()),
		}},
		{"contrasts", "What goes with the label", "Hours with the label against other hours, one variable at a time. This is no model: variables depend on each other and on the ICU hour, and each is judged in the hours in which it was measured. Hours of one stay depend on each other, so intervals come from drawing whole stays again.", []block{
			charted(r.aurocChart(), r.contrastTable(0)),
			charted(r.habitChart(), r.habitTable(0)),
		}},
	}
	for i := range r.Pairs {
		sections = append(sections, r.Pairs[i].section(fmt.Sprintf("pair-%d", i+1)))
	}
	return append(sections,
		section{"implausible", "Implausible values and units", "Cleaning takes out what cannot be true of a patient: values outside their hard range, and all values of a broken rule of coherence. Warnings are for what is odd but happens; those values are kept.", []block{
			{Table: r.cleaningTable()},
			{Table: r.unitTable()},
			{Table: r.doubtTable(false)},
			{Table: r.doubtTable(true), Folded: true},
			{Table: r.lookalikeTable(), Folded: true},
		}},
		section{"correlations", "What goes together", fmt.Sprintf("Each pair over the stays that have both values, one value of each in a stay; pairs with fewer than %d stays are grey.", leastStays), []block{
			charted(r.correlationChart(), r.correlationTable(0)),
		}},
	)
}

func (p *Pair) section(id string) section {
	return section{
		id, fmt.Sprintf("How %s and %s differ", p.First, p.Second),
		"The distance compares the values, the second picture how often there is one. No test is made: with so many hours that depend on each other, a small p-value would say nothing.",
		[]block{charted(p.distanceChart(), p.differenceTable(0)), charted(p.measuringChart(), p.measuringTable(0))},
	}
}

// histogramTable has a row for each bin and a column for each group.
func (r *Report) histogramTable(caption, unit string, of func(g *Group) *Histogram) *Table {
	t := r.byGroup(caption, unit)
	shares := make([][]float64, len(r.Groups))
	for i := range r.Groups {
		shares[i] = of(&r.Groups[i]).shares()
	}
	edges := of(&r.Groups[0]).Edges
	for bin := range len(edges) - 1 {
		cells := []string{fmt.Sprintf("%g to %g", edges[bin], edges[bin+1])}
		for i := range r.Groups {
			cells = append(cells, Number(shares[i][bin]).percent(2))
		}
		t.add(cells...)
	}
	return t
}

// stayingTable has the stays recorded at the beginning of each band.
func (r *Report) stayingTable() *Table {
	t := r.byGroup("Stays recorded in an ICU hour; in brackets, those of them that are septic at any time.", "ICU hour")
	for _, band := range equalBands() {
		r.line(t, count(band.from), func(g *Group) string {
			first := g.Onset.within(hourBand{band.from, band.from})
			return fmt.Sprintf("%s (%s)", count(first.Stays), count(first.Septic))
		})
	}
	return t
}
