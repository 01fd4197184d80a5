package model

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
)

// defaultBundle is the model that ships with the program, made by `make model`.
//
//go:embed default.sepsis
var defaultBundle []byte

// Model predicts with a bundle. It is safe for concurrent use.
type Model struct {
	bundle     *Bundle
	points     sepsis.OperatingPoints
	density    *density
	info       sepsis.ModelInfo
	card       []byte
	explainer  func() *gbdt.Explainer
	workspaces sync.Pool // of *workspace
}

var _ sepsis.Predictor = (*Model)(nil)

// workspace is what one prediction needs, kept for the next.
type workspace struct {
	extractor     features.Extractor
	features      []float32
	room          room
	contributions []float64 // of each column
}

// observe takes in a whole stay, and gives the raw output at its last hour.
func (w *workspace) observe(b *Bundle, stay *sepsis.Stay) (margin float64) {
	w.extractor.Reset(stay)
	for i := range stay.Observations {
		w.extractor.Observe(&stay.Observations[i])
	}
	w.extractor.Vector(w.features)
	return b.margin(w.features, w.room)
}

// Default is the model that ships with the program.
func Default() (*Model, error) { return New(defaultBundle) }

// Open reads the model of a bundle file.
func Open(path string) (*Model, error) {
	file, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	model, err := New(file)
	if err != nil {
		return nil, fmt.Errorf("open model %s: %w", path, err)
	}
	return model, nil
}

// readFile reads no more than what shows that a file is too large.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, maxBundle+1))
	return content, errors.Join(err, file.Close())
}

// New makes a model of the bytes of a bundle file.
func New(file []byte) (*Model, error) {
	bundle, err := Read(file)
	if err != nil {
		return nil, err
	}
	m := newModel(bundle)
	m.info.SHA256 = Digest(file)
	if m.card, err = json.Marshal(newCard(m)); err != nil {
		return nil, fmt.Errorf("model card: %w", err)
	}
	return m, nil
}

func newModel(bundle *Bundle) *Model {
	m := &Model{
		bundle: bundle, points: bundle.Points(), density: newDensity(bundle.Reference),
		info:      sepsis.ModelInfo{Name: bundle.Name, Version: bundle.Version},
		explainer: newExplainer(bundle),
	}
	m.workspaces.New = func() any {
		room := bundle.newRoom()
		return &workspace{features: make([]float32, features.Count()), room: room, contributions: make([]float64, len(room.whole.Values()))}
	}
	return m
}

// Bundle is what the model was made of. It must not be changed.
func (m *Model) Bundle() *Bundle { return m.bundle }

// Info names the model.
func (m *Model) Info() sepsis.ModelInfo { return m.info }

// Threshold is the probability from which the answer is Positive.
func (m *Model) Threshold() float64 { return m.points.Threshold }

// AlertThreshold is the probability from which an alert begins.
func (m *Model) AlertThreshold() float64 { return m.points.Alert.Threshold }

// Card is the model card as JSON.
func (m *Model) Card() []byte { return m.card }

// Synthetic tells whether the model was trained on made-up stays.
func (m *Model) Synthetic() bool { return m.bundle.Provenance.Synthetic }

// Predict gives the risk at the last observation of the stay, which must have one.
func (m *Model) Predict(stay *sepsis.Stay) sepsis.Risk {
	w := m.workspaces.Get().(*workspace)
	margin := w.observe(m.bundle, stay)
	m.workspaces.Put(w)
	return m.risk(stay, margin)
}

// risk is what the raw output at the last observation means.
func (m *Model) risk(stay *sepsis.Stay, margin float64) sepsis.Risk {
	last := len(stay.Observations) - 1
	probability := m.bundle.Calibration.Probability(margin)
	alerting := !m.points.Alert.Decides(probability) && m.alertingAfter(stay, last)
	return m.points.Risk(stay.Observations[last].Hour, probability, alerting)
}

// alertLookBack is how many hours are looked at first for the one that decides; further back it is ever
// more at a time, because each look begins at the start of the stay.
const (
	alertLookBack = 8
	alertGrowth   = 4
)

// alertingAfter is the state of the alert after the first n observations. It looks back only as far as the last hour
// that decides the state, mostly the one before.
func (m *Model) alertingAfter(stay *sepsis.Stay, n int) bool {
	for from, to := max(0, n-alertLookBack), n; to > 0; from, to = max(0, from-alertGrowth*(to-from)), from {
		probabilities := m.probabilities(stay, from, to)
		for _, probability := range slices.Backward(probabilities) {
			if m.points.Alert.Decides(probability) {
				return m.points.Alert.Next(false, probability)
			}
		}
	}
	return false
}

// Trajectory gives the risk at each observation, from that and the earlier ones only.
func (m *Model) Trajectory(stay *sepsis.Stay) []sepsis.Risk {
	risks := make([]sepsis.Risk, len(stay.Observations))
	alerting := false
	for i, probability := range m.probabilities(stay, 0, len(stay.Observations)) {
		risks[i] = m.points.Risk(stay.Observations[i].Hour, probability, alerting)
		alerting = risks[i].Alert
	}
	return risks
}

// probabilities are those of the observations from..to-1, each from that and all earlier ones.
func (m *Model) probabilities(stay *sepsis.Stay, from, to int) []float64 {
	probabilities := m.margins(stay, from, to)
	for i, margin := range probabilities {
		probabilities[i] = m.bundle.Calibration.Probability(margin)
	}
	return probabilities
}

// margins are the raw outputs at the observations from..to-1.
func (m *Model) margins(stay *sepsis.Stay, from, to int) []float64 {
	w := m.workspaces.Get().(*workspace)
	defer m.workspaces.Put(w)
	w.extractor.Reset(stay)
	for i := range stay.Observations[:from] {
		w.extractor.Observe(&stay.Observations[i])
	}
	margins := make([]float64, to-from)
	for i := range margins {
		w.extractor.Next(&stay.Observations[from+i], w.features)
		margins[i] = m.bundle.margin(w.features, w.room)
	}
	return margins
}

// Reliability says how far to rely on the risk at the last observation of the stay.
func (m *Model) Reliability(stay *sepsis.Stay) sepsis.Reliability { return m.density.reliability(stay) }

// Reliabilities say how far to rely on the risk at each observation, from that and the earlier ones only.
func (m *Model) Reliabilities(stay *sepsis.Stay) []sepsis.Reliability {
	return m.density.reliabilities(stay)
}
