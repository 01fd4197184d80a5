package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/server"
)

// scratch keeps the store of a test.
func scratch(t *testing.T) storeOptions { return storeOptions{DataDir: t.TempDir()} }

func opened(t *testing.T, options storeOptions) store {
	t.Helper()
	store, err := options.open(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// options reads access options as the command line does, with its defaults.
func options(t *testing.T, arguments ...string) accessOptions {
	t.Helper()
	cli := &commandLine{}
	parser, err := newParserOf(t.Context(), cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"serve"}, arguments...)); err != nil {
		t.Fatal(err)
	}
	return cli.Serve.accessOptions
}

// selfSigned writes a certificate for localhost and its key, and gives the paths and who trusts it.
func selfSigned(t *testing.T) (certFile, keyFile string, trusting *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ward-3"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	for path, text := range map[string][]byte{certFile: certificate, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trusting = x509.NewCertPool()
	trusting.AppendCertsFromPEM(certificate)
	return certFile, keyFile, trusting
}

// TestALocalServiceTellsWhoMayCall: a proxy on this machine may hide itself, and then everybody who reaches it is let in.
func TestALocalServiceTellsWhoMayCall(t *testing.T) {
	store, address := opened(t, scratch(t)), &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	for want, arguments := range map[bool][]string{true: nil, false: {"--require-keys"}} {
		var lines bytes.Buffer
		if _, err := options(t, arguments...).gate(t.Context(), address, store, slog.New(slog.NewTextHandler(&lines, nil))); err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(lines.String(), "behind a proxy set --require-keys"); told != want {
			t.Errorf("with %v the log tells %s", arguments, &lines)
		}
	}
}

// TestWhoNeedsAKey: by the address that is listened on and the options, whether the service starts, and who is let in
// without a key.
func TestWhoNeedsAKey(t *testing.T) {
	certFile, keyFile, _ := selfSigned(t)
	withTLS := []string{"--tls-cert", certFile, "--tls-key", keyFile}
	oidc := []string{"--oidc-issuer", "https://127.0.0.1:1/realms/icu", "--oidc-audience", "sepsis"}
	const local, anonymous, nobody, refused = "local", "anonymous", "nobody", "refused"
	store := opened(t, scratch(t))
	for _, test := range []struct {
		address   string
		arguments []string
		want      string
	}{
		{"127.0.0.1:8080", nil, local},
		{"127.0.0.2:8080", nil, local},
		{"[::1]:8080", nil, local},
		{"[::ffff:127.0.0.1]:8080", nil, local},
		{"127.0.0.1:8080", withTLS, local},
		{"127.0.0.1:8080", []string{"--insecure-open"}, local},
		{"127.0.0.1:8080", []string{"--require-keys"}, nobody},
		{"127.0.0.1:8080", oidc, nobody},
		{"127.0.0.1:8080", append(withTLS, "--tls-client-ca", certFile), nobody},
		{"0.0.0.0:8080", nil, refused},
		{"[::]:8080", nil, refused},
		{"10.1.2.3:8080", nil, refused},
		{"10.1.2.3:8080", []string{"--require-keys"}, refused},
		{"10.1.2.3:8080", oidc, refused},
		{"10.1.2.3:8080", withTLS, nobody},
		{"10.1.2.3:8080", []string{"--insecure-plain-http"}, nobody},
		{"10.1.2.3:8080", []string{"--insecure-open"}, anonymous},
		{"10.1.2.3:8080", append(withTLS, "--insecure-open"), anonymous},
		{"0.0.0.0:8080", []string{"--insecure-open", "--insecure-plain-http"}, anonymous},
	} {
		address, err := net.ResolveTCPAddr("tcp", test.address)
		if err != nil {
			t.Fatal(err)
		}
		got := refused
		if gate, err := options(t, test.arguments...).gate(t.Context(), address, store, discard()); err == nil {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/predict/patient", nil)
			if err != nil {
				t.Fatal(err)
			}
			if caller, err := gate.Authenticate(request); err == nil {
				got = caller.Name
			} else {
				got = nobody
			}
		} else if !strings.Contains(err.Error(), "--tls-cert") || !strings.Contains(err.Error(), "--insecure-plain-http") || !strings.Contains(err.Error(), "--insecure-open") {
			t.Errorf("%s: %v does not tell the cures", test.address, err)
		}
		if got != test.want {
			t.Errorf("%s with %v: %s, want %s", test.address, test.arguments, got, test.want)
		}
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestServeDoesNotStart(t *testing.T) {
	certFile, keyFile, _ := selfSigned(t)
	dir := t.TempDir()
	for _, test := range []struct {
		complaint string
		arguments []string
	}{
		{"--insecure-open", []string{"--listen", "0.0.0.0:0"}},
		{"contradict", []string{"--insecure-open", "--require-keys"}},
		{"tls-key", []string{"--tls-cert", certFile}},
		{"TLS", []string{"--tls-cert", keyFile, "--tls-key", keyFile}},
		{"--tls-cert", []string{"--tls-client-ca", certFile}},
		{"--tls-client-ca", []string{"--tls-cert", certFile, "--tls-key", keyFile, "--tls-client-required"}},
		{"no certificate", []string{"--tls-cert", certFile, "--tls-key", keyFile, "--tls-client-ca", keyFile}},
		{"oidc-audience", []string{"--oidc-issuer", "https://login.example"}},
		{"https", []string{"--oidc-issuer", "http://login.example", "--oidc-audience", "sepsis"}},
		{"--public-url", []string{"--cds-client", "https://ehr.example=https://ehr.example/keys"}},
		{"negative", []string{"--rate=-1"}},
		{"--rate", []string{"--rate", "NaN"}},
		{"--rate", []string{"--rate", "Inf"}},
		{"--key-grace", []string{"--key-grace=-1s"}},
		{"--audit-wait", []string{"--audit-wait", "31s"}},
		{"--audit-wait", []string{"--audit-wait", "10h"}},
		{"--drain-delay", []string{"--drain-delay=-1s"}},
		{"--shutdown-timeout", []string{"--shutdown-timeout=-1s"}},
		{"max-connections", []string{"--max-connections=0"}},
		{"origin", []string{"--cors-origin", "*"}},
		{"--data-dir", []string{"--data-dir", filepath.Join(certFile, "below a file")}},
	} {
		arguments := append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir}, test.arguments...)
		if _, err := sepsisCommand(t, arguments...); err == nil || !strings.Contains(err.Error(), test.complaint) {
			t.Errorf("%v: %v, want a complaint about %s", test.arguments, err, test.complaint)
		}
	}
}

