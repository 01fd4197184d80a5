package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medtech-detect/sepsis"
)

// showMonitoring answers GET /monitoring.
func (s *server) showMonitoring(c *call) (*reply, error) {
	return s.json(s.Monitor.Monitoring(exchangeOf(c.request).start))
}

var (
	driftPSI = prometheus.NewDesc("sepsis_drift_psi", "Population stability index against the training, by input (score: the probability) and window; absent when too few were counted.",
		[]string{"input", "window"}, nil)
	driftMissing          = prometheus.NewDesc("sepsis_drift_missing_ratio", "Share of predictions in which an input was not known.", []string{"input", "window"}, nil)
	driftMissingReference = prometheus.NewDesc("sepsis_drift_missing_reference_ratio", "Share of training hours in which an input was not known.", []string{"input"}, nil)
	liveOutcomes          = prometheus.NewDesc("sepsis_live_outcomes", "Predictions of the last 30 days of which the outcome was told, 20000 at most.", nil, nil)
	livePoint             = prometheus.NewDesc("sepsis_live_performance_ratio", "Share with the outcomes that were told, by figure and operating point; absent when too few were counted.",
		[]string{"figure", "point"}, nil)
	liveSlope      = prometheus.NewDesc("sepsis_live_calibration_slope", "Slope of the calibration; 1 is best; absent when too little is known.", nil, nil)
	liveInTheLarge = prometheus.NewDesc("sepsis_live_calibration_in_the_large", "Calibration in the large; 0 is best; absent when too little is known.", nil, nil)
	liveBurden     = prometheus.NewDesc("sepsis_live_alerts_per_patient_day", "Alerts that began, by patient-day; absent when too little is known.", nil, nil)
)

// monitoringCollector gives the figures of GET /monitoring as gauges.
type monitoringCollector struct{ *server }

// Describe lists the series.
func (monitoringCollector) Describe(out chan<- *prometheus.Desc) {
	for _, series := range []*prometheus.Desc{
		driftPSI, driftMissing, driftMissingReference, liveOutcomes, livePoint, liveSlope, liveInTheLarge, liveBurden,
	} {
		out <- series
	}
}

// Collect gives the series.
func (c monitoringCollector) Collect(out chan<- prometheus.Metric) {
	gauges := gauges(out)
	told := c.Monitor.Monitoring(c.Clock())
	for i := range told.Drift {
		gauges.drift(&told.Drift[i], i == 0)
	}
	p := told.Performance
	if p == nil {
		return
	}
	gauges.set(liveOutcomes, float64(p.Told))
	for name, point := range map[string]sepsis.PointInUse{"watch_list": p.WatchList, "alert": p.Alert} {
		for figure, share := range map[string]sepsis.Proportion{"sensitivity": point.Sensitivity, "specificity": point.Specificity, "ppv": point.PPV} {
			if !share.Insufficient {
				gauges.set(livePoint, *share.Value, figure, name)
			}
		}
	}
	gauges.estimate(liveSlope, p.Calibration.Slope)
	gauges.estimate(liveInTheLarge, p.Calibration.InTheLarge)
	gauges.estimate(liveBurden, p.Burden.PerPatientDay)
}

// gauges are where the collector sends them.
type gauges chan<- prometheus.Metric

func (g gauges) set(series *prometheus.Desc, value float64, labels ...string) {
	g <- prometheus.MustNewConstMetric(series, prometheus.GaugeValue, value, labels...)
}

func (g gauges) estimate(series *prometheus.Desc, e sepsis.Estimate) {
	if !e.Insufficient {
		g.set(series, *e.Value)
	}
}

// drift gives the series of a window; with references, too, those that are the same for all.
func (g gauges) drift(window *sepsis.DriftWindow, references bool) {
	for _, drift := range append([]sepsis.Drift{window.Score}, window.Inputs...) {
		if drift.PSI != nil && drift.Level != sepsis.InsufficientDrift {
			g.set(driftPSI, *drift.PSI, drift.Name, window.Window)
		}
		if drift.Missing != nil && !drift.Missing.Insufficient {
			g.set(driftMissing, *drift.Missing.Value, drift.Name, window.Window)
		}
		if drift.MissingReference != nil && references {
			g.set(driftMissingReference, *drift.MissingReference, drift.Name)
		}
	}
}
