package main

import (
	"strings"
	"testing"
	"time"
)

// clock goes on by a step each time that it is asked.
func clock(step time.Duration) func() time.Time {
	now := time.Unix(0, 0)
	return func() time.Time {
		now = now.Add(step)
		return now
	}
}

// TestProgressInALog: a line when a stage begins, and one for each tenth of it that something is heard of, with rate and time left.
func TestProgressInALog(t *testing.T) {
	var out strings.Builder
	s := &stages{out: &out, now: clock(20 * time.Millisecond)}
	for done := range 1001 {
		s.show("reading", done, 1000)
	}
	s.show("2/8 home: features", 0, 1)
	s.show("2/8 home: features", 0, 1)
	s.show("2/8 home: trees", 2, 3)
	s.show("2/8 home: nothing", 0, 0)
	s.finish()
	want := "reading\n"
	for _, told := range strings.Split("10 %, 50 a second, 18s left;20 %, 50 a second, 16s left;30 %, 50 a second, 14s left;40 %, 50 a second, 12s left;"+
		"50 %, 50 a second, 10s left;60 %, 50 a second, 8s left;70 %, 50 a second, 6s left;80 %, 50 a second, 4s left;90 %, 50 a second, 2s left;100 %, 50 a second", ";") {
		want += "reading, " + told + "\n"
	}
	want += "2/8 home: features\n2/8 home: trees, 66 %\n2/8 home: nothing\n"
	if out.String() != want {
		t.Errorf("told %q, want %q", out.String(), want)
	}
}

// TestProgressInHours: the rate is that of hours, of each stage for itself, and something is told each minute also where the end is not known.
func TestProgressInHours(t *testing.T) {
	var out strings.Builder
	s := &stages{out: &out, now: clock(30 * time.Second)}
	s.showHours("predicting a.csv", 100, 1000, 40)
	s.showHours("predicting a.csv", 150, 1000, 3040)
	s.showHours("predicting a.csv", 300, 1000, 6040)
	s.showHours("predicting stdin", 100, 0, 9000)
	s.showHours("predicting stdin", 200, 0, 9300)
	s.showHours("predicting stdin", 300, 0, 9600)
	want := "predicting a.csv, 10 %\npredicting a.csv, 30 %, 100 hours a second, 3m30s left\npredicting stdin\npredicting stdin, 600 hours so far, 10 hours a second\n"
	if out.String() != want {
		t.Errorf("told %q, want %q", out.String(), want)
	}
}

// TestProgressOnATerminal: a bar for each stage, which names it, with the rate of hours.
func TestProgressOnATerminal(t *testing.T) {
	var out strings.Builder
	s := &stages{out: &out, terminal: true, now: clock(time.Second)}
	s.showHours("predicting a.csv", 1, 10, 100)
	s.showHours("predicting a.csv", 2, 10, 200)
	s.showHours("predicting b.csv", 1, 10, 200)
	s.show("reading", 1, 2)
	s.finish()
	for _, want := range []string{"predicting a.csv, 100 hours a second", "predicting b.csv", "reading", "50%"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("shown %q, without %q", out.String(), want)
		}
	}
}

// TestReadingEndsItsLine: what comes after the bar, such as what cleaning did or why a file cannot be read, has a line of its own.
func TestReadingEndsItsLine(t *testing.T) {
	data := madeStays(t, "3")
	rewriteStays(t, data, "synthetic_setA", func(i int, text string) string {
		if i == 2 {
			return "no stay"
		}
		return text
	})
	var out strings.Builder
	bars := &stages{out: &out, terminal: true, now: clock(time.Second)}
	_, _, err := cohortFlags{Data: []string{data}, Threads: 1}.read(t.Context(), bars)
	if err == nil {
		t.Error("a file that is no stay was read")
	}
	if told := out.String(); !strings.Contains(told, "reading") || !strings.HasSuffix(told, "\n") {
		t.Errorf("told %q", told)
	}
}