// TestKeysOfTheCommandLine makes, lists, uses and revokes keys, over TLS, as an operator would.
func TestKeysOfTheCommandLine(t *testing.T) {
	certFile, keyFile, trusting := selfSigned(t)
	dir := t.TempDir()
	ward := strings.TrimSpace(must(t, "key", "create", "--data-dir", dir, "--name", "Ward 3", "--role", "predict"))
	auditor := strings.TrimSpace(must(t, "key", "create", "--data-dir", dir, "--name", "Auditor", "--role", "audit"))
	prometheus := strings.TrimSpace(must(t, "key", "create", "--data-dir", dir, "--name", "Prometheus", "--role", "metrics"))
	id := strings.Split(ward, "_")[1]
	listed := must(t, "key", "list", "--data-dir", dir)
	if !strings.Contains(listed, id) || !strings.Contains(listed, "Ward 3") || strings.Contains(listed, strings.Split(ward, "_")[2]) {
		t.Errorf("key list prints\n%s", listed)
	}
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	command := serveCommand{Listen: "127.0.0.1:0", storeOptions: storeOptions{DataDir: dir}, accessOptions: options(t,
		"--require-keys", "--tls-cert", certFile, "--tls-key", keyFile, "--tls-client-ca", certFile, "--rate", "0")}
	var log bytes.Buffer
	address := started(t, command, slog.New(slog.NewJSONHandler(&log, nil)))
	client := tlsClient(t, trusting)
	for _, test := range []struct {
		client *http.Client
		key    string
		status int
	}{
		{client, "", http.StatusUnauthorized},
		{client, ward + "x", http.StatusUnauthorized},
		{client, ward, http.StatusOK},
		{client, auditor, http.StatusForbidden},
		{client, prometheus, http.StatusForbidden},
		{tlsClient(t, trusting, certificate), "", http.StatusOK}, // CN=ward-3
	} {
		if got := ask(t, test.client, "https://"+address, test.key); got != test.status {
			t.Errorf("key %q: %d, want %d", test.key, got, test.status)
		}
	}
	for path, status := range map[string]int{"/metrics": http.StatusOK, "/predictions": http.StatusForbidden, "/admin/model": http.StatusForbidden} {
		if got := askFor(t, client, "https://"+address+path, prometheus); got != status {
			t.Errorf("%s to Prometheus: %d, want %d", path, got, status)
		}
	}
	must(t, "key", "revoke", "--data-dir", dir, id)
	for deadline := time.Now().Add(15 * time.Second); ask(t, client, "https://"+address, ward) != http.StatusUnauthorized; {
		if time.Now().After(deadline) {
			t.Fatal("the key works 15 s after it was revoked")
		}
		time.Sleep(100 * time.Millisecond)
	}
	if _, err := sepsisCommand(t, "key", "revoke", "--data-dir", dir, "nothing"); err == nil || !strings.Contains(err.Error(), "key list") {
		t.Errorf("revoking what is not there: %v", err)
	}
	if listed := must(t, "key", "list", "--data-dir", dir); strings.Count(listed, "Z  -") != 2 {
		t.Errorf("key list prints\n%s", listed)
	}
	if _, err := sepsisCommand(t, "key", "create", "--data-dir", dir, "--name", "X", "--role", "root"); err == nil {
		t.Error("a key with a role that there is not")
	}
}

