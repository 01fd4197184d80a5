package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medtech-detect/sepsis/challenge"
)

// endsAfter is a context that ends when it was asked so many times.
type endsAfter struct {
	context.Context
	left int
}

func (c *endsAfter) Err() error {
	if c.left == 0 {
		return context.Canceled
	}
	c.left--
	return nil
}

// TestSynthIsInterrupted: what was written until then is whole, and the error says how to get the rest.
func TestSynthIsInterrupted(t *testing.T) {
	for left, want := range map[int]string{0: "0 of 20 stays", 7: "7 of 20 stays", 13: "13 of 20 stays"} {
		dir := t.TempDir()
		command := dataSynthCommand{Out: dir, Stays: 10, Seed: 1, SepticShare: 0.1}
		err := command.Run(&endsAfter{t.Context(), left})
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), want) {
			t.Fatalf("error %v, want %q", err, want)
		}
		if left > 0 {
			cohort, err := challenge.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := cohort.ReadAll(t.Context(), 1, nil); err != nil || cohort.Len() != left {
				t.Errorf("%d stays, %v", cohort.Len(), err)
			}
			if err := cohort.Close(); err != nil {
				t.Error(err)
			}
		}
		for _, hospital := range []string{"synthetic_setA", "synthetic_setB"} {
			folder := filepath.Join(dir, hospital)
			_, made := os.Stat(folder)
			if named := strings.Contains(err.Error(), folder); named != (made == nil) {
				t.Errorf("%s is there: %v; %v", folder, made, err)
			}
			if err := os.RemoveAll(folder); err != nil {
				t.Error(err)
			}
		}
		must(t, "data", "synth", "--out", dir, "--stays", "10")
	}
}

// TestCheckNamesEveryWrongFile, so that all can be mended at once, and counts the others.
func TestCheckNamesEveryWrongFile(t *testing.T) {
	stays := folderOf(t, map[string]string{
		"a.psv": "HR|ICULOS\nfast|1\n", "b.psv": "HR|ICULOS\n90|1\n999|2\n", "c.psv": "HR|ICULOS\n90|2\n90|1\n", "d.psv": "HR|ICULOS\n90|1\n",
	})
	var printed string
	var err error
	said := saidOf(t, func() { printed, err = sepsisCommand(t, "data", "check", stays) })
	if err == nil || !strings.HasPrefix(err.Error(), "data check: 2 of 4 stays are wrong") || exitCode(err) != 1 {
		t.Errorf("%v", err)
	}
	if !strings.Contains(said, "a.psv:2: column HR") || !strings.Contains(said, "c.psv:3: column ICULOS") || strings.Contains(said, "b.psv") {
		t.Errorf("said %q", said)
	}
	if want := "2 stays, 3 hours, 3 measurements; 1 values taken out\nHR  out_of_range  1\n"; !strings.HasPrefix(printed, want) {
		t.Errorf("printed %q, want %q", printed, want)
	}
}

// TestCheckTellsWhatTrainRefuses, in the same words.
func TestCheckTellsWhatTrainRefuses(t *testing.T) {
	stay := func(skipped int) string {
		rows := "HR|SBP|MAP|Resp|O2Sat|Age|SepsisLabel|ICULOS\n"
		for hour := 1; hour <= 9; hour++ {
			if hour != skipped {
				rows += fmt.Sprintf("%d|120|80|16|97|60|0|%d\n", 70+hour, hour)
			}
		}
		return rows
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"hours":  {map[string]string{"a.psv": stay(3), "b.psv": stay(4)}, []string{"2 of 2 stays leave hours out, the first one ", "/a, where 4 follows 2"}},
		"copies": {map[string]string{"a.psv": stay(0), "b.psv": stay(0)}, []string{"1 of 2 stays are copies of others"}},
		"labels": {map[string]string{"a.psv": stay(0), "b.psv": strings.ReplaceAll(stay(1), "SepsisLabel", "Unit1")}, []string{"1 of 2 stays have no SepsisLabel, the first one ", "/b: "}},
		"few":    {map[string]string{"a.psv": stay(0), "b.psv": stay(1)}, []string{"0 septic and 2 other stays of adults: each of the 5 folds needs one of both"}},
	} {
		data := folderOf(t, c.files)
		printed := must(t, "data", "check", data)
		_, err := sepsisCommand(t, "train", "--data", data, "--out", filepath.Join(t.TempDir(), "m.sepsis"))
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(printed, "sepsis train refuses these stays") || !strings.Contains(printed, want) {
				t.Errorf("%s: printed %q, train %v, want %q", name, printed, err, want)
			}
		}
	}
	data := filepath.Join(t.TempDir(), "data")
	must(t, "data", "synth", "--out", data, "--stays", "40", "--septic-share", "0.4")
	if printed := must(t, "data", "check", data); strings.Contains(printed, "refuses") {
		t.Errorf("of stays that can be learnt from: %q", printed)
	}
}
