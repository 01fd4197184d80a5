package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// required is what the file cannot do without.
const required = "POSTGRES_PASSWORD=x"

func TestOurs(t *testing.T) {
	if err := check("../../docker-compose.yml", []string{required}); err != nil {
		t.Error(err)
	}
	if err := check("../../docker-compose.yml", nil); err == nil || !strings.Contains(err.Error(), "put it into .env") {
		t.Errorf("without a password: %v", err)
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"services: {a: {image: a, prots: []}}":                                "prots",
		"services: {a: {image: a, depends_on: [b]}}":                          `undefined service "b"`,
		"services: {a: {image: a, volumes: ['data:/c']}}":                     "undefined volume data",
		"services: {a: {image: a, volumes: ['./none:/c:ro']}}":                "no such file",
		"services: {a: {image: a, ports: ['8080:8080']}}":                     "beyond this machine",
		"services: {a: {image: a, healthcheck: {interval: soon, test: [x]}}}": "soon",
	} {
		path := filepath.Join(t.TempDir(), "compose.yml")
		if err := os.WriteFile(path, []byte("name: t\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := check(path, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