// started runs a server until the test ends, and gives its address.
func started(t *testing.T, command serveCommand, logger *slog.Logger) string {
	t.Helper()
	predictor, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	return startedWith(t, command, server.Config{Models: server.NewModels(predictor, nil), Logger: logger}, newHTTPServer)
}

// startedWith runs a server of another configuration, and other bounds on its connections.
func startedWith(t *testing.T, command serveCommand, config server.Config, bounds func(http.Handler, *slog.Logger) *http.Server) string {
	t.Helper()
	door, err := command.listen(t.Context(), opened(t, command.storeOptions), config.Logger)
	if err != nil {
		t.Fatal(err)
	}
	config.Clock, config.Entropy, config.Version = time.Now, rand.Reader, "test"
	config.Gate, config.Limits, config.Origins = door.gate, command.limits(), command.CORSOrigin
	handler, err := server.New(config)
	if err != nil {
		t.Fatal(err)
	}
	httpServer := bounds(handler, config.Logger)
	ended := make(chan error, 1)
	go func() { ended <- httpServer.Serve(door) }()
	t.Cleanup(func() {
		_ = httpServer.Close() // connections that are cut are what these tests are about
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return door.Addr().String()
}

func tlsClient(t *testing.T, trusting *x509.CertPool, certificates ...tls.Certificate) *http.Client {
	t.Helper()
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
		RootCAs: trusting, Certificates: certificates, ServerName: "localhost", MinVersion: tls.VersionTLS12,
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

const patient = `{"age": 67, "icu_hour": 3, "heart_rate": 118, "temperature": 38.9, "lactate": 4.1}`

// ask predicts for one patient and gives the status.
func ask(t *testing.T, client *http.Client, base, key string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, base+"/predict/patient", strings.NewReader(patient))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	return answerTo(t, client, request, key)
}

// askFor asks for what is at an address and gives the status.
func askFor(t *testing.T, client *http.Client, address, key string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answerTo(t, client, request, key)
}

func answerTo(t *testing.T, client *http.Client, request *http.Request, key string) int {
	t.Helper()
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// TestAKeyThatCannotBeShownIsRevoked: nobody has it, and it would stay in the list as one that holds.
func TestAKeyThatCannotBeShownIsRevoked(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err) // there is none but on Linux
	}
	defer func() { _ = full.Close() }()
	dir := t.TempDir()
	var told strings.Builder
	create := program(t, "key", "create", "--data-dir", dir, "--name", "Ward 3", "--role", "predict")
	create.Stdout, create.Stderr = full, &told
	if err := create.Run(); err == nil || !strings.Contains(told.String(), "it is revoked") {
		t.Errorf("%v, told %q", err, told.String())
	}
	if keys := must(t, "key", "list", "--data-dir", dir); !strings.Contains(keys, "Ward 3") || strings.Contains(keys, "Z  -") {
		t.Errorf("keys\n%s", keys)
	}
}
