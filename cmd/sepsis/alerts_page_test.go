package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestTheOperationsPageListsTheAlerts that the rules have: no other, and in their order.
func TestTheOperationsPageListsTheAlerts(t *testing.T) {
	rules, err := os.ReadFile(filepath.Join("..", "..", "deploy", "monitoring", "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	want := named(regexp.MustCompile(`(?m)^ +- alert: (\w+)$`), string(rules))
	got := named(regexp.MustCompile("(?m)^\\| `(Sepsis\\w+)` \\|"), page(t, "operations.md"))
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("docs/operations.md lists %q, the rules have %q", got, want)
	}
}

func named(pattern *regexp.Regexp, text string) []string {
	var names []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}
