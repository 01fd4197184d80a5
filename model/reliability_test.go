package model_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// unlike tells whether an answer is flagged as unlike the training.
func unlike(r sepsis.Reliability) bool {
	return slices.ContainsFunc(r.Reasons, func(reason sepsis.Reason) bool { return reason.Code == sepsis.UnlikeTraining })
}

// TestCoverage: on stays that a fold's reference has not seen, about 1 in 100 hours are flagged. Hours of a stay are
// alike, so the share is allowed to be three times that; with the values of an hour dealt out among its variables,
// nearly all are flagged.
func TestCoverage(t *testing.T) {
	stays := synthetic(t, 120)
	_, predicted := train(t, stays, 2)
	random := rand.New(rand.NewPCG(1, 2))
	var hours, flagged, permuted, permutedFlagged float64
	for i := range stays {
		for _, r := range predicted.Reliability(i, &stays[i].Stay) {
			hours++
			if unlike(r) {
				flagged++
			}
		}
		mixed := stays[i].Stay
		mixed.Observations = slices.Clone(mixed.Observations)
		for hour := range mixed.Observations {
			permute(random, &mixed.Observations[hour].Values)
		}
		for _, r := range predicted.Reliability(i, &mixed) {
			permuted++
			if unlike(r) {
				permutedFlagged++
			}
		}
	}
	t.Logf("%.4f of %.0f hours flagged, %.3f of those with permuted values", flagged/hours, hours, permutedFlagged/permuted)
	if share := flagged / hours; share > 0.03 || share < 0.001 {
		t.Errorf("%.4f of the hours are flagged, about 0.01 are meant", share)
	}
	if share := permutedFlagged / permuted; share < 0.9 {
		t.Errorf("only %.3f of the hours with permuted values are flagged", share)
	}
}

// TestPValuesAreThoseOfTheReason: an hour is said to be unlike the training from the first level on, and of the levels
// that are published one is that of limited and one that of indeterminate answers.
func TestPValuesAreThoseOfTheReason(t *testing.T) {
	if !slices.Equal(model.ConformalLevels, []float64{0.01, 0.001}) { // as sepsis.ReasonCodes tells callers
		t.Errorf("levels %v", model.ConformalLevels)
	}
	stays := synthetic(t, 60)
	_, predicted := train(t, stays, 2)
	random := rand.New(rand.NewPCG(1, 2))
	flagged := 0
	for i := range stays {
		stay := stays[i].Stay
		stay.Observations = slices.Clone(stay.Observations)
		for hour := range stay.Observations[:len(stay.Observations)/2] {
			permute(random, &stay.Observations[hour].Values)
		}
		p := predicted.PValues(i, &stay)
		for hour, r := range predicted.Reliability(i, &stay) {
			if unlike(r) != (p[hour] <= model.ConformalLevels[0]) {
				t.Fatalf("p-value %g, and yet %+v", p[hour], r)
			}
			if unlike(r) {
				flagged++
			}
		}
	}
	if flagged == 0 {
		t.Error("no hour is unlike the training")
	}
	snapshot := predicted.Rows.Snapshots[0]
	if got, want := predicted.SnapshotPValue(snapshot, &stays[snapshot.Stay]), predicted.PValues(snapshot.Stay, &stays[snapshot.Stay].Stay)[snapshot.Row]; got != want {
		t.Errorf("p-value %g without history, %g with it: the same values are known", got, want)
	}
	var made model.OutOfFold // put together without a training
	if got := made.PValues(0, &stays[0].Stay); got[0] != 1 {
		t.Errorf("without references: %g", got[0])
	}
}

// permute deals the known values out among the known variables.
func permute(random *rand.Rand, values *sepsis.Values) {
	var known []int
	for v := range values {
		if values.Has(sepsis.Variable(v)) {
			known = append(known, v)
		}
	}
	before := *values
	for i, j := range random.Perm(len(known)) {
		values[known[i]] = before[known[j]]
	}
}

// TestReliabilityOfTheLastHour is that of the whole trajectory's last, and knows no later hours; also where there are gaps longer than
// what is looked back on.
func TestReliabilityOfTheLastHour(t *testing.T) {
	m, _ := trained(t)
	for i, stay := range synthetic(t, 6) {
		if i%2 == 1 {
			stay.Observations = slices.Clone(stay.Observations)
			for hour := range stay.Observations {
				stay.Observations[hour].Hour *= 1 + 7*i
			}
		}
		all := m.Reliabilities(&stay.Stay)
		past := stay.Stay
		for i := range all {
			past.Observations = stay.Observations[:i+1]
			if got := m.Reliability(&past); got.Level != all[i].Level || !slices.Equal(got.Reasons, all[i].Reasons) {
				t.Fatalf("hour %d: %v from the past alone, %v within the stay", i+1, got, all[i])
			}
		}
	}
}

func TestReferenceIsSmall(t *testing.T) {
	m, _ := trained(t)
	text, err := json.MarshalIndent(m.Bundle().Reference, " ", " ")
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 60_000 {
		t.Errorf("%d bytes of reference in the manifest", len(text))
	}
}

// TestWithoutReferences nothing is unlike the training.
func TestWithoutReferences(t *testing.T) {
	stays := synthetic(t, 30)
	var made model.OutOfFold // put together without a training
	if got := made.Reliability(0, &stays[0].Stay); len(got) != len(stays[0].Observations) || unlike(got[0]) {
		t.Errorf("without references: %v", got)
	}
}

