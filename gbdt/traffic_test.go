package gbdt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// A visit is a node and the value of a row that is compared in it.
type visit struct{ node, feature uint32 }

// visits are those of a row, in the order in which [walkTrees] makes them.
func (b *Booster) visits(row []float32) []visit {
	f := b.ready()
	var made []visit
	for tree := 0; tree < b.Trees(); tree += lanes {
		at := append([]int32(nil), b.starts[tree:min(tree+lanes, b.Trees())]...)
		for moved := true; moved; {
			moved = false
			for lane, here := range at {
				w := &f.walks[here]
				made = append(made, visit{uint32(here), w.feature}) //nolint:gosec // not negative
				at[lane] = w.step(row[w.feature])
				moved = moved || at[lane] != here
			}
		}
	}
	return made
}

// BenchmarkTraffic reads what predicting one row reads, in the same order and without deciding anything: the time that memory
// alone takes. It belongs to testdata/peers.py, as BenchmarkPeers does.
func BenchmarkTraffic(b *testing.B) {
	dir := os.Getenv("SEPSIS_PEERS_DIR")
	if dir == "" {
		b.Skip("SEPSIS_PEERS_DIR is not set")
	}
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // the script's own folder
		if err != nil {
			b.Fatal(err)
		}
		return content
	}
	booster, err := ReadXGBoost(bytes.NewReader(read("xgboost.ubj")), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	var task struct{ Cols int }
	if err := json.Unmarshal(read("task.json"), &task); err != nil {
		b.Fatal(err)
	}
	raw := read("test.f32")
	m := Matrix{Cols: task.Cols, Rows: len(raw) / 4 / task.Cols, Values: make([]float32, len(raw)/4)}
	for i := range m.Values {
		m.Values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	const some = 4096
	rows, paths := min(some, m.Rows), [some][]visit{}
	for r := range rows {
		paths[r] = booster.visits(m.Row(r))
	}
	walks, sum, row := booster.ready().walks, uint32(0), 0
	for b.Loop() {
		values := m.Row(row)
		for _, v := range paths[row] {
			w := &walks[v.node]
			sum += w.limit + w.turn + uint32(w.next) + math.Float32bits(values[v.feature]) //nolint:gosec // of no meaning
		}
		row = (row + 1) % rows
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/row")
	b.ReportMetric(float64(sum&1), "parity")
}
