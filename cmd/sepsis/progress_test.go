package main

import (
	"strings"
	"testing"
)

// TestProgressInALog: a line when a stage begins, and one for each tenth of it that something is heard of.
func TestProgressInALog(t *testing.T) {
	var out strings.Builder
	s := &stages{out: &out}
	for done := range 1001 {
		s.show("reading", done, 1000)
	}
	s.show("2/8 home: features", 0, 1)
	s.show("2/8 home: features", 0, 1)
	s.show("2/8 home: trees", 2, 3)
	s.show("2/8 home: nothing", 0, 0)
	s.finish()
	want := "reading\n"
	for _, percent := range strings.Fields("10 20 30 40 50 60 70 80 90 100") {
		want += "reading, " + percent + " %\n"
	}
	want += "2/8 home: features\n2/8 home: trees, 60 %\n2/8 home: nothing\n"
	if out.String() != want {
		t.Errorf("told %q, want %q", out.String(), want)
	}
}
