package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a process may take for what should take milliseconds.
const patience = time.Minute

// instance is a running `sepsis serve`.
type instance struct {
	address   string // once it listens
	command   *exec.Cmd
	log       *processLog
	listening chan string
	read      chan struct{} // closed when the log has ended
}

// processLog is a log that is read while it is written.
type processLog struct {
	mu    sync.Mutex
	lines []string
	seen  int // lines that were looked at by next
}

type logLine struct {
	Level, Msg, Error string
	Address           string
	SHA256            string `json:"model_sha256"`
}

func (l *processLog) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *processLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// next goes on to the line with a message, if there is one after those that it has gone over.
func (l *processLog) next(message string) (line logLine, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !found && l.seen < len(l.lines) {
		line = logLine{}
		found = json.Unmarshal([]byte(l.lines[l.seen]), &line) == nil && line.Msg == message // what is no JSON has no message
		l.seen++
	}
	return line, found
}

// program is a command that runs the program with arguments.
func program(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.Background(), executable, arguments...) //nolint:gosec // the test's own words
	command.Env = append(os.Environ(), asProgram+"=1")
	return command
}

// launched runs a command that serves and waits until it listens. It is killed when the test ends.
func launched(t *testing.T, command *exec.Cmd) *instance {
	t.Helper()
	s := begun(t, command)
	s.listens(t)
	return s
}

// begun runs a command that serves.
func begun(t *testing.T, command *exec.Cmd) *instance {
	t.Helper()
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s := &instance{command: command, log: &processLog{}, listening: make(chan string, 1), read: make(chan struct{})}
	go s.follow(stderr)
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-s.read
		_ = command.Wait()
	})
	return s
}

// listens waits until it does.
func (s *instance) listens(t *testing.T) {
	t.Helper()
	select {
	case s.address = <-s.listening:
	case <-s.read:
		t.Fatalf("it did not begin to listen:\n%s", s.log)
	case <-time.After(patience):
		t.Fatalf("it did not begin to listen in time:\n%s", s.log)
	}
}

// follow reads the log to its end and tells the address when it is known.
func (s *instance) follow(log io.Reader) {
	defer close(s.read)
	for lines := bufio.NewScanner(log); lines.Scan(); {
		s.log.add(lines.Text())
		var line logLine
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			s.listening <- line.Address
		}
	}
}

func serving(t *testing.T, arguments ...string) *instance {
	t.Helper()
	return launched(t, program(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, arguments...)...))
}

// predict gives the status and the id of an answer; the error is that of a connection that broke.
func (s *instance) predict(client *http.Client, body string) (status int, id string, err error) {
	response, err := client.Post("http://"+s.address+"/predict/patient", "application/json", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", err
	}
	var answer struct{ ID string }
	if response.StatusCode == http.StatusOK {
		err = json.Unmarshal(content, &answer)
	}
	return response.StatusCode, answer.ID, err
}

// answered is the ids that clients have got, and how others fared.
type answered struct {
	mu      sync.Mutex
	ids     []string
	refused int           // with 503
	other   []int         // any other status
	longest time.Duration // of all answers
}

func (a *answered) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.ids)
}

func (a *answered) note(status int, id string, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.longest = max(a.longest, took)
	switch status {
	case http.StatusOK:
		a.ids = append(a.ids, id)
	case http.StatusServiceUnavailable:
		a.refused++
	default:
		a.other = append(a.other, status)
	}
}

// load lets clients ask, one request after the other, until the context ends or the service has gone.
func (s *instance) load(ctx context.Context, clients int, body string) (a *answered, done func()) {
	a = &answered{}
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	client := &http.Client{Transport: transport}
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for ctx.Err() == nil {
				begun := time.Now()
				status, id, err := s.predict(client, body)
				if err != nil {
					return
				}
				a.note(status, id, time.Since(begun))
			}
		})
	}
	return a, func() {
		all.Wait()
		transport.CloseIdleConnections()
	}
}

// until waits for what a process does, which nothing can announce.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// line waits for a log line with that message, after those that were waited for before.
func (s *instance) line(t *testing.T, message string) (found logLine) {
	t.Helper()
	until(t, "the log line "+message, func() (ok bool) {
		found, ok = s.log.next(message)
		return ok
	})
	return found
}

func (s *instance) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// ended waits for the end of the process, and tells how it ended.
func (s *instance) ended(t *testing.T) error {
	t.Helper()
	select {
	case <-s.read: // to its end, as os/exec wants it
	case <-time.After(patience):
		t.Fatalf("it does not end:\n%s", s.log)
	}
	return s.command.Wait()
}

// terminate asks it to end, and waits until it has.
func (s *instance) terminate(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGTERM)
	if err := s.ended(t); err != nil {
		t.Errorf("it ended with %v:\n%s", err, s.log)
	}
}

// ask gives the status and the body of an answer.
func (s *instance) ask(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

const plainBody = `{"age": 67, "heart_rate": 118, "patient_id": "Jane"}`
