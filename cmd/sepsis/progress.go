package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// barWidth is the width of the bar itself, in characters.
const barWidth = 30

// stages shows how far a command has come: on a terminal a bar for each stage, with the rate and the time left; elsewhere,
// such as in a log, a line when a stage begins and for each tenth of it.
type stages struct {
	out      io.Writer
	terminal bool
	stage    string
	bar      *progressbar.ProgressBar
	tenths   int // of the stage that were told
}

func newStages() *stages {
	return &stages{out: os.Stderr, terminal: term.IsTerminal(int(os.Stderr.Fd()))} //nolint:gosec // a file descriptor is a small number
}

func (s *stages) show(stage string, done, total int) {
	if !s.terminal {
		s.tell(stage, done, total)
		return
	}
	if stage != s.stage {
		s.finish()
		s.stage = stage
		s.bar = progressbar.NewOptions(cmp.Or(total, -1), // of an unknown total
			progressbar.OptionSetWriter(s.out), progressbar.OptionSetDescription(stage),
			progressbar.OptionSetWidth(barWidth), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true),
		)
	}
	_ = s.bar.Set(done) // a bar that cannot be drawn is no reason to stop
}

// tell writes a line when there is something new to say.
func (s *stages) tell(stage string, done, total int) {
	tenths := 0
	if total > 0 {
		tenths = 10 * done / total
	}
	if stage == s.stage && tenths <= s.tenths {
		return
	}
	s.stage, s.tenths = stage, tenths
	if tenths > 0 {
		stage = fmt.Sprintf("%s, %d %%", stage, 10*tenths)
	}
	_, _ = fmt.Fprintln(s.out, stage) // as above
}

func (s *stages) finish() {
	if s.bar != nil {
		_ = s.bar.Finish()
		_, _ = io.WriteString(s.out, "\n")
	}
}
