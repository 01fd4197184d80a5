package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/evaluate/families"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/server"
)

// sepsisCommand runs the program with arguments and gives what it printed.
func sepsisCommand(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	parser, err := newParser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	command, err := parser.Parse(arguments)
	if err != nil {
		return "", err
	}
	standard := os.Stdout
	defer func() { os.Stdout = standard }()
	printed, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = printed
	ran := command.Run()
	if err := printed.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(printed.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text), ran
}

func must(t *testing.T, arguments ...string) string {
	t.Helper()
	text, err := sepsisCommand(t, arguments...)
	if err != nil {
		t.Fatalf("sepsis %s: %v", strings.Join(arguments, " "), err)
	}
	return text
}

// TestTheWholeRoad goes from nothing to scored predictions: synth, check, train, predict, score.
func TestTheWholeRoad(t *testing.T) {
	dir := t.TempDir()
	data, bundle, out := filepath.Join(dir, "data"), filepath.Join(dir, "m.sepsis"), filepath.Join(dir, "out")
	must(t, "data", "synth", "--out", data, "--stays", "80", "--septic-share", "0.3")
	must(t, "data", "check", data)
	trained := must(t, "train", "--data", data, "--out", bundle, "--report", filepath.Join(dir, "r.json"), "--rounds", "10")
	if !strings.Contains(trained, "SYNTHETIC") {
		t.Errorf("training does not say that its data are synthetic:\n%s", trained)
	}
	must(t, "predict", "--data", data, "--out", out, "--model", bundle)
	scored := must(t, "score", "--labels", data, "--predictions", out)
	if !strings.HasPrefix(scored, "AUROC|AUPRC|Accuracy|F-measure|Utility\n") {
		t.Errorf("score printed %q", scored)
	}
	input, err := filepath.Glob(filepath.Join(data, "*", "*.psv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(input) != 160 {
		t.Fatalf("%d stays, want 160", len(input))
	}
	for _, path := range input {
		relative, err := filepath.Rel(data, path)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := lines(t, filepath.Join(out, relative)), lines(t, path); got != want {
			t.Errorf("%s: %d lines of predictions for %d of input", relative, got, want)
		}
	}
	var card struct {
		Training struct{ Synthetic bool }
	}
	if err := json.Unmarshal([]byte(must(t, "model", "card", "--model", bundle)), &card); err != nil || !card.Training.Synthetic {
		t.Errorf("the card does not say that the data are synthetic: %v", err)
	}
}

func TestPredictNeverWritesOverItsInput(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	must(t, "data", "synth", "--out", data, "--stays", "2")
	before := must(t, "data", "check", data)
	for _, arguments := range [][]string{
		{"predict", "--data", data, "--out", data},
		{"predict", "--data", filepath.Join(data, "synthetic_setA"), "--out", filepath.Join(data, "synthetic_setA")},
	} {
		if _, err := sepsisCommand(t, arguments...); err == nil || !strings.Contains(err.Error(), "written over") {
			t.Errorf("sepsis %s: error %v", strings.Join(arguments, " "), err)
		}
	}
	if after := must(t, "data", "check", data); after != before {
		t.Error("the input was changed")
	}
}

// TestTrainsWithFewSepticStays: one hospital may have next to none.
func TestTrainsWithFewSepticStays(t *testing.T) {
	dir := t.TempDir()
	data, bundle := filepath.Join(dir, "data"), filepath.Join(dir, "m.sepsis")
	must(t, "data", "synth", "--out", data, "--stays", "70", "--septic-share", "0.07")
	must(t, "train", "--data", data, "--out", bundle, "--rounds", "3", "--without-network")
	must(t, "predict", "--data", data, "--model", bundle, "--out", filepath.Join(dir, "out"))
}

func lines(t *testing.T, path string) int {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(content, []byte("\n"))
}

// TestScoreVectors checks the command against the official scorer's answers on made-up vectors.
func TestScoreVectors(t *testing.T) {
	vectors := filepath.Join("..", "..", "metric", "testdata", "score-vectors", "mixed")
	got := must(t, "score", "--labels", filepath.Join(vectors, "labels"), "--predictions", filepath.Join(vectors, "predictions"))
	// expected.json beside the vectors, from evaluate_sepsis_score.py of the Challenge.
	want := []float64{0.849219021173204, 0.628640125877605, 0.7173396674584323, 0.5258964143426295, 0.6838630806845966}
	_, printed, _ := strings.Cut(strings.TrimSpace(got), "\n")
	for i, text := range strings.Split(printed, "|") {
		if x, err := strconv.ParseFloat(text, 64); err != nil || math.Abs(x-want[i]) > 1e-12 {
			t.Errorf("figure %d is %s, want %g", i+1, text, want[i])
		}
	}
}

func TestVocabularyPageIsCurrent(t *testing.T) {
	for name, arguments := range map[string][]string{"vocabulary.md": {"data", "vocabulary"}, "fhir-codes.md": {"data", "vocabulary", "--fhir"}} {
		page, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if made := must(t, arguments...); made != string(page) {
			t.Errorf("docs/%s is not what `sepsis %s` prints: run it again", name, strings.Join(arguments, " "))
		}
	}
}

// TestDocumentsAreCurrent: card, checklist and the README's figures are those of docs/evidence.json and, once it is there, docs/served.json.
func TestDocumentsAreCurrent(t *testing.T) {
	root := filepath.Join("..", "..")
	report, err := readReport(filepath.Join(root, "docs", "evidence.json"))
	if err != nil {
		t.Fatal(err)
	}
	served := filepath.Join(root, "docs", "served.json")
	if _, err := os.Stat(served); errors.Is(err, os.ErrNotExist) {
		served = ""
	}
	documents, err := modelDocumentsCommand{Docs: filepath.Join(root, "docs"), Served: served, Readme: filepath.Join(root, "README.md"), Scores: filepath.Join(root, "monitor", "scores.json"), Shown: filepath.Join(root, "evidence", "shipped.json")}.made(report)
	if err != nil {
		t.Fatal(err)
	}
	for path, made := range documents {
		if page, err := os.ReadFile(path); err != nil || string(page) != string(made) {
			t.Errorf("%s is not what `make documents` makes: run it again (%v)", path, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	empty := t.TempDir()
	cases := [][]string{
		{"predict", "--data", filepath.Join(empty, "nothing"), "--out", empty},
		{"predict", "--data", empty, "--out", filepath.Join(empty, "out")},
		{"train", "--out", "x"},
		{"score", "--labels", empty, "--predictions", empty},
		{"serve", "--model", filepath.Join(empty, "none")},
	}
	for _, arguments := range cases {
		if _, err := sepsisCommand(t, arguments...); err == nil {
			t.Errorf("sepsis %s: no error", strings.Join(arguments, " "))
		}
	}
}

// TestUsageIsNoOutput: what is printed because a command is misspelt is not read as what it was to write.
func TestUsageIsNoOutput(t *testing.T) {
	var printed, told strings.Builder
	command := program(t, "predict", "--data", "-", "--frm", "csv", "--out", "-")
	command.Stdout, command.Stderr = &printed, &told
	err := command.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); !ok || failed.ExitCode() != 80 || printed.Len() > 0 {
		t.Errorf("%v, %q to standard output", err, printed.String())
	}
	if !strings.Contains(told.String(), "Usage: sepsis predict") || !strings.Contains(told.String(), "unknown flag --frm") {
		t.Errorf("told: %q", told.String())
	}
}

// TestWhatCannotBePrintedIsAnError where it is what the command is for: a file that it goes to would be empty, on a disk that is full.
func TestWhatCannotBePrintedIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err) // there is none but on Linux
	}
	defer func() { _ = full.Close() }()
	vectors := filepath.Join("..", "..", "metric", "testdata", "score-vectors", "mixed")
	for _, arguments := range [][]string{
		{"score", "--labels", filepath.Join(vectors, "labels"), "--predictions", filepath.Join(vectors, "predictions")},
		{"model", "card"},
		{"model", "card", "--format", "figures"},
		{"model", "card", "--format", "markdown"},
		{"version"},
		{"data", "vocabulary"},
		{"data", "check", filepath.Join(vectors, "labels")},
		{"completion", "bash"},
	} {
		command := program(t, arguments...)
		command.Stdout = full
		if failed, is := errors.AsType[*exec.ExitError](command.Run()); !is || failed.ExitCode() != 1 {
			t.Errorf("sepsis %s: %v", strings.Join(arguments, " "), failed)
		}
	}
}

