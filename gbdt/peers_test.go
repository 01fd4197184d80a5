package gbdt_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

// peersTask is what testdata/peers.py asks for, in task.json of the directory SEPSIS_PEERS_DIR. Its matrices are files of
// float32, little-endian, row after row.
type peersTask struct {
	Rows             int     `json:"rows"`
	TestRows         int     `json:"test_rows"`
	Cols             int     `json:"cols"`
	ContributionRows int     `json:"contribution_rows"`
	Rounds           int     `json:"rounds"`
	Depth            int     `json:"depth"`
	Bins             int     `json:"bins"`
	Threads          int     `json:"threads"`
	LearningRate     float64 `json:"learning_rate"`
	Lambda           float64 `json:"lambda"`
	MinChildWeight   float64 `json:"min_child_weight"`
	dir              string
}

// BenchmarkPeers is our side of testdata/peers.py, which runs each part in a process of its own: training, and prediction and
// explanation with the models that XGBoost and LightGBM have trained. It leaves margins and contributions in files, for the script to judge.
func BenchmarkPeers(b *testing.B) {
	dir := os.Getenv("SEPSIS_PEERS_DIR")
	if dir == "" {
		b.Skip("SEPSIS_PEERS_DIR is not set")
	}
	task := peersTask{dir: dir}
	if err := json.Unmarshal(task.read(b, "task.json"), &task); err != nil {
		b.Fatal(err)
	}
	b.Run("train", task.train)
	for name, read := range map[string]func(io.Reader, gbdt.Limits) (*gbdt.Booster, error){
		"xgboost.ubj": gbdt.ReadXGBoost, "lightgbm.txt": gbdt.ReadLightGBM,
	} {
		b.Run("predict/"+name, func(b *testing.B) {
			booster, err := read(bytes.NewReader(task.read(b, name)), gbdt.Limits{})
			if err != nil {
				b.Fatal(err)
			}
			task.predict(b, name, booster)
		})
	}
}

// train measures binning and training, and the memory on top of the matrix.
func (p peersTask) train(b *testing.B) {
	m, labels := p.matrix(b, "train.f32", p.Rows), p.floats(b, "labels.f32")
	before := peakMemory(b)
	var booster *gbdt.Booster
	for b.Loop() {
		d, err := gbdt.NewDataset(m, p.Bins, p.Threads)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(b.Elapsed().Seconds(), "bin-s")
		booster, err = gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(p.Rows), Labels: labels}, nil, gbdt.Options{
			Rounds: p.Rounds, LearningRate: p.LearningRate, MaxDepth: p.Depth, Lambda: p.Lambda, MinChildWeight: p.MinChildWeight, Threads: p.Threads,
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "train-s")
	b.ReportMetric(before, "before-MiB")
	b.ReportMetric(peakMemory(b), "peak-MiB")
	p.write(b, "gbdt.margins", booster.Margins(p.matrix(b, "test.f32", p.TestRows), p.Threads))
}

// predict measures one row and many, and their contributions.
func (p peersTask) predict(b *testing.B, name string, booster *gbdt.Booster) {
	m := p.matrix(b, "test.f32", p.TestRows)
	p.write(b, "gbdt_"+name+".margins", booster.Margins(m, p.Threads))
	some := gbdt.Matrix{Rows: p.ContributionRows, Cols: p.Cols, Values: m.Values[:p.ContributionRows*p.Cols]}
	explainer, out, row := gbdt.NewExplainer(booster), make([]float64, p.Cols), 0
	p.writeContributions(b, "gbdt_"+name+".contributions", explainer, some)
	for _, part := range []struct {
		name string
		rows int
		work func()
	}{
		{"margins", m.Rows, func() { booster.Margins(m, p.Threads) }},
		{"margin", 1, func() { booster.Margin(m.Row(row)) }},
		{"contributions", some.Rows, func() { explainer.ContributionsOf(some, p.Threads) }},
		{"contribution", 1, func() { explainer.Contributions(m.Row(row), out) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				part.work()
				row = (row + 1) % m.Rows
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(part.rows), "ns/row")
		})
	}
}

// writeContributions writes, as XGBoost and LightGBM give them, those of each row and then the expected margin.
func (p peersTask) writeContributions(b *testing.B, name string, explainer *gbdt.Explainer, m gbdt.Matrix) {
	b.Helper()
	contributions, rows := explainer.ContributionsOf(m, p.Threads), make([]float64, 0, m.Rows*(m.Cols+1))
	for i := range m.Rows {
		rows = append(append(rows, contributions[i*m.Cols:(i+1)*m.Cols]...), explainer.Base())
	}
	p.write(b, name, rows)
}

func (p peersTask) read(b *testing.B, name string) []byte {
	b.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		b.Fatal(err)
	}
	return content
}

func (p peersTask) matrix(b *testing.B, name string, rows int) gbdt.Matrix {
	b.Helper()
	return gbdt.Matrix{Rows: rows, Cols: p.Cols, Values: p.floats(b, name)}
}

// floats reads a file piece by piece, so that it is not in memory a second time.
func (p peersTask) floats(b *testing.B, name string) []float32 {
	b.Helper()
	file, err := os.Open(filepath.Join(p.dir, name))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	about, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	values, piece := make([]float32, 0, about.Size()/4), make([]byte, 1<<16)
	for len(values) < cap(values) {
		piece = piece[:min(len(piece), 4*(cap(values)-len(values)))]
		if _, err := io.ReadFull(file, piece); err != nil {
			b.Fatal(err)
		}
		for i := 0; i < len(piece); i += 4 {
			values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(piece[i:])))
		}
	}
	return values
}

func (p peersTask) write(b *testing.B, name string, values []float64) {
	b.Helper()
	var content bytes.Buffer
	if err := binary.Write(&content, binary.LittleEndian, values); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, name), content.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
}

// peakMemory is the most memory in use by this process so far, in MiB, as Linux counts it.
func peakMemory(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kibibytes, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kibibytes / 1024
}
