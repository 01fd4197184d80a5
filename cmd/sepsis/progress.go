package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// barWidth is the width of the bar itself, in characters.
const barWidth = 30

// stages shows how far a command has come, a bar for each stage, with the rate and the time left. Nothing is
// shown where standard error is no terminal.
type stages struct {
	out   io.Writer
	stage string
	bar   *progressbar.ProgressBar
}

func newStages() *stages {
	if !term.IsTerminal(int(os.Stderr.Fd())) { //nolint:gosec // a file descriptor is a small number
		return &stages{out: io.Discard}
	}
	return &stages{out: os.Stderr}
}

func (s *stages) show(stage string, done, total int) {
	if stage != s.stage {
		s.finish()
		s.stage = stage
		s.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(s.out), progressbar.OptionSetDescription(stage),
			progressbar.OptionSetWidth(barWidth), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true),
		)
	}
	_ = s.bar.Set(done) // a bar that cannot be drawn is no reason to stop
}

func (s *stages) finish() {
	if s.bar != nil {
		_ = s.bar.Finish()
		_, _ = io.WriteString(s.out, "\n")
	}
}
