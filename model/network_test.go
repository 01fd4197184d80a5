package model_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/features"
	"github.com/medtech-detect/sepsis/gbdt"
	"github.com/medtech-detect/sepsis/model"
)

// withNetwork trains a few trees, and beside them a small network, on 3 folds.
func withNetwork(t *testing.T) model.Training {
	t.Helper()
	training := quickTraining(t)
	training.Options.Network = model.DefaultNetwork(0.25)
	training.Options.Network.Units, training.Options.Network.Hidden = []int{8, 4}, model.View{"stay"}
	return training
}

// networked is a bundle with a network, and its file.
func networked(t *testing.T) (*model.Bundle, []byte) {
	t.Helper()
	bundle, _, err := model.Train(t.Context(), withNetwork(t))
	if err != nil {
		t.Fatal(err)
	}
	file, err := bundle.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return bundle, file
}

// matrix is the features of a stay's hours.
func matrix(t *testing.T, stay *sepsis.Stay) gbdt.Matrix {
	t.Helper()
	rows := gbdt.Matrix{Rows: len(stay.Observations), Cols: features.Count(), Values: make([]float32, len(stay.Observations)*features.Count())}
	features.Matrix(stay, rows.Values)
	return rows
}

func TestCrossValidationWithNetworks(t *testing.T) { crossValidatedAsTrained(t, withNetwork(t)) }

// What answers is, hour by hour, the share of the network and the rest of the trees.
func TestMarginIsOfTreesAndNetwork(t *testing.T) {
	bundle, file := networked(t)
	read, err := model.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	alone := *read
	alone.Network, alone.NetworkShare = nil, 0
	stay := synthetic(t, 1)[0].Stay
	rows := matrix(t, &stay)
	trees, network := alone.Margins(rows, 1), read.Network.Margins(rows.Values, 1)
	for i, margin := range bundle.Margins(rows, 2) {
		want := 0.75*trees[i] + 0.25*network[i]
		if i == 0 { // of an hour that has none before it the trees say all
			want = trees[i]
		}
		if math.Abs(margin-want) > 1e-12 {
			t.Fatalf("hour %d: margin %v of trees %v and network %v, %v expected", i, margin, trees[i], network[i], want)
		}
		if trees[i] == network[i] {
			t.Fatalf("hour %d: trees and network say the same", i)
		}
	}
}

// What is said of an hour is the same in a course as alone.
func TestHoursOfACourseAreAsAlone(t *testing.T) {
	_, file := networked(t)
	m, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	stay := synthetic(t, 3)[2].Stay
	for i, risk := range m.Trajectory(&stay) {
		until := stay
		until.Observations = stay.Observations[:i+1]
		if alone := m.Predict(&until); alone.Probability != risk.Probability {
			t.Fatalf("hour %d: %v together with others, %v alone", i, risk.Probability, alone.Probability)
		}
	}
}

func TestNetworkBundlesAreReadAsWritten(t *testing.T) {
	_, file := networked(t)
	m, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SelfTest(); err != nil {
		t.Error(err)
	}
	again, err := m.Bundle().Bytes()
	if err != nil || !bytes.Equal(again, file) {
		t.Errorf("another file after reading (error %v)", err)
	}
	training := withNetwork(t)
	training.Threads = 1
	one, _, err := model.Train(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	if alone, err := one.Bytes(); err != nil || !bytes.Equal(alone, file) {
		t.Errorf("one thread gives another file than two (error %v)", err)
	}
}

func TestRefusesBadNetworks(t *testing.T) {
	_, file := networked(t)
	share := func(to string) func(string) string {
		return func(manifest string) string {
			return strings.Replace(manifest, `"network_share": 0.25`, `"network_share": `+to, 1)
		}
	}
	for name, bad := range map[string]struct {
		file []byte
		want string
	}{
		"no network":    {without(t, file, "network.json"), "network.json is not in the file"},
		"no network's":  {repack(t, file, "network.json", func(string) string { return "{}" }), "network.json: neural: "},
		"other columns": {repack(t, file, "network.json", func(string) string { return tiny }), "network.json: 1 features"},
		"share above 1": {repack(t, file, "bundle.json", share("1.5")), "share 1.5"},
		"share below 0": {repack(t, file, "bundle.json", share("-0.5")), "share -0.5"},
	} {
		if _, err := model.Read(bad.file); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: error %v, %q expected", name, err, bad.want)
		}
	}
}

// tiny is a network of one column.
const tiny = `{"inputs":{"cuts":[[0]],"scores":[[-1,1]],"indicators":[]},"members":[{"reference":[0],"layers":[{"biases":[0],"weights":[1]},{"biases":[0],"weights":[1]}]}]}`

