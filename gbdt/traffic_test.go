package gbdt

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A visit is a node, of its level where there are levels, and the value or key of a row that is compared in it.
type visit struct{ node, at uint32 }

// A traffic is what predicting one row with [Booster.Margin] reads and writes, in the same order and without deciding anything.
type traffic struct {
	visits func(row []float32) []visit
	replay func(row []float32, visits []visit) uint64
}

// traffic is that of the path which Margin takes.
func (b *Booster) traffic() traffic {
	if l := b.filled(); l.pays {
		keys := NewRow(b.features)
		return traffic{visits: func(row []float32) []visit {
			keys.Set(0, row...)
			return l.visits(keys.keys)
		}, replay: func(row []float32, visits []visit) uint64 {
			for i, v := range row {
				bits := key(math.Float32bits(v))
				keys.keys[2*i], keys.keys[2*i+1] = bits, bits
			}
			return l.replay(keys.keys, visits)
		}}
	}
	return traffic{visits: b.walkVisits, replay: b.replayWalks}
}

// visits are those of [levels.add].
func (l *levels) visits(keys []key) []visit {
	var made []visit
	trees := len(l.twigs) >> len(l.inner)
	for tree := 0; tree < trees; tree += lanes {
		at := make([]uint32, min(lanes, trees-tree))
		for lane := range at {
			at[lane] = uint32(tree + lane) //nolint:gosec // nodes are numbered by int32
		}
		for _, level := range l.inner {
			for lane, here := range at {
				made = append(made, visit{here, uint32(level[here])}) //nolint:gosec // the lower half is meant
				at[lane] = 2*here + level[here].side(keys)
			}
		}
		for _, here := range at {
			made = append(made, visit{here, uint32(l.twigs[here].fork)}) //nolint:gosec // as above
		}
	}
	return made
}

func (l *levels) replay(keys []key, visits []visit) uint64 {
	sum, trees := uint64(0), len(l.twigs)>>len(l.inner)
	for tree := 0; tree < trees; tree += lanes {
		n := min(lanes, trees-tree)
		for _, level := range l.inner {
			for _, v := range visits[:n] {
				sum += uint64(level[v.node]) + uint64(keys[v.at])
			}
			visits = visits[n:]
		}
		for _, v := range visits[:n] {
			last := &l.twigs[v.node]
			sum += uint64(last.fork) + uint64(keys[v.at]) + uint64(math.Float32bits(last.leaves[0]))
		}
		visits = visits[n:]
	}
	return sum
}

// walkVisits are those of [walkTrees].
func (b *Booster) walkVisits(row []float32) []visit {
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

func (b *Booster) replayWalks(row []float32, visits []visit) uint64 {
	walks, sum := b.ready().walks, uint64(0)
	for _, v := range visits {
		w := &walks[v.node]
		sum += uint64(w.limit + w.turn + uint32(w.next) + math.Float32bits(row[v.at])) //nolint:gosec // of no meaning
	}
	return sum
}

// TestTrafficFollowsThePath: small boosters over many features walk, large ones go level by level.
func TestTrafficFollowsThePath(t *testing.T) {
	tree := []node{{left: 1, value: 1}, {left: 3, split: 1 << 1, value: 2}, {left: 5, value: 3}, {value: 4}, {value: 5}, {value: 6}, {value: 7}}
	for _, test := range []struct{ trees, features, visits int }{
		{3, 7, 3 * 3},        // one step more, in which all stay
		{100, 7, 100 * 2},    // one for each level
		{100, 1000, 3 * 100}, // keys would cost more
	} {
		b := boosterOf(make([]string, test.features), slices.Repeat([][]node{tree}, test.trees)...)
		row := make([]float32, test.features)
		path := b.traffic()
		if visits := path.visits(row); len(visits) != test.visits || path.replay(row, visits) == 0 {
			t.Errorf("%d trees over %d features: %d visits, want %d", test.trees, test.features, len(visits), test.visits)
		}
	}
}

// BenchmarkTraffic takes the time that memory alone takes to predict one row. It belongs to testdata/peers.py, as BenchmarkPeers does.
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
	rows, visits, path := min(some, m.Rows), [some][]visit{}, booster.traffic()
	for r := range rows {
		visits[r] = path.visits(m.Row(r))
	}
	sum, row := uint64(0), 0
	for b.Loop() {
		sum += path.replay(m.Row(row), visits[row])
		row = (row + 1) % rows
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/row")
	b.ReportMetric(float64(sum&1), "parity")
}
