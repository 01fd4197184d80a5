package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// stalled is a reader of the log that takes nothing until it is told to.
type stalled struct {
	bytes.Buffer
	writes  int
	release chan struct{}
}

func (s *stalled) Write(p []byte) (int, error) {
	<-s.release
	s.writes++
	return s.Buffer.Write(p)
}

// TestLogLinesWaitForNobody: while the reader stalls, lines are taken and then dropped; when it is back it gets those that were
// taken, in their order and with few writes, and how many are missing.
func TestLogLinesWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stalled{release: make(chan struct{})}
		w := newLogWriter(out, logOptions{LogFormat: "json"})
		logger := logOptions{LogFormat: "json"}.logger(w)
		logger.Info("line", "number", 0)
		synctest.Wait() // the first write is under way
		const each = 1 << 10
		filler := strings.Repeat("x", each)
		sent := 2 * maxLogWaiting / each
		for i := range sent {
			logger.Info("line", "number", i+1, "filler", filler)
		}
		lost := int(w.lost.Load()) //nolint:gosec // a count
		if lost == 0 || lost >= sent {
			t.Fatalf("%d of %d lines are lost", lost, sent)
		}
		close(out.release)
		synctest.Wait()
		logger.Error("afterwards")
		w.close(time.Minute)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		kept := sent + 1 - lost
		if len(lines) != kept+2 || out.writes > 4 {
			t.Fatalf("%d lines in %d writes, want %d", len(lines), out.writes, kept+2)
		}
		for i, line := range lines[:kept] {
			if !strings.Contains(line, fmt.Sprintf(`"number":%d,`, i)) && i > 0 {
				t.Fatalf("line %d is %.80s", i, line)
			}
		}
		if told := lines[kept]; !strings.Contains(told, "log lines are lost") || !strings.Contains(told, fmt.Sprintf(`"lines":%d}`, lost)) {
			t.Errorf("told %s", told)
		}
		if last := lines[kept+1]; !strings.Contains(last, "afterwards") {
			t.Errorf("last %s", last)
		}
	})
}

// TestTheLogIsWrittenBeforeTheEnd, but not waited for without bound.
func TestTheLogIsWrittenBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stalled{release: make(chan struct{})}
		w := newLogWriter(out, logOptions{})
		_, _ = w.Write([]byte("one\n"))
		begun := time.Now()
		w.close(logFlushTime)
		if took := time.Since(begun); took != logFlushTime {
			t.Errorf("waited %v", took)
		}
		close(out.release)
		<-w.ended
		if out.String() != "one\n" {
			t.Errorf("written %q", out.String())
		}
	})
}

// TestLinesThatCannotBeWrittenAreCounted, and later ones are tried again.
func TestLinesThatCannotBeWrittenAreCounted(t *testing.T) {
	read, write := io.Pipe()
	_ = read.CloseWithError(errors.New("gone"))
	w := newLogWriter(write, logOptions{})
	_, _ = w.Write([]byte("one\n"))
	w.close(time.Minute)
	if got := w.lost.Load(); got != 1 {
		t.Errorf("%d lines are lost", got)
	}
}

// TestNobodyReadsTheLog: the service answers and ends all the same.
func TestNobodyReadsTheLog(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close() }()
	command := program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())
	command.Stderr = write
	if err := errors.Join(command.Start(), write.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	s := &instance{command: command, log: &processLog{}, listening: make(chan string, 1), read: make(chan struct{})}
	go s.follow(untilListening(read))
	s.listens(t)
	client := &http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	for i := range 2000 { // a pipe holds some 200 lines
		response, err := client.Get("http://" + s.address + "/livez")
		if err != nil {
			t.Fatalf("after %d answers: %v", i, err)
		}
		if err := errors.Join(drain(response.Body), response.Body.Close()); err != nil {
			t.Fatal(err)
		}
	}
	s.signal(t, syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(patience):
		t.Error("it does not end")
	}
}

// TestTheReaderOfTheLogHasGone: a broken pipe does not end the service.
func TestTheReaderOfTheLogHasGone(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir())
	command.Stderr = write
	if err := errors.Join(command.Start(), write.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	s := &instance{command: command, log: &processLog{}, listening: make(chan string, 1), read: make(chan struct{})}
	go s.follow(untilListening(read))
	s.listens(t)
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "lost lines in the metrics", func() bool {
		_, text := s.ask(t, "GET", "/metrics", "")
		return strings.Contains(text, "\nsepsis_log_lines_lost_total ") && !strings.Contains(text, "\nsepsis_log_lines_lost_total 0\n")
	})
}

// untilListening gives a log up to the line that says where the service listens, byte by byte, so that no more is read.
func untilListening(log io.Reader) io.Reader {
	read, write := io.Pipe()
	go func() {
		for line := []byte{}; ; {
			one := make([]byte, 1)
			if _, err := log.Read(one); err != nil {
				_ = write.CloseWithError(err)
				return
			}
			if line = append(line, one[0]); one[0] != '\n' {
				continue
			}
			_, _ = write.Write(line)
			if bytes.Contains(line, []byte(`"msg":"listening"`)) {
				_ = write.Close()
				return
			}
			line = line[:0]
		}
	}()
	return bufio.NewReader(read)
}

func drain(body io.Reader) error {
	_, err := io.Copy(io.Discard, body)
	return err
}