// What the variables did adds up to the answer, with a network as without.
func TestExplanationWithNetwork(t *testing.T) {
	_, file := networked(t)
	m, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	cohort := synthetic(t, 3)
	first := cohort[0]
	first.Observations = first.Observations[:1]
	for _, labelled := range append(cohort, first) {
		risk, explanation := m.Explain(&labelled.Stay)
		sum := explanation.Base
		for _, c := range explanation.Contributions {
			sum += c.Contribution
		}
		if math.Abs(sum-explanation.Output) > 1e-9 {
			t.Errorf("contributions add up to %v, the raw output is %v", sum, explanation.Output)
		}
		if want := m.Predict(&labelled.Stay); risk != want {
			t.Errorf("%+v with its explanation, %+v without", risk, want)
		}
	}
}

// A feature that is left out is told to no network.
func TestWorkbenchHidesFromNetworks(t *testing.T) {
	training := withNetwork(t)
	bench, err := model.NewWorkbench(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	validated, err := bench.CrossValidate(t.Context(), 2, 1, func(f features.Feature) bool { return f.Source == "heart_rate" })
	if err != nil {
		t.Fatal(err)
	}
	network := validated.Models[0].Bundle().Network
	columns := make([]float64, network.Columns())
	stay := synthetic(t, 1)[0].Stay
	rows := matrix(t, &stay)
	scratch := network.NewScratch()
	network.MarginOf(rows.Row(rows.Rows-1), scratch)
	network.Contributions(scratch, columns)
	others := 0
	for i, column := range model.Columns()[:len(columns)] {
		if column.Source == "heart_rate" && columns[i] != 0 {
			t.Errorf("%s did %v", column.Name, columns[i])
		}
		if columns[i] != 0 {
			others++
		}
	}
	if others == 0 {
		t.Error("no column did anything")
	}
}

func TestNetworksThatCannotBe(t *testing.T) {
	for name, wrong := range map[string]func(o *model.NetworkOptions){
		"members":      func(o *model.NetworkOptions) { o.Members = 0 },
		"3 folds":      func(o *model.NetworkOptions) { o.Members = 22 },
		"\"luck\"":     func(o *model.NetworkOptions) { o.Hidden = model.View{"luck"} },
		"share 0":      func(o *model.NetworkOptions) { o.Share = 0 },
		"share 1":      func(o *model.NetworkOptions) { o.Share = 1 },
		"target":       func(o *model.NetworkOptions) { o.Target = "luck" },
		"Passes":       func(o *model.NetworkOptions) { o.Passes = 0 },
		"LearningRate": func(o *model.NetworkOptions) { o.LearningRate = math.Inf(1) },
	} {
		training := withNetwork(t)
		wrong(training.Options.Network)
		if _, _, err := model.Train(t.Context(), training); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// Where no hour has hours before it, there is nothing for a network to learn, and none.
func TestNetworkOfSingleHours(t *testing.T) {
	training := withNetwork(t)
	for i := range training.Stays {
		stay := &training.Stays[i]
		last := len(stay.Observations) - 1
		stay.Observations, stay.Labels = stay.Observations[last:], stay.Labels[last:]
	}
	bundle, _, err := model.Train(t.Context(), training)
	if err != nil {
		t.Fatal(err)
	}
	if bundle.Network != nil || bundle.NetworkShare != 0 {
		t.Errorf("a network with the share %g", bundle.NetworkShare)
	}
}

// What is never known at a site, as the creatinine of stays without it, ends no training.
func TestNetworkWithoutWhatAForecastNeeds(t *testing.T) {
	training := withNetwork(t)
	for i := range training.Stays {
		for hour := range training.Stays[i].Observations {
			training.Stays[i].Observations[hour].Values[sepsis.Creatinine] = sepsis.Missing
		}
	}
	if _, _, err := model.Train(t.Context(), training); err != nil {
		t.Error(err)
	}
}

// What is learnt without forecasts is the same whether the layout was made for it or belongs to a training with them, which has used it before.
func TestLayoutWithoutForecasts(t *testing.T) {
	with := withNetwork(t)
	without := with
	without.Options.Forecasts = nil
	shared, own := layOut(t, with), layOut(t, without)
	matrix, err := own.Rows().Matrix(t.Context(), with.Stays, 1)
	if err != nil {
		t.Fatal(err)
	}
	dataset, err := gbdt.NewDataset(matrix, with.Options.MaxBins, 1)
	if err != nil {
		t.Fatal(err)
	}
	margins := func(layout *model.Layout) []float64 {
		bundle, err := layout.Fit(t.Context(), dataset, 1)
		if err != nil {
			t.Fatal(err)
		}
		return bundle.Margins(matrix, 1)
	}
	before := margins(shared)
	want := margins(own)
	if got := margins(shared.WithoutForecasts()); !slices.Equal(got, want) || slices.Equal(got, before) {
		t.Error("what is learnt without forecasts is not that of a layout of its own, or is that with them")
	}
	if !slices.Equal(margins(shared), before) {
		t.Error("the layout with forecasts has changed")
	}
}

func layOut(t *testing.T, training model.Training) *model.Layout {
	t.Helper()
	layout, err := model.NewLayout(training)
	if err != nil {
		t.Fatal(err)
	}
	return layout
}
