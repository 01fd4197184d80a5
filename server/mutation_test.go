package server_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
)

// mutant changes one thing in a JSON value: it takes a part away, doubles it, or puts something else in its place.
func mutant(random *rand.Rand, value any) any {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 || random.IntN(12) == 0 {
			return strangeValue(random)
		}
		names := slices.Sorted(maps.Keys(v))
		name := names[random.IntN(len(names))]
		changed := maps.Clone(v)
		switch random.IntN(8) {
		case 0:
			delete(changed, name)
		case 1:
			changed[names[random.IntN(len(names))]] = v[name]
		default:
			changed[name] = mutant(random, v[name])
		}
		return changed
	case []any:
		if len(v) == 0 || random.IntN(12) == 0 {
			return strangeValue(random)
		}
		at := random.IntN(len(v))
		changed := slices.Clone(v)
		switch random.IntN(8) {
		case 0:
			return slices.Delete(changed, at, at+1)
		case 1:
			return append(changed, v[at])
		}
		changed[at] = mutant(random, v[at])
		return changed
	}
	return strangeValue(random)
}

var strange = []any{
	nil, true, 0, -1, 1e308, 118, "", "118", "final", "entered-in-error", "2021-06-01", "2021-06-01T09:30:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
	"Patient/p", "#", "http://loinc.org", "8867-4", "2708-6", "mg/dL", "%", "\u0000", "é☃",
	[]any{},
	map[string]any{},
	[]any{nil},
	map[string]any{"reference": "Patient/q"},
	map[string]any{"resourceType": "Bundle", "type": "collection"},
	map[string]any{"value": 5, "unit": "mmol/L"},
}

func strangeValue(random *rand.Rand) any { return strange[random.IntN(len(strange))] }

// TestMutatedBundles: whatever becomes of a bundle or of a CDS Hooks call, nothing breaks. make fuzz goes on from there.
func TestMutatedBundles(t *testing.T) {
	handler := newServer(t, &fakePredictor{})
	random := rand.New(rand.NewPCG(7, 11))
	var bundle, call any
	for text, into := range map[string]*any{goodBundle: &bundle, cdsBody(): &call} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	statuses := map[int]int{}
	for range 3000 {
		mutated, mutatedCall := bundle, call
		for range 1 + random.IntN(4) {
			mutated, mutatedCall = mutant(random, mutated), mutant(random, mutatedCall)
		}
		text, err := json.Marshal(mutated)
		if err != nil {
			t.Fatal(err)
		}
		checkEvaluated(t, evaluate(handler, string(text)))
		checkEvaluated(t, evaluate(handler, string(text[:random.IntN(len(text)+1)])))
		if recorder := evaluate(handler, string(text), "Prefer", "handling=lenient"); recorder.Code >= http.StatusInternalServerError {
			t.Errorf("%d for %s", recorder.Code, text)
		}
		if text, err = json.Marshal(mutatedCall); err != nil {
			t.Fatal(err)
		}
		recorder := callCDS(handler, string(text))
		statuses[recorder.Code]++
		if recorder.Code == http.StatusOK {
			cardsOf(t, recorder)
		}
	}
	if statuses[http.StatusOK] < 100 || statuses[http.StatusPreconditionFailed] < 100 || statuses[http.StatusUnprocessableEntity] < 100 || len(statuses) != 3 {
		t.Errorf("statuses %v", statuses)
	}
}
