package model

import (
	_ "embed"
	"encoding/json"
	"fmt"
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
	info       sepsis.ModelInfo
	card       []byte
	names      []string  // of the features
	workspaces sync.Pool // of *workspace
}

var _ sepsis.Predictor = (*Model)(nil)

// workspace is what one prediction needs, kept for the next.
type workspace struct {
	extractor features.Extractor
	vector    []float32
}

// Default is the model that ships with the program.
func Default() (*Model, error) { return New(defaultBundle) }

// Open reads the model of a bundle file.
func Open(path string) (*Model, error) {
	file, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	model, err := New(file)
	if err != nil {
		return nil, fmt.Errorf("open model %s: %w", path, err)
	}
	return model, nil
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
	m := &Model{bundle: bundle, info: sepsis.ModelInfo{Name: bundle.Name, Version: bundle.Version}, names: features.Names()}
	m.workspaces.New = func() any { return &workspace{vector: make([]float32, features.Count())} }
	return m
}

// Bundle is what the model was made of. It must not be changed.
func (m *Model) Bundle() *Bundle { return m.bundle }

// Info names the model.
func (m *Model) Info() sepsis.ModelInfo { return m.info }

// Threshold is the probability from which the answer is Positive.
func (m *Model) Threshold() float64 { return m.bundle.Operating.Threshold }

// Card is the model card as JSON.
func (m *Model) Card() []byte { return m.card }

// Synthetic tells whether the model was trained on made-up stays.
func (m *Model) Synthetic() bool { return m.bundle.Provenance.Synthetic }

// Predict gives the risk at the last observation of the stay, which must have one.
func (m *Model) Predict(stay *sepsis.Stay) sepsis.Risk {
	w := m.workspaces.Get().(*workspace)
	defer m.workspaces.Put(w)
	w.extractor.Reset(stay)
	for i := range stay.Observations {
		w.extractor.Observe(&stay.Observations[i])
	}
	w.extractor.Vector(w.vector)
	return m.risk(m.bundle.Trees.Margin(w.vector), stay.Observations[len(stay.Observations)-1].Hour)
}

// trajectoryRows is how many hours go through the trees together: they share what the trees bring into the cache,
// and the memory does not grow with the stay.
const trajectoryRows = 256

// Trajectory gives the risk at each observation, from that and the earlier ones only.
func (m *Model) Trajectory(stay *sepsis.Stay) []sepsis.Risk {
	extractor := features.NewExtractor(stay)
	columns := features.Count()
	values := make([]float32, min(trajectoryRows, len(stay.Observations))*columns)
	risks := make([]sepsis.Risk, 0, len(stay.Observations))
	for part := range slices.Chunk(stay.Observations, trajectoryRows) {
		rows := gbdt.Matrix{Names: m.names, Rows: len(part), Cols: columns, Values: values[:len(part)*columns]}
		for i := range part {
			extractor.Next(&part[i], rows.Row(i))
		}
		for i, margin := range m.bundle.Trees.Margins(rows, 1) {
			risks = append(risks, m.risk(margin, part[i].Hour))
		}
	}
	return risks
}

// risk is what a margin means.
func (m *Model) risk(margin float64, hour int) sepsis.Risk {
	probability := m.bundle.Calibration.Probability(margin)
	return sepsis.Risk{Hour: hour, Probability: probability, Label: m.label(probability)}
}

func (m *Model) label(probability float64) sepsis.Label {
	if probability >= m.Threshold() {
		return sepsis.Positive
	}
	return sepsis.Negative
}
