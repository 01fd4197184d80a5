package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// asProgram makes the test's own binary the program, so that signals reach a process of its own.
const asProgram = "SEPSIS_TEST_AS_PROGRAM"

// TestMain lets the test's own binary be the program, a bare service, or a client that holds connections.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	if os.Getenv(bareEnvironment) != "" {
		fmt.Fprintln(os.Stderr, serveBare())
		os.Exit(1)
	}
	if instructions := os.Getenv(idleEnvironment); instructions != "" {
		if err := idle(instructions); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// patience is how long a process may take for what should take milliseconds.
const patience = 30 * time.Second

// service is a running `sepsis serve`.
type service struct {
	t       *testing.T
	process *exec.Cmd
	address string
	logged  chan logLine // closed at the end of the log
}

type logLine struct {
	Level, Msg, Error string
	Address           string
	SHA256            string `json:"model_sha256"`
}

// start runs the service on a free port until the test ends.
func start(t *testing.T, arguments ...string) *service {
	t.Helper()
	s := &service{t: t, logged: make(chan logLine, 10_000)}
	s.process = exec.CommandContext(t.Context(), os.Args[0], append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()}, arguments...)...) //nolint:gosec // the test itself
	s.process.Env = append(os.Environ(), asProgram+"=1")
	log, err := s.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.logged)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			var line logLine
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				line.Msg = lines.Text()
			}
			s.logged <- line
		}
	}()
	s.address = "http://" + s.line("listening").Address
	return s
}

// line waits for a log line of that message.
func (s *service) line(message string) logLine {
	s.t.Helper()
	late := time.After(patience)
	for {
		select {
		case line, open := <-s.logged:
			if !open {
				s.t.Fatalf("the log ended without %q", message)
			}
			if line.Msg == message {
				return line
			}
		case <-late:
			s.t.Fatalf("no log line %q", message)
		}
	}
}

func (s *service) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// ended waits for the end of the process.
func (s *service) ended() error {
	s.t.Helper()
	end := make(chan error, 1)
	go func() {
		for range s.logged { //nolint:revive // to its end, as os/exec wants it
		}
		end <- s.process.Wait()
	}()
	select {
	case err := <-end:
		return err
	case <-time.After(patience):
		s.t.Fatal("the process does not end")
		return nil
	}
}

