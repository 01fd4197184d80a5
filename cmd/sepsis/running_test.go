package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/model"
)

// asProgram makes the test's own binary the program, so that signals reach a process of its own.
const asProgram = "SEPSIS_TEST_AS_PROGRAM"

// TestMain lets the test's own binary be the program, a bare service, or a client that holds connections. Else it fails when a test
// leaves a goroutine behind.
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
	goleak.VerifyTestMain(m)
}

const somebody = `{"age": 67, "heart_rate": 118, "icu_hour": 3}`

// TestShutdown: not ready from the signal on, but answering as long as the delay lasts; then a clean end.
func TestShutdown(t *testing.T) {
	s := serving(t, "--data-dir", t.TempDir(), "--drain-delay", "2s")
	s.signal(t, syscall.SIGTERM)
	s.line(t, "shutting down")
	if status, body := s.ask(t, "GET", "/health", ""); status != http.StatusServiceUnavailable || body != "shutting down" {
		t.Errorf("health %d %q", status, body)
	}
	if status, body := s.ask(t, "GET", "/livez", ""); status != http.StatusOK {
		t.Errorf("liveness %d %q", status, body)
	}
	if status, body := s.ask(t, "POST", "/predict/patient", somebody); status != http.StatusOK {
		t.Errorf("prediction %d %q", status, body)
	}
	s.signal(t, syscall.SIGHUP) // must not end it
	if err := s.ended(t); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// TestSecondSignalEndsAtOnce, however long the delay.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	s := serving(t, "--data-dir", t.TempDir(), "--drain-delay", "1h")
	s.signal(t, syscall.SIGTERM)
	s.line(t, "shutting down")
	s.signal(t, syscall.SIGTERM)
	err := s.ended(t)
	if exit, is := errors.AsType[*exec.ExitError](err); !is || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v", err)
	}
}

// batch sends patients line by line, and gives the answers as they come.
func (s *instance) batch(t *testing.T, patients io.Reader) io.Reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.address+"/predict/patients", patients)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response.Body
}

// TestABatchEndsInOrder: a client that goes on sending does not keep the service from its orderly end, and is told.
func TestABatchEndsInOrder(t *testing.T) {
	s := serving(t, "--data-dir", t.TempDir())
	body, feed := io.Pipe()
	defer func() { _ = feed.Close() }()
	go func() { _, _ = io.WriteString(feed, somebody+"\n") }()
	answers := bufio.NewReader(s.batch(t, body))
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, `"prediction"`) {
		t.Fatalf("%v: %s", err, line)
	}
	s.terminate(t)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, `"status":503`) || !strings.Contains(line, `"line":2`) {
		t.Errorf("%v: %s", err, line)
	}
}

// TestNoHandlerOutlivesTheStore: what is cut off ends before what it records into is closed.
func TestNoHandlerOutlivesTheStore(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done() // its connection is closed
		close(ended)
	})
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := io.WriteString(connection, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	go func() {
		<-begun
		stop()
	}()
	flushed := false
	err = serve(ctx, listener, handler, discard(), shutdown{ShutdownTimeout: 50 * time.Millisecond, flush: func(context.Context) error {
		flushed = true
		select {
		case <-ended:
		default:
			t.Error("a handler runs")
		}
		return nil
	}})
	if err == nil || !strings.Contains(err.Error(), "cut off") || !flushed {
		t.Errorf("%v, flushed %t", err, flushed)
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
	s := serving(t, "--data-dir", t.TempDir(), "--model", path, "--shadow-model", path)
	answers := func(file []byte) {
		t.Helper()
		if status, body := s.ask(t, "POST", "/predict/patient", somebody); status != http.StatusOK || !strings.Contains(body, `"sha256":"`+model.Digest(file)) {
			t.Errorf("%d %s", status, body)
		}
	}
	answers(shipped)
	put(other)
	s.signal(t, syscall.SIGHUP)
	if line := s.line(t, "model"); line.SHA256 != model.Digest(other) {
		t.Errorf("swapped to %s", line.SHA256)
	}
	answers(other)
	const refused = "the model was not swapped, the one that answered goes on"
	for name, spoil := range map[string]func(){
		"cut off":    func() { put(shipped[:len(shipped)/2]) },
		"a bit flip": func() { flipped := bytes.Clone(shipped); flipped[len(flipped)/2] ^= 1; put(flipped) },
		"empty":      func() { put(nil) },
		"a pipe": func() {
			if err := errors.Join(os.RemoveAll(path), syscall.Mkfifo(path, 0o600)); err != nil {
				t.Fatal(err)
			}
		},
		"gone": func() {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	} {
		spoil()
		s.signal(t, syscall.SIGHUP)
		if line := s.line(t, refused); line.Level != "ERROR" || line.Error == "" {
			t.Errorf("%s: %+v", name, line)
		}
		answers(other)
	}
	if status, body := s.ask(t, "POST", "/admin/model/rollback", ""); status != http.StatusOK || !strings.Contains(body, model.Digest(shipped)) {
		t.Errorf("%d %s", status, body)
	}
	answers(shipped)
	if _, text := s.ask(t, "GET", "/metrics", ""); !strings.Contains(text, `sepsis_shadow_predictions_total{end="agrees"}`) ||
		!strings.Contains(text, `sepsis_model_swaps_total{action="reload",result="refused"} 5`) {
		t.Error(text)
	}
	var told sepsis.Monitoring
	if _, body := s.ask(t, "GET", "/monitoring", ""); json.Unmarshal([]byte(body), &told) != nil || told.Model.SHA256 != model.Digest(shipped) || told.Drift[0].Predictions != 2 {
		t.Errorf("monitoring of %v, %d predictions", told.Model, told.Drift[0].Predictions)
	}
}

// TestHangupDuringTheStart does not end the process. The start waits for the store, which the test has locked.
func TestHangupDuringTheStart(t *testing.T) {
	dir := t.TempDir()
	lock, err := sql.Open("sqlite", filepath.Join(dir, "sepsis.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	held, err := lock.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	s := begun(t, program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir))
	until(t, "the store to be opened", func() bool {
		files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.command.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(files, func(file string) bool {
			opened, err := os.Readlink(file)
			return err == nil && filepath.Base(opened) == "sepsis.db"
		})
	})
	s.signal(t, syscall.SIGHUP)
	if _, err := held.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	s.listens(t)
	s.terminate(t)
}

// TestFewerConnectionsThanFiles: the bound follows the limit of open files, and the log says what to do.
func TestFewerConnectionsThanFiles(t *testing.T) {
	command := program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())
	limited := exec.CommandContext(t.Context(), "sh", append([]string{"-c", `ulimit -n 300 && exec "$@"`, "sh"}, command.Args...)...) //nolint:gosec // the test's own words
	limited.Env = command.Env
	s := launched(t, limited)
	if log := s.log.String(); !strings.Contains(log, `"connections":172,`) || !strings.Contains(log, "LimitNOFILE") {
		t.Errorf("log\n%s", log)
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
	if err := how.finish(t.Context(), &http.Server{ReadHeaderTimeout: time.Second}, new(handlers), ended); !errors.Is(err, flushed) {
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
