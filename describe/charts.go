package describe

import (
	"math"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/plot"
)

// chartWidth is the width of the charts of the page, in pixels.
const chartWidth = 900

// hospitals are the groups that are compared: all but the pooled one.
func (r *Report) hospitals() []Group { return r.Groups[1:] }

// histogramChart draws a histogram for each hospital, as shares of its own values.
func (r *Report) histogramChart(title, label string, of func(g *Group) *Histogram) plot.Chart {
	chart := plot.Chart{Title: title, XLabel: label, YLabel: "share", Y: plot.Axis{Percent: true, FromZero: true}, Width: chartWidth, Height: 300}
	for i := range r.hospitals() {
		g := &r.hospitals()[i]
		h := of(g)
		chart.X.Log, chart.X.Fixed = h.Log, plot.Interval{Low: h.Edges[0], High: h.Edges[len(h.Edges)-1]}
		chart.Layers = append(chart.Layers, plot.Steps{Name: g.Name, X: h.Edges, Y: h.shares(), Filled: true})
	}
	return chart
}

func (r *Report) ageChart() plot.Figure {
	return r.histogramChart("Age", "years", func(g *Group) *Histogram { return &g.Who.AgeHistogram })
}

func (r *Report) recordedChart() plot.Figure {
	chart := r.histogramChart("Recorded hours of a stay", "hours", func(g *Group) *Histogram { return &g.Who.HoursHistogram })
	chart.X.Fixed, chart.X.Ticks = plot.Interval{High: 168}, days(168)
	return chart
}

// days are ticks at whole days.
func days(last int) []plot.Tick {
	var ticks []plot.Tick
	for hour := 0; hour <= last; hour += 24 {
		ticks = append(ticks, plot.Tick{At: float64(hour), Label: count(hour)})
	}
	return ticks
}

// subgroupChart shows the share of septic stays in parts of the cohort.
func (r *Report) subgroupChart() plot.Figure {
	chart := plot.Chart{
		Title: "Septic stays, with 95 % intervals", XLabel: "share of stays", X: plot.Axis{Percent: true, FromZero: true}, Width: chartWidth,
	}
	for _, s := range r.Groups[0].Who.Subgroups {
		chart.Y.Categories = append(chart.Y.Categories, s.Name)
	}
	chart.Height = 110 + 30*len(chart.Y.Categories)
	return r.withIntervals(chart, func(g *Group, at int) Estimate {
		septic := g.Who.subgroup(chart.Y.Categories[at])
		low, high := septic.Interval()
		return Estimate{septic.Value(), low, high}
	})
}

// withIntervals adds to a chart, for each of its categories, a figure of each hospital with its interval, the hospitals one below the other.
func (r *Report) withIntervals(chart plot.Chart, of func(g *Group, at int) Estimate) plot.Figure {
	for i := range r.hospitals() {
		g := &r.hospitals()[i]
		bars := plot.ErrorBars{Name: g.Name, Horizontal: true}
		for at := range chart.Y.Categories {
			e := of(g, at)
			bars.X, bars.Low, bars.High = append(bars.X, float64(e.Value)), append(bars.Low, float64(e.Low)), append(bars.High, float64(e.High))
			bars.Y = append(bars.Y, float64(at)+0.4*(float64(i)+0.5)/float64(len(r.hospitals()))-0.2)
		}
		chart.Layers = append(chart.Layers, bars)
	}
	return chart
}

func variableNames() []string {
	names := make([]string, sepsis.NumVariables)
	for v := range names {
		names[v] = sepsis.Variable(v).String()
	}
	return names
}

// measuredChart is a heat map of how much is measured.
func (r *Report) measuredChart() plot.Figure {
	m := plot.HeatMap{
		Title: "Hours, and stays, with a value", Rows: variableNames(), Percent: true, Fixed: plot.Interval{High: 1}, Width: chartWidth,
		Values: make([][]float64, sepsis.NumVariables),
	}
	for i := range r.hospitals() {
		g := &r.hospitals()[i]
		m.Columns = append(m.Columns, "hours, "+g.Name, "stays, "+g.Name)
		for v := range g.Variables {
			m.Values[v] = append(m.Values[v], float64(g.Variables[v].Measured), float64(g.Variables[v].EverMeasured))
		}
	}
	return m
}

