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

// How often something is told at the most on a terminal, and at the least elsewhere.
const (
	describeEvery = time.Second
	tellEvery     = time.Minute
)

// stages shows how far a command has come: on a terminal a bar for each stage, with the rate and the time left; elsewhere,
// such as in a log, a line when a stage begins, for each tenth of it and each minute.
type stages struct {
	out      io.Writer
	terminal bool
	now      func() time.Time
	stage    string
	bar      *progressbar.ProgressBar
	began    progress  // where the stage stood when it was first heard of
	told     time.Time // when something was last told
	tenths   int       // of the stage that were told
}

// progress is how far a stage has come. What is done is counted in hours of stays where that is known, else as the total is.
type progress struct {
	done, total int
	hours       int
	inHours     bool
	at          time.Time
}

func newStages() *stages {
	return &stages{out: os.Stderr, terminal: term.IsTerminal(int(os.Stderr.Fd())), now: time.Now} //nolint:gosec // a file descriptor is a small number
}

// show tells how much of a stage is done. A total of 0 is not known.
func (s *stages) show(stage string, done, total int) {
	s.update(stage, progress{done: done, total: total, at: s.now()})
}

// showHours is show for a stage of which so many hours of stays are done, counted from anywhere: they are its rate.
func (s *stages) showHours(stage string, done, total, hours int) {
	s.update(stage, progress{done: done, total: total, hours: hours, inHours: true, at: s.now()})
}

func (s *stages) update(stage string, p progress) {
	begins := stage != s.stage
	if begins {
		s.finish()
		s.stage, s.began, s.told, s.tenths = stage, p, p.at, 0
	}
	if s.terminal {
		s.draw(p)
		return
	}
	s.tell(p, begins)
}

func (s *stages) draw(p progress) {
	if s.bar == nil {
		s.bar = progressbar.NewOptions(cmp.Or(p.total, -1), // of an unknown total
			progressbar.OptionSetWriter(s.out), progressbar.OptionSetDescription(s.stage),
			progressbar.OptionSetWidth(barWidth), progressbar.OptionShowCount(), showRate(!p.inHours),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true),
		)
	}
	if p.inHours && p.at.Sub(s.told) >= describeEvery {
		s.told = p.at
		s.bar.Describe(s.stage + s.rate(p))
	}
	_ = s.bar.Set(p.done) // a bar that cannot be drawn is no reason to stop
}

// showRate lets the bar show the rate of what it counts.
func showRate(shown bool) progressbar.Option {
	if shown {
		return progressbar.OptionShowIts()
	}
	return func(*progressbar.ProgressBar) {}
}

// tell writes a line when there is something new to say.
func (s *stages) tell(p progress, begins bool) {
	tenths := 0
	if p.total > 0 {
		tenths = 10 * p.done / p.total
	}
	if !begins && tenths <= s.tenths && p.at.Sub(s.told) < tellEvery {
		return
	}
	line := s.stage
	switch {
	case p.total > 0 && (!begins || tenths > 0):
		line += fmt.Sprintf(", %d %%", 100*p.done/p.total)
	case !begins:
		line += fmt.Sprintf(", %d%s so far", s.count(p), unitOf(p))
	}
	s.told, s.tenths = p.at, tenths
	_, _ = fmt.Fprintln(s.out, line+s.rate(p)+s.left(p)) // as above
}

// count is what was done since the stage began.
func (s *stages) count(p progress) int {
	if p.inHours {
		return p.hours - s.began.hours
	}
	return p.done - s.began.done
}

func unitOf(p progress) string {
	if p.inHours {
		return " hours"
	}
	return ""
}

// rate is nothing before there is one.
func (s *stages) rate(p progress) string {
	elapsed := p.at.Sub(s.began.at).Seconds()
	if s.count(p) <= 0 || elapsed <= 0 {
		return ""
	}
	rate, decimals := float64(s.count(p))/elapsed, 0
	if rate < 10 {
		decimals = 1
	}
	return fmt.Sprintf(", %.*f%s a second", decimals, rate, unitOf(p))
}

// left is the time that the rest takes if it goes on as it went, or nothing where that is not known.
func (s *stages) left(p progress) string {
	done, rest, elapsed := p.done-s.began.done, p.total-p.done, p.at.Sub(s.began.at)
	if done <= 0 || rest <= 0 || elapsed <= 0 {
		return ""
	}
	left := time.Duration(float64(elapsed) * float64(rest) / float64(done))
	return fmt.Sprintf(", %s left", max(left, time.Second).Round(time.Second))
}

func (s *stages) finish() {
	if s.bar != nil {
		_ = s.bar.Finish()
		_, _ = io.WriteString(s.out, "\n")
		s.bar = nil
	}
}
