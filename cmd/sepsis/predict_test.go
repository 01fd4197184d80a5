package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
	"github.com/medtech-detect/sepsis/server"
)

// forms writes the same synthetic stays as files of the Challenge, as one CSV table and as newline-delimited JSON.
func forms(t *testing.T, stays int) (folder, table, ndjson string) {
	t.Helper()
	dir := t.TempDir()
	folder, table, ndjson = filepath.Join(dir, "data"), filepath.Join(dir, "stays.csv"), filepath.Join(dir, "stays.ndjson")
	must(t, "data", "synth", "--out", folder, "--stays", fmt.Sprint(stays))
	cohort, err := challenge.Open(filepath.Join(folder, "synthetic_setA"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cohort.Close() }()
	var rows, lines bytes.Buffer
	for i := range cohort.Len() {
		record, err := cohort.Read(i)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(server.WritePatient(nil, &record.Stay), '\n'))
		file, err := os.ReadFile(cohort.Entry(i).Location)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(strings.TrimSpace(string(file)), "\n") {
			id := record.ID
			if n == 0 {
				id = "patient_id"
			}
			if n > 0 || i == 0 {
				rows.WriteString(id + "," + strings.ReplaceAll(line, "|", ",") + "\n")
			}
		}
	}
	for path, content := range map[string][]byte{table: rows.Bytes(), ndjson: lines.Bytes()} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "synthetic_setA"), table, ndjson
}

// predictions are the rows of a CSV of predictions, without the hospital, which not every form knows.
func predictions(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i] = slices.Delete(rows[i], 1, 2)
	}
	return rows
}

// TestPredictsTheSameOfEveryForm of the same stays: the order is that of the input, and the figures are those of the files.
func TestPredictsTheSameOfEveryForm(t *testing.T) {
	folder, table, ndjson := forms(t, 12)
	out := filepath.Join(t.TempDir(), "out")
	must(t, "predict", "--data", folder, "--out", out)
	want := predictions(t, must(t, "predict", "--data", folder, "--out", "-"))
	for name, got := range map[string][][]string{
		"csv": predictions(t, must(t, "predict", "--data", table, "--out", "-")), "ndjson": predictions(t, must(t, "predict", "--data", ndjson, "--out", "-", "--threads", "3")),
	} {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s differs", name)
		}
	}
	var rebuilt strings.Builder // one file from the table
	for _, row := range want[1:] {
		if row[0] == want[1][0] {
			label := "0"
			if row[3] == "Positive" {
				label = "1"
			}
			rebuilt.WriteString(row[2] + "|" + label + "\n")
		}
	}
	file, err := os.ReadFile(filepath.Join(out, want[1][0]+".psv"))
	if err != nil {
		t.Fatal(err)
	}
	if got := "PredictedProbability|PredictedLabel\n" + rebuilt.String(); got != string(file) {
		t.Errorf("%s in the folder, %s in the table", file, got)
	}
}

func TestPredictsLastHourWithExplanation(t *testing.T) {
	folder, _, ndjson := forms(t, 3)
	path := filepath.Join(t.TempDir(), "out.csv")
	must(t, "predict", "--data", folder, "--last", "--explain", "--out", path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := predictions(t, string(text))
	if len(rows) != 4 || !slices.Contains(rows[0], "contribution_lactate") || !slices.Contains(rows[0], "base_value") {
		t.Errorf("%v", rows)
	}
	parquet := filepath.Join(t.TempDir(), "out.parquet")
	must(t, "predict", "--data", ndjson, "--last", "--explain", "--out", parquet)
	if again := must(t, "predict", "--data", ndjson, "--last", "--out", "-", "--format", "ndjson"); strings.Count(again, "\n") != 3 {
		t.Errorf("%s", again)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(parquet), ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestPredictTellsWhatIsWrong: the others are predicted, and the exit code says that not all were.
func TestPredictTellsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	input, path := filepath.Join(dir, "in.ndjson"), filepath.Join(dir, "out.csv")
	if err := os.WriteFile(input, []byte(`{"age": 67, "ph": 7.4}`+"\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sepsisCommand(t, "predict", "--data", input, "--out", path)
	if exitCode(err) != 3 || !strings.Contains(fmt.Sprint(err), "1 of 2 stays") || lines(t, path) != 2 {
		t.Errorf("exit code %d, %v", exitCode(err), err)
	}
	for _, arguments := range [][]string{
		{"--data", input, "--out", input},
		{"--data", input, "--out", filepath.Join(dir, "folder")},
		{"--data", input, "--out", filepath.Join(dir, "folder"), "--format", "psv", "--explain"},
		{"--data", "-", "--out", "-"},
		{"--data", filepath.Join(dir, "none.csv"), "--out", "-"},
	} {
		if _, err := sepsisCommand(t, append([]string{"predict"}, arguments...)...); err == nil || exitCode(err) != 1 {
			t.Errorf("%v: %v", arguments, err)
		}
	}
	broken := filepath.Join(dir, "broken.parquet")
	if err := os.WriteFile(broken, []byte("PAR1 and no more PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sepsisCommand(t, "predict", "--data", broken, "--out", filepath.Join(dir, "none.csv")); err == nil || !strings.Contains(err.Error(), "broken.parquet") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none.csv")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a failed run leaves a table")
	}
}

func TestSequenceKeepsOrderAndStops(t *testing.T) {
	n := 0
	next := func() (func() int, error) {
		if n == 1000 {
			return nil, io.EOF
		}
		n++
		i := n
		return func() int { return i }, nil
	}
	var kept []int
	if err := inSequence(t.Context(), 4, next, func(i int) error { kept = append(kept, i); return nil }); err != nil || len(kept) != 1000 || !slices.IsSorted(kept) {
		t.Errorf("%v, %d kept", err, len(kept))
	}
	n = 0
	full := errors.New("disk full")
	if err := inSequence(t.Context(), 4, next, func(i int) error {
		if i == 10 {
			return full
		}
		return nil
	}); !errors.Is(err, full) || n > 100 {
		t.Errorf("%v after %d", err, n)
	}
}
