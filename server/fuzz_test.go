package server_test

import (
	"net/http"
	"testing"
)

// FuzzPredictPatient holds that no body whatever is answered with anything but a prediction or a problem.
func FuzzPredictPatient(f *testing.F) {
	f.Add(flatBody)
	f.Add(historyBody)
	for _, test := range incoherentBodies { // all codes: TestEveryCodeIsTested
		f.Add(test.body)
	}
	predictor := &fakePredictor{}
	handler := newServer(f, predictor)
	f.Fuzz(func(t *testing.T, body string) {
		predictor.asked = nil
		recorder := predict(handler, body)
		if recorder.Code == http.StatusOK {
			answerOf(t, recorder)
			return
		}
		p := problemOf(t, recorder, http.StatusUnprocessableEntity)
		if len(p.Errors) == 0 || predictor.asked != nil {
			t.Errorf("refused without a reason, or after a prediction: %s", recorder.Body)
		}
	})
}
