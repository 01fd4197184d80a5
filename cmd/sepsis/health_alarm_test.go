package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheAlarmOnAWSFindsHealthChecksInTheLog: the simple form counts lines of the log that have all that its pattern asks for.
func TestTheAlarmOnAWSFindsHealthChecksInTheLog(t *testing.T) {
	wanted := patternOfTheAlarm(t, "health")
	if wanted["status"] != "200" {
		t.Errorf("an answer that is not OK counts, too: %v", wanted)
	}
	s := serving(t, "--data-dir", t.TempDir())
	ask := func() { must(t, "health", "--url", "http://"+s.address) }
	ask()
	ask()
	s.terminate(t)
	found := 0
	for line := range strings.Lines(s.log.String()) {
		if hasAll(line, wanted) {
			found++
		}
	}
	if found != 2 {
		t.Errorf("%d lines with %v, of two health checks:\n%s", found, wanted, s.log)
	}
}

// patternOfTheAlarm is what a line must have that one of the simple form's alarms counts, by field, as JSON.
func patternOfTheAlarm(t *testing.T, alarm string) map[string]string {
	t.Helper()
	settings, err := os.ReadFile(filepath.Join("..", "..", "deploy", "terraform", "settings", "alarms.tf"))
	if err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(`(?m)^  ` + alarm + ` = \{\n(?: {4}.*\n)*? {4}pattern += "\{ (.+) \}"$`).FindSubmatch(settings)
	if pattern == nil {
		t.Fatalf("alarms.tf has no pattern of %s", alarm)
	}
	wanted := map[string]string{}
	for term := range strings.SplitSeq(strings.ReplaceAll(string(pattern[1]), `\"`, `"`), " && ") {
		field, value, compared := strings.Cut(strings.TrimPrefix(term, "$."), " = ")
		if !compared {
			t.Fatalf("%s compares nothing", term)
		}
		wanted[field] = value
	}
	return wanted
}

func hasAll(line string, wanted map[string]string) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(line), &fields) != nil {
		return false
	}
	for field, value := range wanted {
		if string(fields[field]) != value {
			return false
		}
	}
	return true
}
