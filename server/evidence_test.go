package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/server"
)

// TestEvidenceIsOfTheModelThatAnswers: it is shown for the very file that was evaluated, and for no other, not even of the
// same name and version.
func TestEvidenceIsOfTheModelThatAnswers(t *testing.T) {
	files := &shelf{}
	models := server.NewModels(modelOne, files.open)
	c := config(modelOne, io.Discard)
	c.Models = models
	c.Evidence = &sepsis.Evidence{
		Model:       modelOne.Info(),
		Calibration: []sepsis.CalibrationCurve{{Hospital: "pooled", Parts: []sepsis.CalibrationPart{{Predicted: 0.03, Observed: &sepsis.Figure{Value: 0.033, Low: 0.031, High: 0.036}}}}},
	}
	handler := serverOf(t, c)
	var shown sepsis.Evidence
	decode(t, send(handler, "GET", "/model/evidence", ""), &shown)
	if shown.Model != modelOne.Info() || shown.Calibration[0].Parts[0].Observed.High != 0.036 {
		t.Errorf("%+v", shown)
	}
	if link := send(handler, "GET", "/model", "").Header().Get("Link"); !strings.HasPrefix(link, "</model/evidence>") {
		t.Errorf("the card leads to %q", link)
	}

	files.next = modelTwo
	if _, err := models.Reload(); err != nil {
		t.Fatal(err)
	}
	if p := problemOf(t, send(handler, "GET", "/model/evidence", ""), http.StatusNotFound); !strings.Contains(p.Detail, "sepsis evaluate") {
		t.Errorf("no cure in %q", p.Detail)
	}
	if link := send(handler, "GET", "/model", "").Header().Get("Link"); link != "" {
		t.Errorf("the card leads to %q", link)
	}
	problemOf(t, send(newServer(t, &fakePredictor{}), "GET", "/model/evidence", ""), http.StatusNotFound)
}
