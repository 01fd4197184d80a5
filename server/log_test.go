package server_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestLogLine(t *testing.T) {
	var log bytes.Buffer
	handler := serverOf(t, config(&fakePredictor{}, &log))
	predict(handler, flatBody)
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	delete(line, "time")
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "POST", "route": "POST /predict/patient", "status": 200.0,
		"duration": 0.0, "answer": "01FRAR5JG00000000000000000", "request_id": "01FRAR5JG00000000000000000", "caller": "",
	}
	for name, value := range want {
		if line[name] != value {
			t.Errorf("%s is %v, want %v", name, line[name], value)
		}
	}
	if len(line) != len(want) {
		t.Errorf("log line %v", line)
	}
}

func TestLogHoldsNothingOfThePatient(t *testing.T) {
	var log bytes.Buffer
	handler := serverOf(t, config(&fakePredictor{}, &log))
	predict(handler, `{"age": 67, "ph": 7.4, "patient_id": "Jane"}`)
	predict(handler, `{"age": "Jane", "Jane": 1}`)
	predict(handler, `{"Jane`)
	send(handler, "POST", "/predict/patient?Jane=Jane", flatBody)
	send(handler, "GET", "/patients/Jane?name=Jane", "")
	send(handler, "JANE", "/health", "", "Accept", "Jane/Jane", "User-Agent", "Jane")
	if got := log.String(); strings.Contains(strings.ToLower(got), "jane") || strings.Count(got, "\n") != 6 {
		t.Errorf("log\n%s", got)
	}
}
