package server_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden compares whole answers with files that a human can read. After a wanted change: go test -update.
func TestGolden(t *testing.T) {
	handler := newServer(t, &fakePredictor{synthetic: true})
	for name, recorder := range map[string]*httptest.ResponseRecorder{
		"prediction.json": send(handler, "POST", "/predict/patient?trajectory=true", historyBody),
		"problems.json": predict(handler, `{"age": 17, "sex": "F", "HR": 118, "temperature": 101.3, "lactate": {"value": 37, "unit": "mg"},
			"systolic_bp": 80, "diastolic_bp": 90, "wbc": 1e999, "age": 67}`),
	} {
		var got bytes.Buffer
		if err := json.Indent(&got, recorder.Body.Bytes(), "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		compare(t, filepath.Join("testdata", name), got.Bytes())
	}
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil { //nolint:gosec // the tests name the file
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", path, got)
	}
}