// TestComparisonThatCannotBePrinted is written where it was asked for, and the tables are not lost without a word.
func TestComparisonThatCannotBePrinted(t *testing.T) {
	standard := os.Stdout
	defer func() { os.Stdout = standard }()
	closed, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	if err := errors.Join(err, closed.Close()); err != nil {
		t.Fatal(err)
	}
	os.Stdout = closed
	out := filepath.Join(t.TempDir(), "c.json")
	err = compareCommand{Out: out}.write(comparison{Comparison: &families.Comparison{Families: make([]families.Family, 1)}})
	if _, there := os.Stat(out); !errors.Is(err, os.ErrClosed) || there != nil {
		t.Errorf("%v, %v", err, there)
	}
}

// TestServeEndsWhenAsked starts the server on a free port, asks for its health, and ends it.
func TestServeEndsWhenAsked(t *testing.T) {
	predictor, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	handler, err := server.New(server.Config{
		Models: server.NewModels(predictor, nil), Clock: time.Now, Entropy: strings.NewReader(""), Logger: logger, Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, handler, logger, shutdown{ShutdownTimeout: time.Minute}) }()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || string(body) != "OK" {
		t.Errorf("health is %d %q", response.StatusCode, body)
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

// TestVersion: asked for as a command, or as most programs are, and never by the environment, where an image may tell its own.
func TestVersion(t *testing.T) {
	t.Setenv("SEPSIS_VERSION", "1")
	want := must(t, "version")
	parser, err := newParser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	ended := -1
	parser.Stdout, parser.Exit = &told, func(code int) { ended = code }
	if _, err := parser.Parse([]string{"version"}); err != nil || ended != -1 {
		t.Errorf("without the option: %v, ended with %d", err, ended)
	}
	_, _ = parser.Parse([]string{"--version"}) // in a process it would have ended
	if ended != 0 || told.String() != want {
		t.Errorf("ended with %d, told %q, want %q", ended, told.String(), want)
	}
}
