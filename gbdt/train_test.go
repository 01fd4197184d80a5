package gbdt_test

import (
	"context"
	"testing"

	"github.com/medtech-detect/sepsis/gbdt"
)

func TestFirst(t *testing.T) {
	m, labels := synthetic(20000, 70, 0.2, 1)
	for _, o := range []gbdt.Options{
		{Rounds: 20, LearningRate: 0.2, MaxDepth: 4, Lambda: 1, MinChildWeight: 1},
		{Rounds: 20, LearningRate: 0.2, MaxLeaves: 16, Growth: gbdt.LeafWise, Lambda: 1, MinChildWeight: 1, Gamma: 1},
		{Rounds: 20, LearningRate: 0.2, MaxDepth: 4, Lambda: 1, MinChildWeight: 1, RowSample: 0.3, Sampling: gbdt.GradientBased, ColumnSample: 0.5, ColumnSampleByNode: 0.5},
		{Rounds: 20, LearningRate: 0.2, MaxDepth: 4, Lambda: 1, MinChildWeight: 1, RowSample: 0.3},
	} {
		d, err := gbdt.NewDataset(m, 256, 0)
		if err != nil {
			t.Fatal(err)
		}
		valid := gbdt.Subset{Rows: allRows(20000)[15000:], Labels: labels}
		var last gbdt.Progress
		b, err := gbdt.Train(context.Background(), d, gbdt.Subset{Rows: allRows(15000), Labels: labels}, &valid, o, func(p gbdt.Progress) { last = p })
		if err != nil {
			t.Fatal(err)
		}
		t.Log(last, b.Nodes())
		raw, binned := b.Margins(m, 0), b.DatasetMargins(d, allRows(20000), 0)
		for i := range raw {
			if raw[i] != binned[i] || raw[i] != b.Margin(m.Row(i)) {
				t.Fatal(i, raw[i], binned[i])
			}
		}
	}
}