// measuringChart has a point for each variable: how much one hospital measures, against the other.
func (p *Pair) measuringChart() plot.Figure {
	points := plot.Points{}
	for _, d := range p.Variables {
		if _, hourly := sepsis.VariableNamed(d.Name); !hourly {
			continue
		}
		points.X, points.Y = append(points.X, float64(d.FirstMeasured)), append(points.Y, float64(d.SecondMeasured))
		points.Labels = append(points.Labels, d.Name)
	}
	return plot.Chart{
		Title: "Share of hours with a value, on logarithmic axes", XLabel: p.First, YLabel: p.Second,
		X: plot.Axis{Log: true, Percent: true}, Y: plot.Axis{Log: true, Percent: true},
		Layers: []plot.Layer{plot.Reference{Name: "measured as often", Direction: plot.Identity}, points}, Width: chartWidth, Height: 640,
	}
}

// distanceChart has a bar for each variable.
func (p *Pair) distanceChart() plot.Figure {
	bars := plot.Bars{Horizontal: true}
	chart := plot.Chart{
		Title: "How far the values of " + p.First + " and " + p.Second + " are apart", XLabel: "Kolmogorov-Smirnov distance, with 95 % intervals",
		X: plot.Axis{FromZero: true}, Width: chartWidth, Height: 90 + 17*len(p.Variables),
	}
	for _, d := range p.Variables {
		chart.Y.Categories = append(chart.Y.Categories, d.Name)
		bars.Values = append(bars.Values, float64(d.Distance.Value))
		bars.Low, bars.High = append(bars.Low, float64(d.Distance.Low)), append(bars.High, float64(d.Distance.High))
	}
	chart.Layers = []plot.Layer{bars}
	return chart
}

// frequencyChart has a bar for each variable and hospital.
func (r *Report) frequencyChart() plot.Figure {
	chart := plot.Chart{
		Title: "Values in 24 recorded hours", XLabel: "values in 24 hours, on a logarithmic axis", X: plot.Axis{Log: true},
		Y: plot.Axis{Categories: variableNames()}, Width: chartWidth, Height: 110 + 20*sepsis.NumVariables,
	}
	for i := range r.hospitals() {
		g := &r.hospitals()[i]
		points := plot.Points{Name: g.Name}
		for v := range g.Variables {
			points.X, points.Y = append(points.X, float64(g.Variables[v].PerDay)), append(points.Y, float64(v))
		}
		chart.Layers = append(chart.Layers, points)
	}
	return chart
}

// valueChart has a small histogram for each measurement.
func (r *Report) valueChart() plot.Figure {
	grid := plot.Grid{
		Title: "Values, from the 0.5 % to the 99.5 % quantile", Columns: 4, SharedLegend: true,
		Description: "Small histograms, one for each measurement, with the hospitals on top of each other. The table has the quantiles.",
	}
	for v, info := range sepsis.Variables {
		small := r.histogramChart(info.Name, info.Unit.Symbol(), func(g *Group) *Histogram { return &g.Variables[v].Histogram })
		small.Width, small.Height, small.YLabel = chartWidth/grid.Columns, 190, ""
		grid.Figures = append(grid.Figures, small)
	}
	return grid
}

func (r *Report) onsetChart() plot.Figure {
	chart := r.histogramChart("ICU hour of onset", "ICU hour", func(g *Group) *Histogram { return &g.Onset.Histogram })
	chart.YLabel = "share of onsets"
	chart.X.Fixed, chart.X.Ticks = plot.Interval{High: longestCharted}, days(longestCharted)
	return chart
}

// leastCharted is how many hours a share needs to be drawn: with fewer, its interval fills the picture.
const leastCharted = 500

