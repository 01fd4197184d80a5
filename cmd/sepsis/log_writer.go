package main

import (
	"bytes"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxLogWaiting is how many bytes of lines wait at most while one write is under way: some 12,000 requests, 4 MiB.
	maxLogWaiting = 4 << 20
	// keptLogBuffer is the largest buffer, in bytes, that is kept after a stall.
	keptLogBuffer = 256 << 10
	// logFlushTime is how long the end of the service may wait for whoever reads the log.
	logFlushTime = 2 * time.Second
)

// logWriter writes log lines behind the backs of those who log them: a reader that is slow, or has stopped, keeps nobody waiting.
// Lines gather while one write is under way, and go out with the next in their order. When too many wait, further ones are
// dropped and counted until there is room again, and a line in their place says how many.
type logWriter struct {
	out  io.Writer
	tell func(w io.Writer, lost uint64) // writes the line about lost ones
	lost atomic.Uint64                  // of all, for the metrics
	wake chan struct{}                  // holds one element when there is something to write

	mutex   sync.Mutex
	waiting []byte
	missing uint64 // lost ones whose place is behind those that wait
	closing bool
	ended   chan struct{} // closed when the last line is written
}

// newLogWriter writes in the background until it is closed. The line about lost ones is formatted as the options say.
func newLogWriter(out io.Writer, options logOptions) *logWriter {
	w := &logWriter{out: out, wake: make(chan struct{}, 1), ended: make(chan struct{}), tell: func(w io.Writer, lost uint64) {
		options.logger(w).Warn("log lines are lost: whoever reads them is too slow", "lines", lost)
	}}
	go w.run()
	return w
}

// Write takes a line, and never waits for its reader.
func (w *logWriter) Write(line []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.missing > 0 || len(w.waiting)+len(line) > maxLogWaiting || w.closing {
		w.missing++
		w.lost.Add(1)
		return len(line), nil
	}
	w.waiting = append(w.waiting, line...)
	w.signal()
	return len(line), nil
}

func (w *logWriter) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *logWriter) run() {
	defer close(w.ended)
	var spare []byte
	for range w.wake {
		lines, last := w.take(spare)
		if _, err := w.out.Write(lines); err != nil {
			w.lost.Add(uint64(bytes.Count(lines, []byte("\n")))) //nolint:gosec // a count
		}
		if last {
			return
		}
		if spare = lines[:0]; cap(spare) > keptLogBuffer {
			spare = nil
		}
	}
}

// take gives what waits, which is the last when the writer is closed; what comes from now on gathers in the spare buffer.
func (w *logWriter) take(spare []byte) (lines []byte, last bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	lines, w.waiting = w.waiting, spare
	if w.missing > 0 {
		told := bytes.NewBuffer(lines)
		w.tell(told, w.missing)
		lines, w.missing = told.Bytes(), 0
	}
	return lines, w.closing
}

// close writes what waits, for as long as is given. What is logged afterwards is lost.
func (w *logWriter) close(within time.Duration) {
	w.mutex.Lock()
	w.closing = true
	w.signal()
	w.mutex.Unlock()
	select {
	case <-w.ended:
	case <-time.After(within):
	}
}