func (s *service) ask(method, path, body string) (int, string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.address+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

const somebody = `{"age": 67, "heart_rate": 118, "icu_hour": 3}`

// TestShutdown: not ready from the signal on, but answering as long as the delay lasts; then a clean end.
func TestShutdown(t *testing.T) {
	s := start(t, "--drain-delay", "2s")
	s.signal(syscall.SIGTERM)
	s.line("shutting down")
	if status, body := s.ask("GET", "/health", ""); status != http.StatusServiceUnavailable || body != "shutting down" {
		t.Errorf("health %d %q", status, body)
	}
	if status, body := s.ask("GET", "/livez", ""); status != http.StatusOK {
		t.Errorf("liveness %d %q", status, body)
	}
	if status, body := s.ask("POST", "/predict/patient", somebody); status != http.StatusOK {
		t.Errorf("prediction %d %q", status, body)
	}
	s.signal(syscall.SIGHUP) // must not end it
	if err := s.ended(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// TestSecondSignalEndsAtOnce, however long the delay.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	s := start(t, "--drain-delay", "1h")
	s.signal(syscall.SIGTERM)
	s.line("shutting down")
	s.signal(syscall.SIGTERM)
	var exit *exec.ExitError
	if err := s.ended(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v", err)
	}
}

// otherModel is the embedded model under another version.
func otherModel(t *testing.T) []byte {
	t.Helper()
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	bundle := *shipped.Bundle()
	bundle.Version += "-other"
	file, err := bundle.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestReloadOnHangup: a new file, then one that is cut off, then none at all.
func TestReloadOnHangup(t *testing.T) {
	shipped, err := os.ReadFile(filepath.Join("..", "..", "model", "default.sepsis"))
	if err != nil {
		t.Fatal(err)
	}
	other := otherModel(t)
	path := filepath.Join(t.TempDir(), "m.sepsis")
	put := func(file []byte) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path+".new", file, 0o600), os.Rename(path+".new", path)); err != nil { //nolint:gosec // a folder of the test
			t.Fatal(err)
		}
	}
	put(shipped)
	s := start(t, "--model", path, "--shadow-model", path)
	answers := func(file []byte) {
		t.Helper()
		if status, body := s.ask("POST", "/predict/patient", somebody); status != http.StatusOK || !strings.Contains(body, `"sha256":"`+model.Digest(file)) {
			t.Errorf("%d %s", status, body)
		}
	}
	answers(shipped)
	put(other)
	s.signal(syscall.SIGHUP)
	if line := s.line("model"); line.SHA256 != model.Digest(other) {
		t.Errorf("swapped to %s", line.SHA256)
	}
	answers(other)
	const refused = "the model was not swapped, the one that answered goes on"
	for name, spoil := range map[string]func(){
		"cut off":    func() { put(shipped[:len(shipped)/2]) },
		"a bit flip": func() { flipped := bytes.Clone(shipped); flipped[len(flipped)/2] ^= 1; put(flipped) },
		"empty":      func() { put(nil) },
		"gone": func() {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	} {
		spoil()
		s.signal(syscall.SIGHUP)
		if line := s.line(refused); line.Level != "ERROR" || line.Error == "" {
			t.Errorf("%s: %+v", name, line)
		}
		answers(other)
	}
	if status, body := s.ask("POST", "/admin/model/rollback", ""); status != http.StatusOK || !strings.Contains(body, model.Digest(shipped)) {
		t.Errorf("%d %s", status, body)
	}
	answers(shipped)
	if _, text := s.ask("GET", "/metrics", ""); !strings.Contains(text, `sepsis_shadow_predictions_total{end="agrees"}`) ||
		!strings.Contains(text, `sepsis_model_swaps_total{action="reload",result="refused"} 4`) {
		t.Error(text)
	}
	var told sepsis.Monitoring
	if _, body := s.ask("GET", "/monitoring", ""); json.Unmarshal([]byte(body), &told) != nil || told.Model.SHA256 != model.Digest(shipped) || told.Drift[0].Predictions != 2 {
		t.Errorf("monitoring of %v, %d predictions", told.Model, told.Drift[0].Predictions)
	}
}

// TestFlushComesLast: after the last request, also when it was cut off.
func TestFlushComesLast(t *testing.T) {
	flushed := errors.New("flushed")
	how := shutdown{ShutdownTimeout: time.Minute, flush: func(ctx context.Context) error {
		if _, bounded := ctx.Deadline(); !bounded || ctx.Err() != nil {
			t.Error("no time to flush")
		}
		return flushed
	}}
	ended := make(chan error, 1)
	ended <- http.ErrServerClosed
	if err := how.finish(t.Context(), &http.Server{ReadHeaderTimeout: time.Second}, ended); !errors.Is(err, flushed) {
		t.Errorf("%v", err)
	}
}

// TestReferenceOfTheShippedModel: drift is told of every input and of the score.
func TestReferenceOfTheShippedModel(t *testing.T) {
	shipped, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	reference, err := referenceOf(shipped.Bundle())
	if err != nil || len(reference.Inputs) != sepsis.NumVariables || reference.Score == nil {
		t.Fatalf("%+v, %v", reference, err)
	}
	for v, bins := range reference.Inputs {
		if len(bins.Counts) < 3 {
			t.Errorf("%s has %d bins", sepsis.Variable(v), len(bins.Counts))
		}
	}
	bundle := *shipped.Bundle()
	bundle.Provenance.Recalibrations = []model.Recalibration{{}}
	if fitted, err := referenceOf(&bundle); err != nil || fitted.Score != nil {
		t.Error("the probabilities of a model that was fitted to a site are not those of the training")
	}
}

func TestLogOptions(t *testing.T) {
	var log bytes.Buffer
	logOptions{LogFormat: "text"}.logger(&log).Info("said")
	logOptions{LogFormat: "json"}.logger(&log).Debug("not said")
	if text := log.String(); !strings.Contains(text, "level=INFO msg=said") || strings.Contains(text, "not said") {
		t.Error(text)
	}
	for _, arguments := range [][]string{{"serve", "--log-level", "loud"}, {"serve", "--log-format", "xml"}, {"serve", "--drain-delay", "soon"}} {
		if _, err := sepsisCommand(t, arguments...); err == nil {
			t.Errorf("%v: no error", arguments)
		}
	}
}