// bandChart draws a share by band of ICU hours, with its interval, and leaves out what rests on few hours.
func (r *Report) bandChart(chart plot.Chart, of func(sum Hour) Share, interval bool) plot.Figure {
	chart.XLabel, chart.Width, chart.Height = "ICU hour", chartWidth, 340
	chart.X = plot.Axis{Fixed: plot.Interval{High: longestCharted}, Ticks: days(longestCharted)}
	chart.Y = plot.Axis{Percent: true, FromZero: true}
	for i := range r.hospitals() {
		g := &r.hospitals()[i]
		line, band := plot.Line{Name: g.Name}, plot.Band{Name: g.Name}
		for _, hours := range equalBands() {
			share := of(g.Onset.within(hours))
			low, high := share.Interval()
			value := share.Value()
			if share.Whole < leastCharted {
				value = Number(math.NaN())
			}
			line.X, line.Y = append(line.X, float64(hours.from+hours.to)/2), append(line.Y, float64(value))
			band.Low, band.High = append(band.Low, float64(low+0*value)), append(band.High, float64(high+0*value))
		}
		band.X = line.X
		if interval {
			chart.Layers = append(chart.Layers, band)
		}
		chart.Layers = append(chart.Layers, line)
	}
	return chart
}

func (r *Report) hazardChart() plot.Figure {
	return r.bandChart(plot.Chart{Title: "How often the label begins, with 95 % intervals", YLabel: "per hour at risk"},
		func(sum Hour) Share { return Share{sum.Begins, sum.AtRisk} }, true)
}

func (r *Report) prevalenceChart() plot.Figure {
	return r.bandChart(plot.Chart{Title: "Hours with the label among the hours recorded", YLabel: "share of hours"},
		func(sum Hour) Share { return Share{sum.Labelled, sum.Stays} }, false)
}

// stayingChart shows how many stays are still recorded, the septic and the others.
func (r *Report) stayingChart() plot.Figure {
	chart := plot.Chart{
		Title: "Stays recorded in each ICU hour, on a logarithmic axis", XLabel: "ICU hour", YLabel: "stays", Width: chartWidth, Height: 340,
		X: plot.Axis{Fixed: plot.Interval{High: longestCharted}, Ticks: days(longestCharted)}, Y: plot.Axis{Log: true},
	}
	for i := range r.hospitals() {
		g := &r.hospitals()[i]
		septic, others := plot.Line{Name: g.Name + ", septic at any time"}, plot.Line{Name: g.Name + ", others"}
		for _, hour := range g.Onset.ByHour {
			septic.X, septic.Y = append(septic.X, float64(hour.Hour)), append(septic.Y, float64(hour.Septic))
			others.Y = append(others.Y, float64(hour.Stays-hour.Septic))
		}
		others.X = septic.X
		chart.Layers = append(chart.Layers, septic, others)
	}
	return chart
}

// contrastChart compares a figure of all measurements between the hospitals.
func (r *Report) contrastChart(title, label string, reference float64, of func(c *Contrast) Estimate, order []int) plot.Figure {
	chart := plot.Chart{
		Title: title, XLabel: label, Width: chartWidth, Height: 110 + 20*len(order),
		Layers: []plot.Layer{plot.Reference{Direction: plot.Vertical, At: reference}},
	}
	for _, v := range order {
		chart.Y.Categories = append(chart.Y.Categories, sepsis.Variable(v).String())
	}
	return r.withIntervals(chart, func(g *Group, at int) Estimate { return of(&g.Contrasts[order[at]]) })
}

func (r *Report) aurocChart() plot.Figure {
	order := r.byContrast(func(c *Contrast) Number { return c.AUROC.Value })
	return r.contrastChart("What a value alone tells of the label", "AUROC of the value among the hours in which it was measured, with 95 % intervals", 0.5,
		func(c *Contrast) Estimate { return c.AUROC }, order)
}

func (r *Report) habitChart() plot.Figure {
	order := r.byContrast(func(c *Contrast) Number { return c.MeasuredRatio.Value })
	return r.contrastChart("What is measured more in labelled hours", "how many times as often as in other hours, with 95 % intervals", 1,
		func(c *Contrast) Estimate { return c.MeasuredRatio }, order)
}

func (r *Report) correlationChart() plot.Figure {
	m := plot.HeatMap{
		Title: "Spearman's rank correlation of the last values of the stays", Rows: r.Correlations.Names, Columns: r.Correlations.Names,
		Scale: plot.Diverging, Fixed: plot.Interval{Low: -1, High: 1}, Decimals: -1, Width: chartWidth,
	}
	for _, row := range r.Correlations.Values {
		values := make([]float64, len(row))
		for j, value := range row {
			values[j] = float64(value.Value)
		}
		m.Values = append(m.Values, values)
	}
	return m
}