// TestAlertsOutOfFold: every alert begins at a probability that is Positive, and most septic stays' labelled hours
// have more of them than others.
func TestAlertsOutOfFold(t *testing.T) {
	stays := synthetic(t, 120)
	bundle, predicted := train(t, stays, 2)
	if predicted.AlertPoint.Threshold != bundle.Alert.Threshold || predicted.Threshold != bundle.Operating.Threshold {
		t.Error("the operating points are not those of the bundle")
	}
	var labelled, other, alertsLabelled, alertsOther float64
	for i := range stays {
		for hour, label := range stays[i].Labels {
			row := predicted.Rows.Starts[i] + hour
			if predicted.Alert[row] && !predicted.Positive[row] {
				t.Fatal("an alert that is Negative")
			}
			n, alerts := &other, &alertsOther
			if label {
				n, alerts = &labelled, &alertsLabelled
			}
			*n++
			if predicted.Alert[row] {
				*alerts++
			}
		}
	}
	if alertsLabelled/labelled < 2*alertsOther/other {
		t.Errorf("alerts in %.3f of the labelled hours, in %.3f of the others", alertsLabelled/labelled, alertsOther/other)
	}
}

// TestAlertsBeginAtTheThreshold: in each fold every episode begins at a higher probability than any hour without an
// alert has, and every fold's reference is made of all snapshots of the other folds and no others.
func TestAlertsBeginAtTheThreshold(t *testing.T) {
	stays := synthetic(t, 80)
	_, predicted := train(t, stays, 2)
	lowestBegin, highestQuiet, others := [5]float64{1, 1, 1, 1, 1}, [5]float64{}, [5]int{}
	see := func(fold int, before, on bool, probability float64) {
		switch {
		case !on:
			highestQuiet[fold] = max(highestQuiet[fold], probability)
		case !before:
			lowestBegin[fold] = min(lowestBegin[fold], probability)
		}
	}
	for i := range stays {
		before := false
		for row := predicted.Rows.Starts[i]; row < predicted.Rows.Starts[i+1]; row++ {
			see(predicted.Fold[i], before, predicted.Alert[row], predicted.Probabilities[row])
			before = predicted.Alert[row]
		}
	}
	for i, snapshot := range predicted.Rows.Snapshots {
		row := predicted.Rows.Hours() + i
		see(predicted.Fold[snapshot.Stay], false, predicted.Alert[row], predicted.Probabilities[row])
		for fold := range others {
			if fold != predicted.Fold[snapshot.Stay] {
				others[fold]++
			}
		}
	}
	for fold, reference := range predicted.References {
		if lowestBegin[fold] <= highestQuiet[fold] || lowestBegin[fold] == 1 {
			t.Errorf("fold %d: an alert begins at %g, and %g is none", fold, lowestBegin[fold], highestQuiet[fold])
		}
		if reference.Counted+reference.Held != others[fold] || reference.Counted == 0 || reference.Held == 0 {
			t.Errorf("fold %d: %d and %d hours in its reference, %d in the other folds", fold, reference.Counted, reference.Held, others[fold])
		}
	}
}

// TestAlertOfTheLastHour: however far back the state was decided, Predict finds the state of the trajectory.
func TestAlertOfTheLastHour(t *testing.T) {
	stays := synthetic(t, 40)
	bundle, predicted := train(t, stays, 2)
	sorted := slices.Sorted(slices.Values(predicted.Probabilities))
	bundle.Operating.Threshold, bundle.Alert.Clear = sorted[0], sorted[len(sorted)/5]
	bundle.Alert.Threshold = sorted[len(sorted)*98/100] // most hours decide nothing
	file, err := bundle.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(file)
	if err != nil {
		t.Fatal(err)
	}
	long := stays[0].Stay // one after the other, for a look far back
	long.Observations = nil
	for i := range stays {
		for _, observation := range stays[i].Observations {
			observation.Hour = len(long.Observations) + 1
			long.Observations = append(long.Observations, observation)
		}
	}
	long.Observations = long.Observations[:300]
	whole := m.Trajectory(&long)
	alerts := 0
	for cut := 1; cut <= len(whole); cut++ {
		past := long
		past.Observations = long.Observations[:cut]
		if got := m.Predict(&past); got != whole[cut-1] {
			t.Fatalf("hour %d: %+v, the trajectory has %+v", cut, got, whole[cut-1])
		}
		if whole[cut-1].Alert {
			alerts++
		}
	}
	if alerts < 10 || alerts > 290 {
		t.Errorf("alerts in %d of 300 hours test nothing", alerts)
	}
}

func BenchmarkPredictFlat(b *testing.B)    { benchmarkPredict(b, 1) }
func BenchmarkPredictHistory(b *testing.B) { benchmarkPredict(b, 48) }

// benchmarkPredict is what a request costs the model: the risk and its reliability, at each of the last hours.
func benchmarkPredict(b *testing.B, hours int) {
	m, _ := trained(b)
	cohort := synthetic(b, 30)
	var stays []sepsis.Stay
	for _, stay := range cohort {
		if len(stay.Observations) >= hours {
			past := stay.Stay
			past.Observations = stay.Observations[:hours]
			stays = append(stays, past)
		}
	}
	for i := 0; b.Loop(); i++ {
		stay := &stays[i%len(stays)]
		_ = m.Predict(stay)
		_ = m.Reliability(stay)
	}
}
