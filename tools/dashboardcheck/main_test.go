package main

import (
	"os"
	"strings"
	"testing"
)

func ours(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/monitoring/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOurs(t *testing.T) {
	if err := check([]byte(ours(t))); err != nil {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range [][3]string{
		{`"schemaVersion"`, `"schemeVersion"`, "schemeVersion"},
		{`"gridPos"`, `"gridPosition"`, "gridPosition"},
		{`"h": 4`, `"h": "4"`, "h"},
		{`"w": 4`, `"w": 5`, "is taken"},
		{`"uid": "prometheus"`, `"uid": "another"`, "data source"},
	} {
		broken := strings.Replace(ours(t), c[0], c[1], 1)
		if broken == ours(t) {
			t.Fatalf("%s is not there", c[0])
		}
		if err := check([]byte(broken)); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: %v", c[1], err)
		}
	}
}
