package server

import (
	"bytes"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/medtech-detect/sepsis"
)

// durationBuckets are upper bounds in seconds. A flat request takes about 0.1 ms in the service, one with the whole of a
// long stay some 100 ms, and an audit log on a disk adds milliseconds.
var durationBuckets = []float64{0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10}

// differenceBuckets are upper bounds of differences of probabilities, close together about the thresholds of models: some hundredths.
var differenceBuckets = []float64{0.0001, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1}

// cutShortBy are the statuses that tell why a batch ended early.
var cutShortBy = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// metrics counts what the service does. No label holds anything that a caller can invent, nor anything of a patient.
type metrics struct {
	registry         *prometheus.Registry
	requests         *prometheus.CounterVec
	durations        *prometheus.HistogramVec
	inFlight         prometheus.Gauge
	predictions      *prometheus.CounterVec
	hypothetical     prometheus.Counter
	refused          *prometheus.CounterVec
	batched          *prometheus.CounterVec
	cutShort         *prometheus.CounterVec
	shadow           *prometheus.CounterVec
	shadowDifference prometheus.Histogram
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sepsis_http_requests_total", Help: "Requests answered, by route and status; status 499 when the client went away after its body was read, before there was an answer, 0 when the connection was cut.",
		}, []string{"route", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sepsis_http_request_duration_seconds", Help: "Time from a request's arrival to the end of its answer, by route.", Buckets: durationBuckets,
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "sepsis_http_requests_in_flight", Help: "Requests under way."}),
		predictions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sepsis_predictions_total", Help: "Predictions made, by what they say.",
		}, []string{"prediction", "alert", "reliability", "risk_band"}),
		hypothetical: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sepsis_hypothetical_predictions_total", Help: "Predictions that were not of a patient as they are; sepsis_predictions_total leaves them out.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sepsis_refused_requests_total", Help: "Requests, and patients of batches, refused as incoherent, by the codes of their problems; one with several codes counts under each.",
		}, []string{"code"}),
		batched: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sepsis_batch_patients_total", Help: "Patients of batches, by the status that each would have had alone; the batch itself has status 200.",
		}, []string{"status"}),
		cutShort: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sepsis_batches_cut_short_total", Help: "Batches that ended before their last patient, by the status that tells why; those whose clients went away are not among them.",
		}, []string{"status"}),
		shadow: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sepsis_shadow_predictions_total", Help: "Predictions of the shadow model, by how they compare with the answer.",
		}, []string{"end"}),
		shadowDifference: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sepsis_shadow_probability_difference", Help: "Distance between the probabilities of the shadow model and of the answer.", Buckets: differenceBuckets,
		}),
	}
	m.registry.MustRegister(m.requests, m.durations, m.inFlight, m.predictions, m.hypothetical, m.refused, m.batched, m.cutShort,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, info := range problemCodes() { // from the start, so that the first refusal is a rise
		m.refused.WithLabelValues(info.Code)
	}
	for _, status := range []int{http.StatusOK, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		m.batched.WithLabelValues(strconv.Itoa(status))
	}
	for _, status := range cutShortBy {
		m.cutShort.WithLabelValues(strconv.Itoa(status))
	}
	return m
}

// began counts a request in; what it returns counts it out.
func (m *metrics) began() func(route string, status int, duration time.Duration) {
	m.inFlight.Inc()
	return func(route string, status int, duration time.Duration) {
		m.inFlight.Dec()
		m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
		m.durations.WithLabelValues(route).Observe(duration.Seconds())
	}
}

func (m *metrics) predicted(risk sepsis.Risk, level sepsis.ReliabilityLevel) {
	m.predictions.WithLabelValues(string(risk.Label), strconv.FormatBool(risk.Alert), string(level), string(risk.Band)).Inc()
}

// refusal counts each code of a refused request once.
func (m *metrics) refusal(problems []sepsis.Problem) {
	seen := map[sepsis.Code]bool{}
	for i := range problems {
		if code := problems[i].Code; !seen[code] {
			seen[code] = true
			m.refused.WithLabelValues(string(code)).Inc()
		}
	}
}

// ended counts a patient of a batch.
func (m *metrics) ended(status int) { m.batched.WithLabelValues(strconv.Itoa(status)).Inc() }

// ends counts a batch that ended early.
func (m *metrics) ends(status int) { m.cutShort.WithLabelValues(strconv.Itoa(status)).Inc() }

