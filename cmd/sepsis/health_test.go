package main

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func answering(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestHealthPrintsOK(t *testing.T) {
	service := httptest.NewServer(answering(http.StatusOK, "OK"))
	defer service.Close()
	for _, url := range []string{service.URL, service.URL + "/"} {
		if printed := must(t, "health", "--url", url); printed != "OK\n" {
			t.Errorf("printed %q", printed)
		}
	}
}

func TestHealthFailsWithTheReason(t *testing.T) {
	service := httptest.NewServer(answering(http.StatusServiceUnavailable, "the model failed its self-test"))
	defer service.Close()
	_, err := sepsisCommand(t, "health", "--url", service.URL)
	if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "the model failed its self-test") {
		t.Errorf("error %v", err)
	}
}

func TestHealthFailsWhenNobodyAnswers(t *testing.T) {
	held := make(chan struct{})
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
	defer service.Close()
	defer close(held)
	if _, err := sepsisCommand(t, "health", "--url", service.URL, "--timeout", "50ms"); err == nil {
		t.Error("no error from a service that does not answer")
	}
	if _, err := sepsisCommand(t, "health", "--url", "http://127.0.0.1:1", "--timeout", time.Second.String()); err == nil {
		t.Error("no error without a service")
	}
}

func TestHealthChecksTheCertificate(t *testing.T) {
	service := httptest.NewTLSServer(answering(http.StatusOK, "OK"))
	defer service.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: service.Certificate().Raw})
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sepsisCommand(t, "health", "--url", service.URL); err == nil {
		t.Error("an unknown certificate was trusted")
	}
	must(t, "health", "--url", service.URL, "--ca-file", file, "--server-name", "example.com")
	if _, err := sepsisCommand(t, "health", "--url", service.URL, "--ca-file", file, "--server-name", "other.example"); err == nil {
		t.Error("a certificate for another name was trusted")
	}
}

func TestHealthNamesTheCureOfAnAddress(t *testing.T) {
	for _, address := range []string{"127.0.0.1:8080", "localhost", ":8080", ""} {
		if _, err := sepsisCommand(t, "health", "--url", address); err == nil || !strings.Contains(err.Error(), "--url") || !strings.Contains(err.Error(), "http://host:port") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestHealthTakesNothingElseForOK: a page that another program answers, and one elsewhere.
func TestHealthTakesNothingElseForOK(t *testing.T) {
	for name, body := range map[string]string{"page": "<html>Welcome", "nothing": "", "more": "OK, but"} {
		service := httptest.NewServer(answering(http.StatusOK, body))
		if printed, err := sepsisCommand(t, "health", "--url", service.URL); err == nil || printed != "" {
			t.Errorf("%s: printed %q, error %v", name, printed, err)
		}
		service.Close()
	}
	elsewhere := httptest.NewServer(answering(http.StatusOK, "OK"))
	defer elsewhere.Close()
	service := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/health", http.StatusFound))
	defer service.Close()
	if printed, err := sepsisCommand(t, "health", "--url", service.URL); err == nil || printed != "" || !strings.Contains(err.Error(), elsewhere.URL) {
		t.Errorf("redirected: printed %q, error %v", printed, err)
	}
}

// TestHealthShowsACertificate to a service that answers nobody without, as its image's own check must: by the environment.
func TestHealthShowsACertificate(t *testing.T) {
	cert, key, _ := selfSigned(t)
	s := serving(t, "--data-dir", t.TempDir(), "--tls-cert", cert, "--tls-key", key, "--tls-client-ca", cert, "--tls-client-required")
	command := []string{"health", "--url", "https://" + s.address, "--ca-file", cert, "--server-name", "localhost"}
	if printed, err := sepsisCommand(t, command...); err == nil {
		t.Errorf("without a certificate: printed %q", printed)
	}
	must(t, append(command, "--client-cert", cert, "--client-key", key)...)
	for _, half := range [][]string{{"--client-cert", cert}, {"--client-key", key}, {"--client-cert", key, "--client-key", cert}} {
		if _, err := sepsisCommand(t, append(command, half...)...); err == nil {
			t.Errorf("no error with %v", half)
		}
	}
	t.Setenv("SEPSIS_CLIENT_CERT", cert)
	t.Setenv("SEPSIS_CLIENT_KEY", key)
	must(t, command...)
	s.terminate(t)
}