// watch adds what others in the service know: the models, and, where there are any, the audit log, the shadow and the monitoring.
func (m *metrics) watch(s *server) {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "sepsis_build_info", Help: "1, with the version of the program and of Go.",
		ConstLabels: prometheus.Labels{"version": s.Version, "go_version": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(build, modelCollector{s})
	if s.shadow != nil {
		m.registry.MustRegister(m.shadow, m.shadowDifference)
		for _, end := range shadowEnds {
			m.shadow.WithLabelValues(end)
		}
	}
	if s.Audit != nil {
		m.registry.MustRegister(auditCollector{s.Audit})
	}
	if s.AuditHeld != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sepsis_audit_retention_held",
			Help: "1 when the last look at the audit log did not erase what is too old, because the clock was not believed or the log failed; else 0.",
		}, func() float64 { return whether(s.AuditHeld()) }))
	}
	if s.Disk != nil {
		m.registry.MustRegister(diskCollector{s.Disk})
	}
	if s.TLSUntil != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sepsis_tls_certificate_expiry_timestamp_seconds", Help: "When the service's certificate ends, in seconds since 1970.",
		}, func() float64 { return float64(s.TLSUntil().Unix()) }))
	}
	if s.LogLinesLost != nil {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "sepsis_log_lines_lost_total", Help: "Lines that the log will never have, because whoever reads it was too slow or has gone.",
		}, func() float64 { return float64(s.LogLinesLost()) }))
	}
	if s.Monitor != nil {
		m.registry.MustRegister(monitoringCollector{s})
	}
}

// Disk is the room of a file system, in bytes.
type Disk struct{ Free, Size uint64 }

var (
	diskFree = prometheus.NewDesc("sepsis_disk_free_bytes", "What the service can still write where the audit log is kept.", nil, nil)
	diskSize = prometheus.NewDesc("sepsis_disk_size_bytes", "Size of the disk where the audit log is kept.", nil, nil)
)

// diskCollector tells of the disk at the time of asking, and nothing when it is not known.
type diskCollector struct{ disk func() (Disk, error) }

// Describe lists the series.
func (diskCollector) Describe(out chan<- *prometheus.Desc) { out <- diskFree; out <- diskSize }

// Collect gives the series.
func (c diskCollector) Collect(out chan<- prometheus.Metric) {
	disk, err := c.disk()
	if err != nil {
		return
	}
	out <- prometheus.MustNewConstMetric(diskFree, prometheus.GaugeValue, float64(disk.Free))
	out <- prometheus.MustNewConstMetric(diskSize, prometheus.GaugeValue, float64(disk.Size))
}

// whether is the value of a gauge that says yes or no.
func whether(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

var (
	modelInfo = prometheus.NewDesc("sepsis_model_info", "1, for each model in the service; role is answering or shadow.",
		[]string{"role", "name", "version", "sha256"}, nil)
	modelSwaps = prometheus.NewDesc("sepsis_model_swaps_total", "Attempts to swap the model, by action and result.", []string{"action", "result"}, nil)
)

// modelCollector tells of the models at the time of asking.
type modelCollector struct{ *server }

// Describe lists the series.
func (modelCollector) Describe(out chan<- *prometheus.Desc) { out <- modelInfo; out <- modelSwaps }

// Collect gives the series.
func (c modelCollector) Collect(out chan<- prometheus.Metric) {
	tell := func(role string, info sepsis.ModelInfo) {
		out <- prometheus.MustNewConstMetric(modelInfo, prometheus.GaugeValue, 1, role, info.Name, info.Version, info.SHA256)
	}
	tell("answering", c.Models.current().Info())
	if c.shadow != nil {
		tell("shadow", c.shadow.predictor.Info())
	}
	for i, name := range swapResults {
		out <- prometheus.MustNewConstMetric(modelSwaps, prometheus.CounterValue, float64(c.Models.tallies[i].Load()), name.action, name.result)
	}
}

var (
	auditRecorded = prometheus.NewDesc("sepsis_audit_recorded_total", "Predictions written to the audit log.", nil, nil)
	auditWaiting  = prometheus.NewDesc("sepsis_audit_waiting", "Predictions that wait to be written to the audit log.", nil, nil)
	auditLost     = prometheus.NewDesc("sepsis_audit_lost_total", "Predictions that the audit log will never have.", nil, nil)
	auditRefused  = prometheus.NewDesc("sepsis_audit_refused_total", "Predictions that were not given, because their records could not be written in time.", nil, nil)
)

type auditCollector struct{ Audit }

// Describe lists the series.
func (auditCollector) Describe(out chan<- *prometheus.Desc) {
	out <- auditRecorded
	out <- auditWaiting
	out <- auditLost
	out <- auditRefused
}

// Collect gives the series.
func (c auditCollector) Collect(out chan<- prometheus.Metric) {
	counts := c.Counts()
	out <- prometheus.MustNewConstMetric(auditRecorded, prometheus.CounterValue, float64(counts.Recorded))
	out <- prometheus.MustNewConstMetric(auditWaiting, prometheus.GaugeValue, float64(counts.Waiting))
	out <- prometheus.MustNewConstMetric(auditLost, prometheus.CounterValue, float64(counts.Lost))
	out <- prometheus.MustNewConstMetric(auditRefused, prometheus.CounterValue, float64(counts.Refused))
}

// showMetrics answers GET /metrics.
func (s *server) showMetrics(*call) (*reply, error) {
	families, err := s.metrics.registry.Gather()
	if err != nil {
		return nil, s.fault("the metrics cannot be gathered", err)
	}
	var text bytes.Buffer
	encoder := expfmt.NewEncoder(&text, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			return nil, s.fault("the metrics cannot be written", err)
		}
	}
	return success(metricsType, text.Bytes()), nil
}
